"""README.zh-CN.md is the README in Chinese: the same sections, commands, pictures and settings."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
BLOCK = re.compile(r"```(?:sh)?\n(.*?)```", re.DOTALL)


def levels(readme: str) -> list[str]:
    return re.findall(r"^(#+) ", BLOCK.sub("", readme), re.MULTILINE)


def commands(readme: str) -> list[str]:
    """Return the blocks of code without their comments."""
    return [re.sub(r"\s+#.*", "", block) for block in BLOCK.findall(readme)]


def pictures(readme: str) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)


def settings(readme: str) -> set[str]:
    return set(re.findall(r"`(TITLELAB_[A-Z_]+)`", readme))


@pytest.mark.parametrize("told", [levels, commands, pictures, settings], ids=lambda told: told.__name__)
def test_both_readmes_tell_the_same(told: object) -> None:
    assert callable(told)
    assert told(CHINESE) == told(ENGLISH)


def test_the_chinese_readme_is_chinese_and_leads_to_the_english_one() -> None:
    assert "[English](README.md)" in CHINESE.splitlines()[2]
    assert len(re.findall("[\u4e00-\u9fff]", CHINESE)) > 4000


def test_files_that_the_chinese_readme_names_are_there() -> None:
    paths = re.findall(r"`((?:tests|titlelab|benchmarks)/[\w/.]+)`", CHINESE)

    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]

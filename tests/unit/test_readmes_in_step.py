"""The Chinese README says what the English one says: the same parts, commands, pictures, tables and figures."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
NUMBER = re.compile(r"\d[\d.,]*\d|\d")


def headings(readme: str) -> list[str]:
    return re.findall(r"^(#+) ", without_commands(readme), re.MULTILINE)


def commands(readme: str) -> list[str]:
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)).splitlines()
    return [re.sub(r"\s+#.*", "", line).rstrip() for line in lines]


def pictures(readme: str) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)


def tables(readme: str) -> list[tuple[int, list[str]]]:
    """Return of each row how many cells it has, and which numbers unless it is a head: that may be worded otherwise."""
    lines = readme.splitlines()
    rows = [(row, following) for row, following in pairwise(lines) if row.startswith("|")]
    return [
        (row.count("|"), [] if re.match(r"\|[ -]*--", following) else sorted(NUMBER.findall(row)))
        for row, following in rows
    ]


def settings(readme: str) -> list[str]:
    return re.findall(r"`(TITLELAB_[A-Z_]+)`", "\n".join(re.findall(r"^\|.*", readme, re.MULTILINE)))


def without_commands(readme: str) -> str:
    return re.sub(r"```.*?```", "", readme, flags=re.DOTALL)


@pytest.mark.parametrize("told", [headings, commands, pictures, tables, settings], ids=lambda told: told.__name__)
def test_both_hold_the_same(told: Callable[[str], list[object]]) -> None:
    assert told(ENGLISH)
    assert told(CHINESE) == told(ENGLISH)


def test_the_chinese_one_tells_no_figure_that_the_english_one_does_not() -> None:
    told, known = (Counter(NUMBER.findall(without_commands(readme))) for readme in (CHINESE, ENGLISH))

    assert set(told) <= set(known)


def test_the_chinese_one_is_chinese_and_leads_to_the_english_one() -> None:
    assert "[English](README.md)" in CHINESE.splitlines()[2]
    assert len(re.findall("[\u4e00-\u9fff]", CHINESE)) > 4000


def test_files_that_the_chinese_one_names_are_there() -> None:
    paths = re.findall(r"`((?:tests|titlelab|benchmarks)/[\w/.]+)`", CHINESE)

    assert paths
    assert not [path for path in paths if not (ROOT / path).exists()]

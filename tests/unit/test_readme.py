"""The README tells of every setting, and begins with the two commands."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
READERS = ("titlelab/settings.py", "ml_backend/http/settings.py", "titlelab/launching/keeping_secrets.py")


def test_every_setting_is_in_the_readme() -> None:
    code = "\n".join((ROOT / file).read_text(encoding="utf-8") for file in READERS)

    missing = {name for name in re.findall(r"TITLELAB_[A-Z_]+[A-Z]", code) if f"`{name}`" not in README}

    assert not missing


def test_the_readme_tells_of_no_setting_that_does_not_exist() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("titlelab/**/*.py"))
    code += "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("ml_backend/**/*.py"))

    invented = {name for name in re.findall(r"`(TITLELAB_[A-Z_]+)`", README) if name not in code}

    assert not invented


def test_the_readme_begins_with_the_two_commands() -> None:
    commands = README.split("```sh\n")[1].split("```")[0]

    assert [line.split("#")[0].strip() for line in commands.splitlines()] == ["make up", "make test"]

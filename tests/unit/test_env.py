"""What of the environment is taken, and what stops the start with a sentence."""

import os
from pathlib import Path

import pytest

from titlelab.env import WrongVariable, env_float, load_file


@pytest.mark.parametrize("text", ["soon", "nan", "inf", "1e400"])
def test_what_is_no_number_is_told_by_its_name(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITLELAB_PATIENCE", text)

    with pytest.raises(WrongVariable, match="TITLELAB_PATIENCE must be a number"):
        env_float("TITLELAB_PATIENCE", 1)


def test_odd_lines_of_the_secrets_file_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TITLELAB_ODD", raising=False)
    file = tmp_path / "secrets.env"
    file.write_text("=x\nTITLELAB_ODD=\n# A=b\nnothing\n TITLELAB_ODD = a=b \n")

    load_file(file)

    assert os.environ.pop("TITLELAB_ODD") == "a=b"


def test_a_secrets_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(WrongVariable, match=r"secrets\.env can't be read"):
        load_file(file)

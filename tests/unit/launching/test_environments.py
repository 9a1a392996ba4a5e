"""What the machine lacks is one sentence; what is installed is not installed again."""

from pathlib import Path

import pytest

from titlelab.launching.environments import fingerprint, is_done, missing_tool, steps, what_pip_does, working_version

REQUIREMENTS = ("requirements", "requirements-base-models", "requirements-label-studio", "requirements-dev")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in REQUIREMENTS:
        (tmp_path / f"{name}.txt").write_text(f"{name}==1.0\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv-label-studio").mkdir()
    return tmp_path


def test_an_old_python_is_told_which_is_needed() -> None:
    assert missing_tool((3, 9), has_venv=True) == (
        "TitleLab needs Python 3.11 or newer, this is 3.9: name another with make PYTHON=python3.11."
    )


def test_a_missing_venv_module_is_told_with_its_package() -> None:
    sentence = missing_tool((3, 11), has_venv=False)

    assert sentence is not None
    assert "apt-get install python3-venv" in sentence


def test_a_machine_that_has_all_lacks_nothing() -> None:
    assert missing_tool((3, 13), has_venv=True) is None


def test_label_studio_is_installed_beside_us_not_among_us(root: Path) -> None:
    by_folder = {step.folder.name: step.what for step in steps(root, gemma=False, with_tests=False)}

    assert by_folder[".venv-label-studio"] == "Label Studio"


def test_gemma_is_installed_only_when_asked_for(root: Path) -> None:
    def arguments(*, gemma: bool) -> str:
        return str([step.arguments for step in steps(root, gemma=gemma, with_tests=False)])

    assert "gemma3-270m" in arguments(gemma=True)
    assert "gemma3-270m" not in arguments(gemma=False)


def test_a_step_is_done_until_its_requirements_change(root: Path) -> None:
    step = steps(root, gemma=False, with_tests=False)[0]
    assert not is_done(step, "3 11")

    step.stamp.write_text(fingerprint(step, "3 11"))
    assert is_done(step, "3 11")

    (root / "requirements.txt").write_text("requirements==2.0\n")
    assert not is_done(step, "3 11")


def test_another_python_needs_another_installation(root: Path) -> None:
    step = steps(root, gemma=False, with_tests=False)[0]
    step.stamp.write_text(fingerprint(step, "3 11"))

    assert not is_done(step, "3 12")


def test_a_broken_environment_has_no_version(tmp_path: Path) -> None:
    assert working_version(tmp_path) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Collecting torch==2.13.0 (from -r requirements.txt (line 9))", "collecting torch==2.13.0"),
        ("  Downloading https://index/pool/torch-2.13.0.whl (200 MB)", "downloading torch-2.13.0.whl"),
        ("Installing collected packages: a, b, c", "unpacking 3 packages"),
        ("WARNING: Location is ignored", None),
    ],
)
def test_pips_words_are_made_short(line: str, words: str | None) -> None:
    assert what_pip_does(line) == words

"""Which version serves, whatever happens to its pointer and its folder."""

import json
from pathlib import Path

import pytest

from ml_backend.http.model_slot import RETRY_S, ModelSlot, Serving


class Folders:
    """Loads "v<number>" unless the number is broken; loaded counts the loads."""

    def __init__(self, pointer: Path) -> None:
        self.pointer = pointer
        self.broken = set[int]()
        self.loaded: list[str] = []
        self.now_s = 0.0

    def load(self, folder: Path) -> str:
        self.loaded.append(folder.name)
        if int(folder.name[1:]) in self.broken:
            raise RuntimeError("its weights are cut off")
        return folder.name

    def point_at(self, number: object) -> None:
        self.pointer.write_text(json.dumps({"number": number}))

    def slot(self) -> ModelSlot[str]:
        return ModelSlot(
            pointer=self.pointer,
            folder_of=lambda number: self.pointer.parent / f"v{number}",
            load=self.load,
            built_in=lambda: "built-in",
            clock=lambda: self.now_s,
        )


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    (tmp_path / "shop").mkdir()
    return Folders(tmp_path / "shop" / "serving.json")


def test_without_a_pointer_the_built_in_model_serves(folders: Folders) -> None:
    assert folders.slot().get() == Serving(0, "built-in")


def test_a_version_is_loaded_once_and_swapped_when_the_pointer_moves(folders: Folders) -> None:
    slot = folders.slot()
    served = []
    for number in (1, 1, 2, 1, 0):
        folders.point_at(number)
        served.append(slot.get())

    assert served == [Serving(1, "v1"), Serving(1, "v1"), Serving(2, "v2"), Serving(1, "v1"), Serving(0, "built-in")]
    assert folders.loaded == ["v1", "v2", "v1"]


def test_the_number_is_told_without_loading(folders: Folders) -> None:
    folders.point_at(3)

    assert folders.slot().number() == 3
    assert folders.loaded == []


def test_a_broken_version_is_tried_again_after_a_minute_and_serves_once_mended(folders: Folders) -> None:
    slot = folders.slot()
    folders.broken = {1}
    folders.point_at(1)
    assert [slot.get(), slot.get()] == [Serving(0, "built-in")] * 2
    assert folders.loaded == ["v1"]
    assert slot.problem() == "version 1 of shop can't be loaded: its weights are cut off"

    folders.broken = set()
    folders.now_s = RETRY_S

    assert slot.get() == Serving(1, "v1")
    assert slot.problem() == ""


def test_a_broken_version_is_no_problem_any_more_when_another_is_promoted(folders: Folders) -> None:
    slot = folders.slot()
    folders.broken = {1}
    folders.point_at(1)
    slot.get()

    folders.point_at(2)

    assert slot.get() == Serving(2, "v2")
    assert slot.problem() == ""


@pytest.mark.parametrize(
    "pointer", ["", "{", "[]", '{"number": "1"}', '{"number": -1}', '{"number": true}', "{}", "[" * 100_000]
)
def test_an_unreadable_pointer_keeps_what_serves_and_is_told(folders: Folders, pointer: str) -> None:
    slot = folders.slot()
    folders.point_at(1)
    slot.get()

    folders.pointer.write_text(pointer)

    assert slot.get() == Serving(1, "v1")
    assert "promote a version again" in slot.problem()

"""What is read of an annotation, and what is refused."""

from typing import Any

import pytest

from ml_backend.errors import BadAnnotation
from ml_backend.labelstudio.annotations import FinalValues, final_values


def region(control: str, **value: Any) -> dict[str, Any]:
    return {"id": "x1", "from_name": control, "to_name": "description", "type": "?", "value": value}


def test_every_control_is_read_and_foreign_ones_are_ignored() -> None:
    result = [
        region("title", text=[" Norvik bottle "]),
        region("candidate", choices=["Bottle, steel"]),
        region("tags", choices=["kitchen", "eco", "kitchen"]),
        region("category", taxonomy=[["Home", "Flasks"]]),
        region("picked_category", choices=['["Home", "Kettles"]']),
        region("reject_reason", choices=["bad source"]),
        region("mood", rating=5),
        {"type": "relation", "from_id": "a", "to_id": "b"},
    ]

    assert final_values(result) == FinalValues(
        title="Norvik bottle",
        candidate="Bottle, steel",
        tags=("kitchen", "eco"),
        category=("Home", "Flasks"),
        picked_category=("Home", "Kettles"),
        reject_reason="bad source",
    )


def test_a_taxonomy_path_ends_in_the_tag() -> None:
    assert final_values([region("tags", taxonomy=[["Room", "kitchen"], ["eco"]])]).tags == ("kitchen", "eco")


@pytest.mark.parametrize(
    "result", [[], [region("title", text=["  "])], [region("tags", choices=[])], [region("category", taxonomy=[])]]
)
def test_what_was_left_empty_is_no_value(result: list[Any]) -> None:
    assert final_values(result) == FinalValues()


@pytest.mark.parametrize(
    "result",
    [
        None,
        "title",
        {"title": "x"},
        ["title"],
        [region("title", text=["a"]), region("title", text=["b"])],
        [region("title", text=["a", "b"])],
        [region("title", text=[])],
        [region("title", text="a")],
        [region("title", text=[3])],
        [region("title", text=["a\x00"])],
        [region("tags", choices=["\ud800"])],
        [region("title", choices=["a"])],
        [{"from_name": "title"}],
        [{"from_name": "title", "value": ["a"]}],
        [region("tags", text=["a"])],
        [region("tags", choices="kitchen")],
        [region("tags", taxonomy="kitchen")],
        [region("tags", taxonomy=["kitchen"])],
        [region("tags", taxonomy=[[]])],
        [region("category", choices=["Flasks"])],
        [region("picked_category", choices=["Home"])],
        [region("picked_category", choices=["[]"])],
        [region("picked_category", choices=["{}"])],
        [region("picked_category", choices=['["Home", 3]'])],
        [region("picked_category", choices=["[" * 100_000])],
        [region("category", taxonomy=[[]])],
        [region("category", taxonomy=[["Home", "Flasks"], ["Home", "Kettles"]])],
        [region("category", taxonomy=[["Home", 3]])],
        [region("candidate", choices=["a", "b"])],
        [region("reject_reason", choices=[None])],
    ],
)
def test_what_does_not_fit_the_labeling_config_is_refused(result: Any) -> None:
    with pytest.raises(BadAnnotation):
        final_values(result)


@pytest.mark.parametrize("name", [["title"], {"a": 1}, None, 3])
def test_a_control_whose_name_is_no_text_is_a_foreign_one(name: Any) -> None:
    assert final_values([{"from_name": name, "value": {}}]) == FinalValues()


def test_words_for_missing_tags_are_read_each_once() -> None:
    region = {"from_name": "suggested_tags", "value": {"text": ["Non-slip ", "non  drip", "Non-slip"]}}

    assert final_values([region]).suggested_tags == ("Non-slip", "non drip")

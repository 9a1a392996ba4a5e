"""What is read of a task's data."""

from typing import Any

import pytest

from ml_backend.contract import to_json
from ml_backend.errors import BadRequest
from ml_backend.labelstudio.tasks import brief_of_task, tags_as_of_task
from tests.factories import make_brief


def test_a_task_carries_the_brief_that_it_was_pushed_with() -> None:
    brief = make_brief(sku="A1")

    assert brief_of_task({"item": 7, "brief": to_json(brief), "description": "…"}) == brief


@pytest.mark.parametrize("data", [None, [], "x", {}, {"brief": None}, {"brief": "x"}, {"brief": {"sku": "A1"}}])
def test_a_task_without_a_whole_brief_is_refused(data: Any) -> None:
    with pytest.raises(BadRequest):
        brief_of_task(data)


def test_tags_are_asked_as_choices_unless_the_task_says_taxonomy() -> None:
    assert tags_as_of_task({}) == "choices"
    assert tags_as_of_task({"tags_as": "taxonomy"}) == "taxonomy"


@pytest.mark.parametrize("data", [{"tags_as": "list"}, {"tags_as": ["choices"]}, {"tags_as": None}, None])
def test_another_way_of_asking_for_tags_is_refused(data: Any) -> None:
    with pytest.raises(BadRequest):
        tags_as_of_task(data)

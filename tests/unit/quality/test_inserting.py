"""Rows written by one statement are those that the models would have saved."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from tests.factories import make_catalog, make_decision, make_draft, make_item, make_library, make_product
from titlelab.quality.inserting import insert_new, insert_or_replace
from titlelab.quality.models import DecisionMeasure, EditMark, TagMeasure
from titlelab.quality.recording import record_measures

pytestmark = pytest.mark.django_db
MODELS = (DecisionMeasure, TagMeasure, EditMark)


@pytest.fixture(autouse=True)
def _measured() -> None:
    catalog = make_catalog(library=make_library(key="tags", tags=["waterproof", "gift"]))
    for n in range(2):
        draft = make_draft(product=make_product(catalog=catalog))
        make_decision(
            item=make_item(draft=draft), outcome="edited", title=f"Norvik {n}", title_edit=0.5, tags=["gift"]
        )  # fmt: skip
    record_measures()


@pytest.mark.parametrize("model", MODELS)
def test_a_row_stands_in_the_database_as_its_model_saves_it(model: type[Model]) -> None:
    written = _raw(model)

    for row in model._default_manager.all():
        row.save(force_update=True)

    assert len(written) >= 2
    assert _raw(model) == written


def test_a_row_that_stands_already_is_left_or_replaced() -> None:
    first, second = DecisionMeasure.objects.order_by("pk").values()

    insert_new(DecisionMeasure, [{**first, "person": "other@shop.example"}])
    assert list(DecisionMeasure.objects.order_by("pk").values()) == [first, second]

    insert_or_replace(DecisionMeasure, [{**first, "person": "other@shop.example"}])
    assert list(DecisionMeasure.objects.order_by("pk").values()) == [{**first, "person": "other@shop.example"}, second]


def test_no_rows_are_no_statement() -> None:
    with connection.execute_wrapper(_refuse):
        insert_new(TagMeasure, [])


def _raw(model: type[Model]) -> list[Any]:
    """Return the rows as the database keeps them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")  # noqa: S608 - a name of our own
        return list(cursor.fetchall())


def _refuse(*_: object) -> None:
    raise AssertionError("asked the database")

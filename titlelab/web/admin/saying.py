"""Which columns of the database hold sentences of ours, stored in English, and how an admin page shows them."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import Model

from titlelab.languages.naming import named
from titlelab.languages.sentences import said

SENTENCES = frozenset(
    [
        "catalog.importrun.reason",
        "catalog.refusedrow.reason",
        "labelstudio.inboxevent.problem",
        "labelstudio.project.problem",
        "people.labelstudioaccount.problem",
        "review.decision.reject_reason",
        "review.reviewitem.why",
        "training.trainingrun.message",
    ]
)


def spoken(model: type[Model], column: Any) -> Any:
    """Return what shows a column: itself, or its sentence in the reader's language."""
    is_sentence = isinstance(column, str) and f"{model._meta.label_lower}.{column}" in SENTENCES
    return _sentence(model, column) if is_sentence else column


@cache
def _sentence(model: type[Model], column: str) -> Callable[[Model], str]:
    def show(row: Model) -> str:
        return said(getattr(row, column))

    show.__name__ = column
    show.short_description = named(model._meta.get_field(column).verbose_name)  # type: ignore[attr-defined, union-attr]
    show.admin_order_field = column  # type: ignore[attr-defined] # as Django's @display does
    return show

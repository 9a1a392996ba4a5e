"""Sums over measures, counted by the database in one pass over the rows."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Aggregate, Count, F, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast

from titlelab.quality.figures import FigureName, Sums
from titlelab.quality.models import DecisionMeasure

SHOWN = Q(is_blind=False, titler_version__isnull=False)
_SEEN_TITLE = Q(chrf__isnull=False)
_TAGGED = Q(edit__isnull=False)
# The Decisions that a figure is of.
TELLING: Mapping[FigureName, Q] = {
    "acceptance": SHOWN,
    "edit": _SEEN_TITLE,
    "chrf": _SEEN_TITLE,
    "rouge_l": _SEEN_TITLE,
    "tag_precision": _TAGGED,
    "tag_recall": _TAGGED,
    "tag_f1": _TAGGED,
    "category": Q(kept_category__isnull=False),
    "seconds": SHOWN & Q(seconds__isnull=False),
}


def _sum(column: str, filter_: Q | None = None) -> Sum:
    return Sum(column, filter=filter_, output_field=FloatField())


def _product(left: str, right: str, filter_: Q | None = None) -> Sum:
    return Sum(Cast(F(left), FloatField()) * F(right), filter=filter_)


_SUMS: dict[str, Aggregate] = {
    "n": Count("pk"),
    "n_shown": Count("pk", filter=SHOWN),
    "n_accepted": Count("pk", filter=SHOWN & Q(outcome="accepted")),
    "n_rejected": Count("pk", filter=SHOWN & Q(outcome="rejected")),
    "n_titles": Count("chrf"),
    "edit": _sum("edit", _SEEN_TITLE),
    "edit_edit": _product("edit", "edit", _SEEN_TITLE),
    "chrf": _sum("chrf"),
    "chrf_chrf": _product("chrf", "chrf"),
    "rouge": _sum("rouge_l"),
    "rouge_rouge": _product("rouge_l", "rouge_l"),
    "n_seconds": Count("seconds", filter=SHOWN),
    "seconds": _sum("seconds", SHOWN),
    "seconds_seconds": _product("seconds", "seconds", SHOWN),
    "n_tagged": Count("edit"),
    "proposed": _sum("n_proposed"),
    "final": _sum("n_final"),
    "kept": _sum("n_kept"),
    "proposed_proposed": _product("n_proposed", "n_proposed"),
    "final_final": _product("n_final", "n_final"),
    "kept_kept": _product("n_kept", "n_kept"),
    "proposed_final": _product("n_proposed", "n_final"),
    "proposed_kept": _product("n_proposed", "n_kept"),
    "final_kept": _product("n_final", "n_kept"),
    "n_category": Count("kept_category"),
    "category": Count("pk", filter=Q(kept_category=True)),
}
_TOTAL = "total_"  # a sum may not be named as a column
_NAMED = {f"{_TOTAL}{name}": sum_ for name, sum_ in _SUMS.items()}


def sums_by(
    rows: QuerySet[DecisionMeasure], *by: str, only: Collection[str] = tuple(_SUMS)
) -> dict[tuple[Any, ...], Sums]:
    """Return the sums of each group of rows that are alike in the columns; of all rows, under (), without a column.

    only: the names of those that are counted; the others are 0.
    """
    named = {name: sum_ for name, sum_ in _NAMED.items() if name.removeprefix(_TOTAL) in only}
    if not by:
        return {(): _sums(rows.aggregate(**named))}
    grouped = rows.order_by().values(*by).annotate(**named)
    return {tuple(row[column] for column in by): _sums(row) for row in grouped}


def _sums(row: Mapping[str, Any]) -> Sums:
    return Sums(**{name: row.get(f"{_TOTAL}{name}") or 0 for name in _SUMS})

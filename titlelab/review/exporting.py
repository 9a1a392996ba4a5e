"""Streams a catalog's accepted titles and tags, with where they come from, as CSV and JSON Lines."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import reduce
from itertools import groupby

from titlelab.catalog.models import Catalog
from titlelab.review.models import Decision
from titlelab.review.outranking import outranks
from titlelab.review.querysets import DecisionQuerySet
from titlelab.tags.names import PresentNames

CHUNK = 500
TAG_SEPARATOR = "|"  # no tag holds one, see titlelab/tags/loading.py
CATEGORY_SEPARATOR = " > "  # as the import reads it
# A spreadsheet runs a cell that begins so as a formula; some run the full-width forms too.
# Source: OWASP, "CSV Injection".
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PERSONS_EDIT = 0.5  # share of a drafted title that is changed, from which on it counts as the person's own
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedRow:
    """A product's accepted title and tags, and the category that a person chose, from the root, where one was asked.

    version names the model pair whose draft was shown, "" if none was. decided_at is ISO 8601 in UTC. A product that
    the shop has changed since is told by product_changed: its title may need a second look. title_is_machines: a person
    was shown a model's title and left it or more than half of it; the shop's own title is nobody's new one.
    """

    sku: str
    title: str
    tags: tuple[str, ...]
    outcome: str
    version: str
    person: str
    decided_at: str
    product_changed: bool
    category_decided: tuple[str, ...] = ()
    title_is_machines: bool = False


def accepted(catalog: Catalog) -> Iterator[AcceptedRow]:
    """Yield one row per product that has a current Decision with a title, by sku; the latest wins, see outranking.py.

    Tags stand by their names of today.
    """
    return _latest(catalog, Decision.objects.usable().of_catalog(catalog.pk))


def accepted_of(catalog: Catalog, product_ids: Iterable[int]) -> Iterator[AcceptedRow]:
    """Yield the same of some of the catalog's products."""
    return _latest(catalog, Decision.objects.usable().of_catalog(catalog.pk).filter(item__product__in=product_ids))


def _latest(catalog: Catalog, decisions: DecisionQuerySet) -> Iterator[AcceptedRow]:
    names = PresentNames(catalog.library)
    decisions = (
        decisions.select_related("item__product", "draft", "second_look")
        .defer("draft__brief", "draft__candidates", "draft__tags", "item__product__description")
        .order_by("item__product__sku", "decided_at", "pk")
    )
    for _, of_product in groupby(decisions.iterator(CHUNK), key=lambda decision: decision.item.product_id):
        yield _row(reduce(lambda earlier, later: later if outranks(later, earlier) else earlier, of_product), names)


def as_csv(rows: Iterable[AcceptedRow]) -> Iterator[str]:
    """Yield the lines of a CSV file that is safe to open in a spreadsheet.

    It begins with a byte order mark, without which spreadsheets misread Chinese.
    """
    write = csv.writer(_Echo()).writerow
    yield BYTE_ORDER_MARK + _line(write, [field.name for field in fields(AcceptedRow)])
    for row in rows:
        cells = {**asdict(row), "tags": TAG_SEPARATOR.join(row.tags), "product_changed": str(row.product_changed)}
        cells["category_decided"] = CATEGORY_SEPARATOR.join(row.category_decided)
        yield _line(write, [harmless(str(cell)) for cell in cells.values()])


def as_json_lines(rows: Iterable[AcceptedRow]) -> Iterator[str]:
    """Yield one JSON object a line."""
    for row in rows:
        yield json.dumps(asdict(row), ensure_ascii=False) + "\n"


def harmless(cell: str) -> str:
    """Return the cell with a leading ' where a spreadsheet would run it."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _row(decision: Decision, names: PresentNames) -> AcceptedRow:
    item = decision.item
    return AcceptedRow(
        sku=item.product.sku,
        title=decision.title,
        tags=tuple(names.of(decision.tags)),
        outcome=decision.outcome,
        version=decision.draft.version if decision.draft else "",
        person=decision.person,
        decided_at=decision.decided_at.isoformat(),
        product_changed=item.content_hash != item.product.content_hash,
        category_decided=tuple(decision.category),
        title_is_machines=_is_machines(decision),
    )


def _is_machines(decision: Decision) -> bool:
    """Say so of what a person saw and left mostly as it was; what was typed without seeing a draft is the person's."""
    is_typed = decision.draft is None or decision.outcome == Decision.Outcome.WRITTEN
    if is_typed or decision.title == decision.item.product.title:
        return False
    return decision.picked_candidate or decision.title_edit < PERSONS_EDIT


class _Echo:
    """A file that hands back what is written, so that rows stream."""

    def write(self, text: str) -> str:
        return text


def _line(write: Callable[[list[str]], object], cells: list[str]) -> str:
    return str(write(cells))

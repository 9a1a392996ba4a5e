"""Pages of a catalog's products, accepted titles, tags and Decisions, in the order in which they changed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar, cast

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from titlelab.catalog.models import Catalog, Product
from titlelab.review.exporting import AcceptedRow, accepted_of
from titlelab.review.models import Decision, Draft, SecondLook
from titlelab.tags.models import Tag
from titlelab.tags.names import PresentNames
from titlelab.web.api import schemas
from titlelab.web.api.cursors import BadCursor, Cursor, after, cursor_of
from titlelab.web.api.problems import Problem

M = TypeVar("M", bound=Model)
SHOWN_TAGS = (Tag.State.ACTIVE, Tag.State.RETIRED, Tag.State.MOVED)  # what was merely proposed is nobody's tag yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Generic[M]):
    """Some rows, and where the reader stands after them."""

    rows: Sequence[M]
    next_cursor: str
    has_more: bool


def products(catalog: Catalog, cursor: str, limit: int) -> schemas.ProductPage:
    read = _changed(catalog.products.all(), "product", cursor, limit)
    return schemas.ProductPage(products=[product_out(row) for row in read.rows], **_place(read))


def decisions(catalog: Catalog, cursor: str, limit: int) -> schemas.DecisionPage:
    rows = Decision.objects.of_catalog(catalog.pk).select_related(
        "item__product", "item__queue", "draft", "second_look"
    )
    lean = rows.defer("draft__brief", "draft__candidates", "draft__tags", "item__product__description")
    read = _changed(lean, "decision", cursor, limit)
    names = PresentNames(catalog.library)
    return schemas.DecisionPage(decisions=[_decision_out(row, names) for row in read.rows], **_place(read))


def accepted_titles(catalog: Catalog, cursor: str, limit: int) -> schemas.AcceptedPage:
    """Return what holds now for the products of the next Decisions; a product comes again with each change."""
    rows = Decision.objects.of_catalog(catalog.pk).select_related("item__product")
    lean = rows.only("changed_at", "item__product__sku")
    read = _changed(lean, "accepted", cursor, limit)
    of_page = {row.item.product_id: row.item.product.sku for row in read.rows}
    found = {row.sku: row for row in accepted_of(catalog, of_page)}
    told = [
        schemas.AcceptedOfProductOut(sku=sku, accepted=_accepted_out(found[sku]) if sku in found else None)
        for sku in of_page.values()
    ]
    return schemas.AcceptedPage(products=told, **_place(read))


def tags(catalog: Catalog, cursor: str, limit: int) -> schemas.TagPage:
    """Return tags by their ids; what changes among those read before is told by the library's revision."""
    library = catalog.library
    if library is None:
        return schemas.TagPage(library=None, revision=0, tags=[], next_cursor=cursor, has_more=False)
    at = _cursor(cursor, "tag")
    rows = library.tags.filter(state__in=SHOWN_TAGS, pk__gt=at.row_id).select_related("moved_to").order_by("pk")
    found = list(rows[: limit + 1])
    shown = found[:limit]
    place = Cursor(row_id=shown[-1].pk if shown else at.row_id)
    read = Read(rows=shown, next_cursor=place.text("tag"), has_more=len(found) > limit)
    return schemas.TagPage(
        library=library.key, revision=library.revision, tags=[_tag_out(row) for row in shown], **_place(read)
    )


def product_out(product: Product) -> schemas.ProductOut:
    return schemas.ProductOut(
        sku=product.sku,
        title=product.title,
        description=product.description,
        brand=product.brand,
        category=product.category,
        attributes=dict(product.attributes),
        image_url=product.image_url,
        price=None if product.price is None else f"{product.price:.2f}",
        currency=product.currency,
        content_hash=product.content_hash,
        changed_at=product.changed_at,
    )


def draft_out(sku: str, draft: Draft) -> schemas.DraftOut:
    return schemas.DraftOut(
        sku=sku,
        version=draft.version,
        title=draft.title,
        tags=draft.proposed_tags,
        candidates=[schemas.CandidateOut.model_validate(told) for told in draft.candidates],
        tag_scores=[schemas.TagScoreOut.model_validate(told) for told in draft.tags],
        title_uncertainty=draft.title_uncertainty,
        tag_uncertainty=draft.tag_uncertainty,
        created_at=draft.created_at,
    )


def _changed(rows: QuerySet[M], kind: str, cursor: str, limit: int) -> Read[M]:
    """Read on from the cursor in the order of changed_at."""
    now = timezone.now()
    at = _cursor(cursor, kind)
    of_later = Q(changed_at__gt=at.at) | Q(pk__gt=at.row_id)
    later = rows.filter(of_later, changed_at__gte=at.at)  # from where the index says, not from the beginning
    found: list[Any] = list(later.order_by("changed_at", "pk")[: limit + 1])
    shown, has_more = found[:limit], len(found) > limit
    place = after(at, [(row.changed_at, row.pk) for row in shown], is_last=not has_more, now=now)
    return Read(rows=shown, next_cursor=place.text(kind), has_more=has_more)


def _cursor(text: str, kind: str) -> Cursor:
    try:
        return cursor_of(text, kind)
    except BadCursor as e:
        detail = "The cursor is none that this list gave: send its next_cursor as it is, or none to begin again."
        error = {"where": "query.cursor", "reason": "is no cursor of this list"}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=[error]) from e


def _place(read: Read[Any]) -> dict[str, Any]:
    return {"next_cursor": read.next_cursor, "has_more": read.has_more}


def _accepted_out(row: AcceptedRow) -> schemas.AcceptedOut:
    return schemas.AcceptedOut(
        title=row.title,
        tags=list(row.tags),
        category=list(row.category_decided),
        outcome=cast("schemas.AcceptedOutcome", row.outcome),
        version=row.version,
        person=row.person,
        decided_at=dt.datetime.fromisoformat(row.decided_at),
        product_changed=row.product_changed,
        title_is_machines=row.title_is_machines,
    )


def _tag_out(tag: Tag) -> schemas.TagOut:
    moved_to = tag.moved_to.name if tag.moved_to else None
    state = cast("schemas.TagState", tag.state)
    return schemas.TagOut(
        id=tag.pk, name=tag.name, group=tag.group, aliases=tag.aliases, state=state, moved_to=moved_to
    )


def _decision_out(row: Decision, names: PresentNames) -> schemas.DecisionOut:
    return schemas.DecisionOut(
        id=row.pk,
        sku=row.item.product.sku,
        state=_state(row),
        mends=row.mends_id,
        outcome=cast("schemas.Outcome", row.outcome),
        title=row.title,
        tags=names.of(row.tags),
        title_edit=row.title_edit,
        tags_added=names.of(row.tags_added),
        tags_removed=names.of(row.tags_removed),
        suggested_tags=row.suggested_tags,
        category=row.category,
        category_changed=row.category_changed,
        picked_candidate=row.picked_candidate,
        reject_reason=row.reject_reason,
        version=row.draft.version if row.draft else "",
        queue=row.item.queue.name,
        person=row.person,
        seconds=row.seconds,
        decided_at=row.decided_at,
        changed_at=row.changed_at,
    )


def _state(row: Decision) -> schemas.DecisionState:
    look = getattr(row, "second_look", None)
    if row.withdrawn_at:
        return "withdrawn"
    if look is not None and look.verdict == SecondLook.Verdict.SENT_BACK:
        return "sent_back"
    return "superseded" if row.superseded_at else "current"

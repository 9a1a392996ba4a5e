"""Asks for drafts and stores them before anybody is shown one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from ml_backend import contract
from ml_backend.errors import BackendRefused
from titlelab.catalog.briefing import briefs
from titlelab.catalog.models import Catalog, Product
from titlelab.review.models import Draft


class DraftSource(Protocol):
    """Where drafts come from: ml_backend.client.DraftClient, or a fake."""

    def drafts(self, briefs: Sequence[contract.Brief]) -> list[contract.Draft]:
        """Return one draft per brief, in their order; raises BackendUnreachable or BackendRefused."""
        ...

    def version(self, catalog: str, library: str) -> str:
        """Return the pair that serves a catalog and a library ("" for none) now, as Label Studio is told it."""
        ...


def serving_version(catalog: Catalog, source: DraftSource) -> str:
    """Return the models that serve a catalog now, as Label Studio is told them; raises as the source does."""
    return source.version(catalog.key, catalog.library.key if catalog.library else "")


def draft_products(
    catalog: Catalog, products: Sequence[Product], source: DraftSource, *, today: dt.date
) -> list[Draft]:
    """Return one stored Draft per product, in their order.

    A product whose present Brief the serving version has drafted before is not asked for again. Safe to repeat and to
    run twice at once. A draft carries the version that made it, which may have moved on since the question was put.
    Raises BackendUnreachable or BackendRefused, and NotPossibleNow when the channel has no policy in force.
    """
    if not products:
        return []
    asked = {p.pk: brief for p, brief in zip(products, briefs(catalog, products, today), strict=True)}
    version = serving_version(catalog, source)
    digests = {product_id: brief.digest() for product_id, brief in asked.items()}
    drafts = _stored(digests, {version})
    missing = [product_id for product_id in asked if product_id not in drafts]
    if missing:
        rows = store_drafts({product_id: asked[product_id] for product_id in missing}, source)
        drafts |= _stored({row.product_id: row.brief_hash for row in rows}, {row.version for row in rows})
    return [drafts[product.pk] for product in products]


def store_drafts(asked: Mapping[int, contract.Brief], source: DraftSource) -> list[Draft]:
    """Ask for the drafts of products, by their ids, and store them; all or nothing.

    Two workers may draft the same product at once: the first row stands, and the row returned here has no id then.
    Raises BackendUnreachable or BackendRefused.
    """
    answers = _answers(source, list(asked.values()))
    rows = [_row(product_id, brief, answer) for (product_id, brief), answer in zip(asked.items(), answers, strict=True)]
    return Draft.objects.bulk_create(rows, ignore_conflicts=True)


def _stored(digests: dict[int, str], versions: set[str]) -> dict[int, Draft]:
    rows = Draft.objects.filter(product__in=digests, version__in=versions, brief_hash__in=set(digests.values()))
    return {row.product_id: row for row in rows if row.brief_hash == digests[row.product_id]}


def _answers(source: DraftSource, questions: list[contract.Brief]) -> list[contract.Draft]:
    answers = source.drafts(questions)
    if [answer.sku for answer in answers] != [question.sku for question in questions]:
        raise BackendRefused(f"{len(answers)} drafts to {len(questions)} briefs, or of other products than asked")
    return answers


def _row(product_id: int, brief: contract.Brief, draft: contract.Draft) -> Draft:
    values = contract.to_json(draft)
    return Draft(
        product_id=product_id,
        version=draft.version,
        titler_version=draft.titler_version,
        tagger_version=draft.tagger_version,
        categorizer_version=draft.categorizer_version,
        brief_hash=brief.digest(),
        brief=contract.to_json(brief),
        title=draft.title,
        candidates=values["candidates"],
        tags=values["tags"],
        categories=values["categories"],
        title_uncertainty=draft.title_uncertainty,
        tag_uncertainty=draft.tag_uncertainty,
    )

"""Makers of saved rows with sensible defaults; every keyword argument overrides one, and any field may be given."""

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User

from ml_backend.contract import Brief, Candidate, CategoryScore, ChannelRules, TagScore, to_json
from titlelab.catalog.briefing import briefs
from titlelab.catalog.models import Catalog, Product
from titlelab.channels.models import Channel, ChannelPolicy
from titlelab.people.models import ApiToken
from titlelab.people.tokens import give_secret
from titlelab.review.models import Decision, Draft, ReviewItem, ReviewQueue, Showing
from titlelab.tags.models import Tag, TagLibrary
from titlelab.training.models import ModelVersion, TrainingRun

NOW = dt.datetime(2026, 7, 30, 12, 0, tzinfo=dt.UTC)
_numbers = itertools.count(1)


def make_channel(*, key: str = "custom", max_length: int = 200, **policy: Any) -> Channel:
    """Make a channel with one policy that holds since 2020, or return the one that has the key."""
    channel, is_new = Channel.objects.get_or_create(key=key, defaults={"name": key.capitalize()})
    if is_new:
        policy = {"valid_from": dt.date(2020, 1, 1), "max_length": max_length, **policy}
        ChannelPolicy.objects.create(channel=channel, **policy)
    return channel


def make_library(*, tags: Iterable[str | dict[str, Any]] = ("waterproof", "gift"), **fields: Any) -> TagLibrary:
    """Make a library; a tag is a name or Tag's fields."""
    n = next(_numbers)
    library = TagLibrary.objects.create(**{"key": f"library-{n}", "name": f"Library {n}", **fields})
    Tag.objects.bulk_create(Tag(library=library, **({"name": tag} if isinstance(tag, str) else tag)) for tag in tags)
    return library


def make_catalog(**fields: Any) -> Catalog:
    """Make a catalog for the custom channel, with a library of two tags; library=None for none."""
    n = next(_numbers)
    fields = {"key": f"catalog-{n}", "name": f"Catalog {n}", **fields}
    if "channel" not in fields:
        fields["channel"] = make_channel()
    if "library" not in fields:
        fields["library"] = make_library(language=fields.get("language", "en"))
    return Catalog.objects.create(**fields)


def make_product(**fields: Any) -> Product:
    """Make a product with a poor title, in a catalog of its own unless one is given."""
    n = next(_numbers)
    defaults: dict[str, Any] = {
        "sku": f"SKU-{n}",
        "title": "bottle",
        "description": "A light steel bottle that keeps tea hot for a day.",
        "brand": "Norvik",
        "category": ["Outdoor", "Bottles"],
        "attributes": [["Colour", "blue"], ["Volume", "750 ml"]],
        "content_hash": f"{n:032x}",
    }
    fields = {**defaults, **fields}
    if "catalog" not in fields:
        fields["catalog"] = make_catalog()
    return Product.objects.create(**fields)


def make_queue(**fields: Any) -> ReviewQueue:
    """Make an open queue, of a catalog of its own unless one is given."""
    fields = {"name": f"Queue {next(_numbers)}", **fields}
    if "catalog" not in fields:
        fields["catalog"] = make_catalog()
    return ReviewQueue.objects.create(**fields)


def make_brief(**fields: Any) -> Brief:
    """Make the contract's Brief of an invented product; saves nothing."""
    defaults: dict[str, Any] = {
        "catalog": "shop",
        "library": "",
        "sku": "SKU-1",
        "language": "en",
        "channel": ChannelRules(key="custom", max_length=200),
        "title": "bottle",
        "description": "A light steel bottle that keeps tea hot for a day.",
        "brand": "Norvik",
        "category": ("Outdoor", "Bottles"),
        "attributes": (("Colour", "blue"), ("Volume", "750 ml")),
    }
    return Brief(**{**defaults, **fields})


def make_draft(
    *,
    product: Product | None = None,
    title: str = "Norvik Steel Bottle 750 ml Blue",
    alternatives: Sequence[str] = ("Norvik Bottle Blue",),
    tags: Sequence[str] = ("waterproof",),
    titler_version: int = 0,
    tagger_version: int = 0,
    category: Sequence[str] = (),
    **fields: Any,
) -> Draft:
    """Make a stored draft whose `tags` are proposed with probability 0.9, and whose `category`, if any, with 0.8."""
    product = product or make_product()
    library = product.catalog.library
    (brief,) = briefs(product.catalog, [product], NOW.date())
    candidates = [Candidate(title=t, score=1.0 - rank / 10) for rank, t in enumerate([title, *alternatives])]
    defaults: dict[str, Any] = {
        "version": f"t{titler_version}-g{tagger_version}.{library.revision if library else 0}",
        "brief_hash": brief.digest(),
        "brief": to_json(brief),
        "candidates": [to_json(c) for c in candidates],
        "tags": [to_json(TagScore(name=name, proba=0.9, threshold=0.5)) for name in tags],
        "categories": [to_json(CategoryScore(path=tuple(category), proba=0.8))] if category else [],
        "title_uncertainty": 0.4,
        "tag_uncertainty": 0.2,
    }
    return Draft.objects.create(
        product=product,
        title=title,
        titler_version=titler_version,
        tagger_version=tagger_version,
        **{**defaults, **fields},
    )


def make_item(*, draft: Draft | None = None, sent: bool = True, **fields: Any) -> ReviewItem:
    """Make an open item of the uncertain arm; with a draft it was shown that draft (`sent`: and sent with it)."""
    product = fields.pop("product", None) or (draft.product if draft else None)
    queue = fields.pop("queue", None)
    if product is None:
        product = make_product(catalog=queue.catalog) if queue else make_product()
    defaults: dict[str, Any] = {
        "state": ReviewItem.State.OPEN,
        "arm": ReviewItem.Arm.UNCERTAIN,
        "rank": float(next(_numbers)),
        "content_hash": product.content_hash,
    }
    queue = queue or make_queue(catalog=product.catalog)
    item = ReviewItem.objects.create(product=product, queue=queue, **{**defaults, **fields})
    if draft is not None:
        Showing.objects.create(item=item, draft=draft, sent_at=NOW if sent else None)
    return item


def make_decision(*, item: ReviewItem | None = None, **fields: Any) -> Decision:
    """Make a current Decision that accepts its draft; the item becomes decided.

    draft=None for a Decision on an item that was shown nothing. A rejected one has no title and no tags.
    """
    if "draft" not in fields:
        fields["draft"] = item.drafts.first() if item else None
        fields["draft"] = fields["draft"] or make_draft(product=item.product if item else None)
    draft = fields["draft"]
    item = item or make_item(draft=draft, state=ReviewItem.State.DECIDED)
    is_rejected = fields.get("outcome") == Decision.Outcome.REJECTED
    defaults: dict[str, Any] = {
        "outcome": Decision.Outcome.ACCEPTED,
        "title": draft.title if draft and not is_rejected else "",
        "tags": draft.proposed_tags if draft and not is_rejected else [],
        "title_edit": 1.0 if is_rejected else 0.0,
        "person": "anna@shop.example",
        "seconds": 8.0,
        "annotation_id": next(_numbers),
        "annotation_updated_at": NOW,
        "decided_at": NOW,
        "read_at": NOW,
    }
    ReviewItem.objects.filter(pk=item.pk).update(state=ReviewItem.State.DECIDED, closed_at=NOW)
    item.refresh_from_db()
    return Decision.objects.create(item=item, **{**defaults, **fields})


def make_version(**fields: Any) -> ModelVersion:
    """Make a version that passed its gate, with its finished run; a serving template titler unless told otherwise."""
    defaults: dict[str, Any] = {
        "kind": "titler",
        "scope": "shop",
        "number": next(_numbers),
        "state": ModelVersion.State.SERVING,
        "passed_gate": True,
    }
    fields = {**defaults, **fields}
    fields.setdefault("method", "template" if fields["kind"] == "titler" else fields["kind"])
    if "run" not in fields:
        fields["run"] = make_run(**{name: fields[name] for name in ("kind", "scope", "method", "number")})
    return ModelVersion.objects.create(**fields)


def make_run(**fields: Any) -> TrainingRun:
    """Make a run that passed the gate and was promoted, unless told otherwise."""
    defaults: dict[str, Any] = {
        "kind": "titler",
        "method": "template",
        "scope": "shop",
        "state": TrainingRun.State.PROMOTED,
        "trigger": TrainingRun.Trigger.BY_HAND,
        "progress": 1.0,
        "data_hash": f"{next(_numbers):064x}",
    }
    return TrainingRun.objects.create(**{**defaults, **fields})


def make_token(
    name: str,
    catalogs: Iterable[Catalog],
    *,
    made_by: User,
    rights: Iterable[str],
    expires_at: dt.datetime | None = None,
) -> tuple[ApiToken, str]:
    """Return the stored token, and what the caller sends: shown once, since only its SHA-256 is kept."""
    may = {f"may_{right}": True for right in rights}
    token = ApiToken(name=name, made_by=made_by, expires_at=expires_at, **may)
    sent = give_secret(token)
    token.save()
    token.catalogs.set(catalogs)
    return token, sent

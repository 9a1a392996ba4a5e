"""Half a year of invented work in two shops, for measuring pages: products, drafts, items and Decisions in bulk.

Import it when Django is set up.

Versions get better from week to week, people differ in what they mend, a fifth of the items is drawn by chance and half
of these are blind. The same number of Decisions is the same ledger, whenever it is made.
"""

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from ml_backend.contract import Candidate, TagScore, to_json
from titlelab.catalog.briefing import briefs
from titlelab.catalog.models import Catalog, Product
from titlelab.channels.loading import load_built_in_channels
from titlelab.channels.models import Channel
from titlelab.review.models import Decision, Draft, ReviewItem, ReviewQueue
from titlelab.tags.models import Tag, TagLibrary

N_WEEKS = 26
N_PEOPLE = 12
N_TAGS = 120
N_VERSIONS = 20
DECISIONS_OF_A_PRODUCT = 4
BATCH = 5000
CATEGORIES = ("Outdoor", "Kitchen", "Garden", "Toys", "Office", "Lighting", "Bags", "Sports", "Pets", "Tools")
BRANDS = ("Norvik", "Halden", "Brisk", "Tarn", "Ostrava", "Lumo")
NOUNS = ("Bottle", "Lamp", "Tent", "Chair", "Kettle", "Towel", "Bag", "Stove", "Mug", "Rope")
WORDS = ("Steel", "Light", "Folding", "Insulated", "Quick Dry", "Compact", "Warm", "Soft", "Camping", "Travel")
COLOURS = ("Blue", "Red", "Green", "Black", "Sand")
REASONS = ("wrong product", "not for sale", "too little known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person made of a draft."""

    outcome: str
    title: str
    tags: list[str]


def make_ledger(n_decisions: int, *, now: dt.datetime) -> list[Catalog]:
    """Fill an empty, migrated database with two catalogs and so many Decisions; return the catalogs."""
    load_built_in_channels()
    shops = [_shop("north", "google"), _shop("south", "amazon")]
    rng = random.Random(11)
    for n, (catalog, queues) in enumerate(shops):
        _fill(catalog, queues, n_decisions // len(shops), rng, now, first_annotation=n * n_decisions + 1)
    return [catalog for catalog, _ in shops]


def add_products(catalog: Catalog, n: int) -> None:
    """Give a catalog so many further products, which nobody has decided on."""
    for first in range(0, n, BATCH):
        Product.objects.bulk_create(
            Product(
                catalog=catalog,
                sku=f"M-{i}",
                description=f"A folding chair, number {i}, that is put up in a moment and lasts for years.",
                brand=f"Brand {i % 41}",
                category=[f"Category {i % 25}"],
                attributes=[["Colour", "blue"], ["Size", f"{i % 90} cm"]],
                content_hash=f"{i:032x}",
            )
            for i in range(first, min(first + BATCH, n))
        )


def draft_ahead(catalog: Catalog) -> None:
    """Draft each product of a catalog that has no draft."""
    undrafted = catalog.products.filter(drafts=None).order_by("pk").only("content_hash", "description")
    told = {"channel": {"key": catalog.channel.key, "banned_words": []}, "category": [], "brand": ""}
    ahead = {
        "version": "t0-g0.0",
        "titler_version": 0,
        "tagger_version": 0,
        "brief": told,
        "candidates": [],
        "tags": [],
    }
    last = 0
    while products := list(undrafted.filter(pk__gt=last)[:BATCH]):
        last = products[-1].pk
        Draft.objects.bulk_create(
            Draft(
                product=product,
                brief_hash=product.content_hash,
                title=product.description[:80],
                title_uncertainty=0.5,
                tag_uncertainty=0.5,
                **ahead,
            )
            for product in products
        )


def _shop(key: str, channel: str) -> tuple[Catalog, list[ReviewQueue]]:
    library = TagLibrary.objects.create(key=f"{key}-tags", name=f"Tags of {key}")
    Tag.objects.bulk_create(Tag(library=library, name=f"tag {n}", group=f"group {n % 8}") for n in range(N_TAGS))
    catalog = Catalog.objects.create(
        key=key, name=f"Shop {key}", channel=Channel.objects.get(key=channel), library=library
    )
    return catalog, [ReviewQueue.objects.create(name=f"{key} {n}", catalog=catalog) for n in (1, 2)]


def _fill(
    catalog: Catalog,
    queues: Sequence[ReviewQueue],
    n: int,
    rng: random.Random,
    now: dt.datetime,
    *,
    first_annotation: int,
) -> None:
    Product.objects.bulk_create(
        (_product(catalog, i, rng) for i in range(n // DECISIONS_OF_A_PRODUCT)), batch_size=BATCH
    )
    products = list(catalog.products.order_by("pk"))
    told = {p.pk: to_json(brief) for p, brief in zip(products, briefs(catalog, products, now.date()), strict=True)}
    start = now - dt.timedelta(weeks=N_WEEKS)
    for first in range(0, n, BATCH):
        numbers = range(first, min(first + BATCH, n))
        moments = {i: start + (now - start) * (i + 1) / n for i in numbers}
        drafts = [_draft(products[i % len(products)], told, i * N_VERSIONS // n + 1, rng) for i in numbers]
        Draft.objects.bulk_create(drafts)
        items = [_item(rng.choice(queues), draft, moments[i], rng) for i, draft in zip(numbers, drafts, strict=True)]
        ReviewItem.objects.bulk_create(items)
        Decision.objects.bulk_create(
            _decision(item, draft, moments[i], first_annotation + i, rng)
            for i, item, draft in zip(numbers, items, drafts, strict=True)
        )


def _product(catalog: Catalog, i: int, rng: random.Random) -> Product:
    brand, noun, colour = rng.choice(BRANDS), rng.choice(NOUNS), rng.choice(COLOURS)
    return Product(
        catalog=catalog,
        sku=f"S-{i}",
        title=noun.lower(),
        description=f"A {colour.lower()} {noun.lower()} by {brand} that lasts for years.",
        brand=brand,
        category=[rng.choice(CATEGORIES), noun],
        attributes=[["Colour", colour], ["Size", f"{rng.randint(1, 99)} cm"]],
        content_hash=f"{i:032x}",
    )


def _draft(product: Product, told: Mapping[int, Any], version: int, rng: random.Random) -> Draft:
    colour, size = (value for _, value in product.attributes)
    title = f"{product.brand} {rng.choice(WORDS)} {product.category[1]} {size} {colour}"
    return Draft(
        product=product,
        version=f"t{version}-g{version}.0",
        titler_version=version,
        tagger_version=version,
        brief_hash=f"{rng.getrandbits(128):032x}",
        brief=told[product.pk],
        title=title,
        candidates=[to_json(Candidate(title=title, score=1.0))],
        tags=[to_json(TagScore(name=name, proba=0.9, threshold=0.5)) for name in _tags_of(product, rng)],
        title_uncertainty=rng.random(),
        tag_uncertainty=rng.random(),
    )


def _tags_of(product: Product, rng: random.Random) -> list[str]:
    first = (hash_of(product.sku) + rng.randint(0, 3)) % N_TAGS
    return [f"tag {(first + step * 7) % N_TAGS}" for step in range(4)]


def hash_of(text: str) -> int:
    """Return the same small number for the same text, in every process."""
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(text))


def _item(queue: ReviewQueue, draft: Draft, moment: dt.datetime, rng: random.Random) -> ReviewItem:
    is_random = rng.random() < queue.random_share
    return ReviewItem(
        queue=queue,
        product=draft.product,
        state=ReviewItem.State.DECIDED,
        arm=ReviewItem.Arm.RANDOM if is_random else ReviewItem.Arm.UNCERTAIN,
        is_blind=is_random and rng.random() < queue.blind_share,
        rank=rng.random(),
        content_hash=draft.product.content_hash,
        closed_at=moment,
    )


def _decision(item: ReviewItem, draft: Draft, moment: dt.datetime, annotation_id: int, rng: random.Random) -> Decision:
    person = rng.randrange(N_PEOPLE)
    answer = _answer(item, draft, person, rng)
    shown = {tag["name"] for tag in draft.tags}
    is_rejected = answer.outcome == "rejected"
    return Decision(
        item=item,
        catalog_id=item.queue.catalog_id,
        draft=draft,
        outcome=answer.outcome,
        title=answer.title,
        tags=answer.tags,
        title_edit=0.0 if is_rejected else Levenshtein.normalized_distance(draft.title, answer.title),
        tags_added=sorted(set(answer.tags) - shown),
        tags_removed=[] if is_rejected else sorted(shown - set(answer.tags)),
        reject_reason=rng.choice(REASONS) if is_rejected else "",
        person=f"person{person}@shop.example",
        seconds=round(rng.lognormvariate(2.7, 0.6), 1),
        annotation_id=annotation_id,
        annotation_updated_at=moment,
        decided_at=moment,
        read_at=moment,
        changed_at=moment,
    )


def _answer(item: ReviewItem, draft: Draft, person: int, rng: random.Random) -> Answer:
    if rng.random() < 0.04:
        return Answer(outcome="rejected", title="", tags=[])
    tags = [tag["name"] for tag in draft.tags if rng.random() < 0.9]
    if rng.random() < 0.3:
        tags.append(f"tag {rng.randrange(N_TAGS)}")
    tags = sorted(set(tags))
    if item.is_blind:
        return Answer(outcome="written", title=_mended(draft.title, rng), tags=tags)
    accepts = 0.2 + 0.4 * draft.titler_version / N_VERSIONS + 0.02 * person
    if rng.random() < accepts and tags == sorted(tag["name"] for tag in draft.tags):
        return Answer(outcome="accepted", title=draft.title, tags=tags)
    return Answer(outcome="edited", title=_mended(draft.title, rng), tags=tags)


def _mended(title: str, rng: random.Random) -> str:
    """Make one of the edits that people make."""
    words = title.split()
    edits = {
        "drop": lambda: " ".join(words[:-1]),
        "add": lambda: f"{title} for {rng.choice(CATEGORIES)}",
        "reorder": lambda: " ".join([*words[1:], words[0]]),
        "style": lambda: title.replace(" cm", "cm"),
        "number": lambda: title.replace(words[-3], str(rng.randint(1, 99))),
        "word": lambda: title.replace(words[1], rng.choice(WORDS)),
    }
    return edits[rng.choice(list(edits))]()

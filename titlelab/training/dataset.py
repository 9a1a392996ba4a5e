"""What a model of a scope learns from and is measured on. Reads the database; run_folder.py writes the files.

Learnt from are people's Decisions, for titlers the shop's own good titles, and for categorizers the categories of its
products. Rejected, skipped, superseded and withdrawn ones never are, nor reserved products, which measure; nor is
anything of the family of a stand-in, or of a full golden set, since near twins share most of a title. Of a large
catalog a sample is learnt, drawn by family.

A titler is measured on all its golden Decisions from the first one on: they are a random sample of what people are
asked about, which good titles are not (a new category has hardly any), and no model learns them anyway. Held-out
families of good titles only fill up what lacks to twice a golden set, so that their say fades as it grows. Until then
golden Decisions' near twins are learnt: any product that is not decided yet has as many, so the sample stays fair.

A full golden set has two parts: the frozen one, the same for every version, and the fresh one, the latest others, which
tell of today's products. Golden Decisions of neither part are not learnt either.
"""

import datetime as dt
import hashlib
import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from operator import itemgetter
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from ml_backend.contract import Brief, Example, GoldenIs, Kind, from_json
from ml_backend.rules.families import family, held_out
from titlelab.catalog.briefing import briefs
from titlelab.catalog.models import Catalog, Product
from titlelab.errors import NotPossibleNow
from titlelab.review.models import Decision, ReviewQueue, SecondLook
from titlelab.review.outranking import outranks
from titlelab.review.querysets import DecisionQuerySet
from titlelab.tags.models import Tag, TagLibrary
from titlelab.tags.names import PresentNames
from titlelab.training.models import FrozenGolden
from titlelab.training.scopes import catalogs_of, decisions_of

# The shares are fixed so that a held-out family stays held out from run to run: the serving version has not seen it.
HELD_OUT_GOOD_TITLES = 0.15  # good titles are plenty
HELD_OUT_DECISIONS = 0.25  # Decisions are few, and the gate needs five items before it says anything
# Both versions draft every measured product, and more than these narrow the gate's interval by little.
MOST_STAND_INS = 300
# Times the least golden set: over 50 good titles of all categories the interval was wider than the gate's margin, and a
# version that had learnt a good deal was refused for what chance might have made of it.
FILLED_UP_TO = 2
# Fresh golden Decisions that are measured on: both versions draft each, and older ones tell less of today's products.
MOST_FRESH = 200
# Learning six thousand products' categories takes half a minute, and of a large taxonomy some hundred megabytes.
MOST_TOLD_CATEGORIES = 6000
LONGEST_TITLE = 200  # characters of a description that may stand for a title, where families are told apart
# More would crowd out the Decisions; the quick ensemble learnt 11,000 in three minutes on a busy core.
MOST_GOOD_TITLES = 15_000
# How often a titler reads a person's title for one reading of a shop's own. On both samples (quick ensemble, 25 and 80
# Decisions, two draws) the mean quality was 0.728 with one reading, 0.733 with two, 0.737 with four, and no more titles
# went unedited (18 %): differences of a size that chance makes, so it is the least weight that is more than one.
DECISION_WEIGHT = 2
PAGE = 2000  # rows, read in well under a second, so that a cancelled run ends within seconds
Beat = Callable[[], None]
Row = TypeVar("Row")


def no_beat() -> None:
    """Say nothing to nobody, where nobody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Examples to learn from and golden ones to be measured on; no sku stands in both.

    decision_ids are the Decisions that examples come of; last_decision_id is the newest of all that were looked at, 0
    for none. frozen holds the skus of the golden set's frozen part; empty as long as there is none.
    """

    examples: tuple[Example, ...]
    golden: tuple[Example, ...]
    golden_is: GoldenIs
    last_decision_id: int
    decision_ids: frozenset[int] = frozenset()
    frozen: frozenset[str] = frozenset()

    @property
    def n_decisions(self) -> int:
        return sum(example.source == "decision" for example in self.examples)

    @property
    def lessons(self) -> tuple[Example, ...]:
        """The examples as often as they are learnt; the copies are of one family and so stay on one side of any split.

        Tags are learnt from Decisions alone, so there is nothing that these could weigh more than.
        """
        return tuple(copy for example in self.examples for copy in [example] * _weight(example))

    def digest(self, *, method: str, base_model: str) -> str:
        """Return 64 hex digits that change when another result could come of training; the order does not count."""
        text = "\n".join(
            [method, base_model, *sorted(map(as_line, self.lessons)), "golden", *sorted(map(as_line, self.golden))]
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _weight(example: Example) -> int:
    return DECISION_WEIGHT if example.source == "decision" and example.title is not None else 1


def as_line(example: Example) -> str:
    """Return an Example as one line of canonical JSON."""
    return json.dumps(asdict(example), ensure_ascii=False, sort_keys=True)


def dataset(kind: Kind, scope: str, day: dt.date, *, beat: Beat = no_beat) -> Dataset:
    """Gather what a scope's model may learn; day decides which channel policy holds for the shop's own titles.

    Reading a million products takes minutes: `beat` is called after every few rows, and may raise to end it. Raises
    NotPossibleNow when the scope was deleted or its channel has no policy on that day.
    """
    of_catalog = Catalog.objects.select_related("channel", "library")
    try:
        if kind == "tagger":
            return _tagger_dataset(TagLibrary.objects.get(key=scope), day, beat)
        if kind == "categorizer":
            return _categorizer_dataset(of_catalog.get(key=scope), day, beat)
        return _titler_dataset(of_catalog.get(key=scope), day, beat)
    except ObjectDoesNotExist as e:
        raise NotPossibleNow(f"There is nothing to train for: {scope!r} was deleted.") from e


def _titler_dataset(catalog: Catalog, day: dt.date, beat: Beat) -> Dataset:
    decisions = _latest_decisions("titler", catalog.key, beat)
    frozen, fresh = _golden_parts("titler", catalog.key, decisions)
    golden = [_title_example(d, day) for d in (*frozen, *fresh)]
    learnable = {d.pk: _title_example(d, day) for d in _paced(decisions, beat) if not d.item.is_golden}
    is_golden_enough = len(golden) >= settings.GATE_LEAST_GOLDEN
    n_lacking = FILLED_UP_TO * settings.GATE_LEAST_GOLDEN - len(golden) if golden else MOST_STAND_INS
    share = 0.0 if is_golden_enough else HELD_OUT_GOOD_TITLES
    stand_ins, replayed = _good_titles(catalog, share, 0 if is_golden_enough else n_lacking, beat)
    filling_up = _catalog_examples(catalog, stand_ins, day, beat)
    replayed_examples = _catalog_examples(catalog, replayed, day, beat)
    examples = _unseen([*learnable.values(), *replayed_examples], golden if is_golden_enough else filling_up)
    return Dataset(
        examples=examples,
        golden=(*golden, *filling_up),
        golden_is="golden set" if is_golden_enough else "held-out families",
        last_decision_id=max((d.pk for d in decisions), default=0),
        decision_ids=_learnt(learnable, examples),
        frozen=_skus(frozen),
    )


def _tagger_dataset(library: TagLibrary, day: dt.date, beat: Beat) -> Dataset:
    decisions = _latest_decisions("tagger", library.key, beat)
    active = set(library.tags.filter(state=Tag.State.ACTIVE).values_list("name", flat=True))
    names = PresentNames(library)
    frozen, fresh = _golden_parts("tagger", library.key, decisions)
    golden = [_tag_example(d, active, names, day) for d in (*frozen, *fresh)]
    learnable = {d.pk: _tag_example(d, active, names, day) for d in _paced(decisions, beat) if not d.item.is_golden}
    is_golden_enough = len(golden) >= settings.GATE_LEAST_GOLDEN
    # Golden Decisions are never learnt from, so all of them are measured on, beside the held-out families.
    stand_in = [] if is_golden_enough else [e for e in learnable.values() if held_out(e.family, HELD_OUT_DECISIONS)]
    measured = [*golden, *stand_in]
    examples = _unseen(learnable.values(), measured)
    return Dataset(
        examples=examples,
        golden=tuple(measured),
        golden_is="golden set" if is_golden_enough else "held-out families",
        last_decision_id=max((d.pk for d in decisions), default=0),
        decision_ids=_learnt(learnable, examples),
        frozen=_skus(frozen),
    )


def golden_decisions(kind: Kind, scope: str, *, beat: Beat = no_beat) -> list[Decision]:
    """Return the scope's golden Decisions, one a product, the first first; for a categorizer those with a category."""
    golden = [d for d in _latest_decisions(kind, scope, beat) if d.item.is_golden]
    return [d for d in golden if d.category] if kind == "categorizer" else golden


def _golden_parts(kind: Kind, scope: str, decisions: Sequence[Decision]) -> tuple[list[Decision], list[Decision]]:
    """Return the frozen part of the golden set, as reviewers have left it, and the latest of the others."""
    rows = FrozenGolden.objects.filter(kind=kind, scope=scope).order_by("pk")
    looked_at = rows.select_related(
        "decision__item__product__catalog", "decision__draft", "decision__second_look", "decision__mended_by"
    )
    frozen = [found for row in looked_at if (found := _left_by_reviewers(row.decision)) is not None]
    asked = {d.item.product_id for d in frozen}
    fresh = [d for d in decisions if d.item.is_golden and d.item.product_id not in asked]
    return frozen, sorted(fresh, key=lambda d: (d.decided_at, d.pk))[-MOST_FRESH:]


def _left_by_reviewers(decision: Decision) -> Decision | None:
    """Return what is right of a frozen Decision: itself, or what a reviewer made of it.

    None where it was withdrawn or sent back: a known error measures nothing.
    """
    look = getattr(decision, "second_look", None)
    if decision.withdrawn_at or (look and look.verdict == SecondLook.Verdict.SENT_BACK):
        return None
    return _left_by_reviewers(decision.mended_by) if hasattr(decision, "mended_by") else decision


def _skus(decisions: Iterable[Decision]) -> frozenset[str]:
    return frozenset(d.item.product.sku for d in decisions)


def _categorizer_dataset(catalog: Catalog, day: dt.date, beat: Beat) -> Dataset:
    """Gather as for a titler: people's choices, and what the shop says of products that nobody has decided on."""
    decisions = [d for d in _latest_decisions("categorizer", catalog.key, beat) if d.category]
    frozen, fresh = _golden_parts("categorizer", catalog.key, decisions)
    golden = [_category_example(d, day) for d in (*frozen, *fresh) if d.category]
    learnable = {d.pk: _category_example(d, day) for d in _paced(decisions, beat) if not d.item.is_golden}
    is_golden_enough = len(golden) >= settings.GATE_LEAST_GOLDEN
    told = _told_categories(catalog, day, beat)
    stand_ins = [] if is_golden_enough else [e for e in told if held_out(e.family, HELD_OUT_GOOD_TITLES)]
    n_lacking = FILLED_UP_TO * settings.GATE_LEAST_GOLDEN - len(golden) if golden else MOST_STAND_INS
    filling_up = stand_ins[:n_lacking]
    apart = {e.family for e in stand_ins}
    replayed = [e for e in told if e.family not in apart]
    examples = _unseen([*learnable.values(), *replayed], golden if is_golden_enough else filling_up)
    return Dataset(
        examples=examples,
        golden=(*golden, *filling_up),
        golden_is="golden set" if is_golden_enough else "held-out families",
        last_decision_id=max((d.pk for d in decisions), default=0),
        decision_ids=_learnt(learnable, examples),
        frozen=_skus(frozen),
    )


def _category_example(decision: Decision, day: dt.date) -> Example:
    brief = _brief(decision, day)
    return Example(
        brief=brief,
        title=None,
        tags=None,
        source="decision",
        family=family(decision.title, brief.brand),
        category=tuple(decision.category),
    )


def _told_categories(catalog: Catalog, day: dt.date, beat: Beat) -> list[Example]:
    """Return the undecided products whose category the shop tells, in an order drawn by family once and for all."""
    decided = Decision.objects.of_catalog(catalog.pk).usable().exclude(category=[])
    families: dict[int, str] = {}
    places: list[tuple[bytes, int]] = []
    for pk, title, brand, category, text in _undecided(
        catalog, decided, ("title", "brand", "category", "description"), beat
    ):
        if category:
            # A product without a title is told apart by how its description begins.
            families[pk] = family(title or text[:LONGEST_TITLE], brand)
            places.append((_place(families[pk]), pk))
    drawn = _first(MOST_TOLD_CATEGORIES, places, beat)
    found = catalog.products.in_bulk(drawn)
    products = [found[pk] for pk in drawn if pk in found]  # one may be deleted meanwhile
    return [
        Example(
            brief=brief,
            title=None,
            tags=None,
            source="catalog",
            family=families[product.pk],
            category=tuple(map(str, product.category)),
        )
        for product, brief in zip(products, briefs(catalog, _paced(products, beat), day), strict=True)
    ]


def _latest_decisions(kind: Kind, scope: str, beat: Beat) -> list[Decision]:
    """Return one usable Decision per unreserved product: the latest, see review/outranking.py.

    A golden one stays whatever came later that is not golden.
    """
    usable = decisions_of(kind, scope).usable().select_related("item__product__catalog", "draft", "second_look")
    for catalog_id in catalogs_of(kind, scope).values_list("pk", flat=True):
        reserved = ReviewQueue.objects.reserved_skus(catalog_id)
        usable = usable.exclude(item__product__catalog=catalog_id, item__product__sku__in=reserved)
    by_product: dict[int, Decision] = {}
    for decision in _in_pages(usable.order_by("decided_at", "pk"), beat):
        before = by_product.get(decision.item.product_id)
        stays_golden = before is not None and before.item.is_golden and not decision.item.is_golden
        if before is None or (not stays_golden and outranks(decision, before)):
            by_product[decision.item.product_id] = decision
    return list(by_product.values())


def _title_example(decision: Decision, day: dt.date) -> Example:
    brief = replace(_brief(decision, day), title="")
    return Example(
        brief=brief, title=decision.title, tags=None, source="decision", family=family(decision.title, brief.brand)
    )


def _tag_example(decision: Decision, active: set[str], names: PresentNames, day: dt.date) -> Example:
    """Only tags that are active today, by their names of today: a retired one is not to be learnt."""
    brief = _brief(decision, day)
    tags = tuple(sorted(active.intersection(names.of(decision.tags))))
    return Example(brief=brief, title=None, tags=tags, source="decision", family=family(decision.title, brief.brand))


def _brief(decision: Decision, day: dt.date) -> Brief:
    """Return what the drafter was told; where no draft was shown, the product as it stands."""
    if decision.draft is not None:
        return from_json(Brief, decision.draft.brief)
    product = decision.item.product
    return briefs(product.catalog, [product], day)[0]


def _good_titles(catalog: Catalog, share: float, n_apart: int, beat: Beat) -> tuple[list[int], list[int]]:
    """Return products with good titles by their ids: of the share of families that is held out, and of the rest.

    Of either as many as are used, in an order drawn by family once and for all. Left out are products that people have
    decided on: their word wins.
    """
    decided = Decision.objects.of_catalog(catalog.pk).current()
    apart: list[tuple[bytes, int]] = []
    rest: list[tuple[bytes, int]] = []
    for pk, is_good, title, brand in _undecided(catalog, decided, ("has_good_title", "title", "brand"), beat):
        if is_good:
            name = family(title, brand)
            (apart if held_out(name, share) else rest).append((_place(name), pk))
    return _first(n_apart, apart, beat), _first(MOST_GOOD_TITLES, rest, beat)


def _first(n: int, places: Iterable[tuple[bytes, int]], beat: Beat) -> list[int]:
    """Return the ids that come first, those of one place as they stood; sorting them all would take seconds."""
    return [pk for _, pk in heapq.nsmallest(n, _paced(places, beat), key=itemgetter(0))]


def _place(name: str) -> bytes:
    """Return a family's place in the order that is drawn once and for all."""
    return hashlib.sha256(name.encode()).digest()


def _undecided(
    catalog: Catalog, decided: DecisionQuerySet, fields: tuple[str, ...], beat: Beat
) -> Iterator[tuple[Any, ...]]:
    """Yield (id, *fields) of the unreserved products that no such Decision is about, by their skus, page by page.

    A page is read whole before the beat: while a cursor is open, SQLite shows its reader nothing of what others write,
    so that a run would not learn that it was cancelled, nor could renew its lease.
    """
    left_out = set(decided.values_list("item__product", flat=True))
    reserved = ReviewQueue.objects.reserved_skus(catalog.pk)
    last = ""
    while page := list(catalog.products.filter(sku__gt=last).order_by("sku").values_list("sku", "pk", *fields)[:PAGE]):
        beat()
        yield from (row[1:] for row in page if row[1] not in left_out and row[0] not in reserved)
        last = page[-1][0]


def _in_pages(decisions: DecisionQuerySet, beat: Beat) -> Iterator[Decision]:
    """Yield the Decisions in their order, page by page, as `_undecided` does."""
    ids = list(decisions.values_list("pk", flat=True))
    for first in range(0, len(ids), PAGE):
        page = decisions.in_bulk(ids[first : first + PAGE])
        beat()
        yield from (page[pk] for pk in ids[first : first + PAGE] if pk in page)


def _catalog_examples(catalog: Catalog, product_ids: Sequence[int], day: dt.date, beat: Beat) -> list[Example]:
    found = catalog.products.in_bulk(product_ids)
    products: list[Product] = [found[pk] for pk in product_ids if pk in found]  # one may be deleted meanwhile
    return [
        Example(
            brief=replace(brief, title=""),
            title=product.title,
            tags=None,
            source="catalog",
            family=family(product.title, product.brand),
        )
        for product, brief in zip(products, briefs(catalog, _paced(products, beat), day), strict=True)
    ]


def _paced(rows: Iterable[Row], beat: Beat) -> Iterator[Row]:
    """Pass the rows on, with a beat before the first and after every few."""
    for number, row in enumerate(rows):
        if number % PAGE == 0:
            beat()
        yield row


def _unseen(examples: Iterable[Example], apart: Iterable[Example]) -> tuple[Example, ...]:
    """Drop the examples that share a family or a product with one that is kept apart."""
    apart = list(apart)
    families = {example.family for example in apart}
    products = {(example.brief.catalog, example.brief.sku) for example in apart}
    return tuple(e for e in examples if e.family not in families and (e.brief.catalog, e.brief.sku) not in products)


def _learnt(learnable: Mapping[int, Example], examples: Iterable[Example]) -> frozenset[int]:
    """Return the ids of the Decisions whose very examples are learnt from."""
    kept = {id(example) for example in examples}
    return frozenset(pk for pk, example in learnable.items() if id(example) in kept)

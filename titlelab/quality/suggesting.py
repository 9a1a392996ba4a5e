"""Finds what people's corrections suggest, keeps it until somebody settles it, and does what it says."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from ml_backend.contract import ChannelRules
from ml_backend.rules.policy import banned_spans
from titlelab.catalog.models import Catalog
from titlelab.channels.models import Channel, PhraseList
from titlelab.channels.rules import rules_on
from titlelab.errors import NotPossibleNow
from titlelab.quality.models import DecisionMeasure, EditMark, Suggestion, TagMeasure
from titlelab.quality.suggestions import (
    Change,
    Found,
    Tagged,
    habits,
    replaced_by_a_tag,
    said_of_a_tag,
    source_words,
    taken_out,
)
from titlelab.review.models import Decision
from titlelab.tags.loading import MOST_ALIASES, check_words
from titlelab.tags.models import Tag
from titlelab.tags.publishing import active_tags

# A habit of half a year ago may be mended by now; and so many rows are read in seconds, however large the ledger.
WINDOW = dt.timedelta(weeks=26)
MOST_CHANGES = 20_000
MOST_PRODUCTS = 2_000
MOST_KEPT = 30  # of a sort: nobody looks through more, and the rest waits behind them
State, Sort, Outcome = Suggestion.State, Suggestion.Sort, Decision.Outcome


def suggest_all(*, now: dt.datetime) -> int:
    """Look through every catalog's corrections; return how many suggestions are open."""
    return sum(suggest(catalog, now=now) for catalog in Catalog.objects.select_related("channel", "library"))


def suggest(catalog: Catalog, *, now: dt.datetime) -> int:
    """Bring a catalog's open suggestions up to date; return how many there are. Safe to repeat.

    The measures must be recorded, see recording.py.
    """
    since = timezone.localdate(now) - WINDOW
    changes = _changes(catalog, since)
    tags = {tag.name: tag.aliases for tag in active_tags(catalog.library)} if catalog.library else {}
    of_catalog = DecisionMeasure.objects.filter(catalog=catalog, week__gte=since)
    n_titles = of_catalog.shown().exclude(outcome=Outcome.REJECTED).count()
    found = [
        *replaced_by_a_tag(changes, tags, n_titles=n_titles),
        *(said_of_a_tag(_tagged(catalog, since), tags) if tags else ()),
        *taken_out(changes, _in_titles(catalog, since), _banned(catalog, now), n_titles=n_titles),
        *habits(changes, n_titles=n_titles),
    ]
    return _keep(catalog, found, now)


def make_alias(suggestion: Suggestion, *, by: str, now: dt.datetime) -> Tag:
    """Give the tag the word as an alias; the caller publishes the library. Raises NotPossibleNow or BadFile."""
    library = suggestion.catalog.library
    with transaction.atomic():
        _settle(suggestion, State.DONE, by, now)
        tags = {tag.name: tag for tag in active_tags(library).select_for_update()} if library else {}
        tag = tags.get(suggestion.goal)
        if tag is None:
            raise NotPossibleNow(f"“{suggestion.goal}” is no active tag any more.")
        word = suggestion.word
        owner = next((t for t in tags.values() if word.casefold() in _words_of(t)), None)
        if owner not in (None, tag):
            raise NotPossibleNow(f"“{word}” is a word of the tag “{owner}” already.")
        if owner is None:
            check_words([word])
            if len(tag.aliases) >= MOST_ALIASES:
                raise NotPossibleNow(f"“{tag}” has {len(tag.aliases)} aliases, and may have no more.")
            tag.aliases = [*tag.aliases, word]
            tag.save(update_fields=["aliases"])
    return tag


def ban(suggestion: Suggestion, *, by: str, now: dt.datetime) -> PhraseList:
    """Forbid the word in titles of the catalog's channel, in a list of its own; raises NotPossibleNow."""
    channel = suggestion.catalog.channel
    with transaction.atomic():
        _settle(suggestion, State.DONE, by, now)
        phrases = _list_of(channel)
        if suggestion.word.casefold() not in {phrase.casefold() for phrase in phrases.phrases}:
            phrases.phrases = [*phrases.phrases, suggestion.word]
            phrases.save()
    return phrases


def dismiss(suggestion: Suggestion, *, by: str, now: dt.datetime) -> None:
    """Never make this suggestion again; raises NotPossibleNow."""
    _settle(suggestion, State.DISMISSED, by, now)


def _settle(suggestion: Suggestion, state: Suggestion.State, by: str, now: dt.datetime) -> None:
    waiting = Suggestion.objects.filter(pk=suggestion.pk, state=State.OPEN)
    if not waiting.update(state=state, settled_by=by, settled_at=now):
        raise NotPossibleNow("This suggestion is settled already.")
    suggestion.refresh_from_db()


def _words_of(tag: Tag) -> set[str]:
    return {word.casefold() for word in (tag.name, *tag.aliases)}


def _list_of(channel: Channel) -> PhraseList:
    """Return the channel's list of what people take out, a new one if it has none."""
    name = f"What people take out of titles, {channel}"[: PhraseList._meta.get_field("name").max_length]
    phrases, _ = PhraseList.objects.select_for_update().get_or_create(
        key=f"taken-out-{channel.pk}", defaults={"name": name, "source": "Suggested by what people take out of titles."}
    )
    phrases.channels.add(channel)
    return phrases


def _keep(catalog: Catalog, found: Iterable[Found], now: dt.datetime) -> int:
    """Store new suggestions, refresh the open ones, and forget those that nothing speaks for any more."""
    best: dict[tuple[str, str, str], Found] = {}
    for each in sorted(found, key=lambda each: -each.n_products):
        if sum(sort == each.sort for sort, _, _ in best) < MOST_KEPT:
            best.setdefault((each.sort, each.word, each.goal), each)
    with transaction.atomic():
        known = {(row.sort, row.word, row.goal): row for row in catalog.suggestions.select_for_update()}
        gone = [row.pk for key, row in known.items() if row.state == State.OPEN and key not in best]
        Suggestion.objects.filter(pk__in=gone, state=State.OPEN).delete()
        fresh = [_row(catalog, each, now) for key, each in best.items() if key not in known]
        Suggestion.objects.bulk_create(fresh, ignore_conflicts=True)  # another worker may have found them too
        for key, row in known.items():
            if row.state == State.OPEN and key in best:
                Suggestion.objects.filter(pk=row.pk, state=State.OPEN).update(**_figures(best[key]))
    return catalog.suggestions.filter(state=State.OPEN).count()


def _row(catalog: Catalog, found: Found, now: dt.datetime) -> Suggestion:
    return Suggestion(
        catalog=catalog, sort=found.sort, word=found.word, goal=found.goal, found_at=now, **_figures(found)
    )


def _figures(found: Found) -> dict[str, object]:
    return {
        "n_decisions": found.n_decisions,
        "n_products": found.n_products,
        "n_people": found.n_people,
        "n_titles": found.n_titles,
        "examples": list(found.examples),
    }


def _changes(catalog: Catalog, since: dt.date) -> list[Change]:
    marks = EditMark.objects.filter(catalog=catalog, week__gte=since).order_by("-pk")[:MOST_CHANGES]
    rows = marks.values_list(
        "kind",
        "before",
        "after",
        "measure_id",
        "measure__product_id",
        "measure__person",
        "measure__product__brand",
        "measure__category",
    )
    return [
        Change(
            kind=kind,
            before=before,
            after=after,
            decision=decision,
            product=product,
            person=person,
            brand=brand,
            category=category,
        )
        for kind, before, after, decision, product, person, brand, category in rows
    ]


def _tagged(catalog: Catalog, since: dt.date) -> list[Tagged]:
    """Return the products that people tagged last, each by its latest Decision on a draft."""
    rows = DecisionMeasure.objects.filter(catalog=catalog, week__gte=since, titler_version__isnull=False)
    usable = rows.exclude(outcome=Outcome.REJECTED).order_by("-week", "-decided_at")[:MOST_PRODUCTS]
    latest: dict[int, tuple[int, str, str, str]] = {}
    for pk, product, person, title, description, brand in usable.values_list(
        "pk", "product_id", "person", "product__title", "product__description", "product__brand"
    ):
        latest.setdefault(product, (pk, person, f"{title}\n{description}", brand))
    tags = _tags_of([pk for pk, *_ in latest.values()])
    return [
        Tagged(
            decision=pk,
            product=product,
            person=person,
            words=source_words(text, brand=brand),
            tags=frozenset(name for name, change in tags.get(pk, ()) if change != TagMeasure.Change.REMOVED),
            added=frozenset(name for name, change in tags.get(pk, ()) if change == TagMeasure.Change.ADDED),
        )
        for product, (pk, person, text, brand) in latest.items()
    ]


def _tags_of(pks: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    rows = TagMeasure.objects.filter(measure__in=pks).values_list("measure_id", "name", "change")
    for pk, name, change in rows:
        found.setdefault(pk, []).append((name, change))
    return found


def _in_titles(catalog: Catalog, since: dt.date) -> Callable[[str], int]:
    """Return in how many final titles a word still stands."""

    def count(word: str) -> int:
        titles = Decision.objects.filter(measure__catalog=catalog, measure__week__gte=since, title__icontains=word)
        return titles.count()

    return count


def _banned(catalog: Catalog, now: dt.datetime) -> Callable[[str], bool]:
    """Return whether the channel's rules of today forbid a word already."""
    rules = _rules(catalog, now)
    return lambda word: rules is not None and bool(banned_spans(word, rules))


def _rules(catalog: Catalog, now: dt.datetime) -> ChannelRules | None:
    try:
        return rules_on(catalog.channel, timezone.localdate(now))
    except NotPossibleNow:
        return None  # a channel without a policy forbids nothing yet

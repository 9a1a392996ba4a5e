"""Which phrases of products and of annotators might become tags, and what speaks for each. Computes only."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import token_sort_ratio

from ml_backend.rules.phrases import MOST_WORDS, Phrase, specific_phrases
from ml_backend.rules.text import HAN, holds, is_han, normal_form

LEAST_PRODUCTS = 5
LEAST_SHARE = 1 / 500  # of the texts: five products say nothing in a catalog of many thousands
# One person's word may be a slip; two, or one that the products bear out, are a wish.
LEAST_SUGGESTIONS = 2
N_EXAMPLES, N_NEAREST = 5, 3
LEAST_LIKENESS = 0.4  # below it "nearest" misleads
_AROUND = 60  # characters of a text before and after the phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of one product: its text, a group such as its category, and what people made of its tags.

    tags None: nobody has decided on the product. suggested are the words that annotators missed among the tags.
    """

    sku: str
    text: str
    group: str = ""
    tags: tuple[str, ...] | None = None
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A phrase that no tag or alias covers.

    n_products say it and n_suggestions people missed it. examples are (sku, the words around it); nearest are (tag,
    likeness in [0, 1]), the likest first.
    """

    name: str
    n_products: int
    n_suggestions: int
    score: float
    examples: tuple[tuple[str, str], ...]
    nearest: tuple[tuple[str, float], ...]


def candidates(
    told: Sequence[Told], tags: Mapping[str, Sequence[str]], *, settled: Collection[str], without: Collection[str]
) -> list[Candidate]:
    """Return what might become a tag, what people suggested first, then the most specific phrases.

    tags: the active ones with their aliases; a phrase that holds one of these words is covered. settled: other words
    that are not to be proposed as they stand, such as refused phrases and the names of columns. without: words in lower
    case, such as brands, that no proposed phrase holds.
    """
    covering = _covering(tags)
    known = covering | {folded(word) for word in settled}
    suggested = _suggestions(told)
    least = max(LEAST_PRODUCTS, math.ceil(LEAST_SHARE * len(told)))
    found = specific_phrases([t.text for t in told], [t.group for t in told], least=least, without=without)
    phrases = {folded(phrase.text): phrase for phrase in reversed(found)}
    wished = _wished(suggested, phrases, told)
    named = {**wished, **{key: phrase.text for key, phrase in phrases.items()}}
    kept = [key for key in named if key not in known and not _is_covered(key, covering)]
    ranked = sorted(kept, key=lambda key: (-len(suggested.get(key, ())), -_score(phrases.get(key)), key))
    return [_candidate(named[key], phrases.get(key), suggested.get(key, []), told, tags) for key in ranked]


def folded(phrase: str) -> str:
    """Return a phrase as it is compared: width, letter case and the plural do not count."""
    return " ".join(re.sub(r"(?<=[a-z]{2})(?<!s)s$", "", word) for word in normal_form(phrase).lower().split())


def _suggestions(told: Iterable[Told]) -> dict[str, list[tuple[str, int]]]:
    """Return what people suggested, by its folded form: (as written, of which product)."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for i, each in enumerate(told):
        for word in {folded(word): word for word in each.suggested}.values():
            found[folded(word)].append((word, i))
    return dict(found)


def _wished(
    suggested: Mapping[str, Sequence[tuple[str, int]]], phrases: Mapping[str, Phrase], told: Sequence[Told]
) -> dict[str, str]:
    """Return those suggestions that are more than one person's slip, as most people wrote them."""
    return {
        key: Counter(word for word, _ in said).most_common(1)[0][0]
        for key, said in suggested.items()
        if len(said) >= LEAST_SUGGESTIONS or key in phrases or sum(holds(t.text, said[0][0]) for t in told) > 1
    }


def is_covered(phrase: str, tags: Mapping[str, Sequence[str]]) -> bool:
    """Say whether a tag or an alias stands in the phrase already."""
    return _is_covered(folded(phrase), _covering(tags))


def _covering(tags: Mapping[str, Sequence[str]]) -> set[str]:
    return {folded(word) for name, aliases in tags.items() for word in (name, *aliases)}


def _is_covered(key: str, covering: Collection[str]) -> bool:
    """Say whether a known word stands in the phrase: the tag applies wherever the phrase does."""
    if is_han(key):
        return any(key[i:j] in covering for i in range(len(key)) for j in range(i + 1, len(key) + 1))
    words = key.split()
    return any(
        " ".join(words[i : i + n]) in covering
        for n in range(1, min(MOST_WORDS, len(words)) + 1)
        for i in range(len(words) - n + 1)
    )


def _score(phrase: Phrase | None) -> float:
    return phrase.score if phrase else 0.0


def _candidate(
    name: str,
    phrase: Phrase | None,
    said: Sequence[tuple[str, int]],
    told: Sequence[Told],
    tags: Mapping[str, Sequence[str]],
) -> Candidate:
    places = phrase.places if phrase else [i for i, t in enumerate(told) if holds(t.text, name)]
    wishing = [i for _, i in said]
    shown = list(dict.fromkeys([*wishing, *places]))
    return Candidate(
        name=name,
        n_products=phrase.n if phrase else len(places),
        n_suggestions=len(said),
        score=_score(phrase),
        examples=tuple((told[i].sku, around(told[i].text, name)) for i in shown[:N_EXAMPLES]),
        nearest=_nearest(name, shown, told, tags),
    )


def around(text: str, phrase: str) -> str:
    """Return the phrase with the words around it; the text's beginning where it does not say the phrase."""
    place = text.lower().find(phrase.lower())
    start = max(0, place - _AROUND)
    end = (place + len(phrase) if place >= 0 else 0) + _AROUND
    cut = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{cut}{'…' if end < len(text) else ''}"


def _nearest(
    name: str, places: Sequence[int], told: Sequence[Told], tags: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, float], ...]:
    """Return the likest tags: by their own or an alias's spelling, or because people give them where it is said."""
    given = Counter(tag for i in places for tag in told[i].tags or ())
    n_decided = sum(told[i].tags is not None for i in places)
    likeness = {
        tag: max(
            [token_sort_ratio(_spaced(name), _spaced(word)) / 100 for word in (tag, *aliases)]
            # Few Decisions agree by chance: two more without the tag are taken for granted.
            + [given[tag] / (n_decided + 2)]
        )
        for tag, aliases in tags.items()
    }
    best = sorted(likeness, key=lambda tag: (-likeness[tag], tag))[:N_NEAREST]
    return tuple((tag, round(likeness[tag], 2)) for tag in best if likeness[tag] >= LEAST_LIKENESS)


def _spaced(word: str) -> str:
    """Han characters one by one, so that their order counts as little as that of Latin words."""
    return re.sub(f"([{HAN}])", r"\1 ", normal_form(word).lower())

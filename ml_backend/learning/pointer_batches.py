"""Sources and titles as the pointer network's tensors.

A Lexicon gives ids to words and title tokens that the vocabulary does not hold, beyond the vocabulary's own: so a
network that has never seen a brand can still point at it, compare it and write it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ml_backend.learning.pointer_source import MOST_PLACES, Source
from ml_backend.learning.pointer_tokens import N_VARIANTS, key, n_grams, shape, variants
from ml_backend.learning.pointer_vocabulary import END, START, UNKNOWN, PointerVocabulary

if TYPE_CHECKING:
    import torch

_BATCHES_PER_BUCKET = 12  # so many batches are sorted by length together: little padding, yet order stays random
_NO_TOKEN = -1
# Rows and lengths come in steps: a processor's kernels are compiled and kept for every shape they meet, which took more
# memory than the network and much of a first epoch.
_ROWS, _SOURCE_STEP, _TITLE_STEP = 8, 16, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A source and, where known, its title (which ends with END), in ids of a Lexicon.

    keys, fields, places, shapes: (s,); written: (s, N_VARIANTS), the title tokens that copying may write, each once.
    """

    keys: list[int]
    fields: list[int]
    places: list[int]
    shapes: list[int]
    written: list[tuple[int, ...]]
    title: list[int]

    @property
    def cost(self) -> int:
        """Return roughly what it adds to a batch's work, in tokens."""
        return len(self.keys) + 2 * len(self.title)


class Lexicon:
    """Ids of keys and title tokens: the vocabulary's own, then those met here, in the order they were met."""

    def __init__(self, vocabulary: PointerVocabulary) -> None:
        self.vocabulary = vocabulary
        self.n_known = len(vocabulary.title_tokens)
        self._titles: dict[str, int] = {}
        self._keys: dict[str, int] = {}
        self._written: dict[str, tuple[int, ...]] = {}

    def pair(self, source: Source, title: Sequence[str] = ()) -> Pair:
        """Return a source and its title in ids."""
        names = self.vocabulary.field_ids
        return Pair(
            keys=[self.key_id(key(token)) for token in source.tokens],
            fields=[names.get(field, 0) for field in source.fields],
            places=[min(place, MOST_PLACES - 1) for place in source.places],
            shapes=[shape(token) for token in source.tokens],
            written=[self._variants(token) for token in source.tokens],
            title=self.title_ids(title),
        )

    def title_ids(self, tokens: Sequence[str]) -> list[int]:
        """Return the ids of a title, which end with END."""
        return [*map(self.title_id, tokens), END]

    def title_id(self, token: str) -> int:
        """Return a title token's id, a new one if need be."""
        known = self.vocabulary.title_ids.get(token)
        return self._titles.setdefault(token, self.n_known + len(self._titles)) if known is None else known

    def key_id(self, word: str) -> int:
        """Return a key's id, a new one if need be."""
        known = self.vocabulary.key_ids.get(word)
        return self._keys.setdefault(word, len(self.vocabulary.keys) + len(self._keys)) if known is None else known

    def title_tokens(self) -> list[str]:
        """Return every title token so far, in the order of ids."""
        return [*self.vocabulary.title_tokens, *self._titles]

    def words(self) -> list[str]:
        """Return every key so far, in the order of ids."""
        return [*self.vocabulary.keys, *self._keys]

    def tables(self, device: torch.device) -> Tables:
        """Return what the network asks of ids; ends the taking in of new words."""
        return Tables.of(self, device)

    def _variants(self, token: str) -> tuple[int, ...]:
        if token not in self._written:
            ids = [self.title_id(variant) for variant in variants(token)]
            self._written[token] = tuple(
                _NO_TOKEN if i in ids[:at] else i for at, i in enumerate(ids)
            )  # lower and as is may be one: counted once
        return self._written[token]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What every id of a Lexicon is like.

    grams: (keys, N_GRAMS) hashed n-grams; key_of, shape_of: (title tokens,) ids of keys (-1 for START, END, UNKNOWN)
    and shapes.
    """

    n_known_keys: int
    n_known_titles: int
    grams: torch.Tensor
    key_of: torch.Tensor
    shape_of: torch.Tensor

    @classmethod
    def of(cls, lexicon: Lexicon, device: torch.device) -> Tables:
        """Make the tables of a lexicon."""
        import torch

        tokens = lexicon.title_tokens()
        keys = [-1 if i <= UNKNOWN else lexicon.key_id(key(token)) for i, token in enumerate(tokens)]
        return cls(
            n_known_keys=len(lexicon.vocabulary.keys),
            n_known_titles=lexicon.n_known,
            grams=torch.tensor([n_grams(word) for word in lexicon.words()], device=device),
            key_of=torch.tensor(keys, device=device),
            shape_of=torch.tensor(
                [0 if i <= UNKNOWN else shape(token) for i, token in enumerate(tokens)], device=device
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """A batch's sources, padded on the right.

    keys (-2 where padded), fields, places, shapes: (b, s); written: (b, s, N_VARIANTS), -1 where there is none;
    is_there: (b, s) bool; goes_on: (b, s) bool, the token stands right after the one before it, in the same field.
    """

    keys: torch.Tensor
    fields: torch.Tensor
    places: torch.Tensor
    shapes: torch.Tensor
    written: torch.Tensor
    is_there: torch.Tensor
    goes_on: torch.Tensor

    @classmethod
    def of(cls, pairs: Sequence[Pair], device: torch.device) -> Sources:
        """Pad the sources of pairs."""
        import torch

        longest = _padded_length(max(len(pair.keys) for pair in pairs), _SOURCE_STEP)

        def padded(rows: list[list[int]], fill: int) -> torch.Tensor:
            return torch.tensor([row + [fill] * (longest - len(row)) for row in rows], device=device)

        keys, names = padded([p.keys for p in pairs], -2), padded([p.fields for p in pairs], 0)
        places = padded([p.places for p in pairs], 0)
        nothing = (_NO_TOKEN,) * N_VARIANTS
        written = [p.written + [nothing] * (longest - len(p.written)) for p in pairs]
        goes_on = torch.zeros_like(keys, dtype=torch.bool)
        goes_on[:, 1:] = (names[:, 1:] == names[:, :-1]) & (places[:, 1:] > places[:, :-1])
        return cls(
            keys=keys,
            fields=names,
            places=places,
            shapes=padded([p.shapes for p in pairs], 0),
            written=torch.tensor(written, device=device),
            is_there=keys != -2,
            goes_on=goes_on & (keys != -2),
        )

    def rows(self, numbers: torch.Tensor) -> Sources:
        """Return some of the sources, in the order of their row numbers."""
        return Sources(**{field.name: getattr(self, field.name)[numbers] for field in fields(self)})


def titles_of(titles: Sequence[list[int]], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (b, t) previous tokens, beginning with START, and (b, t) tokens to be written, -100 where padded."""
    import torch

    longest = _padded_length(max(map(len, titles)), _TITLE_STEP)
    before = [[START, *title[:-1]] + [END] * (longest - len(title)) for title in titles]
    after = [title + [-100] * (longest - len(title)) for title in titles]
    return torch.tensor(before, device=device), torch.tensor(after, device=device)


def batches(pairs: Sequence[Pair], tokens: int, rng: random.Random) -> list[list[Pair]]:
    """Return all pairs in batches of like length whose padded costs stay within `tokens`, in random order."""
    shuffled = rng.sample(list(pairs), len(pairs))
    mean = sum(pair.cost for pair in pairs) / max(len(pairs), 1)
    size = max(int(_BATCHES_PER_BUCKET * tokens / max(mean, 1)), 1)
    made: list[list[Pair]] = []
    for start in range(0, len(shuffled), size):
        bucket = shuffled[start : start + size]
        made += [[bucket[i] for i in rows] for rows in rows_within([pair.cost for pair in bucket], tokens)]
    rng.shuffle(made)
    return made


def rows_within(costs: Sequence[int], tokens: int) -> list[list[int]]:
    """Return row numbers by rising cost, in batches whose padded costs stay within `tokens`; one at least in each."""
    order = sorted(range(len(costs)), key=lambda i: costs[i])
    made: list[list[int]] = []
    while order:
        n = 1
        while n < len(order) and costs[order[n]] * (n + 1) <= tokens:
            n += 1
        n = n - n % _ROWS if n > _ROWS and n < len(order) else n
        made.append(order[:n])
        order = order[n:]
    return made


def _padded_length(longest: int, step: int) -> int:
    return -(-longest // step) * step

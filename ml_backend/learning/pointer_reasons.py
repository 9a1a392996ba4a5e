"""Given titles read through a pointer network: how likely each token is, and which part of the source it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ml_backend.learning.likelihoods import Likelihood
from ml_backend.learning.pointer_batches import Tables, titles_of
from ml_backend.learning.pointer_source import NEIGHBOUR, Source
from ml_backend.learning.pointer_tokens import joined

if TYPE_CHECKING:
    from ml_backend.learning.pointer_network import PointerNetwork, Reading

WRITTEN = -1  # a place in no source: the token came from the vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A title's tokens, end included: their log-probabilities, how open each was, and where it came from.

    entropies are in nats; an origin is the source token that was copied, or WRITTEN.
    """

    log_probas: tuple[float, ...]
    entropies: tuple[float, ...]
    origins: tuple[int, ...]

    def likelihood(self, floor: float) -> Likelihood:
        """Return the means, no token's log-probability below the floor."""
        n = len(self.log_probas)
        return Likelihood(
            log_proba=sum(max(value, floor) for value in self.log_probas) / n, entropy=sum(self.entropies) / n
        )


def traces(network: PointerNetwork, reading: Reading, titles: Sequence[list[int]], tables: Tables) -> list[Trace]:
    """Follow titles, each ending with END, in one pass; titles[i] belongs to row i of the reading."""
    import torch

    from ml_backend.learning.pointer_network import copied, entropies, log_probas

    with torch.inference_mode():
        before, after = titles_of(titles, tables.grams.device)
        written = network.written(reading, before, tables)
        values = log_probas(written, reading.sources, after, tables.n_known_titles)
        opens = entropies(written)
        shares = copied(written, reading.sources, after)
        copying = written.log_copy[..., 0] + shares.sum(-1).clamp(min=1e-9).log()
        origins = shares.argmax(-1).masked_fill(2 * copying.exp() < values.exp(), WRITTEN)  # mostly written
    return [
        Trace(
            log_probas=tuple(own[: len(title)]),
            entropies=tuple(doubts[: len(title)]),
            origins=tuple(places[: len(title)]),
        )
        for title, own, doubts, places in zip(titles, values.tolist(), opens.tolist(), origins.tolist(), strict=True)
    ]


def reasons(words: Sequence[str], trace: Trace, source: Source) -> tuple[str, ...]:
    """Say of each run of a title's tokens which field it came from: "“Navy Blue” from description".

    Marks between words of one field belong to their run, so that "White & Green" is one; those at its end are left out.
    """
    runs: list[tuple[str, list[str]]] = []
    for at, word in zip(trace.origins, words, strict=False):  # the end came from nowhere
        field = "" if at == WRITTEN else source.fields[at]
        if runs and (field == runs[-1][0] or not _is_word(word)):
            runs[-1][1].append(word)
        else:
            runs.append((field, [word]))
    return tuple(f"“{text}” {_from(field)}" for field, run in runs if (text := _without_end_marks(run)))


def _without_end_marks(run: Sequence[str]) -> str:
    last = max((i for i, word in enumerate(run) if _is_word(word)), default=-1)
    return joined(run[: last + 1])


def _is_word(token: str) -> bool:
    return any(map(str.isalnum, token))


def _from(field: str) -> str:
    if not field:
        return "learnt from other titles"
    return "from a near product's title" if field == NEIGHBOUR else f"from {field}"

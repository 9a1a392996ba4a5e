"""Beam search over a pointer network for many sources at once; what was computed of a beam is kept, never recomputed.

A beam's own keys and values move with it; a source's are kept once, and its beams look at it side by side. What a
source's beams may write are slots: the vocabulary, then the unknown tokens that this one source lets them copy.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ml_backend.learning.beams import Beam
from ml_backend.learning.pointer_batches import Sources, Tables
from ml_backend.learning.pointer_network import MOST_WRITTEN, PointerNetwork, Reading, Written, next_hints
from ml_backend.learning.pointer_vocabulary import END, START, UNKNOWN

_OUT = float("-inf")
_MOST_REPEATS = 2  # so often may one title token stand in a title, marks aside
_LEAST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What titles may hold: room (b,) in the channel's unit, which is row unit (b,) of lengths (units, title tokens).

    is_mark: (title tokens,) bool, what may be repeated. starts, ends: (title tokens,), as pointer_tokens tells them.
    """

    room: Tensor
    unit: Tensor
    lengths: Tensor
    is_mark: Tensor
    starts: Tensor
    ends: Tensor


def likeliest(
    network: PointerNetwork, reading: Reading, tables: Tables, limits: Limits, *, n: int, beams: int, most: int
) -> list[list[Beam]]:
    """Return for each source 1 to n or `beams` titles, finished ones first and each by mean log-probability.

    A title is never empty, within its room, holds no token more than _MOST_REPEATS times and no pair of words twice.
    Titles that reach `most` tokens stay unfinished. A source is done with as soon as its n-th best finished title
    beats the best unfinished one; what stands beside it in the batch changes nothing.
    """
    with torch.inference_mode():
        search = _Search(
            network, reading, tables, limits, n_wanted=n, n=max(n, beams), most=min(most, MOST_WRITTEN - 1)
        )
        return search.run()


class _Search:
    """One batch's search; b sources, n beams, w slots, t tokens written so far."""

    def __init__(
        self,
        network: PointerNetwork,
        reading: Reading,
        tables: Tables,
        limits: Limits,
        *,
        n_wanted: int,
        n: int,
        most: int,
    ) -> None:
        self._network, self._tables = network, tables
        self._n_wanted, self._n, self._most = n_wanted, n, most
        device = tables.grams.device
        self._reading = reading
        self._slots, self._tokens = _slots(self._reading.sources, tables.n_known_titles)
        self._room, self._is_mark = limits.room, limits.is_mark[self._tokens]
        self._starts, self._ends = limits.starts[self._tokens], limits.ends[self._tokens]
        self._lengths = limits.lengths[limits.unit[:, None], self._tokens]
        b, s = self._reading.sources.keys.shape
        self._scores = torch.full((b, n), _OUT, device=device)
        self._scores[:, 0] = 0.0  # all beams begin alike: one is enough
        self._used_room = torch.zeros(b, n, dtype=self._lengths.dtype, device=device)
        self._history = torch.zeros(b, n, 0, dtype=torch.long, device=device)
        self._follows = torch.zeros(b, n, s, dtype=torch.bool, device=device)
        self._seen = torch.zeros(b, n, s, dtype=torch.bool, device=device)
        d, heads = network.size.width, network.size.heads
        empty = torch.zeros(b * n, heads, 0, d // heads, device=device)
        self._caches = [(empty, empty) for _ in network.decoders]
        self._ended = torch.full((b, n), _OUT, device=device)  # mean log-probabilities of finished titles
        self._endings = torch.zeros(b, n, most, dtype=torch.long, device=device)

    def run(self) -> list[list[Beam]]:
        """Search until every source has its n, or the longest title is reached."""
        last = torch.full_like(self._scores, START, dtype=torch.long)
        for step in range(self._most + 1):
            log_probas = self._log_probas(last, step)
            parents, slots = self._grown(self._allowed(log_probas, step), step)
            if step == self._most or bool((self._scores == _OUT).all()):
                break
            self._move(parents, slots)
            last = self._tokens.gather(1, slots)
        return [self._best(b) for b in range(len(self._scores))]

    def _log_probas(self, last: Tensor, step: int) -> Tensor:
        """Return (b, n, w) log-probabilities of what follows each beam's last token."""
        b, n = last.shape
        states = self._network.token_states(
            last.reshape(b * n, 1), torch.full_like(last.reshape(b * n, 1), step), self._tables
        )
        for i, (layer, crossed) in enumerate(zip(self._network.decoding(), self._reading.crossed, strict=True)):
            states, self._caches[i] = layer.write(states, crossed, self._reading.bias, self._caches[i], n)
        states = self._network.final_norm(states).view(b, n, -1)
        hint, self._follows, self._seen = next_hints(
            self._reading.sources, self._tables.key_of[last], self._follows, self._seen
        )
        return self._mixed(self._network.said(states, self._reading, hint))

    def _mixed(self, written: Written) -> Tensor:
        """Add up for every slot the ways to write it."""
        copies = (written.points[..., None] * written.changes).flatten(2)
        b, n, _ = copies.shape
        mass = torch.zeros(b, n, self._tokens.shape[1] + 1, device=copies.device)  # the last takes what is no token
        mass.scatter_add_(2, self._slots.flatten(1)[:, None].expand(-1, n, -1), copies)
        mixed = written.log_copy + mass[..., :-1].clamp(min=_LEAST).log()
        known = self._tables.n_known_titles
        mixed[..., :known] = torch.logaddexp(mixed[..., :known], written.log_write + written.logits.log_softmax(-1))
        return mixed

    def _allowed(self, log_probas: Tensor, step: int) -> Tensor:
        """Take out what may not follow."""
        log_probas[..., [START, UNKNOWN]] = _OUT
        log_probas[..., self._network.logits.out_features :].masked_fill_(self._no_token()[:, None], _OUT)
        if not step:
            log_probas[..., END] = _OUT
        else:
            self._take_out_repeats(log_probas)
            ends = self._ends.gather(1, self._history[..., -1])
            log_probas.masked_fill_(ends[..., None] * self._starts[:, None] > 1, _OUT)  # two words would be one
        too_long = self._used_room[..., None] + self._lengths[:, None] > self._room[:, None, None]
        if not step:  # a title is never empty, however little room there is
            too_long &= (~too_long & (log_probas > _OUT)).any(-1, keepdim=True)
        return log_probas.masked_fill_(too_long, _OUT)

    def _no_token(self) -> Tensor:
        return self._tokens[:, self._network.logits.out_features :] == END  # padding of rows with fewer slots

    def _take_out_repeats(self, log_probas: Tensor) -> None:
        history, b = self._history, len(self._history)
        marks = self._is_mark.gather(1, history.flatten(1)).view(history.shape)
        often = (history[..., :, None] == history[..., None, :]).sum(-1) >= _MOST_REPEATS
        again = history == history[..., -1:]  # what stood after the last token before, and that token itself
        again[..., 1:] |= history[..., :-1] == history[..., -1:]
        out = torch.zeros_like(history, dtype=log_probas.dtype).masked_fill((often | again) & ~marks, _OUT)
        log_probas.scatter_add_(2, history.view(b, self._n, -1), out)

    def _grown(self, log_probas: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Make the n best living beams of the old ones, put aside what ended; return (b, n) parents and slots.

        2 n continuations suffice: each beam has one end. At the last step only ends count.
        """
        _, n, w = log_probas.shape
        totals, at = (self._scores[..., None] + log_probas).flatten(1).topk(2 * n, dim=1)
        parents, slots = at // w, at % w
        is_end = slots == END
        ends = (totals / (step + 1)).masked_fill(~is_end, _OUT)
        ends[:, n:] = _OUT
        kept, which = torch.cat([self._ended, ends], dim=1).topk(n, dim=1)
        if step:
            histories = self._history.gather(1, parents[..., None].expand(-1, -1, step))
            histories = torch.nn.functional.pad(histories, (0, self._most - step))
            endings = torch.cat([self._endings, histories], dim=1)
            self._endings = endings.gather(1, which[..., None].expand(-1, -1, self._most))
            self._ended = kept
        if step == self._most:
            return parents, slots
        totals = totals.masked_fill(is_end, _OUT)
        self._scores, alive = totals.topk(n, dim=1)
        is_done = self._ended[:, self._n_wanted - 1] > self._scores[:, 0] / (step + 1)  # -inf beats nothing
        self._scores = self._scores.masked_fill(is_done[:, None], _OUT)
        return parents.gather(1, alive), slots.gather(1, alive)

    def _move(self, parents: Tensor, slots: Tensor) -> None:
        """Let the beams go on from their parents."""
        b, n = parents.shape
        rows = (torch.arange(b, device=parents.device)[:, None] * n + parents).flatten()
        self._caches = [(keys[rows], values[rows]) for keys, values in self._caches]
        wide = parents[..., None].expand(-1, -1, self._seen.shape[-1])
        self._follows, self._seen = self._follows.gather(1, wide), self._seen.gather(1, wide)
        self._used_room = self._used_room.gather(1, parents) + self._lengths.gather(1, slots)
        old = self._history.gather(1, parents[..., None].expand(-1, -1, self._history.shape[-1]))
        self._history = torch.cat([old, slots[..., None]], dim=2)

    def _best(self, b: int) -> list[Beam]:
        tokens = self._tokens[b].tolist()
        lines = []
        for mean, ending in zip(self._ended[b].tolist(), self._endings[b].tolist(), strict=True):
            if mean > _OUT:
                ids = [slot for slot in ending if slot]  # slot 0 is START, which nobody writes: padding
                lines.append(
                    Beam(tokens=tuple(tokens[i] for i in ids), log_proba=mean * (len(ids) + 1), is_finished=True)
                )
        for total, history in zip(self._scores[b].tolist(), self._history[b].tolist(), strict=True):
            if total > _OUT and history:
                lines.append(Beam(tokens=tuple(tokens[i] for i in history), log_proba=total, is_finished=False))
        return lines[: self._n]


def _slots(sources: Sources, n_known: int) -> tuple[Tensor, Tensor]:
    """Return (b, s, N_VARIANTS) slots that copying fills and (b, w) the title token of each slot, END where padded.

    The first n_known slots are the vocabulary. What is no token gets slot w.
    """
    written = sources.written.flatten(1).tolist()
    numbers: list[dict[int, int]] = []
    for row in written:
        numbers.append({})
        for token in row:
            if token >= n_known:
                numbers[-1].setdefault(token, n_known + len(numbers[-1]))
    w = n_known + max(map(len, numbers))
    slots = [
        [w if token < 0 else own.get(token, token) for token in row] for row, own in zip(written, numbers, strict=True)
    ]
    tokens = [[*own, *[END] * (w - n_known - len(own))] for own in numbers]
    device = sources.keys.device
    known = torch.arange(n_known, device=device).expand(len(numbers), -1)
    unknown = torch.tensor(tokens, dtype=torch.long, device=device).view(len(numbers), -1)
    return torch.tensor(slots, device=device).view(sources.written.shape), torch.cat([known, unknown], dim=1)

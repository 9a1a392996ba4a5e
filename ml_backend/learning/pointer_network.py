"""A small encoder–decoder transformer that writes a word of its vocabulary or points at a word of its source.

Source: See, Liu & Manning 2017, "Get To The Point" (the switch between writing and copying); Vaswani et al. 2017 (the
transformer, here with norms before its layers). We depart from both: a copied word may change its case and lose its
blank, unknown words are hashed n-grams, and copying is told which source words follow those just written, a hint that
attention would need thousands of titles to learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ml_backend.learning.pointer_batches import Sources, Tables
from ml_backend.learning.pointer_source import MOST_PLACES
from ml_backend.learning.pointer_tokens import N_BUCKETS, N_SHAPES, N_VARIANTS

MOST_WRITTEN = 96  # title tokens, the end included
_N_HINTS = 3
_NEVER = -1e4  # a logit that no softmax sees, also in half precision
_LEAST = 1e-9  # keeps logarithms finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a network is: widths, layers of encoder and decoder, and dropout while it learns."""

    width: int = 256
    heads: int = 4
    inner: int = 768
    encoders: int = 2
    decoders: int = 2
    dropout: float = 0.15


@dataclass(frozen=True, slots=True)
class Reading:
    """Sources that were read: states (b, s, d), each decoder layer's keys and values of them, and copying keys."""

    sources: Sources
    crossed: list[tuple[Tensor, Tensor]]
    pointed: Tensor
    changes: Tensor
    bias: Tensor

    def rows(self, numbers: Tensor) -> Reading:
        """Return the reading of some sources, in the order of their row numbers."""
        return Reading(
            sources=self.sources.rows(numbers),
            crossed=[(keys[numbers], values[numbers]) for keys, values in self.crossed],
            pointed=self.pointed[numbers],
            changes=self.changes[numbers],
            bias=self.bias[numbers],
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What may be written next: logits (b, t, titles), log P(copy) and log P(write) (b, t, 1), and copying.

    points: (b, t, s), P(source token | copy); changes: (b, t, s, N_VARIANTS), P(variant | copy, source token).
    """

    logits: Tensor
    log_copy: Tensor
    log_write: Tensor
    points: Tensor
    changes: Tensor


class Attention(nn.Module):
    """Scaled dot-product attention; written out, because torch's fused one is slow to train on processors."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self._heads = heads
        self.ask, self.tell, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)

    def told(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of states, (b, heads, s, d / heads) each."""
        keys, values = self.tell(states).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def forward(self, states: Tensor, told: tuple[Tensor, Tensor], bias: Tensor | None) -> Tensor:
        """Return (b, t, d) of what states (b, t, d) find; bias is added to the (b, heads, t, s) weights."""
        keys, values = told
        asked = self._split(self.ask(states)) * keys.shape[-1] ** -0.5
        weights = asked @ keys.transpose(-1, -2)
        weights = (weights if bias is None else weights + bias).softmax(dim=-1)
        mixed: Tensor = self.out((weights.to(values.dtype) @ values).transpose(1, 2).flatten(2))
        return mixed

    def _split(self, states: Tensor) -> Tensor:
        return states.view(*states.shape[:2], self._heads, -1).transpose(1, 2)


class RowDropout(nn.Module):
    """Dropout with one mask for all tokens of a row (Gal & Ghahramani 2016): a mask for each is slow to draw."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share

    def forward(self, states: Tensor) -> Tensor:
        """Return states (b, t, d), some of the d put out for a whole row."""
        if not self.training or not self._share:
            return states
        mask = torch.empty(states.shape[0], 1, states.shape[-1], dtype=states.dtype, device=states.device)
        return states * mask.bernoulli_(1 - self._share) / (1 - self._share)


class Layer(nn.Module):
    """A layer of the encoder or, with a look at the source, of the decoder."""

    def __init__(self, size: Size, *, looks: bool) -> None:
        super().__init__()
        self.itself = Attention(size.width, size.heads)
        if looks:
            self.source = Attention(size.width, size.heads)
        self.norms = nn.ModuleList(nn.LayerNorm(size.width) for _ in range(3 if looks else 2))
        self.inner, self.outer = nn.Linear(size.width, size.inner), nn.Linear(size.inner, size.width)
        self.drop = RowDropout(size.dropout)

    def read(self, states: Tensor, bias: Tensor) -> Tensor:
        """Return the encoder's next states."""
        normed = self.norms[0](states)
        states = states + self.drop(self.itself(normed, self.itself.told(normed), bias))
        return self._thought(states)

    def looked_at(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return the keys and values that the decoder's layer needs of the source's states."""
        return self.source.told(states)

    def write(
        self,
        states: Tensor,
        crossed: tuple[Tensor, Tensor],
        bias: Tensor,
        cache: tuple[Tensor, Tensor] | None,
        beams: int,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the decoder's next states and its own keys and values so far.

        Without a cache, states are whole titles (b, t, d). With one, they are the newest tokens (b * beams, 1, d), and
        the beams of a source look at it together, as (b, beams, d).
        """
        normed = self.norms[0](states)
        told = self.itself.told(normed)
        if cache is not None:
            told = torch.cat([cache[0], told[0]], dim=2), torch.cat([cache[1], told[1]], dim=2)
        states = states + self.drop(self.itself(normed, told, _causal(states) if cache is None else None))
        asking = self.norms[2](states)
        if cache is not None:
            asking = asking.view(-1, beams, asking.shape[-1])
        found = self.source(asking, crossed, bias).view(states.shape)
        return self._thought(states + self.drop(found)), told

    def _thought(self, states: Tensor) -> Tensor:
        inner = functional.gelu(self.inner(self.norms[1](states)))
        thought: Tensor = states + self.drop(self.outer(inner))
        return thought


class PointerNetwork(nn.Module):
    """Reads Sources, then says token by token what a title goes on with."""

    def __init__(self, size: Size, *, n_titles: int, n_keys: int, n_fields: int) -> None:
        super().__init__()
        d = size.width
        self.size = size
        self.words = nn.Embedding(n_keys, d)
        self.grams = nn.EmbeddingBag(N_BUCKETS, d, mode="mean", padding_idx=0)
        self.shapes, self.fields = nn.Embedding(N_SHAPES, d), nn.Embedding(n_fields, d)
        self.places, self.steps = nn.Embedding(MOST_PLACES, d), nn.Embedding(MOST_WRITTEN, d)
        self.start = nn.Parameter(torch.zeros(d))
        self.read_norm, self.write_norm, self.final_norm = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.source_norm = nn.LayerNorm(d)
        self.encoders = nn.ModuleList(Layer(size, looks=False) for _ in range(size.encoders))
        self.decoders = nn.ModuleList(Layer(size, looks=True) for _ in range(size.decoders))
        self.logits = nn.Linear(d, n_titles)
        self.ask, self.tell = nn.Linear(d, d), nn.Linear(d, d)
        self.hint = nn.Linear(d, _N_HINTS)
        self.switch = nn.Linear(2 * d, 1)
        self.change_asked, self.change_told = nn.Linear(d, N_VARIANTS), nn.Linear(d, N_VARIANTS)
        self.change_by_shape = nn.Embedding(N_SHAPES, N_VARIANTS)
        self.drop = RowDropout(size.dropout)
        self._begin()

    def _begin(self) -> None:
        for table in (self.words, self.grams, self.shapes, self.fields, self.places, self.steps):
            nn.init.normal_(table.weight, std=0.5)
        nn.init.normal_(self.logits.weight, std=0.02)
        nn.init.zeros_(self.hint.weight)
        nn.init.zeros_(self.change_by_shape.weight)
        with torch.no_grad():  # what follows is likely next, and what was written is not
            self.hint.bias.copy_(torch.tensor([2.0, 2.0, -1.0]))

    def encoding(self) -> list[Layer]:
        """Return the encoder's layers."""
        return cast("list[Layer]", list(self.encoders))

    def decoding(self) -> list[Layer]:
        """Return the decoder's layers."""
        return cast("list[Layer]", list(self.decoders))

    def embedded(self, keys: Tensor, tables: Tables, forgets: float = 0.0) -> Tensor:
        """Return (…, d) of keys; those below 0 get nothing. forgets: the share of words that are taken for unknown."""
        met, at = torch.unique(keys.clamp(min=0), return_inverse=True)
        known = torch.where(met < tables.n_known_keys, met, 0)
        if forgets:
            known = known.masked_fill(torch.rand(known.shape, device=known.device) < forgets, 0)
        vectors: Tensor = self.words(known) + self.grams(tables.grams[met])
        return functional.embedding(at, vectors) * (keys >= 0)[..., None]

    def read(self, sources: Sources, tables: Tables, forgets: float = 0.0) -> Reading:
        """Encode sources."""
        states = self.embedded(sources.keys, tables, forgets) + self.shapes(sources.shapes)
        states = self.drop(self.read_norm(states + self.fields(sources.fields) + self.places(sources.places)))
        bias = torch.zeros(sources.keys.shape, device=states.device).masked_fill(~sources.is_there, _NEVER)
        bias = bias[:, None, None, :]
        for layer in self.encoding():
            states = layer.read(states, bias)
        states = self.source_norm(states)
        changes = self.change_told(states).float() + self.change_by_shape(sources.shapes)
        return Reading(
            sources=sources,
            crossed=[layer.looked_at(states) for layer in self.decoding()],
            pointed=self.tell(states).float(),
            changes=changes.masked_fill(sources.written < 0, _NEVER),
            bias=bias,
        )

    def token_states(self, tokens: Tensor, steps: Tensor, tables: Tables, forgets: float = 0.0) -> Tensor:
        """Return what the decoder sees of previous tokens (…) at their steps."""
        keys = tables.key_of[tokens]
        states = self.embedded(keys, tables, forgets) + self.shapes(tables.shape_of[tokens])
        states = torch.where((keys < 0)[..., None], self.start.to(states.dtype), states)
        normed: Tensor = self.drop(self.write_norm(states + self.steps(steps)))
        return normed

    def written(self, reading: Reading, before: Tensor, tables: Tables, forgets: float = 0.0) -> Written:
        """Return what may be written after each of the previous tokens (b, t) of whole titles."""
        steps = torch.arange(before.shape[1], device=before.device).expand_as(before)
        states = self.token_states(before, steps, tables, forgets)
        for layer, crossed in zip(self.decoding(), reading.crossed, strict=True):
            states, _ = layer.write(states, crossed, reading.bias, None, 1)
        return self.said(self.final_norm(states), reading, hints(reading.sources, tables.key_of[before]))

    def said(self, states: Tensor, reading: Reading, hint: Tensor) -> Written:
        """Return what states (b, t, d) say, with hints (b, t, s, _N_HINTS)."""
        states = self.drop(states)
        asked = self.ask(states).float()
        scores = asked @ reading.pointed.transpose(1, 2) / asked.shape[-1] ** 0.5
        scores = scores + torch.einsum("btsh,bth->bts", hint, self.hint(states).float()) + reading.bias[:, 0]
        points = scores.softmax(dim=-1)
        found = points @ reading.pointed
        switch = self.switch(torch.cat([states.float(), found], dim=-1).to(states.dtype)).float()
        changes = self.change_asked(states).float()[:, :, None] + reading.changes[:, None]
        return Written(
            logits=self.logits(states).float(),
            log_copy=functional.logsigmoid(switch),
            log_write=functional.logsigmoid(-switch),
            points=points,
            changes=changes.softmax(dim=-1),
        )


def _causal(states: Tensor) -> Tensor:
    """Return the (t, t) bias that hides what comes later."""
    t = states.shape[1]
    return torch.full((t, t), _NEVER, device=states.device, dtype=states.dtype).triu(1)


def hints(sources: Sources, previous: Tensor) -> Tensor:
    """Return (b, t, s, _N_HINTS) of what copying may want to know, for previous keys (b, t) of whole titles.

    They say: follows the token just written; follows the last two; was written already.
    """
    last = sources.keys[:, None, :] == previous[:, :, None]
    follows = _shifted(last, sources)
    both = _shifted(last & functional.pad(follows[:, :-1], (0, 0, 1, 0)), sources)
    used = last.int().cummax(dim=1).values.bool()
    return torch.stack([follows, both, used], dim=-1).float()


def next_hints(sources: Sources, last: Tensor, follows: Tensor, used: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return hints (b, n, s, _N_HINTS) for n beams' last keys (b, n), with new `follows` and `used` (b, n, s)."""
    same = sources.keys[:, None, :] == last[:, :, None]
    both, follows, used = _shifted(same & follows, sources), _shifted(same, sources), used | same
    return torch.stack([follows, both, used], dim=-1).float(), follows, used


def copied(written: Written, sources: Sources, tokens: Tensor) -> Tensor:
    """Return (b, t, s): P(copy source token s as what stands in tokens (b, t) | copy)."""
    is_it = sources.written[:, None] == tokens[:, :, None, None]
    return written.points * (written.changes * is_it).sum(dim=-1)


def log_probas(written: Written, sources: Sources, tokens: Tensor, n_known: int) -> Tensor:
    """Return (b, t), log P of tokens (b, t); below log(_LEAST) for what can neither be written nor copied."""
    copy = written.log_copy[..., 0] + copied(written, sources, tokens).sum(dim=-1).clamp(min=_LEAST).log()
    within = tokens.clamp(min=0, max=n_known - 1)
    logits = written.logits.gather(-1, within[..., None])[..., 0] - written.logits.logsumexp(dim=-1)
    write = (written.log_write[..., 0] + logits).masked_fill(tokens != within, float("-inf"))
    return torch.logaddexp(copy, write)


def entropies(written: Written) -> Tensor:
    """Return (b, t), the entropy in nats of each step: write or copy, then which known token or which source token."""
    log_written = written.logits.log_softmax(dim=-1)
    of_writing = -(log_written.exp() * log_written).sum(dim=-1)
    of_copying = -(written.points * written.points.clamp(min=_LEAST).log()).sum(dim=-1)
    write, copy = written.log_write[..., 0], written.log_copy[..., 0]
    return write.exp() * (of_writing - write) + copy.exp() * (of_copying - copy)


def _shifted(flags: Tensor, sources: Sources) -> Tensor:
    """Move flags (b, t, s) on to the source token that goes on from the flagged one."""
    return functional.pad(flags[..., :-1], (1, 0)) & sources.goes_on[:, None, :]

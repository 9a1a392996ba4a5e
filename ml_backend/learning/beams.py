"""Beam search for many prompts at once, with the beams of one prompt as a tree in one row of the key-value cache.

Every step feeds the newest token of each of a prompt's beams side by side; a mask lets a token see its prompt and its
own ancestors only. So prompts are read and kept once instead of once per beam, and no cache is ever reordered: that is
most of the cost of the usual search on a processor. Nor does a beam go round in circles (see `goes_round`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ml_backend.learning import devices

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


# (run, times): no run of so many tokens is said so often; what titles do repeat, a word or a size, stays below.
_RUNS = ((3, 3), (8, 2))
_SPARE = 3  # options looked at beyond those that can be taken, in place of what would go round


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """A continuation of a prompt, without its end token; log_proba is summed over its tokens and its end."""

    tokens: tuple[int, ...]
    log_proba: float
    is_finished: bool

    @property
    def mean_log_proba(self) -> float:
        """Return the mean over tokens, the end token counted where there is one."""
        return self.log_proba / (len(self.tokens) + self.is_finished)


def likeliest(
    model: PreTrainedModel, prompts: Sequence[Sequence[int]], n: int, most_tokens: int, stops: Collection[int]
) -> list[list[Beam]]:
    """Return for each prompt up to n continuations, finished ones first and each by mean log-probability.

    A continuation ends before the first token of `stops` and is never empty; those that reach most_tokens stay
    unfinished. A prompt is done with as soon as its n-th best finished continuation is as good as its best unfinished
    one: no earlier, or poor early endings would stand in for what was about to be said. For n = 1 that is at the first
    end, as in greedy decoding. What stands beside a prompt in the batch changes nothing.
    """
    import torch

    with torch.inference_mode():
        return _Search(model, prompts, n, most_tokens, frozenset(stops)).run()


def goes_round(tokens: tuple[int, ...], token: int) -> bool:
    """Say whether a token would end a run that was said often enough before."""
    longer = (*tokens, token)
    for run, times in _RUNS:
        last = longer[-run:]
        said = sum(longer[i : i + run] == last for i in range(len(longer) - run + 1))
        if said >= times:
            return True
    return False


class _Search:
    """One batch's search; (b, n) stand for prompts and beams throughout."""

    def __init__(
        self, model: PreTrainedModel, prompts: Sequence[Sequence[int]], n: int, most_tokens: int, stops: frozenset[int]
    ) -> None:
        import torch

        self._model, self._n, self._most_tokens, self._stops = model, n, most_tokens, stops
        self._device = next(model.parameters()).device
        longest = max(map(len, prompts))
        self._ids = torch.tensor([[0] * (longest - len(p)) + list(p) for p in prompts], device=self._device)
        self._mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=self._device)
        self._lengths = self._mask.sum(dim=1)
        self._searching = list(range(len(prompts)))  # the prompts that the rows of all tensors belong to
        self._alive: list[list[Beam]] = [[] for _ in prompts]
        self._finished: list[list[Beam]] = [[] for _ in prompts]  # up to n of a prompt, the best first

    def run(self) -> list[list[Beam]]:
        """Search until every prompt is done with, or the longest title is reached."""
        import torch

        parents, tokens = self._first_step()
        seen = torch.zeros(len(self._ids), self._n, 0, dtype=torch.bool, device=self._device)
        for depth in range(self._most_tokens - 1):
            going = [row for row, b in enumerate(self._searching) if not self._is_done(b)]
            if not going:
                break
            if len(going) <= len(self._searching) // 2:
                rows = torch.tensor(going, device=self._device)
                parents, tokens, seen = parents[rows], tokens[rows], seen[rows]
                self._keep(going, rows)
            rows = torch.arange(len(self._searching), device=self._device)[:, None]
            itself = torch.eye(self._n, dtype=torch.bool, device=self._device).expand(len(rows), -1, -1)
            seen = torch.cat([seen[rows, parents], itself], dim=2)
            parents, tokens = self._grown(self._log_probas(tokens, seen, depth))
        return [self._best(b) for b in range(len(self._finished))]

    def _is_done(self, b: int) -> bool:
        finished, alive = self._finished[b], self._alive[b]
        return len(finished) == self._n and finished[-1].mean_log_proba >= alive[0].mean_log_proba

    def _keep(self, going: Sequence[int], rows: torch.Tensor) -> None:
        """Go on with some rows only: the prompts of the others are done with."""
        self._searching = [self._searching[row] for row in going]
        self._mask, self._lengths = self._mask[rows], self._lengths[rows]
        self._cache.batch_select_indices(rows)

    def _first_step(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Read the prompts; every beam begins with another token, and none is empty."""
        log_probas = self._read_prompts().float().log_softmax(dim=-1)
        log_probas[..., list(self._stops)] = -float("inf")
        self._alive = [[Beam(tokens=(), log_proba=0.0, is_finished=False)] for _ in self._alive]
        return self._grown(log_probas)

    def _read_prompts(self) -> torch.Tensor:
        """Fill the cache, some prompts at a time; return (b, 1, vocabulary) logits of what follows."""
        import torch

        from ml_backend.learning.grouped_attention import joined, roomy_cache

        positions = (self._mask.cumsum(dim=1) - 1).clamp(min=0)
        size = max(1, devices.prompt_tokens_at_once() // self._ids.shape[1])
        caches, logits = [], []
        for ids, mask, own in zip(*(torch.split(x, size) for x in (self._ids, self._mask, positions)), strict=True):
            caches.append(roomy_cache())
            out = self._model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=own,
                past_key_values=caches[-1],
                use_cache=True,
                logits_to_keep=1,
            )
            logits.append(out.logits[:, -1:])
        self._cache = joined(caches)
        return torch.cat(logits)

    def _log_probas(self, tokens: torch.Tensor, seen: torch.Tensor, depth: int) -> torch.Tensor:
        """Return (b, n, vocabulary) log-probabilities of what follows each beam."""
        import torch

        dtype = self._model.dtype
        sees = torch.cat([self._mask.bool()[:, None, :].expand(-1, self._n, -1), seen], dim=2)
        bias = torch.zeros(sees.shape, dtype=dtype, device=self._device).masked_fill(~sees, torch.finfo(dtype).min)
        out = self._model(
            input_ids=tokens,
            attention_mask=bias[:, None],
            position_ids=(self._lengths + depth)[:, None].expand(-1, self._n),
            past_key_values=self._cache,
            use_cache=True,
        )
        return out.logits.float().log_softmax(dim=-1)  # type: ignore[no-any-return]

    def _grown(self, log_probas: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Make each prompt's n best living beams of the old ones, and put aside what ended.

        Returns (b, n) parents (which old beam) and tokens. n + the number of ends looks at each beam suffice, but for
        those that go round, which are taken only when nothing else is left. A prompt that is done with stays as it is.
        """
        import torch

        most = min(self._n + len(self._stops) + _SPARE, log_probas.shape[-1])
        values, tokens = (x.tolist() for x in log_probas.topk(most, dim=-1))
        parents, newest = [], []
        for row, b in enumerate(self._searching):
            if self._is_done(b):
                parents.append(list(range(self._n)))
                newest.append([0] * self._n)
                continue
            old = self._alive[b]
            options = sorted(
                (
                    (beam.log_proba + value, i, token)
                    for i, beam in enumerate(old)
                    for value, token in zip(values[row][i], tokens[row][i], strict=True)
                ),
                key=lambda option: -option[0],
            )
            alive = self._chosen(b, options)
            self._alive[b] = [
                Beam(tokens=(*old[i].tokens, token), log_proba=total, is_finished=False) for total, i, token in alive
            ]
            parents.append([i for _, i, _ in alive])
            newest.append([token for _, _, token in alive])
        return torch.tensor(parents, device=self._device), torch.tensor(newest, device=self._device)

    def _chosen(self, b: int, options: Sequence[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
        """Return the n options that live on, of (log-probability, beam, token) best first; put aside those that end."""
        old, finished = self._alive[b], list(self._finished[b])
        alive: list[tuple[float, int, int]] = []
        circling: list[tuple[float, int, int]] = []
        for total, i, token in options:
            if len(alive) == self._n:
                break
            if token in self._stops:
                finished.append(Beam(tokens=old[i].tokens, log_proba=total, is_finished=True))
            elif goes_round(old[i].tokens, token):
                circling.append((total, i, token))
            else:
                alive.append((total, i, token))
        self._finished[b] = sorted(finished, key=lambda beam: -beam.mean_log_proba)[: self._n]
        return [*alive, *circling][: self._n]

    def _best(self, b: int) -> list[Beam]:
        unfinished = sorted(self._alive[b], key=lambda beam: -beam.mean_log_proba)
        return [*self._finished[b], *unfinished][: self._n]

"""The course of a pointer network's training, from warm-up to the best state. Knows ids only."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ml_backend.learning.curves import TRAINING_LOSS, Curve, unheard
from ml_backend.learning.foretelling import Foretold
from ml_backend.learning.pointer_batches import Pair, Sources, Tables, batches, titles_of
from ml_backend.learning.pointer_network import PointerNetwork, Written, log_probas

if TYPE_CHECKING:
    import torch

_LONGEST_GRADIENT = 1.0
_MOST_VALID = 400  # pairs that the loss on valid is measured on after each epoch

Report = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointerPlan:
    """How a pointer network is trained.

    tokens bounds a batch; warm_up is a share of the training; patience counts epochs without a lower valid loss;
    forgets is the share of words shown as unknown, so that copying is learnt; smoothing as in Szegedy et al. 2016.
    """

    tokens: int = 3_000
    learning_rate: float = 1.2e-3
    weight_decay: float = 0.05
    warm_up: float = 0.06
    most_epochs: int = 40
    patience: int = 4
    forgets: float = 0.1
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the network says of a batch's titles.

    log_proba: (b, t), of each token. is_token: (b, t), False for padding; can: (b, t), what can be written or copied.
    """

    written: Written
    log_proba: torch.Tensor
    is_token: torch.Tensor
    can: torch.Tensor


class PointerCourse:
    """Trains a network in place.

    Learning rate and end are set by the share done of steps or of time, whichever is greater, so a time bound still
    cools down.
    """

    def __init__(
        self,
        network: PointerNetwork,
        tables: Tables,
        plan: PointerPlan,
        *,
        minutes: float | None,
        seed: int,
        report: Report,
        dtype: torch.dtype,
        curve: Curve = unheard,
    ) -> None:
        import torch

        self._network, self._tables, self._plan, self._seed = network, tables, plan, seed
        self._report, self._curve = report, curve
        self._limit_s = None if minutes is None else 60 * minutes
        self._random, self._dtype = random.Random(seed), dtype
        decayed = [p for p in network.parameters() if p.dim() > 1]
        others = [p for p in network.parameters() if p.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": plan.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=plan.learning_rate, betas=(0.9, 0.98), fused=True)

    def run(self, pairs: Sequence[Pair], valid: Sequence[Pair]) -> float:
        """Train; leave the state of the lowest loss on valid in the network and return that loss.

        Without valid pairs the last state stays, and the loss is that of the last epoch's training.
        """
        import torch

        devices = [self._tables.grams.device] if self._tables.grams.device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            torch.manual_seed(self._seed)
            self._network.train()
            try:
                return self._epochs(pairs, valid[:_MOST_VALID])
            finally:
                self._network.eval()

    def _epochs(self, pairs: Sequence[Pair], valid: Sequence[Pair]) -> float:
        began, step, without_gain, done = time.monotonic(), 0, 0, 0.0
        best, best_loss = self._state(), float("inf")
        n_steps = self._plan.most_epochs * len(batches(pairs, self._plan.tokens, self._random))
        for epoch in range(1, self._plan.most_epochs + 1):
            losses = []
            for batch in batches(pairs, self._plan.tokens, self._random):
                done = max(step / n_steps, (time.monotonic() - began) / self._limit_s if self._limit_s else 0.0)
                if done >= 1:
                    break
                losses.append(self._step(batch, done))
                step += 1
                self._curve(TRAINING_LOSS, step, losses[-1])
                self._report(done, f"epoch {epoch}, loss {losses[-1]:.3f}")
            loss = self._loss_on(valid, step) if valid else sum(losses) / max(len(losses), 1)
            self._report(min(done, 1.0), f"epoch {epoch} ended, {'valid' if valid else 'training'} loss {loss:.3f}")
            if loss < best_loss or not valid:
                best, best_loss, without_gain = self._state(), loss, 0
            else:
                without_gain += 1
            if done >= 1 or without_gain >= self._plan.patience:
                break
        self._network.load_state_dict(best)
        return best_loss

    def _step(self, batch: Sequence[Pair], done: float) -> float:
        """Take one step at the learning rate that belongs to the share done; return the loss before it."""
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.learning_rate * min(1.0, (done + 1e-3) / self._plan.warm_up) * (1 - done)
        summed, n_tokens = self._summed_loss(batch, self._plan.forgets, self._plan.smoothing)
        (summed / n_tokens).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), _LONGEST_GRADIENT)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return summed.item() / n_tokens

    def _loss_on(self, pairs: Sequence[Pair], step: int) -> float:
        """Return the mean loss of a title token, and tell what is made of the titles after a step."""
        import torch

        self._network.eval()
        foretold = Foretold()
        with torch.no_grad():
            for batch in batches(pairs, self._plan.tokens, random.Random(0)):
                said = self._said(batch)
                foretold.add(-said.log_proba, said.is_token, said.can)
        self._network.train()
        foretold.tell(self._curve, step)
        return foretold.loss

    def _summed_loss(self, batch: Sequence[Pair], forgets: float, smoothing: float) -> tuple[torch.Tensor, int]:
        """Return the summed loss of the title tokens that can be written or copied, and their number."""
        said = self._said(batch, forgets)
        loss = -said.log_proba[said.can].sum()
        if smoothing:
            even = said.written.logits.log_softmax(-1).mean(-1)[said.can]
            loss = (1 - smoothing) * loss - smoothing * even.sum()
        return loss, max(int(said.can.sum()), 1)

    def _said(self, batch: Sequence[Pair], forgets: float = 0.0) -> _Said:
        """Read the sources and say how likely their titles are."""
        import torch

        device = self._tables.grams.device
        sources = Sources.of(batch, device)
        before, after = titles_of([pair.title for pair in batch], device)
        with torch.autocast(device.type, self._dtype, enabled=self._dtype != torch.float32):
            reading = self._network.read(sources, self._tables, forgets)
            written = self._network.written(reading, before, self._tables, forgets)
        known = self._tables.n_known_titles
        can = (after >= 0) & ((after < known) | (sources.written[:, None] == after[:, :, None, None]).any(-1).any(-1))
        log_proba = log_probas(written, sources, after, known)
        return _Said(written=written, log_proba=log_proba, is_token=after >= 0, can=can)

    def _state(self) -> dict[str, torch.Tensor]:
        return {name: value.detach().clone() for name, value in self._network.state_dict().items()}

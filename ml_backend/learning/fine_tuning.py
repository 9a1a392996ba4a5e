"""Training an adapter on title tokens: the course of one training, from warm-up to the best state.

Knows token ids and a base model; what they mean is the titler's affair.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_BATCHES_PER_BUCKET = 8  # so many batches are sorted by length together: little padding, yet order stays random
_LONGEST_GRADIENT = 1.0

Report = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """How an adapter is trained.

    warm_up is a share of the training; patience counts epochs without a lower valid loss. No dropout: drawing its
    masks takes a third of a step on a processor, and early stopping does its work.
    """

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    targets: str = "all-linear"
    batch: int = 8
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.06
    most_epochs: int = 8
    patience: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One training pair as token ids; the title ends with the end token."""

    prompt: list[int]
    title: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.title)


class Course:
    """Trains the parameters of a model that want gradients; the rest of the model stays as it is.

    The optimizer works on float32 copies: a bfloat16 weight would swallow most of its small steps. Learning rate and
    end are set by the share done of steps or of time, whichever is greater, so a time bound still cools down.
    """

    def __init__(
        self, model: PreTrainedModel, plan: TrainingPlan, *, minutes: float | None, seed: int, report: Report
    ) -> None:
        import torch

        self._model, self._plan, self._report, self._seed = model, plan, report, seed
        self._limit_s = None if minutes is None else 60 * minutes
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._masters = [p.detach().float().clone() for p in self._parameters]
        self._optimizer = torch.optim.AdamW(self._masters, lr=plan.learning_rate, weight_decay=plan.weight_decay)
        self._random = random.Random(seed)
        self._best, self._best_loss = list(self._masters), float("inf")

    def run(self, pairs: Sequence[Pair], valid: Sequence[Pair]) -> float:
        """Train; leave the parameters of the lowest loss on valid in the model and return that loss.

        Without valid pairs the last state stays, and the loss is that of the last epoch's training.
        """
        import torch

        with torch.random.fork_rng(), self._training_mode():
            torch.manual_seed(self._seed)
            self._epochs(pairs, valid)
        self._write(self._best)
        return self._best_loss

    def _epochs(self, pairs: Sequence[Pair], valid: Sequence[Pair]) -> None:
        began, step, without_gain = time.monotonic(), 0, 0
        n_steps = self._plan.most_epochs * len(_batches(pairs, self._plan.batch, self._random))
        done = 0.0
        for epoch in range(1, self._plan.most_epochs + 1):
            losses = []
            for batch in _batches(pairs, self._plan.batch, self._random):
                done = max(step / n_steps, (time.monotonic() - began) / self._limit_s if self._limit_s else 0.0)
                if done >= 1:
                    break
                losses.append(self._step(batch, done))
                step += 1
                self._report(done, f"epoch {epoch}, loss {losses[-1]:.3f}")
            loss = self._loss_on(valid) if valid else sum(losses) / max(len(losses), 1)
            self._report(min(done, 1.0), f"epoch {epoch} ended, {'valid' if valid else 'training'} loss {loss:.3f}")
            if loss < self._best_loss or not valid:
                self._best, self._best_loss, without_gain = [m.clone() for m in self._masters], loss, 0
            else:
                without_gain += 1
            if done >= 1 or without_gain >= self._plan.patience:
                return

    def _step(self, batch: Sequence[Pair], done: float) -> float:
        """Take one step at the learning rate that belongs to the share done; return the loss before it."""
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.learning_rate * min(1.0, (done + 1e-3) / self._plan.warm_up) * (1 - done)
        loss, n_tokens = self._summed_loss(batch)
        (loss / n_tokens).backward()  # type: ignore[no-untyped-call]
        for master, parameter in zip(self._masters, self._parameters, strict=True):
            master.grad = None if parameter.grad is None else parameter.grad.float()
            parameter.grad = None
        torch.nn.utils.clip_grad_norm_(self._masters, _LONGEST_GRADIENT)
        self._optimizer.step()
        self._write(self._masters)
        return loss.item() / n_tokens

    def _loss_on(self, pairs: Sequence[Pair]) -> float:
        """Return the mean loss of a title token."""
        import torch

        self._model.eval()
        total, n = 0.0, 0
        with torch.no_grad():
            for batch in _batches(pairs, 2 * self._plan.batch, random.Random(0)):
                loss, n_tokens = self._summed_loss(batch)
                total, n = total + loss.item(), n + n_tokens
        self._model.train()
        return total / n

    def _summed_loss(self, batch: Sequence[Pair]) -> tuple[torch.Tensor, int]:
        """Return the summed loss of the title tokens and their number.

        Rows are padded on the left, so titles end together and logits are made for the last columns only.
        """
        import torch

        longest, columns = max(map(len, batch)), max(len(pair.title) for pair in batch)
        rows = [[0] * (longest - len(pair)) + pair.prompt + pair.title for pair in batch]
        device = self._parameters[0].device
        ids = torch.tensor(rows, device=device)
        mask = torch.tensor([[0] * (longest - len(pair)) + [1] * len(pair) for pair in batch], device=device)
        labels = torch.tensor([[-100] * (columns - len(pair.title)) + pair.title for pair in batch], device=device)
        logits = self._model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=(mask.cumsum(dim=1) - 1).clamp(min=0),
            use_cache=False,
            logits_to_keep=columns + 1,
        ).logits[:, :-1]
        loss = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), reduction="sum")
        return loss, sum(len(pair.title) for pair in batch)

    def _write(self, values: Sequence[torch.Tensor]) -> None:
        import torch

        with torch.no_grad():
            for parameter, value in zip(self._parameters, values, strict=True):
                parameter.copy_(value)

    @contextmanager
    def _training_mode(self) -> Iterator[None]:
        self._model.train()
        try:
            yield
        finally:
            self._model.eval()


def _batches(pairs: Sequence[Pair], size: int, rng: random.Random) -> list[list[Pair]]:
    """Return all pairs in batches of like length, in random order."""
    shuffled = rng.sample(list(pairs), len(pairs))
    batches = []
    for start in range(0, len(shuffled), size * _BATCHES_PER_BUCKET):
        bucket = sorted(shuffled[start : start + size * _BATCHES_PER_BUCKET], key=len)
        batches += [bucket[i : i + size] for i in range(0, len(bucket), size)]
    rng.shuffle(batches)
    return batches

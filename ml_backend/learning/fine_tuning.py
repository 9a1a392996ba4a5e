"""Training an adapter on title tokens: the course of one training, from warm-up to the best state.

Knows token ids and a base model; what they mean is the titler's affair. How a stopped course goes on: checkpoints.py.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ml_backend.learning.checkpoints import EVERY_S, CheckpointFile, Place, digest
from ml_backend.learning.curves import TRAINING_LOSS, Curve, unheard
from ml_backend.learning.foretelling import Foretold

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_BATCHES_PER_BUCKET = 8  # so many batches are sorted by length together: little padding, yet order stays random
_LONGEST_GRADIENT = 1.0
_CHECKPOINT = "course.safetensors"

Report = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """How an adapter is trained.

    A step learns from batch × accumulate pairs, of which batch are in memory at a time. warm_up is a share of the
    training; patience counts epochs without a lower valid loss. n_neighbours titles of like products are shown in each
    prompt. No dropout: drawing its masks takes a third of a step on a processor, and early stopping does its work.
    """

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    targets: str = "all-linear"
    batch: int = 8
    accumulate: int = 1
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.06
    most_epochs: int = 8
    patience: int = 2
    n_neighbours: int = 0


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

    With a folder for checkpoints, a course that was stopped goes on from its last one when a new Course runs on the
    same pairs, plan and seed, and ends as it would have without the stop (a time bound apart, for time is never the
    same twice).
    """

    def __init__(
        self,
        model: PreTrainedModel,
        plan: TrainingPlan,
        *,
        minutes: float | None,
        seed: int,
        report: Report,
        curve: Curve = unheard,
        checkpoints: Path | None = None,
        checkpoint_every_s: float = EVERY_S,
    ) -> None:
        import torch

        self._model, self._plan, self._seed = model, plan, seed
        self._report, self._curve = report, curve
        self._limit_s = None if minutes is None else 60 * minutes
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._masters = [p.detach().float().clone() for p in self._parameters]
        self._optimizer = torch.optim.AdamW(self._masters, lr=plan.learning_rate, weight_decay=plan.weight_decay)
        self._random = random.Random(seed)
        self._losses = _losses_of_encoder_decoder if model.config.is_encoder_decoder else _losses
        self._best = list(self._masters)
        self._place = Place()
        self._file = CheckpointFile(checkpoints / _CHECKPOINT, every_s=checkpoint_every_s) if checkpoints else None

    def run(self, pairs: Sequence[Pair], valid: Sequence[Pair]) -> float:
        """Train; leave the parameters of the lowest loss on valid in the model and return that loss.

        Without valid pairs the last state stays, and the loss is that of the last epoch's training.
        """
        import torch

        course = digest(asdict(self._plan), self._seed, [asdict(pair) for pair in (*pairs, *valid)])
        with torch.random.fork_rng(), self._training_mode():
            torch.manual_seed(self._seed)
            self._go_on(course)
            self._epochs(pairs, valid, course)
        self._write(self._best)
        if self._file:
            self._file.delete()
        return self._place.best_loss

    def _epochs(self, pairs: Sequence[Pair], valid: Sequence[Pair], course: str) -> None:
        place, size = self._place, self._plan.batch * self._plan.accumulate
        began = time.monotonic() - place.used_s
        n_steps = self._plan.most_epochs * -(-len(pairs) // size)
        done = 0.0
        while place.epoch <= self._plan.most_epochs:
            place.shuffle = self._random.getstate()
            for batch in _batches(pairs, size, self._random)[place.n_taken :]:
                place.used_s = time.monotonic() - began
                done = max(place.step / n_steps, place.used_s / self._limit_s if self._limit_s else 0.0)
                if done >= 1:
                    break
                place.losses.append(self._step(batch, done))
                place.step, place.n_taken = place.step + 1, place.n_taken + 1
                self._curve(TRAINING_LOSS, place.step, place.losses[-1])
                self._report(done, f"epoch {place.epoch}, loss {place.losses[-1]:.3f}")
                if self._file and self._file.is_due(time.monotonic()):
                    self._file.write(course, place, self._tensors(), now_s=time.monotonic())
            loss = self._loss_on(valid) if valid else sum(place.losses) / max(len(place.losses), 1)
            self._report(
                min(done, 1.0), f"epoch {place.epoch} ended, {'valid' if valid else 'training'} loss {loss:.3f}"
            )
            if loss < place.best_loss or not valid:
                self._best, place.best_loss, place.n_without_gain = [m.clone() for m in self._masters], loss, 0
            else:
                place.n_without_gain += 1
            if done >= 1 or place.n_without_gain >= self._plan.patience:
                return
            place.next_epoch()

    def _step(self, batch: Sequence[Pair], done: float) -> float:
        """Take one step at the learning rate that belongs to the share done; return the loss before it."""
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.learning_rate * min(1.0, (done + 1e-3) / self._plan.warm_up) * (1 - done)
        n_tokens = sum(len(pair.title) for pair in batch)
        total = 0.0
        self._optimizer.zero_grad()
        for start in range(0, len(batch), self._plan.batch):
            loss = self._summed_loss(batch[start : start + self._plan.batch])
            (loss / n_tokens).backward()  # type: ignore[no-untyped-call]
            total += loss.item()
            self._collect_gradients()
        torch.nn.utils.clip_grad_norm_(self._masters, _LONGEST_GRADIENT)
        self._optimizer.step()
        self._write(self._masters)
        return total / n_tokens

    def _summed_loss(self, batch: Sequence[Pair]) -> torch.Tensor:
        """Return the summed loss of the title tokens."""
        losses, _is_token = self._losses(self._model, batch)
        return losses.sum()

    def _collect_gradients(self) -> None:
        """Add the parameters' gradients to those of their float32 copies."""
        for master, parameter in zip(self._masters, self._parameters, strict=True):
            if parameter.grad is not None:
                gradient = parameter.grad.float()
                master.grad = gradient if master.grad is None else master.grad.add_(gradient)
                parameter.grad = None

    def _tensors(self) -> dict[str, torch.Tensor]:
        """Return all that the course has made so far, by names that `_go_on` reads."""
        import torch

        tensors = {"random": torch.get_rng_state()}
        for i, (master, best) in enumerate(zip(self._masters, self._best, strict=True)):
            tensors |= {f"master.{i}": master, f"best.{i}": best.clone()}  # a file holds no tensor twice
            tensors |= {f"{name}.{i}": value for name, value in self._optimizer.state[master].items()}
        return tensors

    def _go_on(self, course: str) -> None:
        """Take up the checkpoint of this course if there is one."""
        import torch

        found = self._file.read(course) if self._file else None
        if found is None:
            return
        self._place, tensors = found
        torch.set_rng_state(tensors.pop("random"))
        self._random.setstate(self._place.shuffle)
        with torch.no_grad():
            for i, master in enumerate(self._masters):
                master.copy_(tensors.pop(f"master.{i}"))
        self._best = [tensors.pop(f"best.{i}").to(m.device) for i, m in enumerate(self._masters)]
        for key, value in tensors.items():
            name, _, number = key.rpartition(".")
            master = self._masters[int(number)]
            self._optimizer.state[master][name] = value if name == "step" else value.to(master.device)
        self._write(self._masters)

    def _loss_on(self, pairs: Sequence[Pair]) -> float:
        """Return the mean loss of a title token, and tell what is made of the titles by now."""
        import torch

        self._model.eval()
        foretold = Foretold()
        with torch.no_grad():
            for batch in _batches(pairs, 2 * self._plan.batch, random.Random(0)):
                foretold.add(*self._losses(self._model, batch))
        self._model.train()
        foretold.tell(self._curve, self._place.step)
        return foretold.loss

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


def last_logits(
    model: PreTrainedModel, rows: Sequence[Sequence[int]], columns: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the rows padded on the left, (b, longest), and what foretells their last tokens: (b, columns, vocabulary).

    Rows end together, so logits are made for the last columns only.
    """
    import torch

    longest, device = max(map(len, rows)), next(model.parameters()).device
    ids = torch.tensor([[0] * (longest - len(row)) + list(row) for row in rows], device=device)
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows], device=device)
    logits = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=(mask.cumsum(dim=1) - 1).clamp(min=0),
        use_cache=False,
        logits_to_keep=columns + 1,
    ).logits[:, :-1]
    return ids, logits


def _losses(model: PreTrainedModel, batch: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the loss of each title token, 0 for padding, and what is none: each (b, longest title)."""
    import torch

    columns = max(len(pair.title) for pair in batch)
    ids, logits = last_logits(model, [pair.prompt + pair.title for pair in batch], columns)
    labels = torch.tensor([[-100] * (columns - len(pair.title)) + pair.title for pair in batch], device=ids.device)
    losses = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), reduction="none")
    return losses.view(labels.shape), labels >= 0


def _losses_of_encoder_decoder(model: PreTrainedModel, batch: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor]:
    from ml_backend.learning import seq2seq

    return seq2seq.losses(model, [pair.prompt for pair in batch], [pair.title for pair in batch])


def _batches(pairs: Sequence[Pair], size: int, rng: random.Random) -> list[list[Pair]]:
    """Return all pairs in batches of like length, in random order."""
    shuffled = rng.sample(list(pairs), len(pairs))
    batches = []
    for start in range(0, len(shuffled), size * _BATCHES_PER_BUCKET):
        bucket = sorted(shuffled[start : start + size * _BATCHES_PER_BUCKET], key=len)
        batches += [bucket[i : i + size] for i in range(0, len(bucket), size)]
    rng.shuffle(batches)
    return batches

"""Checkpoints of a training: how far it has come, in one file that is old or new but never half.

Only safetensors, with the numbers as JSON in its head: one file is renamed into place, two could part.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)
EVERY_S = 30.0  # writing takes a fraction of a second, and nobody minds half a minute's work done again


@dataclass(slots=True, kw_only=True)
class Place:
    """How far a course has come: n_taken batches of an epoch whose order comes of the random state `shuffle`."""

    epoch: int = 1
    step: int = 0
    n_taken: int = 0
    n_without_gain: int = 0
    best_loss: float = float("inf")
    used_s: float = 0.0
    losses: list[float] = field(default_factory=list)
    shuffle: tuple[Any, ...] = ()

    def next_epoch(self) -> None:
        """Stand before the first batch of the next epoch."""
        self.epoch, self.n_taken, self.losses = self.epoch + 1, 0, []


def digest(*course: Any) -> str:  # noqa: ANN401 - anything that JSON holds
    """Return 64 hex digits that tell one course's plan and data from another's."""
    return hashlib.sha256(json.dumps(course).encode()).hexdigest()


class CheckpointFile:
    """The file of one training's last checkpoint."""

    def __init__(self, path: Path, *, every_s: float = EVERY_S) -> None:
        self._path = path
        self._every_s = every_s
        self._written_s: float | None = None

    def is_due(self, now_s: float) -> bool:
        """Say whether it is time to write again; the first question starts the clock."""
        if self._written_s is None:
            self._written_s = now_s
        return now_s - self._written_s >= self._every_s

    def write(self, course: str, place: Place, tensors: dict[str, torch.Tensor], *, now_s: float) -> None:
        """Replace the checkpoint."""
        from safetensors.torch import save_file

        self._path.parent.mkdir(parents=True, exist_ok=True)
        aside = self._path.with_suffix(".new")
        save_file(
            {name: tensor.detach().contiguous() for name, tensor in tensors.items()},
            aside,
            metadata={"course": course, "place": json.dumps(asdict(place))},
        )
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(self._path)
        self._written_s = now_s

    def read(self, course: str) -> tuple[Place, dict[str, torch.Tensor]] | None:
        """Return the checkpoint, None when there is none of this course; a damaged one counts as none."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self._path, framework="pt") as file:
                about = file.metadata() or {}
                if about.get("course") != course:
                    return None
                place = json.loads(about["place"])
                version, state, gauss = place.pop("shuffle")
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
                return Place(**place, shuffle=(version, tuple(state), gauss)), tensors
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as e:
            logger.warning("the training begins anew, for its checkpoint can not be read: %s", e)
            return None

    def delete(self) -> None:
        """Remove the checkpoint of a training that has ended."""
        self._path.unlink(missing_ok=True)

"""How likely a causal language model finds given continuations of prompts, and how sure it is of each token.

A prompt is read once for all of its own continuations.

A row holds a prompt and, side by side, its continuations; a mask lets a token see its prompt and the tokens before it
in its own continuation only, as in beams.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


class Likelihood(NamedTuple):
    """Of one continuation, means over its tokens: log P(token) and the entropy of what might have stood there, in nats.

    A likely title whose tokens could well have been others is less sure than its probability says.
    """

    log_proba: float
    entropy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A prompt and its continuations as token ids, none empty; what ends a continuation stands in it."""

    prompt: list[int]
    continuations: list[list[int]]

    def __len__(self) -> int:
        return len(self.prompt) + self.n_continued

    @property
    def n_continued(self) -> int:
        """Return the number of tokens of all continuations."""
        return sum(map(len, self.continuations))


def likelihoods(model: PreTrainedModel, readings: Sequence[Reading]) -> list[list[Likelihood]]:
    """Return how likely every continuation is, for the readings of one batch."""
    import torch

    longest, columns = max(map(len, readings)), max(reading.n_continued for reading in readings)
    device = next(model.parameters()).device
    sees = torch.zeros(len(readings), longest, longest, dtype=torch.bool)
    ids, positions = torch.zeros(2, len(readings), longest, dtype=torch.long)
    for row, reading in enumerate(readings):
        _lay(reading, ids[row], positions[row], sees[row])
    bias = torch.zeros(sees.shape, dtype=model.dtype).masked_fill(~sees, torch.finfo(model.dtype).min)
    with torch.inference_mode():
        logits = model(
            input_ids=ids.to(device),
            attention_mask=bias[:, None].to(device),
            position_ids=positions.to(device),
            use_cache=False,
            logits_to_keep=columns + 1,
        ).logits
        return [_means(reading, logits[row]) for row, reading in enumerate(readings)]


def _lay(reading: Reading, ids: torch.Tensor, positions: torch.Tensor, sees: torch.Tensor) -> None:
    """Fill one row from the right: (t,) ids, (t,) positions, (t, t) what a token sees. Padding sees itself only."""
    import torch

    start = len(ids) - len(reading)
    begin = start + len(reading.prompt)
    ids[start:] = torch.tensor([*reading.prompt, *(token for c in reading.continuations for token in c)])
    positions[start:begin] = torch.arange(len(reading.prompt))
    sees.fill_diagonal_(True)  # noqa: FBT003 - torch's own signature
    sees[start:begin, start:begin] = torch.ones(len(reading.prompt), len(reading.prompt), dtype=torch.bool).tril()
    sees[begin:, start:begin] = True
    for continuation in reading.continuations:
        end = begin + len(continuation)
        positions[begin:end] = len(reading.prompt) + torch.arange(len(continuation))
        sees[begin:end, begin:end] = torch.ones(len(continuation), len(continuation), dtype=torch.bool).tril()
        begin = end


def _means(reading: Reading, logits: torch.Tensor) -> list[Likelihood]:
    """Return one row's likelihoods; logits: (columns + 1, vocabulary), the last one for what follows the row."""
    import torch

    if not reading.continuations:
        return []
    first = len(logits) - 1 - reading.n_continued  # the column that the prompt's last token foretells
    ends = list(accumulate(map(len, reading.continuations)))
    teller = torch.arange(first, first + reading.n_continued, device=logits.device)
    teller[[0, *ends[:-1]]] = first
    told = torch.tensor([token for c in reading.continuations for token in c], device=logits.device)
    lengths = [len(c) for c in reading.continuations]
    values = torch.stack(token_likelihoods(logits[teller], told), dim=-1)
    return [Likelihood(*part.mean(dim=0).tolist()) for part in torch.split(values, lengths)]


def token_likelihoods(logits: torch.Tensor, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return log P of tokens (…) and the entropy where they stand (…); logits: (…, vocabulary)."""
    log_probas = logits.float().log_softmax(dim=-1)
    entropies = -(log_probas.exp() * log_probas).nansum(dim=-1)
    return log_probas.gather(-1, tokens[..., None])[..., 0], entropies

"""How an encoder–decoder (T5, BART and their like) is taught titles, drafts them and is asked for their likelihood.

The counterparts for a causal model stand in fine_tuning.py, beams.py and likelihoods.py. Here the prompt goes to the
encoder, closed by the end token, and the decoder begins with its own start token.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import torch
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList
from transformers.modeling_outputs import BaseModelOutput

from ml_backend.learning.beams import Beam, goes_round
from ml_backend.learning.likelihoods import Likelihood, Reading, token_likelihoods

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_PAD = 0  # masked or not asked for wherever it stands
_IGNORED = -100  # torch's label for what counts in no loss


def plain_generation(model: PreTrainedModel) -> GenerationConfig:
    """Return settings with the model's special tokens and nothing else.

    What its makers set for summaries, such as least lengths and forced first tokens, would spoil titles.
    """
    config, made = model.config, model.generation_config
    start = getattr(config, "decoder_start_token_id", None)
    if start is None:
        start = made.decoder_start_token_id
    return GenerationConfig(
        decoder_start_token_id=config.pad_token_id if start is None else start,
        eos_token_id=config.eos_token_id,
        pad_token_id=config.pad_token_id,
    )


def losses(
    model: PreTrainedModel, prompts: Sequence[Sequence[int]], titles: Sequence[Sequence[int]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the loss of each token of the titles, which end with the end token, 0 for padding; and what is none."""
    ids, mask = _sources(model, prompts)
    labels = _padded(titles, _IGNORED, ids.device)
    logits = model(input_ids=ids, attention_mask=mask, decoder_input_ids=_shifted(model, titles)).logits
    found = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), labels.flatten(), ignore_index=_IGNORED, reduction="none"
    )
    return found.view(labels.shape), labels != _IGNORED


def likeliest(
    model: PreTrainedModel, prompts: Sequence[Sequence[int]], n: int, most_tokens: int, stops: Collection[int]
) -> list[list[Beam]]:
    """Return for each prompt up to n continuations as `beams.likeliest` does."""
    with torch.inference_mode():
        ids, mask = _sources(model, prompts)
        states = model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        found = model.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            attention_mask=mask,
            num_beams=n,
            num_return_sequences=n,
            do_sample=False,
            min_new_tokens=1,  # beside the end token: no title is empty
            max_new_tokens=most_tokens,
            eos_token_id=sorted(stops),
            logits_processor=LogitsProcessorList([_NoRounds()]),
        )
        rows = found[:, 1:].view(len(prompts), n, -1).tolist()
        return [
            _beams(model, state[seen.bool()], own, frozenset(stops))
            for state, seen, own in zip(states, mask, rows, strict=True)
        ]


def likelihoods(model: PreTrainedModel, readings: Sequence[Reading]) -> list[list[Likelihood]]:
    """Return how likely every continuation is, as `likelihoods.likelihoods` does."""
    with torch.inference_mode():
        ids, mask = _sources(model, [reading.prompt for reading in readings])
        states = model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        return [
            _means(model, state[seen.bool()], reading.continuations)
            for state, seen, reading in zip(states, mask, readings, strict=True)
        ]


class _NoRounds(LogitsProcessor):
    """Takes out what would go round, as beams.py does."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return scores, (rows, vocabulary), for what follows input_ids, (rows, t), the start token first."""
        for row, tokens in enumerate(input_ids[:, 1:].tolist()):
            last = tokens[-2:]
            after = {tokens[i + 2] for i in range(len(tokens) - 2) if tokens[i : i + 2] == last}
            out = [token for token in after if goes_round(tuple(tokens), token)]
            scores[row, out] = -float("inf")
        return scores


def _beams(
    model: PreTrainedModel, state: torch.Tensor, rows: Sequence[Sequence[int]], stops: frozenset[int]
) -> list[Beam]:
    """Return one prompt's continuations, finished ones first and each by mean log-probability; state: (s, d)."""
    ends = [next((i for i, token in enumerate(row) if token in stops), len(row)) for row in rows]
    said = [row[: end + 1] for row, end in zip(rows, ends, strict=True)]
    beams = [
        Beam(tokens=tuple(row[:end]), log_proba=mean.log_proba * len(own), is_finished=end < len(row))
        for row, end, own, mean in zip(rows, ends, said, _means(model, state, said), strict=True)
    ]
    return sorted(beams, key=lambda beam: (not beam.is_finished, -beam.mean_log_proba))


def _means(model: PreTrainedModel, state: torch.Tensor, titles: Sequence[Sequence[int]]) -> list[Likelihood]:
    """Return how likely the titles are after one source; state: (s, d).

    One source at a time: the logits of a whole batch's titles would outgrow the model where the vocabulary is large.
    """
    if not titles:
        return []
    out = model(
        encoder_outputs=BaseModelOutput(last_hidden_state=state.expand(len(titles), -1, -1)),
        decoder_input_ids=_shifted(model, titles),
    )
    labels = _padded(titles, _PAD, state.device)
    told = torch.stack(token_likelihoods(out.logits, labels), dim=-1)
    return [Likelihood(*own[: len(title)].mean(dim=0).tolist()) for own, title in zip(told, titles, strict=True)]


def _sources(model: PreTrainedModel, prompts: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (b, s) ids and mask of what the encoder reads.

    Tokenizers of these models close every text; of the parts that a prompt is made of, only the last one shall end.
    """
    device, end = next(model.parameters()).device, model.generation_config.eos_token_id
    closed = [[*(token for token in prompt if token != end), end] for prompt in prompts]
    mask = _padded([[1] * len(prompt) for prompt in closed], 0, device)
    return _padded(closed, _PAD, device), mask


def _shifted(model: PreTrainedModel, titles: Sequence[Sequence[int]]) -> torch.Tensor:
    """Return (b, t) what the decoder has read when it tells each of the titles' tokens."""
    start = model.generation_config.decoder_start_token_id
    return _padded([[start, *title[:-1]] for title in titles], _PAD, next(model.parameters()).device)


def _padded(rows: Sequence[Sequence[int]], padding: int, device: torch.device) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[padding] * (longest - len(row))] for row in rows], device=device)

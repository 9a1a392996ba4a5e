from math import log
from types import SimpleNamespace

import pytest
import torch
from transformers import LlamaForCausalLM

from ml_backend.learning.beams import goes_round, likeliest
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama

PROMPTS = [[5, 6, 7, 8, 9], [40, 41], [100, 5, 100]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LlamaForCausalLM:
    folder = write_tiny_llama(tmp_path_factory.mktemp("base"), ["abc abd"])
    return LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()


def mean_log_proba(model: LlamaForCausalLM, prompt: list[int], tokens: list[int]) -> float:
    with torch.inference_mode():
        log_probas = model(input_ids=torch.tensor([prompt + tokens])).logits[0].log_softmax(dim=-1)
    return sum(log_probas[len(prompt) + i - 1, token].item() for i, token in enumerate(tokens)) / len(tokens)


def greedy(model: LlamaForCausalLM, prompt: list[int], n: int) -> list[int]:
    ids = list(prompt)
    for _ in range(n):
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([ids])).logits[0, -1]
        likeliest_next = int(logits.argmax()) if len(ids) > len(prompt) else 1 + int(logits[1:].argmax())
        if likeliest_next == 0:
            break
        ids.append(likeliest_next)
    return ids[len(prompt) :]


def test_one_beam_is_greedy_decoding(model: LlamaForCausalLM) -> None:
    found = likeliest(model, PROMPTS, 1, 6, {0})

    assert [[list(beam.tokens) for beam in beams] for beams in found] == [[greedy(model, p, 6)] for p in PROMPTS]


def test_every_beam_is_as_likely_as_the_model_says_when_it_reads_it_alone(model: LlamaForCausalLM) -> None:
    for prompt, beams in zip(PROMPTS, likeliest(model, PROMPTS, 4, 6, {0, 50, 51}), strict=True):
        assert len({beam.tokens for beam in beams}) == 4
        for beam in beams:
            if not beam.is_finished:
                assert beam.mean_log_proba == pytest.approx(mean_log_proba(model, prompt, list(beam.tokens)), abs=1e-4)


def test_a_beam_ends_before_its_end_token_and_is_never_empty(model: LlamaForCausalLM) -> None:
    likely = {beam.tokens[2] for beam in likeliest(model, PROMPTS[:1], 4, 3, {0})[0]}

    beams = likeliest(model, PROMPTS[:1], 4, 8, likely)[0]

    assert any(beam.is_finished for beam in beams)
    assert all(beam.tokens and not likely & set(beam.tokens) for beam in beams)


def test_rows_that_are_done_leave_the_batch_and_change_nothing_for_the_others(model: LlamaForCausalLM) -> None:
    alone = [likeliest(model, [prompt], 2, 12, {0, 50, 51, 52})[0] for prompt in PROMPTS * 2]

    together = likeliest(model, PROMPTS * 2, 2, 12, {0, 50, 51, 52})

    assert [[beam.tokens for beam in beams] for beams in together] == [[b.tokens for b in beams] for beams in alone]


class Chain(torch.nn.Module):
    """A model that knows of a text its last token only; its calls are counted."""

    def __init__(self, follows: dict[int, dict[int, float]]) -> None:
        super().__init__()
        probas = torch.full((10, 10), 1e-6)
        for token, own in follows.items():
            probas[token, list(own)] = torch.tensor(list(own.values()))
        self.log_probas = torch.nn.Parameter(probas.log())
        self.dtype = torch.float32
        self.n_calls = 0

    def forward(self, *, input_ids: torch.Tensor, **_: object) -> SimpleNamespace:
        self.n_calls += 1
        return SimpleNamespace(logits=self.log_probas[input_ids])


# Said of 9: "1 3 4 5" with probability 0.42, and before that is over "1" with 0.28 and "2" with 0.21.
EARLY_ENDS = {9: {1: 0.7, 2: 0.3}, 1: {3: 0.6, 0: 0.4}, 2: {6: 0.3, 0: 0.7}, 3: {4: 1.0}, 4: {5: 1.0}, 5: {0: 1.0}}


def test_poor_early_ends_do_not_win_over_what_is_about_to_be_said() -> None:
    beams = likeliest(Chain(EARLY_ENDS), [[9]], 2, 8, {0})[0]

    assert [beam.tokens for beam in beams] == [(1, 3, 4, 5), (1,)]
    assert [beam.mean_log_proba for beam in beams] == pytest.approx([log(0.42) / 5, log(0.28) / 2], abs=1e-3)


def test_greedy_decoding_is_over_at_the_first_end() -> None:
    model = Chain({9: {1: 0.9, 2: 0.1}, 1: {0: 0.5, 3: 0.3, 4: 0.2}, 2: {0: 0.9, 3: 0.1}})

    beams = likeliest(model, [[9]], 1, 50, {0})[0]

    assert [beam.tokens for beam in beams] == [(1,)]
    assert model.n_calls == 2


def test_a_prompt_is_done_with_when_nothing_unfinished_is_better() -> None:
    model = Chain(EARLY_ENDS)

    beams = likeliest(model, [[9]], 2, 50, {0})[0]

    assert all(beam.is_finished for beam in beams)
    assert model.n_calls < 10


def test_a_run_said_twice_is_not_said_a_third_time_nor_a_long_one_twice() -> None:
    phrase = (1, 2, 3)

    assert goes_round((*phrase, 9, *phrase, 8, 1, 2), 3)
    assert not goes_round((*phrase, 9, *phrase, 8, 1, 2), 4)
    assert goes_round((*range(8), 99, *range(7)), 7)
    assert not goes_round((*range(7), 99, *range(6)), 6)
    assert not goes_round((), 1)


def test_a_beam_that_would_go_round_says_something_else(model: LlamaForCausalLM) -> None:
    with torch.inference_mode():
        beams = [beam for beams in likeliest(model, PROMPTS, 2, 60, {0}) for beam in beams]

    for tokens in (beam.tokens for beam in beams):
        assert not any(goes_round(tokens[:i], tokens[i]) for i in range(len(tokens)))

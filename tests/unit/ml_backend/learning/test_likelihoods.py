from statistics import fmean

import pytest
import torch
from transformers import LlamaForCausalLM

from ml_backend.learning.likelihoods import Likelihood, Reading, likelihoods
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama

READINGS = [
    Reading(prompt=[5, 6, 7, 8, 9], continuations=[[11, 12, 0], [13, 0], [11, 12, 14, 15, 0]]),
    Reading(prompt=[40, 41], continuations=[[9, 0]]),
    Reading(prompt=[100, 5, 100], continuations=[]),
    Reading(prompt=[100, 5, 100, 7], continuations=[[50, 51, 52, 0], [50, 51, 52, 53]]),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LlamaForCausalLM:
    folder = write_tiny_llama(tmp_path_factory.mktemp("base"), ["abc abd"])
    return LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()


def read_alone(model: LlamaForCausalLM, prompt: list[int], tokens: list[int]) -> Likelihood:
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([prompt + tokens])).logits[0]
    told = [torch.distributions.Categorical(logits=logits[len(prompt) + i - 1]) for i in range(len(tokens))]
    log_probas = [one.log_prob(torch.tensor(token)).item() for one, token in zip(told, tokens, strict=True)]
    return Likelihood(fmean(log_probas), fmean(one.entropy().item() for one in told))


def test_continuations_side_by_side_are_as_likely_as_each_is_alone(model: LlamaForCausalLM) -> None:
    found = likelihoods(model, READINGS)

    for reading, own in zip(READINGS, found, strict=True):
        alone = [read_alone(model, reading.prompt, tokens) for tokens in reading.continuations]
        assert own == [pytest.approx(one, abs=1e-4) for one in alone]

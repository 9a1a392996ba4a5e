from pathlib import Path

import pytest
import torch
from transformers import DynamicCache, LlamaForCausalLM
from transformers.cache_utils import Cache

from ml_backend.learning import grouped_attention
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama

IDS = torch.tensor([[5, 6, 7, 8], [0, 0, 40, 41]])
MASK = torch.tensor([[1, 1, 1, 1], [0, 0, 1, 1]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    grouped_attention.register()
    return write_tiny_llama(tmp_path_factory.mktemp("base"), ["abc abd"])


def logits(folder: Path, attention: str) -> torch.Tensor:
    model = LlamaForCausalLM.from_pretrained(folder, attn_implementation=attention).eval()
    with torch.inference_mode():
        return model(input_ids=IDS, attention_mask=MASK).logits[MASK.bool()]


def step_by_step(model: LlamaForCausalLM, cache: Cache) -> torch.Tensor:
    out = [model(input_ids=IDS[:, :2], past_key_values=cache).logits]
    for token in range(40):
        if token == 20:  # the other row is done
            cache.batch_select_indices(torch.tensor([1]))
        n = 2 if token < 20 else 1
        out.append(model(input_ids=torch.full((n, 1), token), past_key_values=cache).logits)
    return torch.cat([x[-1] for x in out])


def test_it_attends_as_transformers_does(folder: Path) -> None:
    torch.testing.assert_close(logits(folder, "grouped"), logits(folder, "eager"), atol=1e-4, rtol=1e-4)


def test_a_cache_with_room_keeps_what_one_without_does(folder: Path) -> None:
    model = LlamaForCausalLM.from_pretrained(folder, attn_implementation="grouped").eval()

    with torch.inference_mode():
        found, expected = step_by_step(model, grouped_attention.roomy_cache()), step_by_step(model, DynamicCache())

    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)

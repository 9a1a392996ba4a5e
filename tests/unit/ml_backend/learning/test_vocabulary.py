from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerFast

from ml_backend.learning.vocabulary import TrimmedTokenizer, kept_tokens, pays, trimmed
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama

USED = "Norvik lamp brass"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_llama(tmp_path_factory.mktemp("base"), [f"{USED} lantern steel 灯 for the evening"] * 3)


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture
def small(tokenizer: PreTrainedTokenizerFast) -> TrimmedTokenizer:
    return TrimmedTokenizer(tokenizer, kept_tokens(tokenizer, [tokenizer.encode(USED)]))


def test_a_text_within_the_vocabulary_has_the_same_tokens(
    tokenizer: PreTrainedTokenizerFast, small: TrimmedTokenizer
) -> None:
    ids = small.encode(USED, add_special_tokens=False)

    assert len(small.kept) < len(tokenizer)
    assert [small.kept[i] for i in ids] == tokenizer.encode(USED, add_special_tokens=False)
    assert small.kept[small.eos_token_id] == tokenizer.eos_token_id


@pytest.mark.parametrize("text", [" lantern", "steel 灯 for the evening", "Ünknown 词 🎁"])
def test_words_outside_it_are_spelt_with_smaller_pieces(small: TrimmedTokenizer, text: str) -> None:
    ids = small.encode(text, add_special_tokens=False)

    assert small.decode(ids, skip_special_tokens=True) == text


def test_a_trimmed_model_says_what_the_whole_one_says_of_the_kept_tokens(
    folder: Path, tokenizer: PreTrainedTokenizerFast, small: TrimmedTokenizer
) -> None:
    model = LlamaForCausalLM.from_pretrained(folder).eval()
    old, new = (torch.tensor([t.encode(USED, add_special_tokens=False)]) for t in (tokenizer, small))

    with torch.inference_mode():
        whole = model(input_ids=old).logits
        with trimmed(model, small.kept):
            cut = model(input_ids=new).logits
        again = model(input_ids=old).logits

    torch.testing.assert_close(cut, whole[..., small.kept])
    torch.testing.assert_close(cut.log_softmax(-1), whole[..., small.kept].log_softmax(-1))
    assert torch.equal(again, whole)


def test_a_vocabulary_is_worth_cutting_where_it_is_most_of_the_model(folder: Path) -> None:
    model = LlamaForCausalLM.from_pretrained(folder)
    assert not pays(model)

    model.model.embed_tokens = torch.nn.Embedding(20_000, 64)
    assert pays(model)

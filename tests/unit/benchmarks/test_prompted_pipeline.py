from pathlib import Path

import torch
import transformers
from transformers import AutoTokenizer, LlamaForCausalLM

from benchmarks.prompted_pipeline import PromptedPipeline
from tests.unit.ml_backend.learning.tiny_llama import write_tiny_llama


def test_a_pipeline_generates_what_follows_the_tokens_told_and_not_those_of_their_text(tmp_path: Path) -> None:
    folder = write_tiny_llama(tmp_path, ["blue cup"] * 4)
    model, tokenizer = LlamaForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    spelt = [tokenizer.encode(letter)[0] for letter in "blue cup"]
    generate = transformers.pipeline(
        "text-generation",
        model=model,
        tokenizer=tokenizer,
        pipeline_class=PromptedPipeline,
        prompts={"blue cup": spelt},
    )

    said = generate("blue cup", max_new_tokens=5, do_sample=False, return_full_text=False)[0]["generated_text"]

    expected = model.generate(input_ids=torch.tensor([spelt]), max_new_tokens=5, do_sample=False)[0, len(spelt) :]
    assert tokenizer.encode("blue cup") != spelt
    assert said == tokenizer.decode(expected, skip_special_tokens=True)

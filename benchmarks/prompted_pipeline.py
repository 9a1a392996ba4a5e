"""The usual ML backend example's way to draft, a text-generation pipeline, given its prompts in tokens."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import TextGenerationPipeline


class PromptedPipeline(TextGenerationPipeline):
    """Reads each text as the tokens told for it.

    A prompt is put together of encoded parts, and maybe of a part of the vocabulary: the tokenizer would not read the
    same tokens off its text.
    """

    def __init__(self, *args: Any, prompts: Mapping[str, Sequence[int]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self._prompts = prompts

    def preprocess(self, prompt_text: str, **_: Any) -> dict[str, Any]:  # noqa: ANN401 - transformers' signature
        """Return what the pipeline's next step reads."""
        ids = torch.tensor([self._prompts[prompt_text]])
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "prompt_text": prompt_text}

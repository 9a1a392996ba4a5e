"""The one place that knows what the machine can: which device models run on, in which dtype, in how large batches.

torch is imported inside the functions, so that importing this module costs nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

# Beams that share one forward pass. On a processor every step reads all weights once, and more beams only widen the
# key-value cache, which outgrows the weights at 64.
_CPU_DRAFTING_ROWS, _CUDA_DRAFTING_ROWS = 64, 512

_CPU_PROMPT_TOKENS, _CUDA_PROMPT_TOKENS = 4096, 65536

_CPU_CANDIDATES, _CUDA_CANDIDATES = 4, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What /health tells of the device: the memory is what this process holds of it, in bytes."""

    name: str
    dtype: str
    memory_used_bytes: int
    memory_total_bytes: int


@cache
def device() -> torch.device:
    """Return where every model of this process lives: the first CUDA device if there is one, else the processor."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def weights_dtype() -> torch.dtype:
    """Return the dtype of a frozen base model's weights and of its activations.

    On a processor bfloat16 pays only with AMX tiles: there training runs twice and drafting three times as fast as in
    float32 (SmolLM2-135M, two cores); without tiles torch emulates it and is slower. Never float16: it would need its
    gradients scaled.
    """
    import torch

    if device().type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    return torch.bfloat16 if torch.cpu.get_capabilities().get("amx_bf16", False) else torch.float32


def attention_for_training(*, shares_keys: bool) -> str:
    """Return the attention that trains quickest here; shares_keys: the model is of a kind grouped_attention.py serves.

    torch's fused backward pass is slow on processors (measured).
    """
    if device().type == "cuda":
        return "sdpa"
    return "grouped" if shares_keys else "eager"


def attention_for_reading(model: PreTrainedModel) -> str:
    """Return the attention that drafts quickest: torch's fused one where the model's kind is known to have it."""
    own = str(model.config._attn_implementation)
    return "sdpa" if own == "grouped" else own


def reads_merged() -> bool:
    """Say whether drafting goes by a copy of the base with the adapter's products in its weights.

    On a processor an adapter's small products take longer than their arithmetic: with them merged and fused attention
    drafting is 1.6 times as fast (SmolLM2-135M, two cores). On a GPU a second copy of the weights costs more than it
    brings.
    """
    return device().type == "cpu"


def drafting_batch(n: int = 1) -> int:
    """Return how many Briefs are drafted in one batch, n titles each."""
    most = _CUDA_DRAFTING_ROWS if device().type == "cuda" else _CPU_DRAFTING_ROWS
    return max(1, most // n)


def prompt_tokens_at_once() -> int:
    """Return how many tokens of prompts, padding counted, go through the model together before drafting.

    It bounds memory; on a processor more also falls out of its caches: 64 prompts of 117 tokens in halves are read a
    third faster than at once (SmolLM2-135M, two cores).
    """
    return _CUDA_PROMPT_TOKENS if device().type == "cuda" else _CPU_PROMPT_TOKENS


def n_candidates() -> int:
    """Return how many titles a Brief gets where nobody says: more on a GPU. Does not load torch to find out.

    As long as torch is not loaded, no titler that a GPU would help drafts.
    """
    is_loaded = "torch" in sys.modules and not getattr(sys.modules["torch"].__spec__, "_initializing", False)
    return _CUDA_CANDIDATES if is_loaded and device().type == "cuda" else _CPU_CANDIDATES


def describe() -> DeviceState:
    """Return the device's name, dtype and memory as they are now; costs microseconds once torch is loaded."""
    import torch

    if device().type == "cuda":
        return DeviceState(
            name=torch.cuda.get_device_name(),
            dtype=_short(weights_dtype()),
            memory_used_bytes=torch.cuda.memory_allocated(),
            memory_total_bytes=torch.cuda.get_device_properties(0).total_memory,
        )
    return DeviceState(
        name=f"cpu ({torch.get_num_threads()} threads)",
        dtype=_short(weights_dtype()),
        memory_used_bytes=psutil.Process().memory_info().rss,
        memory_total_bytes=psutil.virtual_memory().total,
    )


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")

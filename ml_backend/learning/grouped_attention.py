"""Attention for models whose query heads share keys, and a key-value cache that has room to grow.

transformers' eager attention copies every key once per query head, and its cache copies itself at every new token: on
a processor both cost more than a decoding step's products.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.cache_utils import Cache, DynamicLayer
from transformers.masking_utils import eager_mask

NAME = "grouped"
FITTING = frozenset({"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma3_text"})  # plain softmax, nothing added
_ROOM = 32  # columns by which a cache grows: about a title


def register() -> None:
    """Make `attn_implementation="grouped"` known to transformers; safe to repeat."""
    AttentionInterface.register(NAME, grouped_attention)
    AttentionMaskInterface.register(NAME, eager_mask)


def grouped_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    **_: Any,  # noqa: ANN401 - what other kinds of attention are told
) -> tuple[torch.Tensor, None]:
    """Return (b, t, heads, d).

    query: (b, heads, t, d); key, value: (b, groups, s, d); attention_mask: (b, 1, t, s) or wider, added to the scores.
    """
    b, heads, t, d = query.shape
    groups = key.shape[1]
    shared = query.reshape(b, groups, heads // groups * t, d)
    weights = torch.matmul(shared, key.transpose(2, 3)).view(b, groups, heads // groups, t, -1) * scaling
    if attention_mask is not None:
        weights = weights + attention_mask[:, :, None, :, : key.shape[2]]
    weights = torch.nn.functional.softmax(weights, dim=-1, dtype=torch.float32).to(query.dtype)
    weights = torch.nn.functional.dropout(weights, p=dropout, training=module.training)
    out = torch.matmul(weights.view(b, groups, heads // groups * t, -1), value).view(b, heads, t, d)
    return out.transpose(1, 2).contiguous(), None


def roomy_cache() -> Cache:
    """Return a cache that copies itself once in `_ROOM` tokens instead of at every one."""
    return Cache(layer_class_to_replicate=_RoomyLayer)


def joined(caches: Sequence[Cache]) -> Cache:
    """Return one roomy cache with the rows of all, in order; they hold the same number of columns."""
    if len(caches) == 1:
        return caches[0]
    whole = roomy_cache()
    for i, layers in enumerate(zip(*(cache.layers for cache in caches), strict=True)):
        whole.update(torch.cat([layer.keys for layer in layers]), torch.cat([layer.values for layer in layers]), i)
    return whole


class _RoomyLayer(DynamicLayer):
    """keys and values: (b, groups, s, d), views of the filled columns of larger stores."""

    _stores: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        *_args: Any,  # noqa: ANN401 - transformers' signature
        **_kwargs: Any,  # noqa: ANN401
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add columns; return all keys and values so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self.keys, self.values = key_states[:, :, :0], value_states[:, :, :0]
        filled, new = self.keys.shape[2], key_states.shape[2]
        if self._stores is None or self._stores[0].shape[2] < filled + new or len(self._stores[0]) != len(key_states):
            self._stores = (_roomier(self.keys, new), _roomier(self.values, new))
        for store, states in zip(self._stores, (key_states, value_states), strict=True):
            store[:, :, filled : filled + new] = states
        self.keys, self.values = (store[:, :, : filled + new] for store in self._stores)
        return self.keys, self.values


def _roomier(states: torch.Tensor, new: int) -> torch.Tensor:
    b, groups, filled, d = states.shape
    store = states.new_empty(b, groups, filled + new + _ROOM, d)
    store[:, :, :filled] = states
    return store

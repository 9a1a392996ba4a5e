"""A base model's vocabulary cut to what one catalog uses: most of a small multilingual model is words it never writes.

Kept are the tokens of the catalog's prompts and titles, the special ones and all single characters and bytes, so that
anything can still be read and written. The layers are shared with the whole model; see `trimmed` for what is not.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

# A vocabulary is cut where it holds so much of the model: 0.63 of Gemma 3 270M, but 0.21 of SmolLM2-135M.
_LEAST_SHARE = 0.5


class TrimmedTokenizer:
    """A tokenizer whose ids number the kept tokens; a token that is not kept is read as smaller pieces."""

    def __init__(self, tokenizer: Any, kept: Sequence[int]) -> None:  # noqa: ANN401 - transformers has many
        self._tokenizer = tokenizer
        self.kept = sorted(kept)
        self._new = {old: new for new, old in enumerate(self.kept)}
        pieces = tokenizer.convert_ids_to_tokens(self.kept)
        self._by_piece = {piece: new for new, piece in enumerate(pieces)}
        self._longest = max(map(len, pieces))
        self.eos_token_id = self._new[tokenizer.eos_token_id]

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Return the ids among the kept tokens."""
        ids: list[int] = []
        for old in self._tokenizer.encode(text, add_special_tokens=add_special_tokens):
            ids += [self._new[old]] if old in self._new else self._smaller(old)
        return ids

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool) -> str:
        """Return the text."""
        return str(self._tokenizer.decode([self.kept[i] for i in ids], skip_special_tokens=skip_special_tokens))

    def _smaller(self, old: int) -> list[int]:
        """Cut a token into the longest kept pieces, and what no piece spells into bytes; what has none is left out."""
        rest = str(self._tokenizer.convert_ids_to_tokens(old))
        ids: list[int] = []
        while rest:
            n = next((n for n in range(min(len(rest), self._longest), 0, -1) if rest[:n] in self._by_piece), 0)
            if n:
                ids.append(self._by_piece[rest[:n]])
            else:
                ids += [self._by_piece[b] for b in _byte_pieces(rest[0]) if b in self._by_piece]
            rest = rest[n or 1 :]
        return ids


def pays(model: Any) -> bool:  # noqa: ANN401
    """Say whether the vocabulary is so much of a model that it should be cut."""
    n = sum(parameter.numel() for parameter in model.parameters())
    tables = {module.weight for module in (model.get_input_embeddings(), model.get_output_embeddings())}
    return bool(sum(table.numel() for table in tables) >= _LEAST_SHARE * n)


def kept_tokens(tokenizer: Any, texts: Iterable[Sequence[int]]) -> list[int]:  # noqa: ANN401
    """Return the ids, in order, of what the encoded texts use and of what everything can be spelt with."""
    used = set(tokenizer.all_special_ids).union(*texts)
    single = {
        i for piece, i in tokenizer.get_vocab().items() if len(piece) == 1 or piece in _BYTES or piece.strip("▁") == ""
    }
    return sorted(used | single)


@contextmanager
def trimmed(model: Any, kept: Sequence[int]) -> Iterator[Any]:  # noqa: ANN401
    """Let a model read and write the kept tokens only, by their numbers among them, while the context lasts.

    The embeddings and the output layer are copies of the kept rows; everything else is the model's own. Holding the
    model meanwhile is the caller's affair.
    """
    whole_in, whole_out = model.get_input_embeddings(), model.get_output_embeddings()
    rows = _rows(whole_in.weight, kept)
    tied = whole_in.weight is whole_out.weight
    model.set_input_embeddings(_with_rows(whole_in, rows))
    model.set_output_embeddings(_with_rows(whole_out, rows if tied else _rows(whole_out.weight, kept)))
    try:
        yield model
    finally:
        model.set_input_embeddings(whole_in)
        model.set_output_embeddings(whole_out)


def _rows(weight: torch.Tensor, kept: Sequence[int]) -> torch.Tensor:
    import torch

    return weight.detach()[torch.tensor(kept, device=weight.device)]


def _with_rows(module: Any, rows: torch.Tensor) -> Any:  # noqa: ANN401
    """Return a module like the given one, hooks and scale included, with other rows."""
    import torch

    small = copy.copy(module)
    small._parameters = {**module._parameters, "weight": torch.nn.Parameter(rows, requires_grad=False)}
    if hasattr(small, "padding_idx"):
        small.padding_idx = None  # torch wants it among the rows; it matters to training embeddings only
    return small


_BYTES = frozenset(f"<0x{byte:02X}>" for byte in range(256))


def _byte_pieces(character: str) -> list[str]:
    return [f"<0x{byte:02X}>" for byte in character.encode()]

"""What a language model's titler reads: Briefs as prompts and titles as answers, in tokens.

The tokens are those of its base, or of them those that the catalog uses. Kept with a version is what its prompts were
made by: the catalog's form, and the products whose titles are shown as examples where the training's plan asked for
neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml_backend.contract import Brief, Example
from ml_backend.errors import BadArtifact, BadRequest, TrainingFailed
from ml_backend.learning.prompts import PromptForm, prompt_ids, title_ids
from ml_backend.learning.vocabulary import TrimmedTokenizer, kept_tokens

if TYPE_CHECKING:
    from ml_backend.learning.neighbours import Neighbours

_FILE = "prompts.json"


def stops(tokenizer: Any) -> frozenset[int]:  # noqa: ANN401
    """Return the tokens that end a title: the end token and a line's end, where the tokenizer knows lines."""
    last = tokenizer.encode("\n", add_special_tokens=False)[-1:]
    line_end = last if "\n" in tokenizer.decode(last, skip_special_tokens=True) else []
    return frozenset({tokenizer.eos_token_id, *line_end})


class Reader:
    """Makes token ids of Briefs and titles; neighbours None: no titles of like products are shown."""

    def __init__(self, form: PromptForm, tokenizer: Any, *, neighbours: Neighbours | None, n_neighbours: int) -> None:  # noqa: ANN401
        self._form = form
        self._tokenizer = tokenizer
        self._neighbours = neighbours
        self._n_neighbours = n_neighbours

    @classmethod
    def learned(
        cls,
        examples: Sequence[Example],
        tokenizer: Any,  # noqa: ANN401
        n_neighbours: int,
        *,
        is_trimmed: bool = False,
    ) -> Reader:
        """Learn the form, index the titles that can be shown, and the vocabulary where it is to be trimmed."""
        from ml_backend.learning.neighbours import Neighbours  # loads scikit-learn

        titled = [example for example in examples if example.title]
        neighbours = Neighbours.learned(titled) if n_neighbours and titled else None
        reader = cls(PromptForm.learned(titled), tokenizer, neighbours=neighbours, n_neighbours=n_neighbours)
        if is_trimmed:
            prompts = reader.prompts([e.brief for e in titled], families=[e.family for e in titled])
            texts = [*prompts, *(reader.title(e.title or "") for e in titled), list(reader.stops)]
            reader._tokenizer = TrimmedTokenizer(tokenizer, kept_tokens(tokenizer, texts))
        return reader

    @property
    def kept(self) -> list[int] | None:
        """Return the base's tokens that this reader's ids number, None for all."""
        return self._tokenizer.kept if isinstance(self._tokenizer, TrimmedTokenizer) else None

    @property
    def stops(self) -> frozenset[int]:
        """Return the tokens that end a title."""
        return stops(self._tokenizer)

    @classmethod
    def load(cls, folder: Path, tokenizer: Any) -> Reader:  # noqa: ANN401
        """Read what `save` wrote; raises BadArtifact on anything else."""
        from ml_backend.learning.neighbours import Neighbours

        try:
            about = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            n_neighbours = int(about["n_neighbours"])
            neighbours = Neighbours.load(folder) if n_neighbours else None
            form = PromptForm.of_json(about["form"])
            if about["kept"] is not None:
                tokenizer = TrimmedTokenizer(tokenizer, [int(i) for i in about["kept"]])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, BadRequest, TrainingFailed) as e:
            raise BadArtifact(f"{folder.name} does not say what its prompts look like: {e}") from e
        return cls(form, tokenizer, neighbours=neighbours, n_neighbours=n_neighbours)

    def save(self, folder: Path) -> None:
        """Write prompts.json, and neighbours.json where there are neighbours."""
        n_neighbours = self._n_neighbours if self._neighbours else 0
        about = {"form": asdict(self._form), "n_neighbours": n_neighbours, "kept": self.kept}
        (folder / _FILE).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        if self._neighbours:
            self._neighbours.save(folder)

    def prompts(self, briefs: Sequence[Brief], *, families: Sequence[str] | None = None) -> list[list[int]]:
        """Return the Briefs' prompts; families as in `Neighbours.nearest`: in training no near twin is shown."""
        likes = self._likes(briefs, families)
        return [
            prompt_ids(brief, self._tokenizer, self._form, like=like) for brief, like in zip(briefs, likes, strict=True)
        ]

    def title(self, title: str) -> list[int]:
        """Return the answer that the model is to give."""
        return title_ids(title, self._tokenizer, self._tokenizer.eos_token_id)

    def text(self, ids: Sequence[int]) -> str:
        """Return what the model said, with single blanks."""
        return " ".join(self._tokenizer.decode(ids, skip_special_tokens=True).split())

    def _likes(self, briefs: Sequence[Brief], families: Sequence[str] | None) -> list[list[str]]:
        """Return titles of like products, never the product's own."""
        if self._neighbours is None:
            return [[] for _ in briefs]
        found = self._neighbours.nearest(briefs, self._n_neighbours + 1, families=families)
        return [
            [near.title for near in nearest if near.brief.sku != brief.sku][: self._n_neighbours]
            for brief, nearest in zip(briefs, found, strict=True)
        ]

"""The nearest products with a known title, by what their Briefs say: cheap evidence where data is thin.

Similarity is the cosine of TF-IDF vectors over character 2- to 4-grams within words (Salton & Buckley 1988), which
needs no word segmentation and so serves every language alike.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from ml_backend.contract import Brief, Example, from_json, to_json
from ml_backend.errors import TrainingFailed
from ml_backend.rules.text import normal_form

FILE = "neighbours.json"
_LONGEST_SOURCE = 2000  # characters of a Brief that are compared
_ROWS = 256  # Briefs compared at once: bounds the dense block of similarities


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A known product and its title; similarity in [0, 1]; family as in rules/families.py; place in the index."""

    brief: Brief
    title: str
    similarity: float
    family: str
    place: int


class Neighbours:
    """An index over products with a known title."""

    def __init__(self, examples: Sequence[Example]) -> None:
        """Index Examples that all have a title, at least one."""
        self._examples = [_compact(example) for example in examples]
        self._vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32)
        known = self._vectorizer.fit_transform([source_of(example.brief) for example in self._examples])
        self._transposed = sparse.csr_matrix(known.T)

    @classmethod
    def learned(cls, examples: Sequence[Example]) -> "Neighbours":
        """Index the Examples that have a title; raises TrainingFailed when none has."""
        titled = [example for example in examples if example.title]
        if not titled:
            raise TrainingFailed("no example has a title to look for: review some products first")
        return cls(titled)

    def __len__(self) -> int:
        return len(self._examples)

    def nearest(
        self, briefs: Sequence[Brief], k: int, *, families: Sequence[str] | None, skip: int = 0
    ) -> list[list[Neighbour]]:
        """Return for each Brief up to k known products, the nearest first, those with nothing in common left out.

        families are the Briefs' own, whose members are passed over: in training a near twin would give the answer away.
        The nearest `skip` are passed over too, where so many are left: as it is for a product of a new kind.
        """
        skip = min(skip, max(0, len(self) - k))
        found: list[list[Neighbour]] = []
        for start in range(0, len(briefs), _ROWS):
            vectors = self._vectorizer.transform([source_of(brief) for brief in briefs[start : start + _ROWS]])
            similar = sparse.csr_matrix(vectors @ self._transposed)
            for i in range(similar.shape[0]):
                own = families[start + i] if families else None
                found.append(self._nearest(similar.getrow(i), k + skip, own)[skip:])
        return found

    def save(self, folder: Path) -> None:
        """Write what the index is made of as JSON; it is indexed again when it is loaded."""
        data = [to_json(example) for example in self._examples]
        (folder / FILE).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Neighbours":
        """Read what `save` wrote; raises BadRequest, TrainingFailed or ValueError on anything else."""
        return cls.learned(from_json(list[Example], json.loads((folder / FILE).read_text(encoding="utf-8"))))

    def _nearest(self, similar: sparse.csr_matrix, k: int, own_family: str | None) -> list[Neighbour]:
        """Pick from one row of similarities; of equals the one that was known first."""
        found: list[Neighbour] = []
        for i in np.lexsort((similar.indices, -similar.data)):
            place, example = int(similar.indices[i]), self._examples[similar.indices[i]]
            if example.family != own_family:
                found.append(
                    Neighbour(
                        brief=example.brief,
                        title=example.title or "",
                        similarity=min(float(similar.data[i]), 1.0),
                        family=example.family,
                        place=place,
                    )
                )
            if len(found) == k:
                break
        return found


def source_of(brief: Brief) -> str:
    """Return what two products are compared by: brand, category, attributes and description, never the title."""
    attributes = " ".join(f"{name} {value}" for name, value in brief.attributes)
    parts = [brief.brand, " ".join(brief.category), attributes, brief.description]
    return normal_form(" ".join(part for part in parts if part))[:_LONGEST_SOURCE]


def _compact(example: Example) -> Example:
    """Keep of an Example what is compared and edited."""
    brief = replace(example.brief, title="", description=example.brief.description[:_LONGEST_SOURCE], price="")
    return replace(example, brief=brief, title=normal_form(example.title or ""), tags=None)

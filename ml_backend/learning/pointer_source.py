"""A Brief as the pointer network reads it: a short sequence of source tokens, each with its field and place in it.

Long sources drown a small network, so what a catalog's titles never use is left out: the fields' usefulness is learnt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ml_backend.contract import Brief, Example
from ml_backend.learning.pointer_tokens import HanUnit, key, tokens_of

BRAND, CATEGORY, DESCRIPTION, NEIGHBOUR = "brand", "category", "description", "neighbour"
FIXED_FIELDS = (BRAND, CATEGORY, DESCRIPTION, NEIGHBOUR)
MOST_TOKENS = 128
MOST_PLACES = 64  # tokens of one field
_BUDGETS = {BRAND: 8, CATEGORY: 12, NEIGHBOUR: 32}
_OF_A_VALUE, _OF_ATTRIBUTES = 12, 56  # a value's first words name it; the longest are lists of everything
_LEAST_USEFUL = 0.03  # share of a field's values of which some word stands in the title
_LEAST_SEEN = 3
_LEVELS_OF_CATEGORY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Source tokens in reading order; tokens, fields and places run in parallel."""

    tokens: tuple[str, ...]
    fields: tuple[str, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReader:
    """Makes sources of Briefs. attributes are the names worth reading, the most useful first."""

    attributes: tuple[str, ...]
    han_unit: HanUnit = "characters"

    @classmethod
    def learned(cls, examples: Sequence[Example], han_unit: HanUnit) -> SourceReader:
        """Learn which attributes' values stand in titles: those seen often enough, by the share that does."""
        seen: dict[str, int] = defaultdict(int)
        useful: dict[str, float] = defaultdict(float)
        for example in examples:
            title = {key(token) for token in tokens_of(example.title or "", han_unit)}
            for name, value in example.brief.attributes:
                words = {
                    key(token) for token in tokens_of(_plain(value), han_unit)[:_OF_A_VALUE] if key(token).isalnum()
                }
                seen[name] += 1
                useful[name] += len(words & title) / len(words) if words else 0.0
        shares = {name: useful[name] / n for name, n in seen.items() if n >= _LEAST_SEEN}
        kept = sorted(
            (name for name in shares if shares[name] >= _LEAST_USEFUL), key=lambda name: (-shares[name], name)
        )
        return cls(attributes=tuple(kept), han_unit=han_unit)

    @classmethod
    def from_json(cls, data: Any) -> SourceReader:  # noqa: ANN401 - JSON becomes a value here
        """Read what `to_json` gave; raises ValueError, KeyError or TypeError on anything else."""
        attributes, han_unit = tuple(data["attributes"]), data["han_unit"]
        if han_unit not in ("characters", "words") or not all(isinstance(name, str) for name in attributes):
            raise ValueError("the reader's attributes or its unit of Han text are wrong")
        return cls(attributes=attributes, han_unit=han_unit)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {"attributes": list(self.attributes), "han_unit": self.han_unit}

    def source(self, brief: Brief, neighbours: Sequence[str] = ()) -> Source:
        """Return the Brief's source, the titles of near products as one more field; never the shop's own title."""
        parts = [
            *self._part(BRAND, brief.brand, _BUDGETS[BRAND]),
            *self._part(CATEGORY, " ".join(brief.category[-_LEVELS_OF_CATEGORY:]), _BUDGETS[CATEGORY]),
            *self._attributes(brief),
        ]
        near = [token for title in neighbours for token in self._part(NEIGHBOUR, title, _BUDGETS[NEIGHBOUR])]
        room = max(MOST_TOKENS - len(parts) - len(near), 0)
        parts += self._part(DESCRIPTION, brief.description, min(room, MOST_PLACES))
        parts = (parts + near)[:MOST_TOKENS] or [("?", DESCRIPTION, 0)]  # attention needs something to look at
        tokens, fields, places = zip(*parts, strict=True)
        return Source(tokens=tokens, fields=fields, places=places)

    def _attributes(self, brief: Brief) -> list[tuple[str, str, int]]:
        ranks = {name: rank for rank, name in enumerate(self.attributes)}
        known = sorted((a for a in brief.attributes if a[0] in ranks), key=lambda a: ranks[a[0]])
        unknown = [] if self.attributes else list(brief.attributes)
        parts: list[tuple[str, str, int]] = []
        for name, value in known or unknown:
            part = self._part(name, _plain(value), _OF_A_VALUE)
            if len(parts) + len(part) <= _OF_ATTRIBUTES:
                parts += part
        return parts

    def _part(self, field: str, text: str, budget: int) -> list[tuple[str, str, int]]:
        # Cutting a long text into tokens costs more than reading it: a token has seldom more than a dozen characters.
        tokens = tokens_of(text[: 16 * budget], self.han_unit)[:budget]
        return [(token, field, place) for place, token in enumerate(tokens)]


def _plain(value: str) -> str:
    """Return a value as titles write it: 10 for "10.0", nothing for true and false."""
    if value.lower() in ("true", "false"):
        return ""
    return value.removesuffix(".0") if value.removesuffix(".0").isdigit() else value

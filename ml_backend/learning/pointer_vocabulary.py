"""What a pointer network knows by heart: title tokens it can write itself, words it has seen, names of fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ml_backend.learning.pointer_source import FIXED_FIELDS, Source
from ml_backend.learning.pointer_tokens import key

START, END, UNKNOWN = 0, 1, 2  # ids of title tokens that are no text
_SPECIAL = ("<start>", "<end>", "<unknown>")
_MOST_TITLE_TOKENS, _MOST_KEYS, _MOST_FIELDS = 8_000, 12_000, 200
_LEAST_SEEN = 2  # what one title alone has is better copied than remembered


@dataclass(frozen=True, kw_only=True)
class PointerVocabulary:
    """title_tokens begin with the special ones; keys are words of sources and titles; fields begin with "" (other)."""

    title_tokens: tuple[str, ...]
    keys: tuple[str, ...]
    fields: tuple[str, ...]

    @classmethod
    def learned(cls, sources: Iterable[Source], titles: Sequence[Sequence[str]]) -> PointerVocabulary:
        """Count what a catalog's titles and sources are made of."""
        written = Counter(token for title in titles for token in title)
        keys = Counter(key(token) for title in titles for token in title)
        fields: Counter[str] = Counter()
        for source in sources:
            keys.update(map(key, source.tokens))
            fields.update(set(source.fields))
        names = [field for field in _often(fields, _MOST_FIELDS) if field not in FIXED_FIELDS]
        return cls(
            title_tokens=(*_SPECIAL, *_often(written, _MOST_TITLE_TOKENS)),
            keys=("", *_often(keys, _MOST_KEYS)),
            fields=("", *FIXED_FIELDS, *names),
        )

    @classmethod
    def from_json(cls, data: Any) -> PointerVocabulary:  # noqa: ANN401 - JSON becomes a value here
        """Read what `to_json` gave; raises ValueError, KeyError or TypeError on anything else."""
        lists = {name: tuple(data[name]) for name in ("title_tokens", "keys", "fields")}
        for name, most in (("title_tokens", _MOST_TITLE_TOKENS + 3), ("keys", _MOST_KEYS + 1), ("fields", 205)):
            if not all(isinstance(item, str) for item in lists[name]):
                raise ValueError(f"{name} holds something that is no text")
            if len(lists[name]) > most or len(set(lists[name])) < len(lists[name]):
                raise ValueError(f"{name} is too long or holds something twice")
        if (
            lists["title_tokens"][:3] != _SPECIAL
            or lists["keys"][:1] != ("",)
            or lists["fields"][:5] != ("", *FIXED_FIELDS)
        ):
            raise ValueError("the vocabulary does not begin as every vocabulary does")
        return cls(**lists)

    def to_json(self) -> dict[str, list[str]]:
        """Return plain JSON types."""
        return {"title_tokens": list(self.title_tokens), "keys": list(self.keys), "fields": list(self.fields)}

    @cached_property
    def title_ids(self) -> dict[str, int]:
        """Return the ids of the title tokens that are text."""
        return {token: i for i, token in enumerate(self.title_tokens) if i > UNKNOWN}

    @cached_property
    def key_ids(self) -> dict[str, int]:
        """Return the ids of the keys; 0 stands for every unknown word."""
        return {word: i for i, word in enumerate(self.keys) if i}

    @cached_property
    def field_ids(self) -> dict[str, int]:
        """Return the ids of the fields; 0 stands for every other attribute."""
        return {field: i for i, field in enumerate(self.fields)}


def _often(counts: Counter[str], most: int) -> list[str]:
    """Return what was seen often enough, the most frequent first, ties by name."""
    found = sorted(
        (item for item, n in counts.items() if n >= _LEAST_SEEN and item), key=lambda item: (-counts[item], item)
    )
    return found[:most]

"""The checker against two lists written by hand: 200 Briefs and titles a language, with all that is unsupported.

The odd lines served to write the checker, the even ones were looked at when it stood.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ml_backend.contract import Brief, ChannelRules
from ml_backend.rules.faithfulness import findings

LISTS = Path(__file__).parents[3] / "data"
CHANNEL = ChannelRules(key="custom", max_length=200)
LEAST = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An unsupported fact, written or found; text stands in the title."""

    text: str
    is_hard: bool

    def matches(self, other: "Fact") -> bool:
        a, b = (re.sub(r"[\W_]", "", text.lower()) for text in (self.text, other.text))
        return self.is_hard == other.is_hard and (a in b or b in a)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of a list, with what the checker found."""

    title: str
    expected: tuple[Fact, ...]
    found: tuple[Fact, ...]


@cache
def cases(language: str) -> tuple[Case, ...]:
    lines = (LISTS / f"faithfulness_{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(case(json.loads(line), language) for line in lines)


def case(line: dict[str, Any], language: str) -> Case:
    fields = line["brief"]
    brief = Brief(
        catalog="list",
        library="",
        sku="1",
        language=language,
        channel=CHANNEL,
        brand=fields["brand"],
        category=tuple(fields["category"]),
        attributes=tuple((name, value) for name, value in fields["attributes"]),
        description=fields["description"],
    )
    return Case(
        title=line["title"],
        expected=tuple(Fact(text=fact["text"], is_hard=fact["hard"]) for fact in line["unsupported"]),
        found=tuple(Fact(text=found.text, is_hard=found.is_hard) for found in findings(line["title"], brief)),
    )


def precision_and_recall(listed: Sequence[Case], *, only_hard: bool) -> tuple[float, float]:
    """Return the share of found facts that the list has, and the share of the list's that are found."""
    pairs = [
        (
            [fact for fact in case.found if fact.is_hard or not only_hard],
            [fact for fact in case.expected if fact.is_hard or not only_hard],
        )
        for case in listed
    ]
    right = [any(map(fact.matches, expected)) for found, expected in pairs for fact in found]
    met = [any(map(fact.matches, found)) for found, expected in pairs for fact in expected]
    return sum(right) / len(right), sum(met) / len(met)


@pytest.mark.parametrize("only_hard", [True, False], ids=["hard facts", "all facts"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_checker_finds_what_is_unsupported_and_little_else(language: str, *, only_hard: bool) -> None:
    precision, recall = precision_and_recall(cases(language), only_hard=only_hard)

    assert precision >= LEAST
    assert recall >= LEAST


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lists_are_long_enough_to_tell(language: str) -> None:
    listed = cases(language)

    assert len(listed) == 200
    assert sum(len(case.expected) for case in listed) >= 80
    assert len({(case.title, case.expected) for case in listed}) == 200
    assert all(fact.text in case.title for case in listed for fact in case.expected)

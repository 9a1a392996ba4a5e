"""The ensemble titler: several titlers propose, those that can judge do, and fitted weights order what they propose.

Different titlers get different titles right: a template what columns hold, a neighbour what near products are called,
a language model what prose means. Each member stands in a subfolder of the version, under its method's name.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from ml_backend.contract import Brief, TitleProposal, Titler, from_json, to_json
from ml_backend.learning.diversity import different
from ml_backend.learning.edit_probability import EditModel
from ml_backend.learning.likelihoods import Likelihood
from ml_backend.learning.ranking import (
    DOUBTED_BY,
    EXPECTED,
    FIRST_OF,
    JUDGED_BY,
    ORDER,
    WRITTEN_BY,
    agreement,
    ranked,
)
from ml_backend.rules.text import normal_form

FILE = "ranking.json"
# How many proposals are asked for, whatever n: near titles cost next to nothing, a language model's beams much.
_CHEAP = ("neighbour", "template")
_MOST_POOLED = 12  # judging costs a language model as much as drafting
_WIDTH = {"neighbour": 15, "template": 6, "language_model": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What an ensemble's file holds."""

    ranking: Mapping[str, float]
    edit_model: EditModel | None


@runtime_checkable
class Judge(Protocol):
    """A titler that can say how likely another's title is to it, and how sure it is of that."""

    def likelihoods(self, briefs: Sequence[Brief], titles: Sequence[Sequence[str]]) -> list[list[Likelihood]]:
        """Return for each Brief how likely each of its titles is."""
        ...


@runtime_checkable
class Forecaster(Protocol):
    """A titler that can say how near any title may be expected to come to the one that people settle on."""

    def expected_f1s(self, briefs: Sequence[Brief], titles: Sequence[Sequence[str]]) -> list[list[float]]:
        """Return for each Brief the expected word F1 of each of its titles."""
        ...


class EnsembleTitler:
    """Pools its members' proposals.

    ranking holds the fitted weights by feature (see ranking.py), edit_model what tells drafts that will be edited.
    """

    def __init__(
        self, members: Mapping[str, Titler], ranking: Mapping[str, float], edit_model: EditModel | None = None
    ) -> None:
        """Take at least one member by its method's name; they are asked in the order of their names."""
        self.members, self.ranking, self.edit_model = dict(sorted(members.items())), dict(ranking), edit_model

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief 1 to n different proposals, best first by the fitted weights."""
        found = []
        for brief, pool in zip(briefs, self.pooled(briefs, n), strict=True):
            by_title = {proposal.title: proposal for proposal in pool}
            order = ranked(brief, pool, self.ranking)
            found.append([by_title[candidate.title] for candidate in order[:n]])
        return found

    def pooled(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief the _MOST_POOLED proposals that are expected to fit best, judged by those who can.

        Every member's first proposal is among them. Where n is 1, members whose proposals cost much make one each.
        """
        proposed = [member.propose(briefs, _width(name, n)) for name, member in self.members.items()]
        pools = self._forecast(briefs, [_merged(of_brief) for of_brief in zip(*proposed, strict=True)])
        pools = self._judged(briefs, [_pruned(pool) for pool in pools])
        return [
            [_with(p, {**agreed, **p.judged}) for p, agreed in zip(pool, agreement(pool), strict=True)]
            for pool in pools
        ]

    def _forecast(self, briefs: Sequence[Brief], pools: Sequence[Sequence[TitleProposal]]) -> list[list[TitleProposal]]:
        """Add what a forecaster expects of each proposal."""
        found = [list(pool) for pool in pools]
        for member in self.members.values():
            if isinstance(member, Forecaster):
                values = member.expected_f1s(briefs, [[p.title for p in pool] for pool in found])
                found = [_told(pool, EXPECTED, own) for pool, own in zip(found, values, strict=True)]
        return found

    def _judged(self, briefs: Sequence[Brief], pools: Sequence[Sequence[TitleProposal]]) -> list[list[TitleProposal]]:
        """Add the log-probability that every judge gives each proposal, and its doubt."""
        found = [list(pool) for pool in pools]
        for name, member in self.members.items():
            if isinstance(member, Judge):
                values = member.likelihoods(briefs, [[p.title for p in pool] for pool in found])
                found = [
                    _told(
                        _told(pool, JUDGED_BY + name, [one.log_proba for one in own]),
                        DOUBTED_BY + name,
                        [one.entropy for one in own],
                    )
                    for pool, own in zip(found, values, strict=True)
                ]
        return found

    def save(self, folder: Path) -> None:
        """Write the weights, and each member into its subfolder."""
        fitted = to_json(Fitted(ranking=self.ranking, edit_model=self.edit_model))
        (folder / FILE).write_text(json.dumps(fitted, indent=1), encoding="utf-8")
        for name, member in self.members.items():
            (folder / name).mkdir()
            member.save(folder / name)


def _width(method: str, n: int) -> int:
    """Return how many proposals a member is asked for."""
    return 1 if n == 1 and method not in _CHEAP else _WIDTH.get(method, n)


def _merged(proposed: Sequence[Sequence[TitleProposal]]) -> list[TitleProposal]:
    """Join the members' proposals; of one that several make it is kept who they were and its best place."""
    known: dict[str, dict[str, float]] = {}
    for own in proposed:
        for place, proposal in enumerate(own):
            told = known.setdefault(normal_form(proposal.title), {})
            told[WRITTEN_BY + proposal.method] = 1.0
            if place == 0:
                told[FIRST_OF + proposal.method] = 1.0
            told[ORDER] = max(told.get(ORDER, 0.0), 1 - place / len(own))
    return [_with(p, known[p.title]) for p in different([p for own in proposed for p in own])]


def _pruned(pool: Sequence[TitleProposal]) -> list[TitleProposal]:
    """Keep every member's first proposal, and of the others those that are expected to fit best."""
    best = sorted(pool, key=lambda p: (p.judged[ORDER] < 1, -p.judged.get(EXPECTED, 0.0)))[:_MOST_POOLED]
    titles = {proposal.title for proposal in best}
    return [proposal for proposal in pool if proposal.title in titles]


def _told(pool: Sequence[TitleProposal], feature: str, values: Sequence[float]) -> list[TitleProposal]:
    return [_with(proposal, {feature: value}) for proposal, value in zip(pool, values, strict=True)]


def _with(proposal: TitleProposal, told: Mapping[str, float]) -> TitleProposal:
    return replace(proposal, judged={**proposal.judged, **told})


def load_fitted(folder: Path) -> Fitted:
    """Read what was fitted for an ensemble; raises BadRequest or ValueError on anything else."""
    return from_json(Fitted, json.loads((folder / FILE).read_text(encoding="utf-8")))

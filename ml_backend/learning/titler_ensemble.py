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
from ml_backend.learning.ranking import EXPECTED, JUDGED_BY, agreement, ranked

FILE = "ranking.json"
_WIDTH = {"neighbour": 15, "template": 6}  # proposals that cost next to nothing, so more of them are asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What an ensemble's file holds."""

    ranking: Mapping[str, float]
    edit_model: EditModel | None


@runtime_checkable
class Judge(Protocol):
    """A titler that can say how likely another's title is to it."""

    def log_probas(self, briefs: Sequence[Brief], titles: Sequence[Sequence[str]]) -> list[list[float]]:
        """Return for each Brief the mean token log-probability of each of its titles."""
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
        """Return for each Brief all that the members propose, n each at most, judged by those who can."""
        proposed = [member.propose(briefs, max(n, _WIDTH.get(name, n))) for name, member in self.members.items()]
        pools = [different([p for own in of_brief for p in own]) for of_brief in zip(*proposed, strict=True)]
        judged = self._judged(briefs, [[p.title for p in pool] for pool in pools])
        return [
            [
                replace(proposal, judged={**known, **agreed})
                for proposal, known, agreed in zip(pool, own, agreement(pool), strict=True)
            ]
            for pool, own in zip(pools, judged, strict=True)
        ]

    def _judged(self, briefs: Sequence[Brief], titles: Sequence[Sequence[str]]) -> list[list[dict[str, float]]]:
        """Return for each Brief and title what the members that can judge say of it, by feature."""
        judged: list[list[dict[str, float]]] = [[{} for _ in own] for own in titles]
        for name, member in self.members.items():
            told = {}
            if isinstance(member, Judge):
                told[JUDGED_BY + name] = member.log_probas(briefs, titles)
            if isinstance(member, Forecaster):
                told[EXPECTED] = member.expected_f1s(briefs, titles)
            for feature, values in told.items():
                for known, own in zip(judged, values, strict=True):
                    for one, value in zip(known, own, strict=True):
                        one[feature] = value
        return judged

    def save(self, folder: Path) -> None:
        """Write the weights, and each member into its subfolder."""
        fitted = to_json(Fitted(ranking=self.ranking, edit_model=self.edit_model))
        (folder / FILE).write_text(json.dumps(fitted, indent=1), encoding="utf-8")
        for name, member in self.members.items():
            (folder / name).mkdir()
            member.save(folder / name)


def load_fitted(folder: Path) -> Fitted:
    """Read what was fitted for an ensemble; raises BadRequest or ValueError on anything else."""
    return from_json(Fitted, json.loads((folder / FILE).read_text(encoding="utf-8")))

"""Hand-written stand-ins for what our Protocols describe; each remembers what it was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ml_backend.contract import Brief, Candidate, Draft, TagScore
from ml_backend.errors import BackendUnreachable


@dataclass(kw_only=True)
class FakeDraftSource:
    """Drafts "<brand> <sku>" with one proposed tag where there is a library; implements review.drafting.DraftSource.

    answers_with is the version in its drafts when it differs from what `version` told, as after a promotion in
    between. uncertainty is by sku, 0.5 for the others. asked keeps every list of skus that it was asked for.
    """

    serving: str = "t0-g0.1"
    answers_with: str = ""
    uncertainty: Mapping[str, float] = field(default_factory=dict)
    is_down: bool = False
    asked: list[list[str]] = field(default_factory=list)

    def drafts(self, briefs: Sequence[Brief]) -> list[Draft]:
        self._answer_or_fail()
        self.asked.append([brief.sku for brief in briefs])
        return [self._draft(brief) for brief in briefs]

    def version(self, catalog: str, library: str) -> str:
        self._answer_or_fail()
        return self.serving

    def _draft(self, brief: Brief) -> Draft:
        uncertainty = self.uncertainty.get(brief.sku, 0.5)
        titles = (f"{brief.brand} {brief.sku}", f"{brief.sku} {brief.brand}")
        return Draft(
            sku=brief.sku,
            version=self.answers_with or self.serving,
            titler_version=0,
            tagger_version=0,
            candidates=tuple(Candidate(title=title, score=-rank) for rank, title in enumerate(titles)),
            tags=(TagScore(name="gift", proba=0.9, threshold=0.5),) if brief.library else (),
            title_uncertainty=uncertainty,
            tag_uncertainty=uncertainty,
        )

    def _answer_or_fail(self) -> None:
        if self.is_down:
            raise BackendUnreachable("no answer from the fake")

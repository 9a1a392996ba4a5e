"""Hand-written stand-ins for what our Protocols describe; each remembers what it was asked."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ml_backend.contract import (
    Brief,
    Candidate,
    CategoryPath,
    CategoryScore,
    Draft,
    Example,
    GoldenScore,
    SampleDraft,
    SampleReport,
    TagScore,
    TrainingReport,
    TrainingRequest,
    from_json,
    pointer_file,
    version_folder,
)
from ml_backend.errors import BackendUnreachable, TrainingFailed


@dataclass(kw_only=True)
class FakeDraftSource:
    """Drafts "<brand> <sku>" with one proposed tag where there is a library; implements review.drafting.DraftSource.

    answers_with is the version in its drafts when it differs from what `version` told, as after a promotion in
    between. category is drafted for every product. uncertainty is by sku, 0.5 for the others. asked keeps every list of
    skus that it was asked for.
    """

    serving: str = "t0-g0.1"
    answers_with: str = ""
    category: CategoryPath = ()
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
            categories=(CategoryScore(path=self.category, proba=0.7, reasons=("flask",)),) if self.category else (),
        )

    def _answer_or_fail(self) -> None:
        if self.is_down:
            raise BackendUnreachable("no answer from the fake")


class FakeTrainer:
    """Trains nothing: leaves a version folder and a report in which every golden item has the quality it was told.

    `meanwhile` runs between two heartbeats, as something that happens elsewhere while the child trains; `fails_with`
    is the sentence that the training ends in; `curve` is what it writes as curves; `n_samples` is how many samples it
    drafts, None for all. `requests`, `examples` and `golden` hold what each call was asked.
    """

    def __init__(
        self,
        *,
        candidate: float | Sequence[float] = 0.9,
        serving: float | Sequence[float] = 0.8,
        fails_with: str = "",
        meanwhile: Callable[[], object] = lambda: None,
        curve: str = "",
        n_samples: int | None = None,
    ) -> None:
        self.candidate, self.serving = candidate, serving
        self.curve, self.n_samples = curve, n_samples
        self.fails_with, self.meanwhile = fails_with, meanwhile
        self.requests: list[TrainingRequest] = []
        self.examples: list[list[Example]] = []
        self.golden: list[list[Example]] = []

    def train(self, run_folder: Path, heartbeat: Callable[[], None]) -> TrainingReport:
        request = from_json(TrainingRequest, json.loads((run_folder / "request.json").read_text(encoding="utf-8")))
        golden = _examples(run_folder / "golden.jsonl")
        self.requests.append(request)
        self.examples.append(_examples(run_folder / "examples.jsonl"))
        self.golden.append(golden)
        (run_folder / "train.log").write_text("reading\ntraining\n", encoding="utf-8")
        (run_folder / "curves.jsonl").write_text(self.curve, encoding="utf-8")
        (run_folder / "progress.json").write_text('{"progress": 0.5, "message": "Training."}', encoding="utf-8")
        heartbeat()
        self.meanwhile()
        heartbeat()
        if self.fails_with:
            raise TrainingFailed(self.fails_with)
        folder = version_folder(Path(request.models_folder), request.kind, request.scope, request.number)
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}", encoding="utf-8")
        pointer = pointer_file(Path(request.models_folder), request.kind, request.scope)
        return TrainingReport(
            version_folder=str(folder),
            n_examples=len(self.examples[-1]),
            seconds=0.1,
            device="cpu",
            metrics={"quality": 0.9},
            serving_version=json.loads(pointer.read_text(encoding="utf-8"))["number"] if pointer.exists() else 0,
            candidate=_scores(golden, self.candidate),
            serving=_scores(golden, self.serving),
            samples=fake_samples(run_folder, self.n_samples),
        )


def fake_samples(folder: Path, n: int | None = None) -> SampleReport:
    """Draft "new <sku>" beside "old <sku>" for the first n samples of a folder, None for all."""
    lines = (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()[:n]
    skus = [json.loads(line)["sku"] for line in lines]
    return SampleReport(
        drafted=tuple(SampleDraft(title=f"new {sku}") for sku in skus),
        beside=tuple(SampleDraft(title=f"old {sku}") for sku in skus),
    )


def _examples(path: Path) -> list[Example]:
    return [from_json(Example, json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _scores(golden: Sequence[Example], quality: float | Sequence[float]) -> tuple[GoldenScore, ...]:
    qualities = [quality] * len(golden) if isinstance(quality, float) else quality
    return tuple(
        GoldenScore(sku=example.brief.sku, group="", quality=each)
        for example, each in zip(golden, qualities, strict=True)
    )

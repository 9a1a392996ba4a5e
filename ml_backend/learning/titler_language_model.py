"""A titler that is a language model with a LoRA adapter (Hu et al. 2021) trained on a catalog's good titles.

Trains always from the base, causal or encoder–decoder, on title tokens only, and drafts by beam search. What a Brief
looks like to it stands in prompts.py; where the base comes from in base_models.py.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ml_backend.contract import Brief, Example, TitleProposal
from ml_backend.errors import BadArtifact, TrainingFailed
from ml_backend.learning import base_models, devices, prompts
from ml_backend.learning.base_models import BaseModel
from ml_backend.learning.beams import Beam, likeliest
from ml_backend.learning.curves import Curve, unheard
from ml_backend.learning.fine_tuning import Course, Pair, Report, TrainingPlan
from ml_backend.learning.likelihoods import Likelihood, Reading, likelihoods
from ml_backend.learning.prompt_reader import Reader
from ml_backend.learning.vocabulary import pays

_METHOD = "language_model"
_WEIGHTS, _ABOUT = "adapter.safetensors", "lm.json"
_ROOM_FOR_LONGER_TITLES = 8  # tokens beyond the longest title it was trained on


class LanguageModelTitler:
    """Drafts with an adapter on a base model that other titlers may share."""

    def __init__(
        self, base: BaseModel, adapter: str, *, lora: dict[str, Any], reader: Reader, longest_title: int
    ) -> None:
        self._base = base
        self._adapter = adapter
        self._lora = lora
        self._reader = reader
        self._longest_title = longest_title
        self._likeliest, self._likelihoods = _ways(base)
        weakref.finalize(self, base.retire, adapter)

    @classmethod
    def learned(
        cls,
        examples: Sequence[Example],
        valid: Sequence[Example],
        *,
        base_model: str,
        cache_folder: Path,
        minutes: float | None,
        seed: int,
        report: Report,
        plan: TrainingPlan | None = None,
        checkpoints: Path | None = None,
        curve: Curve = unheard,
    ) -> LanguageModelTitler:
        """Train an adapter on the Examples that have a title and keep its state of lowest loss on `valid`.

        valid shares no family with examples; without valid the last state is kept. minutes bounds the training
        itself, not the loading of the base. checkpoints is a folder from which a stopped training of the same data
        goes on, and where it leaves about every half minute how far it has come. report is told the share done, 0 to
        1, and a sentence; curve is told the losses. Raises TrainingFailed when there is no title to learn from,
        MissingBaseModel and BadArtifact as `base_models.base_folder` does.
        """
        plan = plan or TrainingPlan()
        report(0.0, f"loading base model {base_model}")
        base = base_models.base_model(base_model, cache_folder)
        is_trimmed = pays(base.model) and not base.is_encoder_decoder  # its configuration names tokens by number
        reader = Reader.learned(examples, base.tokenizer, plan.n_neighbours, is_trimmed=is_trimmed)
        pairs = _pairs(reader, examples)
        if not pairs:
            raise TrainingFailed("there is no example with a title to learn from: accept some titles first")
        lora = {
            "r": plan.rank,
            "lora_alpha": plan.alpha,
            "lora_dropout": plan.dropout,
            "target_modules": plan.targets,
        }
        adapter = base.attach(lora, seed=seed)
        longest_title = max(len(pair.title) for pair in pairs) + _ROOM_FOR_LONGER_TITLES
        titler = cls(base, adapter, lora=lora, reader=reader, longest_title=longest_title)
        with base.training(adapter, reader.kept) as model:
            course = Course(
                model, plan, minutes=minutes, seed=seed, report=report, curve=curve, checkpoints=checkpoints
            )
            course.run(pairs, _pairs(reader, valid))
        return titler

    @classmethod
    def load(cls, folder: Path, *, cache_folder: Path | None = None) -> LanguageModelTitler:
        """Read a saved adapter and attach it to its base model.

        cache_folder is where converted base models are kept; by default the models folder that the version stands in.
        Raises BadArtifact when a file is missing or does not fit, or the base is not the one it was trained on, and
        MissingBaseModel.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
            weights = load_file(folder / _WEIGHTS)
            lora = dict(about["lora"])
            name, fingerprint = str(about["base_model"]), str(about["base_fingerprint"])
            prompt_version, longest_title = int(about["prompt_version"]), int(about["longest_title"])
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as e:
            raise BadArtifact(f"{folder.name} holds no language model's adapter: {e}") from e
        if prompt_version != prompts.PROMPT_VERSION:
            raise BadArtifact(f"{folder.name} was trained on prompts of version {prompt_version}: train again")
        base = base_models.base_model(name, cache_folder or folder.absolute().parents[2])
        if base.fingerprint != fingerprint:
            raise BadArtifact(f"{folder.name} was trained on another base model than the {name} that is here")
        reader = Reader.load(folder, base.tokenizer)
        return cls(base, base.attach(lora, weights=weights), lora=lora, reader=reader, longest_title=longest_title)

    def save(self, folder: Path) -> None:
        """Write adapter.safetensors, lm.json and what its reader needs into an existing folder."""
        from safetensors.torch import save_file

        save_file(self._base.weights(self._adapter), folder / _WEIGHTS)
        about = {
            "base_model": self._base.name,
            "base_fingerprint": self._base.fingerprint,
            "prompt_version": prompts.PROMPT_VERSION,
            "longest_title": self._longest_title,
            "lora": self._lora,
        }
        (folder / _ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
        self._reader.save(folder)

    def propose(self, briefs: Sequence[Brief], n: int) -> list[list[TitleProposal]]:
        """Return for each Brief 1 to n different titles, the likeliest first; the same at every call.

        Briefs with prompts of like length are drafted together; the lock on the base is held for one batch at a time.
        """
        ids = self._reader.prompts(briefs)
        order = sorted(range(len(briefs)), key=lambda i: len(ids[i]))
        proposals: list[list[TitleProposal]] = [[] for _ in briefs]
        size = devices.drafting_batch(n)
        for some in (order[i : i + size] for i in range(0, len(order), size)):
            most = min(self._longest_title, max(briefs[i].channel.max_length for i in some))  # no token is empty
            with self._base.reading(self._adapter, self._reader.kept) as model:
                found = self._likeliest(model, [ids[i] for i in some], n, most, self._reader.stops)
            for i, beams in zip(some, found, strict=True):
                proposals[i] = self._proposals(briefs[i], beams, n)
        return proposals

    def likelihoods(self, briefs: Sequence[Brief], titles: Sequence[Sequence[str]]) -> list[list[Likelihood]]:
        """Return for each Brief how likely each of its titles is, the end token counted.

        Log-probabilities are comparable with the log_proba of this titler's own proposals. The lock is held for one
        batch at a time.
        """
        readings = [
            Reading(prompt=prompt, continuations=[self._reader.title(title) for title in own])
            for prompt, own in zip(self._reader.prompts(briefs), titles, strict=True)
        ]
        told: list[list[Likelihood]] = [[] for _ in briefs]
        order = sorted((i for i, own in enumerate(titles) if own), key=lambda i: len(readings[i]))
        size = devices.drafting_batch(max(map(len, titles), default=1) or 1)
        for some in (order[i : i + size] for i in range(0, len(order), size)):
            with self._base.reading(self._adapter, self._reader.kept) as model:
                found = self._likelihoods(model, [readings[i] for i in some])
            for i, own in zip(some, found, strict=True):
                told[i] = own
        return told

    def prompt_ids(self, brief: Brief) -> list[int]:
        """Return what the model reads of a Brief, as token ids of its base's tokenizer."""
        kept, ids = self._reader.kept, self._reader.prompts([brief])[0]
        return [kept[i] for i in ids] if kept else ids

    def _proposals(self, brief: Brief, beams: Sequence[Beam], n: int) -> list[TitleProposal]:
        best: dict[str, float] = {}
        for beam in beams:
            title = self._reader.text(beam.tokens)
            if title:
                best.setdefault(title, beam.mean_log_proba)
        if not best:
            return [TitleProposal(title=_plainest(brief), method=_METHOD)]
        return [TitleProposal(title=title, log_proba=score, method=_METHOD) for title, score in list(best.items())[:n]]


def _ways(base: BaseModel) -> tuple[Callable[..., list[list[Beam]]], Callable[..., list[list[Likelihood]]]]:
    """Return how a base is searched for titles and asked for their likelihood."""
    if not base.is_encoder_decoder:
        return likeliest, likelihoods
    from ml_backend.learning import seq2seq

    return seq2seq.likeliest, seq2seq.likelihoods


def _pairs(reader: Reader, examples: Sequence[Example]) -> list[Pair]:
    titled = [example for example in examples if example.title]
    families = [example.family for example in titled]
    found = reader.prompts([example.brief for example in titled], families=families)
    return [
        Pair(prompt=prompt, title=reader.title(example.title or ""))
        for prompt, example in zip(found, titled, strict=True)
    ]


def _plainest(brief: Brief) -> str:
    """Return a title for a Brief that the model had nothing to say of."""
    return " ".join([brief.brand, *brief.category[-1:]]).strip() or brief.title or brief.sku

"""Whether a draft that an editor changed teaches a titler more than the final title alone: SALT and plain training.

`python -m benchmarks.salt CATALOG.jsonl.gz [--pairs N] [--base NAME] [--epochs E] [--seeds N] [--out FILE.json]`

Source: Yao, Schloss & Selvaraj 2023, Improving Summarization with Human Edits, section 4.1 and appendices A.2, A.3.1.
Edits are simulated: the families of the train split are halved, a language model is trained on half A and drafts half
B greedily; where its draft is not the good title, that title stands for the edited one. Then two adapters are trained
from the base on A and B, alike in plan, seed, batches and steps, to the last one. "plain" learns the titles. "salt"
learns from the drafts of B too: -log(1 - p) of each token that the title does not keep, -log p of each that it keeps.
All weights are 1, as in A.2; of a draft with more than 60 % of its tokens changed only the title is learnt (A.3.1).
Where this departs: a lone changed token is punished too, for in a title it is often the wrong colour or size; of a
draft's end nothing is learnt, since it would be praised where the draft ends too early.

Told are the figures of greedy drafts of the valid split, and their paired difference (salt - plain), with the products
as what is resampled; of several seeds each product's mean is taken, and every seed halves the families in another way.
A run that was interrupted, or is asked for again, goes on from what it kept under var/benchmarks.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from benchmarks.catalogs import MOST_MEASURED, brief_of_row, examples_of, rows_by_split
from benchmarks.intervals import paired_difference
from benchmarks.protocol import rouge_l, title_figures
from benchmarks.title_runs import MODELS_FOLDER, ROOT, default_base_model
from benchmarks.titles import CATALOG, language_of
from ml_backend.contract import Brief, Example
from ml_backend.learning.base_models import BaseModel, base_model
from ml_backend.learning.fine_tuning import Course, Pair, Report, TrainingPlan, last_logits
from ml_backend.learning.prompt_reader import Reader
from ml_backend.learning.titler_language_model import LanguageModelTitler
from ml_backend.learning.vocabulary import pays
from ml_backend.rules.families import held_out
from ml_backend.rules.text import normal_form

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

RUNS_FOLDER = ROOT / "var" / "benchmarks" / "salt"
EPOCHS = 2  # time would measure what else the machine does: a step of SALT takes longer than a plain one
_MOST_CHANGED = 0.6
_ROOM_FOR_LONGER_TITLES = 8  # tokens, as in the product


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPair(Pair):
    """A pair whose title was made of a draft; is_kept says of each of the draft's tokens whether the title keeps it."""

    draft: list[int]
    is_kept: list[bool]


class SaltCourse(Course):
    """A course that learns from the drafts of its EditedPairs too; without any it is a plain one."""

    def __init__(
        self,
        model: "PreTrainedModel",
        plan: TrainingPlan,
        *,
        seed: int,
        report: Report,
        checkpoints: Path | None = None,
    ) -> None:
        super().__init__(model, plan, minutes=None, seed=seed, report=report, checkpoints=checkpoints)
        self._step_seconds: list[float] = []

    @property
    def cost(self) -> dict[str, float]:
        """Return the seconds of the whole course, and the processor's seconds a step since it last went on."""
        mean = sum(self._step_seconds) / max(len(self._step_seconds), 1)
        return {"seconds": round(self._place.used_s, 1), "processor_seconds_a_step": round(mean, 2)}

    def _summed_loss(self, batch: Sequence[Pair]) -> "torch.Tensor":
        edits = [pair for pair in batch if isinstance(pair, EditedPair)]
        loss = super()._summed_loss(batch)
        return loss + draft_loss(self._model, edits) if edits else loss

    def _step(self, batch: Sequence[Pair], done: float) -> float:
        began = time.process_time()
        loss = super()._step(batch, done)
        self._step_seconds.append(time.process_time() - began)
        return loss


def draft_loss(model: "PreTrainedModel", edits: Sequence[EditedPair]) -> "torch.Tensor":
    """Return the summed loss of the drafts' tokens: -log p of those kept, -log(1 - p) of those removed.

    1 - p is summed up from the other tokens' shares, so that it has a gradient where p is 1 to the last digit.
    """
    import torch

    columns = max(len(pair.draft) for pair in edits)
    ids, logits = last_logits(model, [pair.prompt + pair.draft for pair in edits], columns)
    states = torch.tensor([[-1] * (columns - len(pair.draft)) + pair.is_kept for pair in edits], device=ids.device)
    drafts, kept, removed = ids[:, -columns:], states == 1, states == 0
    likelihood = torch.nn.functional.cross_entropy(logits[kept].float(), drafts[kept], reduction="sum")
    every = logits[removed].float()
    others = every.scatter(1, drafts[removed][:, None], -float("inf"))
    return likelihood + (every.logsumexp(dim=1) - others.logsumexp(dim=1)).sum()


def kept_tokens(draft: Sequence[int], title: Sequence[int]) -> list[bool]:
    """Say of each token of a draft whether the title keeps it; aligned as a whole (Needleman & Wunsch 1970)."""
    runs = Levenshtein.opcodes(draft, title)
    return [run.tag == "equal" for run in runs for _ in range(run.src_start, run.src_end)]


def edited(pair: Pair, draft: Sequence[int]) -> Pair:
    """Return a pair with the draft (without end token) that its title was made of, unless the title is a new one."""
    is_kept = kept_tokens(draft, pair.title)
    if is_kept.count(False) > _MOST_CHANGED * len(is_kept):
        return pair
    return EditedPair(prompt=pair.prompt, title=pair.title, draft=list(draft), is_kept=is_kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What all trainings of a seed have in common; folder keeps what each of them brought."""

    base: BaseModel
    plan: TrainingPlan
    seed: int
    folder: Path

    def drafts(
        self, name: str, learnt: Sequence[Example], briefs: Sequence[Brief], edits: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Return drafts, cost and the edits learnt from, of an adapter trained from the base to its last step.

        edits: drafts by sku that the titles of these products were made of. What was made before is read.
        """
        file = self.folder / f"{name}.json"
        if not file.is_file():
            is_trimmed = pays(self.base.model)
            reader = Reader.learned(learnt, self.base.tokenizer, self.plan.n_neighbours, is_trimmed=is_trimmed)
            pairs = _pairs(reader, learnt, edits or {})
            titler, cost = self._titler(name, reader, pairs)
            drafts = [own[0].title for own in titler.propose(briefs, 1)]
            told = json.dumps({"drafts": drafts, "cost": cost, "edits": _edit_figures(pairs)}, ensure_ascii=False)
            aside = file.with_suffix(".aside")
            aside.write_text(told, encoding="utf-8")
            aside.rename(file)
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found

    def _titler(self, name: str, reader: Reader, pairs: Sequence[Pair]) -> tuple[LanguageModelTitler, dict[str, float]]:
        plan, folder = self.plan, self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        lora = {"r": plan.rank, "lora_alpha": plan.alpha, "lora_dropout": plan.dropout, "target_modules": plan.targets}
        adapter = self.base.attach(lora, seed=self.seed)
        longest = max(len(pair.title) for pair in pairs) + _ROOM_FOR_LONGER_TITLES
        titler = LanguageModelTitler(self.base, adapter, lora=lora, reader=reader, longest_title=longest)
        with self.base.training(adapter, reader.kept) as model:
            course = SaltCourse(model, plan, seed=self.seed, report=_tell, checkpoints=folder)
            course.run(pairs, [])
        return titler, course.cost


def simulated(trial: Trial, examples: Sequence[Example]) -> tuple[int, dict[str, str]]:
    """Return how many products half B has, and by sku the drafts, by what half A taught, that are not the title."""
    half = [example for example in examples if held_out(f"{trial.seed}/{example.family}", 0.5)]
    learnt = [example for example in examples if example not in half]
    drafts = trial.drafts("half", learnt, [example.brief for example in half])["drafts"]
    wrong = {e.brief.sku: d for e, d in zip(half, drafts, strict=True) if d != normal_form(e.title or "")}
    return len(half), wrong


def compared(trial: Trial, examples: Sequence[Example], briefs: Sequence[Brief], good: Sequence[str]) -> dict[str, Any]:
    """Train both ways; return figures, and under "drafts" what each wrote for the Briefs."""
    n, edits = simulated(trial, examples)
    made = {
        "plain": trial.drafts("plain", examples, briefs),
        "salt": trial.drafts("salt", examples, briefs, edits),
    }
    return {
        "seed": trial.seed,
        "simulated": n,
        "edits": len(edits),
        **made["salt"]["edits"],
        **{name: {**title_figures(own["drafts"], good), **own["cost"]} for name, own in made.items()},
        "drafts": {name: own["drafts"] for name, own in made.items()},
    }


def differences(drafts: Sequence[dict[str, list[str]]], good: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return salt - plain, each product's mean over seeds; less than 0 is better for edit."""

    def mean(name: str, score: Callable[[str, str], float]) -> list[float]:
        return list(np.mean([[score(d, g) for d, g in zip(own[name], good, strict=True)] for own in drafts], axis=0))

    scores = {"rouge_l": lambda d, g: 100 * rouge_l(d, g), "edit": Levenshtein.normalized_distance}
    return {name: paired_difference(mean("salt", score), mean("plain", score)) for name, score in scores.items()}


def main() -> None:
    """Measure seed by seed; print and write what stands after each."""
    options = _options()
    splits = rows_by_split(options.catalog)
    rows, valid = splits["train"][: options.pairs], splits["valid"][:MOST_MEASURED]
    base = base_model(options.base or default_base_model(language_of(rows)), MODELS_FOLDER)
    if base.is_encoder_decoder:
        raise SystemExit(f"{base.name} is no causal language model: name another --base")
    briefs, good = [brief_of_row(row, CATALOG) for row in valid], [str(row["title"]) for row in valid]
    plan = replace(TrainingPlan(), most_epochs=options.epochs)
    seeds, drafts = [], []
    for seed in range(options.seeds):
        trial = Trial(base=base, plan=plan, seed=seed, folder=_folder(options, base, seed))
        found = compared(trial, examples_of(rows, CATALOG), briefs, good)
        drafts.append(found.pop("drafts"))
        seeds.append({**found, "salt_over_plain": differences(drafts[-1:], good)})
        figures = {
            "catalog": options.catalog.name.split(".")[0],
            "pairs": len(rows),
            "epochs": options.epochs,
            "base_model": base.name,
            "salt_over_plain": differences(drafts, good),
            "seeds": seeds,
        }
        print(json.dumps(figures, indent=1), flush=True)
        if options.out:
            options.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _pairs(reader: Reader, examples: Sequence[Example], edits: dict[str, str]) -> list[Pair]:
    prompts = reader.prompts([e.brief for e in examples], families=[e.family for e in examples])
    pairs = [
        Pair(prompt=prompt, title=reader.title(e.title or "")) for prompt, e in zip(prompts, examples, strict=True)
    ]
    drafts = [edits.get(e.brief.sku) for e in examples]
    return [
        pair if draft is None else edited(pair, reader.title(draft)[:-1])
        for pair, draft in zip(pairs, drafts, strict=True)
    ]


def _edit_figures(pairs: Sequence[Pair]) -> dict[str, float]:
    edits = [pair for pair in pairs if isinstance(pair, EditedPair)]
    kept = [is_kept for pair in edits for is_kept in pair.is_kept]
    return {"edits_learnt_from": len(edits), "removed_share": round(kept.count(False) / max(len(kept), 1), 4)}


def _folder(options: argparse.Namespace, base: BaseModel, seed: int) -> Path:
    settings = [options.pairs, options.epochs, base.fingerprint, seed]
    digest = hashlib.sha256(options.catalog.read_bytes() + json.dumps(settings).encode()).hexdigest()[:12]
    return RUNS_FOLDER / f"{options.catalog.name.split('.')[0]}-{digest}"


def _tell(done: float, message: str) -> None:
    print(f"{done:4.0%} {message}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--pairs", type=int, help="train on the first N pairs of the train split (default: all)")
    parser.add_argument("--base", help="base model (default: the packaged one for the language)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"of every training (default: {EPOCHS})")
    parser.add_argument("--seeds", type=int, default=1, help="how often all is trained anew (default: 1)")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()

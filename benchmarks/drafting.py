"""How many titles a second bulk drafting gives, beside the way of the usual ML backend example.

`python -m benchmarks.drafting [--base NAME] [--briefs N] [--out FILE.json]` trains a language model on a sample for a
moment, then lets two ways draft in turns, greedily, with the same base, adapter and prompts: `/drafts` of the real ML
backend with one candidate, and a text-generation pipeline that is given one prompt at a time, in the backend's dtype
and in the example's float32. The pointer titler is measured by itself.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.spread import spread
from benchmarks.staging import AUTH, KEPT, running_backend, sample_briefs, sample_examples
from ml_backend.client import DraftClient
from ml_backend.contract import Brief, pointer_file, version_folder
from ml_backend.errors import BadArtifact
from ml_backend.learning import base_models, devices
from ml_backend.learning.artifacts import load_titler, read_manifest, write_version
from ml_backend.learning.prompt_reader import stops
from ml_backend.learning.splits import train_and_valid
from ml_backend.learning.titler_language_model import LanguageModelTitler
from ml_backend.learning.titler_pointer import PointerTitler

if TYPE_CHECKING:
    import torch

BARS = {"same_dtype": 6.0, "float32": 10.0, "pointer_titles_per_s": 60.0}
MODELS = KEPT / "models"
SCOPE = {"en": "sample-en", "zh": "sample-zh"}
Pipeline = Callable[[str], str]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--base", default="smollm2-135m", help="a causal model: a packaged name, a folder or a name on the hub"
    )
    parser.add_argument("--language", choices=sorted(SCOPE), default="en", help="of the sample products")
    parser.add_argument("--briefs", type=int, default=64, help="products that every way drafts")
    parser.add_argument("--rounds", type=int, default=3, help="in each, the backend drafts all, a pipeline its share")
    parser.add_argument("--pointer-minutes", type=float, default=1.0, help="of training the pointer titler before")
    parser.add_argument(
        "--minutes", type=float, default=2.0, help="of training before, where no earlier run has left a version"
    )
    parser.add_argument("--only", choices=["language_model", "pointer"], help="one section alone")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    figures: dict[str, Any] = {"cpus": os.cpu_count(), "language": options.language, "bars": BARS}
    if options.only != "language_model":
        figures["pointer"] = _pointer(options.language, options.pointer_minutes, options.rounds)
    if options.only != "pointer":
        figures["language_model"] = _language_model(options)
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    if options.out:
        options.out.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _pointer(language: str, minutes: float, n_rounds: int) -> dict[str, Any]:
    import torch

    _tell(f"training a pointer titler for {minutes:g} minutes")
    train, valid = train_and_valid(sample_examples(language), seed=0)
    titler = PointerTitler.learned(train, valid, minutes=minutes, seed=0, report=lambda _, __: None)
    briefs = untitled(sample_briefs(language))
    titler.propose(briefs[:8], 1)
    way = _Way(os.getpid())
    for _ in range(n_rounds):
        way.draft([brief.sku for brief in briefs], lambda: [own[0].title for own in titler.propose(briefs, 1)])
        _tell(f"pointer titler {way.per_s[-1]:.1f} titles/s ({way.per_cpu_s[-1]:.1f} by processor time)")
    return {
        "briefs": len(briefs),
        "threads": torch.get_num_threads(),
        "load_average": round(os.getloadavg()[0], 1),
        "titles_per_s": spread(way.per_s),
        "titles_per_cpu_s": spread(way.per_cpu_s),
    }


def _language_model(options: argparse.Namespace) -> dict[str, Any]:
    import torch

    folder = serving_version(options.language, options.minutes, options.base)
    briefs = untitled(sample_briefs(options.language))[: options.briefs]
    pipelines, texts = _pipelines(options.base, folder, briefs)
    with tempfile.TemporaryDirectory() as home, running_backend(Path(home), MODELS) as backend:
        client = DraftClient(url=backend.url, username=AUTH[0], password=AUTH[1], n_candidates=1)
        ways = {"backend": _Way(backend.pid), **{name: _Way(os.getpid()) for name in pipelines}}
        first = client.drafts([replace(brief, sku=f"{brief.sku} first") for brief in briefs[:4]])  # loads the version
        if any(draft.titler_version != 1 for draft in first):
            raise RuntimeError(f"the language model does not serve: {client.health().problems}")
        for pipeline in pipelines.values():
            pipeline(texts[0])
        for n in range(options.rounds):
            # A sku of this round's own: what the backend has drafted before it would only look up.
            asked = [replace(brief, sku=f"{brief.sku} {n}") for brief in briefs]
            ways["backend"].draft(texts, partial(_in_bulk, client, asked))
            for name, pipeline in pipelines.items():
                share = texts[n :: options.rounds]
                ways[name].draft(share, partial(_one_by_one, pipeline, share))
            rates = [f"{name} {way.per_s[-1]:.2f} ({way.per_cpu_s[-1]:.2f})" for name, way in ways.items()]
            _tell(f"round {n + 1}, titles/s (by processor time): {', '.join(rates)}")
    ours = ways["backend"]
    return {
        "base": options.base,
        "briefs": len(briefs),
        "rounds": options.rounds,
        "threads": torch.get_num_threads(),
        "load_average": round(os.getloadavg()[0], 1),
        "dtype": str(devices.weights_dtype()).removeprefix("torch."),
        "titles_per_s": {name: spread(way.per_s) for name, way in ways.items()},
        "titles_per_cpu_s": {name: spread(way.per_cpu_s) for name, way in ways.items()},
        "times_as_fast": {name: round(median(ours.per_s) / median(ways[name].per_s), 2) for name in pipelines},
        "times_as_fast_by_cpu_time": {
            name: round(median(ours.per_cpu_s) / median(ways[name].per_cpu_s), 2) for name in pipelines
        },
        "same_titles": {name: _share_of_same(ours.titles, ways[name].titles) for name in pipelines},
        "example": next(iter(ours.titles.values())),
    }


class _Way:
    """One way of drafting, its process, and what was seen of it: titles by prompt, and a rate for each round.

    The rate by the process's own processor time says what the other would on a machine that is otherwise idle.
    """

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.titles: dict[str, str] = {}
        self.per_s: list[float] = []
        self.per_cpu_s: list[float] = []

    def draft(self, texts: Sequence[str], titles_of_them: Callable[[], list[str]]) -> None:
        started, cpu_started = time.perf_counter(), self._cpu_s()
        titles = titles_of_them()
        self.per_s.append(len(texts) / (time.perf_counter() - started))
        self.per_cpu_s.append(len(texts) / (self._cpu_s() - cpu_started))
        self.titles |= dict(zip(texts, titles, strict=True))

    def _cpu_s(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def _in_bulk(client: DraftClient, briefs: Sequence[Brief]) -> list[str]:
    return [draft.title for draft in client.drafts(briefs)]


def _one_by_one(pipeline: Pipeline, texts: Sequence[str]) -> list[str]:
    return [pipeline(text) for text in texts]


def serving_version(language: str, minutes: float, base: str) -> Path:
    """Let an adapter serve: the one of an earlier run if it still fits, or else a freshly trained one."""
    scope = SCOPE[language]
    folder = version_folder(MODELS, "titler", scope, 1)
    try:
        load_titler(folder)
        if read_manifest(folder).base_model == base:
            return folder
    except BadArtifact:  # none yet, or of an earlier state of the code
        pass
    _tell(f"training a language model for {minutes:g} minutes")
    train, valid = train_and_valid(sample_examples(language), seed=0)
    titler = LanguageModelTitler.learned(
        train, valid, base_model=base, cache_folder=MODELS, minutes=minutes, seed=0, report=lambda _, __: None
    )
    write_version(
        folder, titler, kind="titler", scope=scope, method="language_model", number=1, data_hash="", base_model=base
    )
    pointer_file(MODELS, "titler", scope).write_text('{"number": 1}', encoding="utf-8")
    return folder


def _pipelines(base: str, folder: Path, briefs: Sequence[Brief]) -> tuple[dict[str, Pipeline], list[str]]:
    """Return the example's way in both dtypes, with the version's adapter merged into the base, and the prompts."""
    import torch
    import transformers
    from safetensors.torch import load_file

    from benchmarks.prompted_pipeline import PromptedPipeline

    transformers.logging.set_verbosity_error()
    titler, held = LanguageModelTitler.load(folder), base_models.base_model(base, MODELS)
    about = json.loads((folder / "lm.json").read_text(encoding="utf-8"))
    adapter = load_file(folder / "adapter.safetensors")
    prompts = [titler.prompt_ids(brief) for brief in briefs]
    texts = [held.tokenizer.decode(ids) for ids in prompts]
    settings = {
        "max_new_tokens": int(about["longest_title"]),
        "eos_token_id": sorted(stops(held.tokenizer)),
        "do_sample": False,
        "return_full_text": False,
    }

    def made(dtype: torch.dtype) -> Pipeline:
        model = transformers.AutoModelForCausalLM.from_pretrained(base_models.base_folder(base, MODELS), dtype=dtype)
        _merge(adapter, about["lora"]["lora_alpha"] / about["lora"]["r"], model)
        generate = transformers.pipeline(
            "text-generation",
            model=model,
            tokenizer=held.tokenizer,
            device=devices.device(),
            pipeline_class=PromptedPipeline,
            prompts=dict(zip(texts, prompts, strict=True)),
        )
        return lambda text: " ".join(generate(text, **settings)[0]["generated_text"].split())

    dtypes = dict.fromkeys([devices.weights_dtype(), torch.float32])
    return {str(dtype).removeprefix("torch."): made(dtype) for dtype in dtypes}, texts


def _merge(adapter: Mapping[str, "torch.Tensor"], scale: float, model: "torch.nn.Module") -> None:
    """Add an adapter's products to the weights that they belong to."""
    import torch

    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, a in adapter.items():
            if ".lora_A." in name:
                weight = parameters[name.removeprefix("base_model.model.").replace(".lora_A.", ".")]
                b = adapter[name.replace(".lora_A.", ".lora_B.")]
                weight.add_((scale * b.float() @ a.float()).to(weight.dtype))


def untitled(briefs: Sequence[Brief]) -> list[Brief]:
    """Leave titles alone to be drafted: the example knows no tags."""
    return [replace(brief, title="", library="") for brief in briefs]


def _share_of_same(ours: dict[str, str], theirs: dict[str, str]) -> float:
    """Return how often both ways wrote the same; ranking may prefer another and rounding differs between batches."""
    return round(sum(ours[text] == title for text, title in theirs.items()) / len(theirs), 2)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

"""How titlers get better with more titles to learn from: figures on test by the number of training pairs, as a picture.

`python -m benchmarks.learning_curves CATALOG.jsonl.gz … [--minutes M] [--language-model-minutes M] [--base NAME]
[--out FILE.json] [--picture FILE.svg]` runs `benchmarks.titles` for each catalog and number of pairs: the ensemble of
all titlers but the language model, with its members, and the language model by itself. Runs that were done are not
done again. With no pair at all drafts are the built-in titler's.
"""

import argparse
import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.catalogs import MOST_MEASURED, brief_of_row, rows_by_split
from benchmarks.protocol import Row, title_figures
from benchmarks.title_runs import default_base_model
from benchmarks.titles import CATALOG, SOURCES, language_of, measured
from ml_backend.learning.choosing import candidates
from ml_backend.learning.titler_template import TemplateTitler

POINTS: tuple[int | None, ...] = (100, 300, 1000, None)  # None: all pairs
MINUTES = 5.0
_TIMED = ("ensemble", "language_model")  # the members' seconds are the ensemble's
_BASELINES = ("nearest_neighbour", "first_60_characters")


def main() -> None:
    """Measure, print, write and draw."""
    options = _options()
    minutes = {"best": options.minutes, "language_model": options.language_model_minutes or options.minutes}
    curves = {path.name.split(".")[0]: _curve(path, minutes, options.base) for path in options.catalogs}
    print(json.dumps(curves, indent=1))
    if options.out:
        options.out.write_text(json.dumps(curves, indent=1) + "\n", encoding="utf-8")
    if options.picture:
        draw(curves, options.picture)


def _curve(catalog: Path, minutes: Mapping[str, float], base: str | None) -> list[dict[str, Any]]:
    """Return one entry for each number of pairs: pairs, and by titler and baseline ROUGE-L and seconds."""
    splits = rows_by_split(catalog)
    base_model = default_base_model(language_of(splits["train"])) if base is None else base
    entries = [_untrained(splits["test"])]
    for pairs in POINTS:
        if pairs is None or pairs < len(splits["train"]):
            runs = [("best", "")] + ([("language_model", base_model)] if base_model else [])
            done = [measured(_settings(catalog, titler, pairs, minutes[titler], own), splits) for titler, own in runs]
            entries.append(_entry(done))
            print(json.dumps(entries[-1]), flush=True)
    return entries


def _settings(catalog: Path, titler: str, pairs: int | None, minutes: float, base: str) -> Namespace:
    return Namespace(
        catalog=catalog,
        titler=titler,
        pairs=pairs,
        minutes=minutes,
        seed=0,
        base=base,
        neighbours=0,
        channels=False,
        drafts=None,
    )


def _entry(done: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    told = {
        name: {"rouge_l": one["test"]["rouge_l"], "seconds": one["seconds"]}
        for figures in done
        for name, one in figures["titlers"].items()
    }
    baselines = {
        name: {"rouge_l": done[0]["baselines"][name]["test"]["rouge_l"], "seconds": 0.0} for name in _BASELINES
    }
    return {"pairs": done[0]["pairs"], "titlers": {**told, **baselines}}


def _untrained(rows: Sequence[Row]) -> dict[str, Any]:
    briefs = [brief_of_row(row, CATALOG) for row in rows[:MOST_MEASURED]]
    proposed = TemplateTitler.untrained().propose(briefs, 1)
    drafts = [candidates(brief, own)[0].title for brief, own in zip(briefs, proposed, strict=True)]
    figures = title_figures(drafts, [str(row["title"]) for row in rows[:MOST_MEASURED]])
    return {"pairs": 0, "titlers": {"template": {"rouge_l": figures["rouge_l"], "seconds": 0.0}}}


def draw(curves: Mapping[str, Sequence[Mapping[str, Any]]], file: Path) -> None:
    """Draw ROUGE-L by pairs, one panel a catalog; seconds of training stand at the points of the slow titlers."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4 * len(curves), 4.6), layout="constrained")
    for i, (name, entries) in enumerate(curves.items(), start=1):
        axes = figure.add_subplot(1, len(curves), i)
        titlers = sorted({titler for entry in entries for titler in entry["titlers"]})
        for titler in titlers:
            points = [(e["pairs"], e["titlers"][titler]) for e in entries if titler in e["titlers"]]
            is_baseline = titler in _BASELINES
            axes.plot(
                [max(pairs, 30) for pairs, _ in points],
                [one["rouge_l"] for _, one in points],
                marker="o",
                linestyle=":" if is_baseline else "-",
                linewidth=2.5 if titler == "ensemble" else 1.3,
                label=titler.replace("_", " "),
            )
            if titler in _TIMED:
                for pairs, one in points:
                    place = (max(pairs, 30), one["rouge_l"])
                    axes.annotate(
                        f"{one['seconds']:.0f} s", place, xytext=(0, 7), textcoords="offset points", fontsize=8
                    )
        axes.set_xscale("log")
        ticks = [max(entry["pairs"], 30) for entry in entries]
        axes.set_xticks(ticks, [f"{entry['pairs']:,}" for entry in entries])
        axes.minorticks_off()
        axes.set_xlabel("training pairs")
        axes.set_ylabel("ROUGE-L on test")
        axes.set_title(SOURCES.get(name, name))
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.savefig(file)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalogs", type=Path, nargs="+")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"of training a point (default: {MINUTES:g})")
    parser.add_argument("--language-model-minutes", type=float, help="of the language model by itself (default: same)")
    parser.add_argument("--base", help='base model; "" for none (default: the packaged one for the language)')
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    parser.add_argument("--picture", type=Path, help="an SVG or PNG file for the picture")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""How good titlers are on a catalog: trained on its train split, chosen on valid, told on test (see protocol.py).

`python -m benchmarks.titles CATALOG.jsonl.gz [--titler template|neighbour|pointer|language_model|ensemble|best]
[--pairs N] [--minutes M] [--seed S] [--channels] [--out FILE.json] [--drafts FILE.jsonl]`

"best" trains every titler and the ensemble of them, and chooses among all by ROUGE-L on valid. A run that was
interrupted, or is asked for again, goes on from what it kept under var/benchmarks.
"""

import argparse
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.catalogs import MOST_MEASURED, brief_of_row, examples_of, rows_by_split
from benchmarks.channels import built_in_rules
from benchmarks.intervals import paired_difference
from benchmarks.protocol import Row, rouge_l, title_figures
from benchmarks.title_runs import Course, Made, Trained, default_base_model, drafted, titlers, trained
from ml_backend.contract import Example, Titler
from ml_backend.learning.choosing import candidates
from ml_backend.learning.neighbours import Neighbours
from ml_backend.learning.ranking import weights_of
from ml_backend.learning.reliability import reliability
from ml_backend.rules.text import normal_form

TITLERS = ("template", "neighbour", "pointer", "language_model", "ensemble", "best")
MINUTES = 15.0
CATALOG = "benchmark"
# Public sources by file name; the benchmark itself works on any file of the schema.
SOURCES = {
    "en_icecat": "Icecat (Open Content)",
    "en_myntra": "Myntra (fashion)",
    "en_flipkart": "Flipkart",
    "zh_openbg_taobao": "OpenBG (Taobao titles)",
}
_LEADING = 60  # characters


def main() -> None:
    """Measure, print and write."""
    options = _options()
    splits = rows_by_split(options.catalog)
    figures = measured(options, splits)
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def measured(options: argparse.Namespace, splits: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """Train, choose on valid, and return the figures of every titler on test."""
    rows = splits["train"][: options.pairs]
    language = language_of(rows)
    course = Course(
        catalog=options.catalog,
        titler=options.titler,
        language=language,
        n_pairs=len(rows),
        minutes=options.minutes,
        seed=options.seed,
        base_model=default_base_model(language) if options.base is None else options.base,
        n_neighbours=options.neighbours,
    )
    examples = examples_of(rows, CATALOG)
    training = trained(course, examples)
    known = titlers(course, training)
    valid = {name: _drafts(course, name, "valid", titler, splits["valid"]) for name, titler in known.items()}
    test = {name: _drafts(course, name, "test", titler, splits["test"]) for name, titler in known.items()}
    told = {name: _figures(name, training, valid[name], test[name], splits) for name in known}
    chosen = max(told, key=lambda name: told[name]["valid"]["rouge_l"])
    nearest = _nearest_titles(examples, splits["test"])
    if options.drafts:
        _write_drafts(options.drafts, splits["test"], test[chosen])
    return {
        "catalog": options.catalog.name.split(".")[0],
        "pairs": len(rows),
        "minutes": options.minutes,
        "seed": options.seed,
        "base_model": course.base_model,
        "chosen": {
            "titler": chosen,
            "chosen_on": "valid",
            **told[chosen],
            "rouge_l_over_nearest_neighbour": _gain(_drafted_titles(test[chosen]), nearest, splits["test"]),
            **(_by_channel(known[chosen], splits["test"]) if options.channels else {}),
        },
        "titlers": told,
        "baselines": {
            "nearest_neighbour": {"test": title_figures(nearest, _titles(splits["test"]))},
            "first_60_characters": {"test": title_figures(_leading(splits["test"]), _titles(splits["test"]))},
        },
    }


def language_of(rows: Sequence[Row]) -> str:
    """Return the catalog's language, English where it does not say."""
    return str(rows[0].get("language") or "en")


def _drafts(course: Course, name: str, part: str, titler: Titler, rows: Sequence[Row]) -> list[Made]:
    return drafted(course, name, part, titler, [brief_of_row(row, CATALOG) for row in rows[:MOST_MEASURED]])


def _figures(
    name: str,
    training: Trained,
    valid: Sequence[Made],
    test: Sequence[Made],
    splits: Mapping[str, Sequence[Row]],
) -> dict[str, Any]:
    return {
        "valid": title_figures(_drafted_titles(valid), _titles(splits["valid"])),
        "test": title_figures(_drafted_titles(test), _titles(splits["test"])),
        "unsupported": _share(bool(made.candidate.unsupported) for made in test),
        "violations": _share(bool(made.candidate.violations) for made in test),
        "warnings": _share(bool(made.candidate.warnings) for made in test),
        "edit_probability": _edit_probability(test, splits["test"]),
        "seconds": training.metrics.get(f"seconds_{name}", training.seconds),
        "peak_mb": training.metrics.get(f"peak_mb_{name}", training.peak_mb),
    }


def _edit_probability(drafts: Sequence[Made], rows: Sequence[Row]) -> dict[str, float] | None:
    """Return how well the told probabilities of an edit fit what editors wrote; None where none are told."""
    told = [made.edit_probability for made in drafts if made.edit_probability is not None]
    if len(told) < len(drafts):
        return None
    edited = [made.candidate.title != normal_form(title) for made, title in zip(drafts, _titles(rows), strict=True)]
    honesty = reliability(np.array(told), np.array(edited, dtype=int), least_proba=0.0)
    if honesty is None:
        return None
    return {
        "mean": round(sum(told) / len(told), 4),
        "edited": _share(edited),
        "ece": round(honesty.ece, 4),
    }


def _by_channel(titler: Titler, rows: Sequence[Row]) -> dict[str, Any]:
    """Draft all of a split for every built-in channel; count drafts with a hard fact or a broken rule."""
    found = {}
    for rules in built_in_rules(dt.date.today()).values():  # noqa: DTZ011 - a policy's day is the shop's own
        briefs = [replace(brief_of_row(row, CATALOG), channel=rules) for row in rows]
        best = [
            candidates(brief, proposals, weights_of(titler))[0]
            for brief, proposals in zip(briefs, titler.propose(briefs, 2), strict=True)
        ]
        found[rules.key] = {
            "n": len(best),
            "unsupported": sum(bool(c.unsupported) for c in best),
            "violations": sum(bool(c.violations) for c in best),
        }
    return {"channels": found}


def _nearest_titles(examples: Sequence[Example], rows: Sequence[Row]) -> list[str]:
    """Return the baseline: what the nearest training product is called, as it stands."""
    briefs = [brief_of_row(row, CATALOG) for row in rows[:MOST_MEASURED]]
    found = Neighbours.learned(examples).nearest(briefs, 1, families=None)
    return [near[0].title if near else "" for near in found]


def _leading(rows: Sequence[Row]) -> list[str]:
    """Return the baseline that copies: the first characters of the description, else of the attributes' values."""
    briefs = [brief_of_row(row, CATALOG) for row in rows[:MOST_MEASURED]]
    return [(b.description or " ".join(value for _, value in b.attributes))[:_LEADING] for b in briefs]


def _gain(drafts: Sequence[str], baseline: Sequence[str], rows: Sequence[Row]) -> dict[str, float]:
    good = _titles(rows)
    ours = [100 * rouge_l(draft, title) for draft, title in zip(drafts, good, strict=True)]
    theirs = [100 * rouge_l(draft, title) for draft, title in zip(baseline, good, strict=True)]
    return paired_difference(ours, theirs)


def _titles(rows: Sequence[Row]) -> list[str]:
    return [str(row["title"]) for row in rows[:MOST_MEASURED]]


def _share(values: Any) -> float:  # noqa: ANN401 - any iterable of bool
    flags = list(values)
    return round(sum(flags) / len(flags), 4)


def _drafted_titles(drafts: Sequence[Made]) -> list[str]:
    return [made.candidate.title for made in drafts]


def _write_drafts(file: Path, rows: Sequence[Row], drafts: Sequence[Made]) -> None:
    lines = [{"sku": row["sku"], "title": draft.candidate.title} for row, draft in zip(rows, drafts, strict=False)]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--titler", choices=TITLERS, default="best")
    parser.add_argument("--pairs", type=int, help="train on the first N pairs of the train split (default: all)")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"of training, at most (default: {MINUTES:g})")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--base", help='base model; "" for none (default: the packaged one for the language)')
    parser.add_argument("--neighbours", type=int, default=0, help="titles of near products that neural titlers read")
    parser.add_argument("--channels", action="store_true", help="draft all of test for every built-in channel too")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    parser.add_argument("--drafts", type=Path, help="a JSON Lines file for the chosen titler's drafts on test")
    return parser.parse_args()


if __name__ == "__main__":
    main()

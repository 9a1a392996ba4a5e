"""What an annotator's answer costs by keyboard alone: the page's seconds, presses of keys, and a person's estimated.

`python -m benchmarks.annotating [--answers N] [--tags 50 500] [--out FILE.json]` starts Label Studio, the ML backend
and Chromium, pushes invented drafts of the sample's products, and gives every kind of answer N times: accept, add a
word to the title, add one tag and remove one, take another candidate, reject with a reason; and, where categories are
asked, take the second likeliest. Measured is the time from the task's being ready to the answer's being stored, keys
following each other without a pause. A person's seconds are an estimate by the keystroke-level model and nobody's
measurement: an expert without errors, who has read the page.

Source: Card, Moran & Newell 1980, "The Keystroke-Level Model for User Performance Time with Interactive Systems".
"""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from benchmarks.spread import spread

KEY_S = 0.28  # one key of an average typist who is no secretary (40 words a minute)
THOUGHT_S = 1.35  # before each unit of keys that follow each other without a thought


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one answer took.

    seconds are the page's; n_presses counts a chord once, n_strokes each of its keys; n_units the stretches of keys
    that need no thought in between.
    """

    seconds: float
    n_presses: int
    n_strokes: int
    n_units: int

    @property
    def estimated_s(self) -> float:
        """Return a person's seconds by the keystroke-level model."""
        return KEY_S * self.n_strokes + THOUGHT_S * self.n_units


def figures(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the medians and ends of one kind's answers."""
    return {
        "n": len(answers),
        "page_s": spread([answer.seconds for answer in answers]),
        "presses": spread([answer.n_presses for answer in answers]),
        "strokes": spread([answer.n_strokes for answer in answers]),
        "estimated_person_s": spread([answer.estimated_s for answer in answers]),
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=5, help="of each kind, in turns")
    parser.add_argument("--tags", type=int, nargs="+", default=[50, 500], help="sizes of the tag library")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    import tests.integration.places  # noqa: F401 (a home, ports and secrets, before the settings are read)

    # Playwright's loop runs in this thread, and Django would take it for asynchronous code.
    os.environ |= {"DJANGO_SETTINGS_MODULE": "titlelab.settings", "DJANGO_ALLOW_ASYNC_UNSAFE": "true"}  # noqa: TID251
    django.setup()
    from benchmarks.annotator_at_work import at_work, worked

    with at_work() as page:
        found = {f"{n} tags": worked(page, n, options.answers) for n in options.tags}
        n = options.tags[0]
        found[f"{n} tags and categories"] = worked(page, n, options.answers, asks_for_category=True)
    text = json.dumps({"key_s": KEY_S, "thought_s": THOUGHT_S, **found}, indent=1)
    print(text)
    if options.out:
        options.out.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

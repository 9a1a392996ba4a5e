"""What a simulation tells: its rounds, and the table that people read. Computes only."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev

from titlelab.web.simulating.probe import Measurement

HEADINGS = (
    "Round",
    "Decisions",
    "Unedited titles",
    "Title and tags right",
    "Title edit distance",
    "Tag F1",
    "Titler",
    "Tagger",
    "Seconds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a training run came to; sentence is the gate's verdict or why there was none."""

    method: str
    scope: str
    state: str
    sentence: str
    number: int | None
    n_examples: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One turn of the loop: what people did, what was learnt of it, and the probe afterwards.

    Round 0 is the state before. n_decisions counts the catalog's current Decisions so far; n_as_shown those of the
    round's pages that were submitted as they were; came_by says how the Decisions arrived.
    """

    number: int
    n_decisions: int
    n_answered: int
    n_as_shown: int
    came_by: str
    trained: tuple[Trained, ...]
    probe: Measurement
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A catalog's rounds, the first before anybody annotated."""

    catalog: str
    queue: str
    rounds: tuple[Round, ...]


def table(story: Story) -> str:
    """Return a catalog's rounds as a Markdown table."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, story.rounds)]
    last = story.rounds[-1].probe
    title = f"**{story.catalog}**, measured on {last.n} products that nobody reviewed and no model learnt from"
    edits = [product.title_edit for product in last.products]
    unedited, edit = half_interval([float(e == 0) for e in edits]), half_interval(edits)
    chance = f"95 % intervals of the last round: unedited ± {100 * unedited:.0f} points, edit distance ± {edit:.3f}"
    return "\n".join([title, "", *(f"| {' | '.join(row)} |" for row in rows), "", chance])


def half_interval(values: Sequence[float]) -> float:
    """Return how far the 95 % interval of the mean reaches to either side, by the normal approximation; 0 for one."""
    return 1.96 * stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0


def _row(each: Round) -> Sequence[str]:
    probe = each.probe
    return (
        str(each.number),
        str(each.n_decisions),
        f"{probe.unedited:.0%}",
        f"{probe.accepted:.0%}",
        f"{probe.title_edit:.3f}",
        "–" if probe.tag_f1 is None else f"{probe.tag_f1:.3f}",
        probe.titler,
        probe.tagger,
        f"{each.seconds:.0f}",
    )

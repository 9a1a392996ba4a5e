"""What a simulation tells: its rounds, and the table that people read. Computes only; comparison.py compares arms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import stdev
from typing import Literal

from ml_backend.contract import Kind
from titlelab.web.simulating.probe import Measurement

Arm = Literal["learning", "control"]
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
    """What a training run came to; sentence is the gate's verdict or why there was none.

    It learnt from n_examples products, n_decisions of them by what people decided.
    """

    method: str
    scope: str
    state: str
    sentence: str
    number: int | None
    n_examples: int
    seconds: float
    n_decisions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A product that was asked about in a round, and how: chosen_by is the item's arm, a blind one shows no title.

    The rest is of the Decision: version drafted it; title_edit is as the ledger holds it, the draft shown or not. Each
    is empty where it is not known.
    """

    sku: str
    chosen_by: str
    is_blind: bool
    version: str = ""
    outcome: str = ""
    seconds: float | None = None
    title_edit: float | None = None
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """A promoted version's first draft in an open task.

    seconds: from the round's last Decision, as Label Studio dates it, until it confirmed the draft; run_seconds of
    them the training run took, or more where a run of other Decisions was under way.
    """

    kind: Kind
    number: int
    seconds: float
    run_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One turn of the loop: what people did, what was learnt of it, and the probe afterwards.

    Round 0 is the state before. n_decisions counts the catalog's current Decisions so far; n_as_shown those of the
    round's pages that were submitted as they were, n_titles_kept those whose drafted title was let stand; came_by says
    how the Decisions arrived. machine_seconds: what training took, and waiting for open tasks to be chosen, drafted and
    sent. annotator_seconds: what a person would have taken.
    """

    number: int
    n_decisions: int
    n_answered: int
    n_as_shown: int
    came_by: str
    trained: tuple[Trained, ...]
    probe: Measurement
    seconds: float
    n_titles_kept: int = 0
    machine_seconds: float = 0.0
    annotator_seconds: float = 0.0
    asked: tuple[Asked, ...] = ()
    new_drafts: tuple[NewDraft, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A catalog's rounds, the first before anybody annotated.

    of: what the catalog is a copy of, "" where it was played itself.
    """

    catalog: str
    queue: str
    rounds: tuple[Round, ...]
    of: str = ""
    seed: int = 0
    arm: Arm = "learning"


def table(story: Story) -> str:
    """Return a catalog's rounds as a Markdown table."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, story.rounds)]
    last = story.rounds[-1].probe
    title = f"**{story.catalog}**, measured on {last.n} products that nobody reviewed and no model learnt from"
    edits = [product.title_edit for product in last.products]
    unedited, edit = half_interval([float(e == 0) for e in edits]), half_interval(edits)
    chance = f"95 % intervals of the last round: unedited ± {100 * unedited:.0f} points, edit distance ± {edit:.3f}"
    return "\n".join([title, "", *markdown(rows), "", chance])


def markdown(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; the second row divides the headings from the rest."""
    return [f"| {' | '.join(row)} |" for row in rows]


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

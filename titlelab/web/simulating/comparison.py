"""Compares the learning arm with its control, round by round, over all seeds. Computes only; picture.py draws it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from titlelab.web.simulating.intervals import Interval, interval
from titlelab.web.simulating.probe import Probed
from titlelab.web.simulating.report import NewDraft, Round, Story, markdown

HEADINGS = (
    "Round", "Decisions", "Unedited titles", "without learning", "gain in points (95 %)", "Title edit distance",
    "without learning", "gain (95 %)",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One seed's two arms: the same products were asked about, by the same annotator."""

    learning: Story
    control: Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of both arms; gain is the paired difference, product by product, above 0 where learning is better."""

    learning: Interval
    control: Interval
    gain: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRound:
    """A round of all seeds; n_decisions is the seeds' mean."""

    number: int
    n_decisions: float
    unedited: Figure
    title_edit: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Seconds from a round's last Decision to a new draft in an open task, and what the runs took of them."""

    kind: str
    n: int
    median: float
    greatest: float
    greatest_beside_run: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What learning brought to one catalog.

    n_probe counts the products measured on, over all seeds. n_titles_kept: drafted titles that the annotators of the
    learning arm let stand, out of n_answered pages, of which n_blind showed none; the control's beside it.
    machine_seconds_per_accepted_title: the learning arm's machine seconds by the titles kept, None where none was.
    """

    catalog: str
    seeds: tuple[int, ...]
    n_probe: int
    rounds: tuple[ComparedRound, ...]
    n_answered: int
    n_blind: int
    n_titles_kept: int
    n_titles_kept_by_control: int
    annotator_seconds: float
    annotator_seconds_of_control: float
    machine_seconds: float
    machine_seconds_per_accepted_title: float | None
    new_drafts: tuple[Delay, ...]


def comparison(catalog: str, pairs: Sequence[Pair]) -> Comparison:
    """Compare at least one pair, over the rounds that all arms have played."""
    n_rounds = min(len(story.rounds) for pair in pairs for story in (pair.learning, pair.control))
    learning = [each for pair in pairs for each in pair.learning.rounds[:n_rounds]]
    control = [each for pair in pairs for each in pair.control.rounds[:n_rounds]]
    machine_seconds, n_kept = sum(r.machine_seconds for r in learning), sum(r.n_titles_kept for r in learning)
    return Comparison(
        catalog=catalog,
        seeds=tuple(pair.learning.seed for pair in pairs),
        n_probe=sum(pair.learning.rounds[0].probe.n for pair in pairs),
        rounds=tuple(_compared(number, pairs) for number in range(n_rounds)),
        n_answered=sum(r.n_answered for r in learning),
        n_blind=sum(asked.is_blind for r in learning for asked in r.asked),
        n_titles_kept=n_kept,
        n_titles_kept_by_control=sum(r.n_titles_kept for r in control),
        annotator_seconds=sum(r.annotator_seconds for r in learning),
        annotator_seconds_of_control=sum(r.annotator_seconds for r in control),
        machine_seconds=machine_seconds,
        machine_seconds_per_accepted_title=machine_seconds / n_kept if n_kept else None,
        new_drafts=_delays([draft for r in learning for draft in r.new_drafts]),
    )


def comparison_table(compared: Comparison) -> str:
    """Return the comparison as a Markdown table with the figures of time below."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, compared.rounds)]
    n_seeds = len(compared.seeds)
    title = (
        f"**{compared.catalog}**, {n_seeds} seed{'s' * (n_seeds != 1)}, measured on {compared.n_probe} products in all "
        "that nobody reviewed and no model learnt from; without learning: the same products asked of the same "
        "annotator, versions frozen"
    )
    return "\n".join([title, "", *markdown(rows), "", *_sentences(compared)])


def _compared(number: int, pairs: Sequence[Pair]) -> ComparedRound:
    learning = [pair.learning.rounds[number] for pair in pairs]
    control = [pair.control.rounds[number] for pair in pairs]
    return ComparedRound(
        number=number,
        n_decisions=sum(r.n_decisions for r in learning) / len(learning),
        unedited=_figure(learning, control, lambda product: float(product.title_edit == 0), sign=1),
        title_edit=_figure(learning, control, lambda product: product.title_edit, sign=-1),
    )


def _figure(
    learning: Sequence[Round], control: Sequence[Round], value: Callable[[Probed], float], *, sign: int
) -> Figure:
    a, b = ([{p.sku: value(p) for p in r.probe.products} for r in rounds] for rounds in (learning, control))
    gains = [[sign * (mine[sku] - its[sku]) for sku in mine] for mine, its in zip(a, b, strict=True)]
    return Figure(
        learning=interval([list(own.values()) for own in a]),
        control=interval([list(own.values()) for own in b]),
        gain=interval(gains),
    )


def _delays(drafts: Sequence[NewDraft]) -> tuple[Delay, ...]:
    kinds = sorted({draft.kind for draft in drafts})
    return tuple(_delay(kind, [draft for draft in drafts if draft.kind == kind]) for kind in kinds)


def _delay(kind: str, drafts: Sequence[NewDraft]) -> Delay:
    return Delay(
        kind=kind,
        n=len(drafts),
        median=median(draft.seconds for draft in drafts),
        greatest=max(draft.seconds for draft in drafts),
        greatest_beside_run=max(draft.seconds - draft.run_seconds for draft in drafts),
    )


def _row(each: ComparedRound) -> Sequence[str]:
    unedited, edit = each.unedited, each.title_edit
    gain = unedited.gain
    return (
        str(each.number),
        f"{each.n_decisions:.0f}",
        f"{unedited.learning.mean:.0%}",
        f"{unedited.control.mean:.0%}",
        f"{100 * gain.mean:+.0f} ({100 * gain.low:+.0f} to {100 * gain.high:+.0f})",
        f"{edit.learning.mean:.3f}",
        f"{edit.control.mean:.3f}",
        f"{edit.gain.mean:+.3f} ({edit.gain.low:+.3f} to {edit.gain.high:+.3f})",
    )


def _sentences(compared: Comparison) -> list[str]:
    kept, of_control = compared.n_titles_kept, compared.n_titles_kept_by_control
    by_title = compared.machine_seconds_per_accepted_title
    cost = "" if by_title is None else f"; {by_title:.1f} s of machine time for each accepted title"
    return [
        f"Of {compared.n_answered - compared.n_blind} pages that showed a drafted title {kept} kept it, "
        f"{of_control} without learning{cost}.",
        *(
            f"From a round's last Decision to the new {each.kind}'s draft in an open task: {each.median:.0f} s "
            f"(median of {each.n}), at most {each.greatest:.0f} s, at most {each.greatest_beside_run:.0f} s beside the "
            "run's own time."
            for each in compared.new_drafts
        ),
    ]

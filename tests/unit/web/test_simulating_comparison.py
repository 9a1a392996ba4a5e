"""Two arms compared over seeds: intervals, the table that is told, and the picture."""

from xml.etree import ElementTree

import pytest

from titlelab.web.simulating.comparison import Pair, comparison, comparison_table
from titlelab.web.simulating.intervals import interval
from titlelab.web.simulating.picture import picture
from titlelab.web.simulating.probe import Measurement, Probed
from titlelab.web.simulating.report import Asked, NewDraft, Round, Story


def make_probe(edits: list[float]) -> Measurement:
    products = tuple(
        Probed(sku=f"P-{i}", title="", right_title="", title_edit=e, tags=(), right_tags=(), is_accepted=e == 0)
        for i, e in enumerate(edits)
    )
    return Measurement(
        version="t1-g1.1", titler="ensemble v1", tagger="none", n=len(edits), unedited=0.0, accepted=0.0,
        title_edit=0.0, tag_f1=None, seconds=0.1, products=products,
    )  # fmt: skip


def make_story(rounds: list[list[float]], *, kept: int, seed: int = 0, drafts: tuple[NewDraft, ...] = ()) -> Story:
    made = tuple(
        Round(
            number=number,
            n_decisions=10 * number,
            n_answered=10 * bool(number),
            n_as_shown=0,
            came_by="webhook",
            trained=(),
            probe=make_probe(edits),
            seconds=9.0,
            n_titles_kept=kept * bool(number),
            machine_seconds=30.0,
            annotator_seconds=100.0,
            asked=(Asked(sku="P-9", chosen_by="random", is_blind=True),) * bool(number),
            new_drafts=drafts * bool(number),
        )
        for number, edits in enumerate(rounds)
    )
    return Story(catalog=f"shop-{seed}", queue="Shop", rounds=made, seed=seed)


def make_pair(seed: int = 0) -> Pair:
    drafts = (NewDraft(kind="tagger", number=2, seconds=12.0 + seed, run_seconds=5.0),)
    start = [0.5, 0.5, 0.0, 0.5]
    return Pair(
        learning=make_story([start, [0.0, 0.25, 0.0, 0.25]], kept=5, seed=seed, drafts=drafts),
        control=make_story([start, start], kept=2, seed=seed),
    )


def test_an_interval_lies_about_the_mean_and_is_the_same_each_time() -> None:
    found = interval([[0.0, 1.0] * 50, [0.0, 1.0] * 50])

    assert found.mean == 0.5
    assert found.low == pytest.approx(0.5 - 1.96 * 0.5 / 200**0.5, abs=0.01)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.5 / 200**0.5, abs=0.01)
    assert interval([[0.0, 1.0] * 50, [0.0, 1.0] * 50]) == found


def test_what_differs_between_seeds_widens_the_interval() -> None:
    alike, unlike = interval([[0.4, 0.6] * 20] * 3), interval([[0.1, 0.3] * 20, [0.4, 0.6] * 20, [0.7, 0.9] * 20])

    assert alike.mean == pytest.approx(unlike.mean)
    assert unlike.high - unlike.low > 3 * (alike.high - alike.low)


def test_what_is_the_same_everywhere_has_no_width() -> None:
    found = interval([[0.25] * 4])

    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)


def test_a_gain_is_paired_by_product_and_counts_less_typing_as_better() -> None:
    compared = comparison("shop", [make_pair(0), make_pair(1)])
    before, after = compared.rounds

    assert (before.unedited.gain.mean, before.title_edit.gain.low, before.title_edit.gain.high) == (0.0, 0.0, 0.0)
    assert (after.unedited.learning.mean, after.unedited.control.mean, after.unedited.gain.mean) == (0.5, 0.25, 0.25)
    assert after.title_edit.gain.mean == pytest.approx(0.25)
    assert after.title_edit.gain.low <= 0.25 <= after.title_edit.gain.high


def test_machine_time_is_told_by_accepted_title_and_a_new_draft_by_its_delay() -> None:
    compared = comparison("shop", [make_pair(0), make_pair(1)])

    assert (compared.seeds, compared.n_probe, compared.n_answered) == ((0, 1), 8, 20)
    assert (compared.n_titles_kept, compared.n_titles_kept_by_control) == (10, 4)
    assert compared.machine_seconds_per_accepted_title == pytest.approx(120 / 10)
    (delay,) = compared.new_drafts
    assert (delay.kind, delay.n, delay.median, delay.greatest, delay.greatest_beside_run) == ("tagger", 2, 12.5, 13, 8)


def test_arms_are_compared_as_far_as_both_were_played() -> None:
    short = Pair(learning=make_pair().learning, control=make_story([[0.5] * 4], kept=0))

    assert len(comparison("shop", [make_pair(), short]).rounds) == 1


def test_the_table_holds_both_arms_and_the_gain() -> None:
    lines = comparison_table(comparison("shop", [make_pair()])).splitlines()

    assert lines[0].startswith("**shop**, 1 seed, measured on 4 products")
    assert lines[5].startswith("| 1 | 10 | 50% | 25% | +25 (")
    assert "| 0.125 | 0.375 | +0.250 (" in lines[5]
    assert "Of 9 pages that showed a drafted title 5 kept it, 2 without learning; 12.0 s of machine time" in lines[-2]
    assert "new tagger's draft in an open task: 12 s (median of 1), at most 12 s, at most 7 s beside" in lines[-1]


def test_the_picture_is_an_svg_with_a_curve_for_each_arm_and_figure() -> None:
    drawn = ElementTree.fromstring(picture([comparison("a < b", [make_pair()])]))  # noqa: S314 (our own)
    svg = "{http://www.w3.org/2000/svg}"

    assert drawn.tag == f"{svg}svg"
    assert len(drawn.findall(f".//{svg}polyline")) == 4
    assert "a < b: titles that need no edit" in [text.text for text in drawn.iter(f"{svg}text")]

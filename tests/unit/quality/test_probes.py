"""Accuracy on golden probes, worked by hand."""

import pytest

from titlelab.quality.measures import chrf
from titlelab.quality.probes import Probe, tag_accuracy, title_accuracy


def probe(title: str, tags: str, settled_title: str = "Norvik Bottle", settled_tags: str = "ab") -> Probe:
    return Probe(title=title, tags=frozenset(tags), settled_title=settled_title, settled_tags=frozenset(settled_tags))


def test_titles_are_as_right_as_they_are_like_the_settled_ones() -> None:
    likeness = {("Norvik Bottle", "Norvik Bottle"): 1.0, ("Bottle", "Norvik Bottle"): 0.6}

    found = title_accuracy(
        [probe("Norvik Bottle", "ab"), probe("Bottle", "ab"), probe("", ""), probe("", "", settled_title="")],
        lambda one, other: likeness[one, other],
    )

    assert found is not None
    assert found.value == pytest.approx((1.0 + 0.6 + 0.0 + 1.0) / 4)
    assert (found.n, found.low) == (4, None)  # four are too few for an interval


def test_tags_are_right_by_f1_and_rejections_say_nothing_of_them() -> None:
    probes = [probe("x", "ab"), probe("x", "a"), probe("x", "cd"), probe("x", "", settled_tags=""), probe("", "")]

    found = tag_accuracy(probes)

    assert found is not None
    assert found.value == pytest.approx((1.0 + 2 / 3 + 0.0 + 1.0) / 4)
    assert found.n == 4


def test_many_probes_have_an_interval() -> None:
    found = title_accuracy([probe("Norvik Bottle" if n % 4 else "Orvel lamp", "ab") for n in range(20)], chrf)

    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high <= 1.0


def test_without_probes_nothing_is_told() -> None:
    assert title_accuracy([], chrf) is None
    assert tag_accuracy([probe("", "")]) is None

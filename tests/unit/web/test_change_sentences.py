"""What a change is called."""

import pytest

from titlelab.quality.figures import Figure, share
from titlelab.web.charts import Unit
from titlelab.web.quality.change_sentences import change_sentence


def figure(value: float, low: float | None = None, high: float | None = None) -> Figure:
    return Figure(value=value, low=low, high=high, n=50)


@pytest.mark.parametrize(
    ("before", "after", "unit", "sentence"),
    [
        (share(31, 100), share(44, 100), "share",
         "No clear change: Acceptance went from 31% to 44% (+13 points, −0.4 to 26)."),
        (share(310, 1000), share(440, 1000), "share", "Acceptance rose from 31% to 44% (+13 points, 8.8 to 17)."),
        (share(440, 1000), share(310, 1000), "share", "Acceptance fell from 44% to 31% (−13 points, −17 to −8.8)."),
        (figure(12.0, 11.0, 13.0), figure(9.0, 8.0, 10.0), "seconds",
         "Acceptance fell from 12 s to 9 s (−3 s, −4.4 to −1.6)."),
        (figure(0.2), figure(0.5, 0.4, 0.6), "share",
         "Acceptance went from 20% to 50%: whether by chance can't be told, for one of the weeks has too few "
         "Decisions, or all alike."),
        (share(1, 1), share(0, 1), "share",
         "No clear change: Acceptance went from 100% to 0% (−100 points, −100 to 12)."),
        (share(44, 100), share(44, 100), "share", "Acceptance stayed at 44% (0 points, −14 to 14)."),
        (figure(0.1 + 0.2, 0.2, 0.4), figure(0.3, 0.2, 0.4), "share",
         "Acceptance stayed at 30% (0 points, −14 to 14)."),
        (figure(1.0), figure(1.0), "share", "Acceptance stayed at 100%."),
        (figure(0.3, 0.3 - 4e-9, 0.3), figure(0.4, 0.4, 0.4), "share",
         "Acceptance rose from 30% to 40% (+10 points, 10 to 10)."),
        (figure(0.892, 0.891, 0.893), figure(0.894, 0.893, 0.895), "share",
         "Acceptance rose from 89.2% to 89.4% (+0.2 points, 0.06 to 0.3)."),
        (None, figure(0.5), "share", "Nothing of the week before tells it."),
        (figure(0.5), None, "share", "Nothing of this week tells it."),
    ],
)  # fmt: skip
def test_a_change_is_told_with_its_interval(
    before: Figure | None, after: Figure | None, unit: Unit, sentence: str
) -> None:
    assert change_sentence("Acceptance", before, after, unit) == sentence

"""How the figures of the annotator's page are reckoned."""

from benchmarks.annotating import Answer, figures


def test_a_person_s_seconds_are_keys_and_thoughts() -> None:
    answer = Answer(seconds=0.4, n_presses=2, n_strokes=3, n_units=2)

    assert round(answer.estimated_s, 2) == 3.54  # 3 × 0.28 + 2 × 1.35


def test_a_kind_s_figures_are_the_medians_and_ends_of_its_answers() -> None:
    found = figures([Answer(seconds=s, n_presses=1, n_strokes=2, n_units=1) for s in (0.3, 0.1, 0.2)])

    assert found["page_s"] == {"median": 0.2, "least": 0.1, "greatest": 0.3}
    assert found["presses"] == {"median": 1, "least": 1, "greatest": 1}
    assert found["estimated_person_s"]["median"] == 1.91

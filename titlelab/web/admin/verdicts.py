"""The gate's verdict as a sentence and a small table, and a tagger's reliability as a chart.

Computes only; what the figures mean, training/gate.py and learning/reliability.py say.
"""

from collections.abc import Mapping
from typing import Any

from ml_backend.contract import Reliability
from titlelab.quality.rates import rate
from titlelab.web.charts import Chart, Series, Value, chart

Row = tuple[str, str, str, str]


def verdict_sentence(verdict: Mapping[str, Any]) -> str:
    """Say whether it passed, why, and on what it was judged."""
    if not verdict:
        return "not judged"
    outcome = "Passed" if verdict["passed"] else "Refused"
    return f"{outcome}. {verdict['reason']} Judged on {verdict['n']} items: {verdict['golden_is']}."


def verdict_rows(verdict: Mapping[str, Any]) -> list[Row]:
    """Return (figure, candidate, serving, difference) rows; none for a run that was not judged."""
    if not verdict:
        return []
    fall = verdict.get("worst_fall") or {}
    rows: list[Row] = [
        (
            "mean quality",
            _number(verdict.get("mean_candidate")),
            _number(verdict.get("mean_serving")),
            _number(verdict.get("difference"), signed=True),
        ),
        ("at least (90 %)", "", "", _number(verdict.get("lower_bound"), signed=True)),
        ("may be", "", "", f"≥ {-verdict['margin']:+.3f}"),
        ("unedited", _share(verdict.get("unedited_candidate")), _share(verdict.get("unedited_serving")), ""),
        ("items that break a rule", str(verdict["violations_candidate"]), str(verdict["violations_serving"]), ""),
    ]
    if fall:
        rows.append((f"worst fall: {fall['name']}", f"{fall['n']} items", "", _number(-fall["fall"], signed=True)))
    return rows


def reliability_chart(measured: Reliability) -> Chart | None:
    """Lay out what was promised and what came true, with its interval, bin by bin."""
    came_true = [rate(round(each.share * each.n), each.n) for each in measured.bins]
    return chart(
        [f"{each.proba:.0%}" for each in measured.bins],
        [
            Series(
                name="came true",
                values=[Value(figure=r.share, low=r.low, high=r.high) if r else None for r in came_true],
            ),
            Series(name="promised", values=[Value(figure=each.proba) for each in measured.bins]),
        ],
    )


def _number(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    return f"{value:+.3f}" if signed else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"

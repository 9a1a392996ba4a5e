"""Charts of what was learnt: the curves of a run, and how good a scope's versions were. Computes only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ml_backend.contract import CurvePoint
from titlelab.training.models import ModelVersion, TrainingRun
from titlelab.web.charts import Chart, Series, Unit, Value, chart

QUALITIES = frozenset(["validation_tokens", "validation_titles"])  # shares, as ml_backend/learning/foretelling.py tells
N_STEPS = 40  # points of a curve that can be told apart on a chart, and rows of the table behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChart:
    """The losses of one part of a training, "" where there is one part, or its quality, in shares."""

    part: str
    is_quality: bool
    chart: Chart


def curve_charts(curves: Mapping[str, Sequence[CurvePoint]]) -> list[CurveChart]:
    """Draw the curves, those of an ensemble's members apart, on an axis of even steps: a point is a mean of some."""
    parts: dict[tuple[str, bool], dict[str, Sequence[CurvePoint]]] = {}
    for name, points in curves.items():
        part, _slash, own = name.rpartition("/")
        if points:
            parts.setdefault((part, own in QUALITIES), {})[own] = points
    labels = dict(TrainingRun.Method.choices)
    return [
        CurveChart(part=str(labels.get(part, part)), is_quality=is_quality, chart=drawn)
        for (part, is_quality), own in parts.items()
        if (drawn := _curve_chart(own, "share" if is_quality else "number")) is not None
    ]


def quality_chart(versions: Sequence[ModelVersion], urls: Sequence[str]) -> Chart | None:
    """Draw the golden quality of versions, the oldest first, beside that of what served when each was judged."""
    frozen = [_value(version, "quality_frozen") for version in versions]
    series = [
        Series(name=_("this version"), values=[_value(version, "quality", with_interval=True) for version in versions]),
        Series(
            name=_("what served then, on the same items"),
            values=[_value(version, "serving_quality") for version in versions],
        ),
    ]
    if any(frozen):
        series.append(Series(name=_("this version, on the items of all versions"), values=frozen))
    labels = [f"v{version.number} {version.created_at:%m-%d}" for version in versions]
    return chart(labels, series, urls=urls)


def _curve_chart(curves: Mapping[str, Sequence[CurvePoint]], unit: Unit) -> Chart | None:
    last = max(max(points[-1].step for points in curves.values()), 1)
    n = min(N_STEPS, last)
    labels = [f"{round(last * (i + 1) / n):,}" for i in range(n)]
    return chart(
        labels,
        [Series(name=_named(name), values=_on_steps(points, last, n)) for name, points in curves.items()],
        unit=unit,
    )


def _on_steps(points: Sequence[CurvePoint], last: int, n: int) -> list[Value | None]:
    """Return the mean of the points in each of n even parts of the steps up to the last; None where there is none."""
    parts: list[list[float]] = [[] for _i in range(n)]
    for point in points:
        parts[max(-(-point.step * n // last) - 1, 0)].append(point.value)
    return [Value(figure=sum(part) / len(part)) if part else None for part in parts]


def _named(name: str) -> str:
    known = {
        "training_loss": _("training loss"),
        "validation_loss": _("validation loss"),
        "validation_tokens": _("words foretold"),
        "validation_titles": _("whole titles foretold"),
    }
    return known.get(name, name.replace("_", " "))


def _value(version: ModelVersion, name: str, *, with_interval: bool = False) -> Value | None:
    told = version.metrics
    if not isinstance(told.get(name), int | float):
        return None
    ends = (told.get(f"{name}_low"), told.get(f"{name}_high")) if with_interval else (None, None)
    return Value(figure=min(max(told[name], 0.0), 1.0), low=ends[0], high=ends[1])

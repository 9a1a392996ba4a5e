"""What a figure's change is called: by how much it rose or fell, or that nothing clear can be said."""

import math

from django.utils.translation import gettext as _

from titlelab.quality.figures import Difference, Figure, difference
from titlelab.web.charts import Unit, told


def change_sentence(name: str, before: Figure | None, after: Figure | None, unit: Unit) -> str:
    """Say how a figure went from the week before to this one."""
    if after is None:
        return _("Nothing of this week tells it.")
    if before is None:
        return _("Nothing of the week before tells it.")
    change = difference(before, after)
    if math.isclose(before.value, after.value, rel_tol=0, abs_tol=EQUAL):
        return _stayed(name, after, change, unit)
    then, now = _told_apart(before.value, after.value, unit)
    said = {"name": name, "then": then, "now": now}
    if change is None:
        return (
            _(
                "%(name)s went from %(then)s to %(now)s: whether by chance can't be told, "
                "for one of the weeks has too few Decisions, or all alike."
            )
            % said
        )
    said |= _interval(change, unit)
    if not change.is_clear:
        return _("No clear change: %(name)s went from %(then)s to %(now)s (%(change)s, %(low)s to %(high)s).") % said
    if change.value > 0:
        return _("%(name)s rose from %(then)s to %(now)s (%(change)s, %(low)s to %(high)s).") % said
    return _("%(name)s fell from %(then)s to %(now)s (%(change)s, %(low)s to %(high)s).") % said


def _stayed(name: str, after: Figure, change: Difference | None, unit: Unit) -> str:
    said = {"name": name, "now": told(after.value, unit)}
    if change is None:
        return _("%(name)s stayed at %(now)s.") % said
    said |= _interval(change, unit)
    return _("%(name)s stayed at %(now)s (%(change)s, %(low)s to %(high)s).") % said


def _interval(change: Difference, unit: Unit) -> dict[str, str]:
    """Return the difference and the ends of its interval; that of shares in points of percent."""
    scale = 100 if unit == "share" else 1
    value, low, high = (_signed(scale * each) for each in (change.value, change.low, change.high))
    number = {"number": f"+{value}" if change.value > 0 else value}
    named = {"share": _("%(number)s points"), "seconds": _("%(number)s s"), "number": "%(number)s"}
    return {"change": named[unit] % number, "low": low, "high": high}


def _told_apart(then: float, now: float, unit: Unit) -> tuple[str, str]:
    """Return both figures; with a decimal more where they would read alike."""
    texts = told(then, unit), told(now, unit)
    if texts[0] != texts[1] or unit != "share":
        return texts
    return f"{then:.1%}", f"{now:.1%}"


def _signed(number: float) -> str:
    """Return a number as short as it can be told, with a true minus; 0 for what is too small to be told."""
    size = abs(number)
    if size < LEAST_TOLD:
        return "0"
    text = f"{number:.0f}" if size >= 10 else f"{number:.1f}" if size >= 0.1 else f"{number:.1g}"
    return text.removesuffix(".0").replace("-", MINUS)


MINUS = "−"  # the sign, not the hyphen
EQUAL = 1e-9  # figures nearer than this differ by the order in which floats were summed up
LEAST_TOLD = 0.0005  # points, seconds or a number: less is rounding

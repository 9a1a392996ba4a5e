"""What an alert says, in the reader's language, made of the figures that are kept with it. Computes only."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from titlelab.alerts.kinds import Kind
from titlelab.languages.sentences import said as said_now
from titlelab.quality.drift import OTHERS
from titlelab.training.models import TrainingRun

Data = Mapping[str, Any]
FEATURES = {
    "category": gettext_lazy("category"),
    "brand": gettext_lazy("brand"),
    "description": gettext_lazy("length of description"),
    "language": gettext_lazy("language"),
    "attributes": gettext_lazy("attribute"),
    "fields": gettext_lazy("told field"),
    "tags": gettext_lazy("proposed tag"),
    "n_tags": gettext_lazy("number of tags"),
    "title": gettext_lazy("length of title"),
    "title_uncertainty": gettext_lazy("uncertainty of title"),
    "tag_uncertainty": gettext_lazy("uncertainty of tags"),
}


def sentence(kind: str, data: Data) -> str:
    """Say what is wrong."""
    return _SENTENCES[Kind(kind)](data)


def drift_rows(data: Data) -> list[tuple[str, ...]]:
    """Return what moved, as a table's rows: feature, label, share before, share now, stability index."""
    return [
        (
            feature_name(each["feature"]),
            label_name(each["label"]),
            share(each["before"]),
            share(each["now"]),
            f"{each['psi']:.2f}",
        )
        for each in data.get("features", ())
    ]


def feature_name(feature: str) -> str:
    return str(FEATURES.get(feature, feature))


def label_name(label: str) -> str:
    """Return a label as people read it."""
    return {"": _("none"), "?": _("not sure"), OTHERS: _("all others")}.get(label, label)


def share(figure: float) -> str:
    return f"{figure:.0%}" if figure >= 0.01 or figure == 0 else f"{figure:.1%}"


def _drift(data: Data) -> str:
    said = {"catalog": data["catalog"], "features": _("; ").join(map(_moved, data["features"]))}
    if data["population"] == "arrivals":
        return _("New products of “%(catalog)s” differ from those before: %(features)s.") % said
    if data["population"] == "range":
        said["day"] = date_format(dt.date.fromisoformat(data["day_before"])) if data.get("day_before") else "–"
        return _("The products of “%(catalog)s” have changed since %(day)s: %(features)s.") % said
    said |= {"now": data.get("version_now", ""), "before": data.get("version_before", "")}
    if said["now"] != said["before"]:
        return (
            _("Drafts for “%(catalog)s” differ from those before, by %(now)s instead of %(before)s: %(features)s.")
            % said
        )
    return _("Drafts for “%(catalog)s” differ from those before: %(features)s.") % said


def _moved(told: Data) -> str:
    said = {
        "feature": feature_name(told["feature"]),
        "label": label_name(told["label"]),
        "before": share(told["before"]),
        "now": share(told["now"]),
    }
    return _("%(feature)s “%(label)s” from %(before)s to %(now)s") % said


def _falling(data: Data) -> str:
    said = {"catalog": data["catalog"], "now": _interval(data["now"]), "before": _interval(data["before"])}
    return _("People accepted %(now)s of the drafts for “%(catalog)s” this week, after %(before)s before.") % said


def _interval(told: Data) -> str:
    return _("%(share)s (%(low)s to %(high)s)") % {name: share(told[name]) for name in ("share", "low", "high")}


def _stalled(data: Data) -> str:
    said = {"queue": data["queue"], "n": data["n"], "since": _moment(data["since"])}
    return ngettext(
        "Nothing has been decided in “%(queue)s” since %(since)s, while %(n)s item waits.",
        "Nothing has been decided in “%(queue)s” since %(since)s, while %(n)s items wait.",
        data["n"],
    ) % said  # fmt: skip


def _webhook(data: Data) -> str:
    if "n" in data:
        return ngettext(
            "%(n)s event of Label Studio's webhook for “%(queue)s” could not be read; reconciliation catches up, the "
            "Inbox says why.",
            "%(n)s events of Label Studio's webhook for “%(queue)s” could not be read; reconciliation catches up, the "
            "Inbox says why.",
            data["n"],
        ) % {"n": data["n"], "queue": data["queue"]}  # fmt: skip
    said = {"queue": data["queue"], "since": _moment(data["since"])}
    return (
        _("Label Studio's webhook for “%(queue)s” has not arrived since %(since)s: Decisions come by polling alone.")
        % said
    )


def _run(data: Data) -> str:
    said = {
        "method": TrainingRun.Method(data["method"]).label,
        "scope": data["scope"],
        "n": data["n"],
        "reason": said_now(data["reason"]),
    }
    if data["n"] == 1:
        return _("The last %(method)s run of %(scope)s failed: %(reason)s") % said
    return _("The last %(n)s %(method)s runs of %(scope)s failed, the last with: %(reason)s") % said


def _folder(data: Data) -> str:
    version = f"{said_now(data['kind'])} {data['scope']} v{data['number']}"
    return _("The folder of %(version)s is missing: roll back or train again.") % {"version": version}


def _moment(told: str) -> str:
    return date_format(timezone.localtime(dt.datetime.fromisoformat(told)), "DATETIME_FORMAT")


_SENTENCES: Mapping[Kind, Callable[[Data], str]] = {
    Kind.PRODUCT_DRIFT: _drift,
    Kind.DRAFT_DRIFT: _drift,
    Kind.FALLING_ACCEPTANCE: _falling,
    Kind.STALLED_QUEUE: _stalled,
    Kind.FAILING_WEBHOOK: _webhook,
    Kind.RUN_FAILED: _run,
    Kind.FOLDER_MISSING: _folder,
}

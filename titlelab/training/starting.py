"""Starting training runs: by hand, or because enough Decisions have changed. running.py does the work."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from titlelab.catalog.models import Catalog, Product
from titlelab.errors import NotPossibleNow
from titlelab.tags.models import TagLibrary
from titlelab.training.models import TrainingRun
from titlelab.training.scopes import Method, base_model, decisions_of, kind_of

State, Trigger = TrainingRun.State, TrainingRun.Trigger

# 15 % of the families are held out, and the gate needs five items.
FIRST_GOOD_TITLES = 40
FIRST_CATEGORIES = 40  # likewise of products whose category the shop tells
# A failure that time mends (a full disk, a machine that was busy) is tried again after 10 minutes, then 20, 40 …
BACK_OFF = dt.timedelta(minutes=10)
LONGEST_BACK_OFF = dt.timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A method and scope that should be trained, and why."""

    method: str
    scope: str
    trigger: str


def start_run(method: str, scope: str, trigger: str = Trigger.BY_HAND) -> TrainingRun:
    """Queue a run; the caller rings the training worker.

    Raises NotPossibleNow when one is under way, the scope does not exist, or the language has no base model.
    """
    _require_trainable(method, scope)
    try:
        with transaction.atomic():
            return TrainingRun.objects.create(kind=kind_of(method), method=method, scope=scope, trigger=trigger)
    except IntegrityError as e:
        raise NotPossibleNow(f"A {Method(method).label.lower()} run of {scope} is queued or running already.") from e


def start_due_runs(now: dt.datetime | None = None) -> list[TrainingRun]:
    """Queue a run for everything that is due; one that another worker queued first is passed over."""
    runs = []
    for each in due(now or timezone.now()):
        try:
            runs.append(start_run(each.method, each.scope, each.trigger))
        except NotPossibleNow:
            continue
    return runs


def due(now: dt.datetime) -> list[Due]:
    """Return what should be trained, full ensembles last: they take minutes, the others seconds."""
    taggers = [(Method.TAGGER, key) for key in TagLibrary.objects.order_by("key").values_list("key", flat=True)]
    asking = Catalog.objects.filter(asks_for_category=True).order_by("key").values_list("key", flat=True)
    categorizers = [(Method.CATEGORIZER, key) for key in asking]
    catalogs = list(Catalog.objects.order_by("key").values_list("key", flat=True))
    titlers = [(method, key) for method in (Method.ENSEMBLE, Method.FULL_ENSEMBLE) for key in catalogs]
    found = (_due(method, scope, now) for method, scope in [*taggers, *categorizers, *titlers])
    return [each for each in found if each]


def n_changed_decisions(method: str, scope: str, since: dt.datetime | None) -> int:
    """Count the annotations that were decided, decided anew or withdrawn since a moment; None: ever."""
    decisions = decisions_of(kind_of(method), scope)
    if since is not None:
        decisions = decisions.filter(Q(recorded_at__gt=since) | Q(superseded_at__gt=since) | Q(withdrawn_at__gt=since))
    return decisions.order_by().values("item", "annotation_id").distinct().count()


def _require_trainable(method: str, scope: str) -> None:
    if method == Method.TAGGER:
        if not TagLibrary.objects.filter(key=scope).exists():
            raise NotPossibleNow(f"There is no tag library {scope!r}.")
        return
    catalog = Catalog.objects.filter(key=scope).first()
    if catalog is None:
        raise NotPossibleNow(f"There is no catalog {scope!r}.")
    if method == Method.CATEGORIZER and not catalog.asks_for_category:
        raise NotPossibleNow(f"{catalog} does not ask for categories: switch that on in the catalog first.")
    if method == Method.LANGUAGE_MODEL and not base_model(catalog.language):
        raise NotPossibleNow(
            f"No base model is set for {catalog.language!r}: set TITLELAB_BASE_MODEL"
            f"{'_ZH' if catalog.language.startswith('zh') else ''} and start again."
        )


def _due(method: str, scope: str, now: dt.datetime) -> Due | None:
    """Count from the last run that came to an answer; a failed one came to none."""
    runs = TrainingRun.objects.filter(method=method, scope=scope)
    if runs.under_way().exists():
        return None
    last = runs.concluded().first()
    trigger = _trigger(method, scope, last)
    failures = list(runs.filter(state=State.FAILED, pk__gt=last.pk if last else 0))
    if trigger is None or (failures and _backs_off(failures, now)):
        return None
    return Due(method=method, scope=scope, trigger=trigger)


def _trigger(method: str, scope: str, last: TrainingRun | None) -> str | None:
    """Say what asks for training; a catalog's own titles and categories do before anybody has decided anything."""
    if n_changed_decisions(method, scope, (last.started_at or last.created_at) if last else None) >= _enough(method):
        return Trigger.SCHEDULE
    if method == Method.ENSEMBLE and last is None:
        n_good = Product.objects.filter(catalog__key=scope, has_good_title=True).count()
        return Trigger.FIRST if n_good >= FIRST_GOOD_TITLES else None
    if method == Method.CATEGORIZER and last is None:
        n_told = Product.objects.filter(catalog__key=scope).exclude(category=[]).count()
        return Trigger.FIRST if n_told >= FIRST_CATEGORIES else None
    return None


def _backs_off(failures: Sequence[TrainingRun], now: dt.datetime) -> bool:
    """Wait after failures, the latest first, longer each time, unless as many Decisions as ring have changed since."""
    last = failures[0]
    if n_changed_decisions(last.method, last.scope, last.started_at or last.created_at) >= _enough(last.method):
        return False
    back_off = min(BACK_OFF * (1 << min(len(failures) - 1, 10)), LONGEST_BACK_OFF)
    return now < (last.finished_at or last.created_at) + back_off


def _enough(method: str) -> int:
    if method == Method.FULL_ENSEMBLE:
        return settings.RETRAIN_FULL_ENSEMBLE_AFTER_DECISIONS
    return settings.RETRAIN_AFTER_DECISIONS

"""Starting training runs: by hand, or because enough Decisions have changed. running.py does the work."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from titlelab.catalog.models import Catalog
from titlelab.errors import NotPossibleNow
from titlelab.tags.models import TagLibrary
from titlelab.training.models import TrainingRun
from titlelab.training.scopes import Method, base_model, decisions_of, kind_of

State, Trigger = TrainingRun.State, TrainingRun.Trigger

# 15 % of the families are held out, and the gate needs five items.
FIRST_GOOD_TITLES = 40
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
        raise NotPossibleNow(f"A {method} run of {scope} is queued or running already.") from e


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
    """Return what should be trained, taggers first since they take seconds and language models minutes."""
    found = [_due_by_decisions(Method.TAGGER, library.key, now) for library in TagLibrary.objects.order_by("key")]
    catalogs = list(Catalog.objects.order_by("key"))
    found += [_due_first(c) or _due_by_decisions(Method.TEMPLATE, c.key, now) for c in catalogs]
    found += [_due_by_decisions(Method.LANGUAGE_MODEL, c.key, now) for c in catalogs if base_model(c.language)]
    return [each for each in found if each]


def methods_of(catalog: Catalog) -> list[tuple[str, str]]:
    """Return (method, scope) of all that learns from a catalog's Decisions, the quickest first."""
    tagger = [(Method.TAGGER, catalog.library.key)] if catalog.library else []
    language_model = [(Method.LANGUAGE_MODEL, catalog.key)] if base_model(catalog.language) else []
    return [*tagger, (Method.TEMPLATE, catalog.key), *language_model]


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
    if method == Method.LANGUAGE_MODEL and not base_model(catalog.language):
        raise NotPossibleNow(
            f"No base model is set for {catalog.language!r}: set TITLELAB_BASE_MODEL"
            f"{'_ZH' if catalog.language.startswith('zh') else ''} and start again."
        )


def _due_first(catalog: Catalog) -> Due | None:
    """Learn from a catalog's good titles as soon as there are enough, before anybody has decided anything."""
    if TrainingRun.objects.filter(method=Method.TEMPLATE, scope=catalog.key).exists():
        return None
    if catalog.products.filter(has_good_title=True).count() < FIRST_GOOD_TITLES:
        return None
    return Due(method=Method.TEMPLATE, scope=catalog.key, trigger=Trigger.FIRST)


def _due_by_decisions(method: str, scope: str, now: dt.datetime) -> Due | None:
    """Count since the last run that came to an answer; after a failure wait for as many again, or for the back-off."""
    runs = TrainingRun.objects.filter(method=method, scope=scope)
    if runs.under_way().exists():
        return None
    is_slow = method == Method.LANGUAGE_MODEL
    enough = settings.RETRAIN_LANGUAGE_MODEL_AFTER_DECISIONS if is_slow else settings.RETRAIN_AFTER_DECISIONS
    concluded = runs.concluded().first()
    if n_changed_decisions(method, scope, concluded.started_at if concluded else None) < enough:
        return None
    failures = list(runs.filter(state=State.FAILED, pk__gt=concluded.pk if concluded else 0))
    if failures and n_changed_decisions(method, scope, failures[0].started_at) < enough:
        back_off = min(BACK_OFF * 2 ** min(len(failures) - 1, 10), LONGEST_BACK_OFF)
        if now < (failures[0].finished_at or failures[0].created_at) + back_off:
            return None
    return Due(method=method, scope=scope, trigger=Trigger.SCHEDULE)

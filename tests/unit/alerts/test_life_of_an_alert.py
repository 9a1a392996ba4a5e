"""Every kind of alert from its first sign to its last: opened once, mailed once, closed by itself, and not flapping."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings

from ml_backend.contract import version_folder
from tests.factories import NOW, make_run, make_version
from tests.unit.alerts.scenes import days, decisions_of, queue_with_project, waiting_in
from tests.unit.web.worlds import make_person
from titlelab.alerts.kinds import Kind
from titlelab.alerts.mailing import send_letters, write_letters
from titlelab.alerts.models import Alert, Portrait
from titlelab.alerts.opening import check
from titlelab.labelstudio.models import InboxEvent, Project
from titlelab.people.roles import CATALOG_ADMIN, ML_ADMIN
from titlelab.quality.models import DecisionMeasure
from titlelab.review.models import Decision, ReviewQueue
from titlelab.training.models import ModelVersion

pytestmark = pytest.mark.django_db
Turn = Callable[[ReviewQueue, dt.datetime], None]


def _portrait(population: str, psi: float) -> Turn:
    moved = {"psi": psi, "js": 0.1, "by_chance": 0.05, "n_before": 99, "n_now": 99, "moved": [["Shoes", 0.1, 0.3]]}

    def take(queue: ReviewQueue, at: dt.datetime) -> None:
        told = {"n": 99, "drifts": {"category": moved}, "taken_at": at, "about": {"version": "t2-g1.1"}}
        Portrait.objects.update_or_create(catalog=queue.catalog, population=population, day=at.date(), defaults=told)

    return take


def _run(state: str) -> Turn:
    return lambda queue, _at: make_run(scope=queue.catalog.key, state=state, message="The disk is full.")


def _webhook_is_late(queue: ReviewQueue, at: dt.datetime) -> None:
    Project.objects.filter(queue=queue).update(missed_since=at - dt.timedelta(hours=1))


def _webhook_comes(queue: ReviewQueue, at: dt.datetime) -> None:
    Project.objects.filter(queue=queue).update(missed_since=None)


def _event_is_unreadable(queue: ReviewQueue, at: dt.datetime) -> None:
    body = {"project": queue.project.project_id}
    InboxEvent.objects.create(action="ANNOTATION_CREATED", body=body, state="failed")


def _events_are_read(queue: ReviewQueue, at: dt.datetime) -> None:
    InboxEvent.objects.update(state="done")


def _nobody_decides(queue: ReviewQueue, at: dt.datetime) -> None:
    Decision.objects.update(decided_at=NOW - days(20))
    if not queue.items.filter(state="open").exists():
        waiting_in(queue, 3, since=NOW - days(20))


def _somebody_decides(queue: ReviewQueue, at: dt.datetime) -> None:
    decisions_of(queue, 1, 0, at=at)


def _acceptance_falls(queue: ReviewQueue, at: dt.datetime) -> None:
    if not Decision.objects.exists():
        decisions_of(queue, 24, 6, at=NOW - days(20))
        decisions_of(queue, 20, 0, at=NOW)
    DecisionMeasure.objects.filter(decided_at=NOW).update(outcome=Decision.Outcome.EDITED)


def _acceptance_recovers(queue: ReviewQueue, at: dt.datetime) -> None:
    DecisionMeasure.objects.filter(decided_at=NOW).update(outcome=Decision.Outcome.ACCEPTED)


def _manifest(queue: ReviewQueue) -> Path:
    return version_folder(settings.MODELS_FOLDER, "titler", queue.catalog.key, 3) / "manifest.json"


def _folder_goes(queue: ReviewQueue, at: dt.datetime) -> None:
    if not ModelVersion.objects.exists():
        make_version(scope=queue.catalog.key, number=3)
    _manifest(queue).unlink(missing_ok=True)


def _folder_comes(queue: ReviewQueue, at: dt.datetime) -> None:
    _manifest(queue).parent.mkdir(parents=True, exist_ok=True)
    _manifest(queue).touch()


LIVES: dict[str, tuple[Kind, Turn, Turn]] = {
    "products drift": (Kind.PRODUCT_DRIFT, _portrait("arrivals", 0.6), _portrait("arrivals", 0.1)),
    "the range drifts": (Kind.PRODUCT_DRIFT, _portrait("range", 0.6), _portrait("range", 0.1)),
    "drafts drift": (Kind.DRAFT_DRIFT, _portrait("drafts", 0.6), _portrait("drafts", 0.1)),
    "acceptance falls": (Kind.FALLING_ACCEPTANCE, _acceptance_falls, _acceptance_recovers),
    "a queue stalls": (Kind.STALLED_QUEUE, _nobody_decides, _somebody_decides),
    "the webhook is late": (Kind.FAILING_WEBHOOK, _webhook_is_late, _webhook_comes),
    "an event is unreadable": (Kind.FAILING_WEBHOOK, _event_is_unreadable, _events_are_read),
    "a run fails": (Kind.RUN_FAILED, _run("failed"), _run("promoted")),
    "a folder is missing": (Kind.FOLDER_MISSING, _folder_goes, _folder_comes),
}


@pytest.fixture
def places(settings: Settings, tmp_path: Path) -> None:
    settings.MODELS_FOLDER, settings.EMAIL_URL = tmp_path, "smtp://mail.shop.example"


@pytest.mark.parametrize(("kind", "goes_wrong", "is_mended"), LIVES.values(), ids=LIVES)
def test_it_opens_is_mailed_once_closes_and_comes_back_as_the_same(
    kind: Kind, goes_wrong: Turn, is_mended: Turn, mailoutbox: list[Any], places: None
) -> None:
    queue, _ = queue_with_project(name="Titles")
    for role in (CATALOG_ADMIN, ML_ADMIN):
        make_person(role, [queue.catalog], name=f"{role.split()[0]}@shop.example")
    n_mails = []

    def look(turn: Turn | None, at: dt.datetime) -> list[bool]:
        """Return which alerts there are, the oldest first, as whether they are open."""
        if turn is not None:
            turn(queue, at)
        check(at)
        write_letters(at)
        send_letters(at)
        n_mails.append(len(mailoutbox))
        found = Alert.objects.order_by("opened_at")
        assert {alert.kind for alert in found} <= {kind}
        return [alert.closed_at is None for alert in found]

    assert look(None, NOW) == []
    assert look(goes_wrong, NOW + dt.timedelta(minutes=5)) == [True]
    assert look(None, NOW + dt.timedelta(minutes=10)) == [True]
    assert look(is_mended, NOW + dt.timedelta(minutes=15)) == [False]
    assert look(goes_wrong, NOW + dt.timedelta(hours=2)) == [True]
    assert look(is_mended, NOW + dt.timedelta(hours=3)) == [False]
    assert look(goes_wrong, NOW + days(2)) == [False, True]

    n_told = n_mails[1]  # a mail to each person whom the rule names
    assert n_told > 0
    assert n_mails == [0, *([n_told] * 5), 2 * n_told]

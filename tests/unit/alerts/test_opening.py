"""An alert opens once, stays while it holds, closes by itself, and what flickers is one alert."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from tests.factories import NOW, make_catalog, make_run
from tests.unit.alerts.scenes import days, make_alert
from titlelab.alerts.conditions import Condition, Limits
from titlelab.alerts.kinds import USUAL, Kind
from titlelab.alerts.models import Alert, AlertRule, Portrait
from titlelab.alerts.opening import acknowledge, check, forget_acknowledgement
from titlelab.catalog.models import Catalog
from titlelab.errors import NotPossibleNow

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog(key="shop")


def fail() -> None:
    make_run(scope="shop", state="failed", message="The disk is full.")


def succeed() -> None:
    make_run(scope="shop", state="promoted")


def drift(catalog: Catalog, psi: float, at: dt.datetime) -> None:
    moved = {"psi": psi, "js": 0.1, "by_chance": 0.05, "n_before": 100, "n_now": 100, "moved": [["Shoes", 0.1, 0.3]]}
    Portrait.objects.update_or_create(
        catalog=catalog, population="arrivals", day=at.date(),
        defaults={"n": 100, "drifts": {"category": moved}, "taken_at": at},
    )  # fmt: skip


def test_every_kind_has_a_usual_rule_for_all_catalogs() -> None:
    rules = {rule.kind: (rule.limit, tuple(rule.mail_roles)) for rule in AlertRule.objects.filter(catalog=None)}

    assert rules == {kind: (usual.limit, usual.roles) for kind, usual in USUAL.items()}


def test_what_is_wrong_opens_one_alert_however_often_it_is_looked_at(catalog: Catalog) -> None:
    fail()

    assert [check(NOW), check(LATER)] == [1, 1]

    alert = Alert.objects.get()
    assert (alert.opened_at, alert.last_seen_at, alert.closed_at) == (NOW, LATER, None)
    assert (alert.catalog, alert.kind, alert.rule) == (
        catalog,
        Kind.RUN_FAILED,
        AlertRule.objects.get(kind="run_failed"),
    )


def test_it_closes_when_it_is_over(catalog: Catalog) -> None:
    fail()
    check(NOW)
    succeed()

    assert check(LATER) == 0
    assert Alert.objects.get().closed_at == LATER


def test_what_comes_back_within_a_day_is_the_same_alert(catalog: Catalog) -> None:
    fail()
    check(NOW)
    Alert.objects.update(mailed_at=NOW)
    succeed()
    check(LATER)
    fail()

    check(LATER + dt.timedelta(hours=20))

    alert = Alert.objects.get()
    assert (alert.opened_at, alert.closed_at, alert.mailed_at) == (NOW, None, NOW)


def test_what_comes_back_later_is_another_one(catalog: Catalog) -> None:
    fail()
    check(NOW)
    succeed()
    check(LATER)
    fail()

    check(LATER + days(2))

    assert sorted(Alert.objects.values_list("opened_at", flat=True)) == [NOW, LATER + days(2)]


def test_a_drift_around_its_limit_opens_one_alert(catalog: Catalog) -> None:
    open_ones = []
    for minutes, psi in enumerate([0.24, 0.26, 0.24, 0.26, 0.21, 0.19, 0.24]):
        at = NOW + dt.timedelta(minutes=minutes)
        drift(catalog, psi, at)
        open_ones.append(check(at))

    assert open_ones == [0, 1, 1, 1, 1, 0, 0]
    assert Alert.objects.count() == 1


def test_between_its_limits_it_tells_what_it_told(catalog: Catalog) -> None:
    drift(catalog, 0.5, NOW)
    check(NOW)
    drift(catalog, 0.22, LATER)
    check(LATER)

    assert Alert.objects.get().data["features"][0]["psi"] == 0.5


def test_a_catalogs_own_rule_goes_before_the_one_for_all(catalog: Catalog) -> None:
    AlertRule.objects.create(kind=Kind.RUN_FAILED, catalog=catalog, threshold=2)
    fail()

    assert check(NOW) == 0

    fail()

    assert check(LATER) == 1
    assert Alert.objects.get().rule == AlertRule.objects.get(catalog=catalog)


def test_a_rule_that_is_switched_off_opens_nothing_and_closes_its_alerts(catalog: Catalog) -> None:
    fail()
    check(NOW)
    AlertRule.objects.filter(kind=Kind.RUN_FAILED).update(is_active=False)

    assert check(LATER) == 0


def test_a_rule_that_is_deleted_leaves_the_history(catalog: Catalog) -> None:
    fail()
    check(NOW)
    AlertRule.objects.filter(kind=Kind.RUN_FAILED).delete()

    assert check(LATER) == 0
    assert Alert.objects.get().closed_at == LATER


def test_an_alert_is_open_once(catalog: Catalog) -> None:
    make_alert(catalog, subject="template shop")

    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        make_alert(catalog, subject="template shop")


def test_whoever_comes_second_opens_no_second_one(catalog: Catalog) -> None:
    def overtaken(limits: Limits, now: dt.datetime) -> Iterator[Condition]:
        first = make_alert(catalog, subject="template shop")  # another worker, after this one has read what is open
        yield Condition(catalog_id=catalog.pk, subject=first.subject, data=first.data)

    assert check(NOW, looks={Kind.RUN_FAILED: overtaken}) == 1


def test_somebody_acknowledges_it_once() -> None:
    alert, anna = make_alert(), User.objects.create(username="anna")

    assert acknowledge(alert, anna.pk).acknowledged_by == anna
    with pytest.raises(NotPossibleNow):
        acknowledge(alert, anna.pk)
    assert forget_acknowledgement(alert).acknowledged_at is None
    with pytest.raises(NotPossibleNow):
        forget_acknowledgement(alert)


def test_what_is_over_is_not_acknowledged() -> None:
    alert, anna = make_alert(closed_at=NOW), User.objects.create(username="anna")

    with pytest.raises(NotPossibleNow, match="is over"):
        acknowledge(alert, anna.pk)

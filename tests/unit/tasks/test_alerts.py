"""What the schedule does about alerts."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from tasks.alerts import check_alerts, portray
from tests.factories import make_catalog, make_run
from tests.unit.alerts.scenes import days, products_of
from titlelab.alerts.models import Alert, Portrait
from titlelab.celery import app

pytestmark = pytest.mark.django_db


def test_a_failure_is_an_alert_and_a_mail_once(mailoutbox: list[Any], settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.shop.example"
    User.objects.create(username="boss", email="boss@shop.example", is_superuser=True)
    make_run(scope=make_catalog().key, state="failed")

    assert [check_alerts(), check_alerts()] == [1, 1]
    assert len(mailoutbox) == 1


def test_drift_is_measured_by_one_task_and_told_by_the_other() -> None:
    catalog = make_catalog()
    products_of(catalog, 120, at=timezone.now() - days(60), category=["Bags"])
    products_of(catalog, 60, at=timezone.now() - days(1), category=["Shoes"])

    assert [portray(), portray()] == [1, 1]
    check_alerts()

    assert Portrait.objects.count() == 3
    assert Alert.objects.get().subject == "arrivals"


def test_both_are_in_the_schedule_under_names_that_workers_know() -> None:
    app.loader.import_default_modules()

    scheduled = {each["task"] for each in django_settings.CELERY_BEAT_SCHEDULE.values()}

    assert {"tasks.alerts.check_alerts", "tasks.alerts.portray"} <= scheduled & app.tasks.keys()

"""What Prometheus is told of the ledger, and who may ask; ids of requests."""

import datetime as dt
import json
import logging
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from ml_backend.tracing import REQUEST_HEADER, TextLines, ids
from tasks.label_studio import reconcile_all
from tests.factories import make_catalog, make_decision, make_item, make_queue, make_run, make_version
from titlelab.alerts.opening import check
from titlelab.celery import TRACE, app
from titlelab.labelstudio.events import Hint
from titlelab.labelstudio.inbox import store_event
from titlelab.labelstudio.models import InboxEvent, Project

pytestmark = pytest.mark.django_db


def lines(client: Client) -> list[str]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return answer.content.decode().splitlines()


def test_the_ledgers_figures_are_told(client: Client) -> None:
    queue = make_queue(name="Lamps", catalog=make_catalog(key="lamps"))
    make_item(queue=queue)
    make_decision(item=make_item(queue=queue), draft=None, title="x", outcome="edited")
    make_version(scope="lamps", number=3)
    make_run(scope="lamps", state="failed")
    store_event(Hint(action="ANNOTATION_CREATED", project_id=1))
    InboxEvent.objects.update(received_at=timezone.now() - dt.timedelta(minutes=1))
    Project.objects.create(queue=queue, project_id=1, n_missed=2, missed_since=timezone.now() - dt.timedelta(hours=1))
    check(timezone.now())

    told = lines(client)

    assert 'titlelab_items{queue="Lamps",state="open"} 1.0' in told
    assert 'titlelab_items{queue="Lamps",state="decided"} 1.0' in told
    assert 'titlelab_runs{kind="titler",state="failed"} 1.0' in told
    assert 'titlelab_serving_version{kind="titler",scope="lamps"} 3.0' in told
    assert 'titlelab_decisions{catalog="lamps",outcome="edited"} 1.0' in told
    assert "titlelab_inbox_waiting 1.0" in told
    assert 'titlelab_webhook_missed{queue="Lamps"} 2.0' in told
    assert 'titlelab_alerts{catalog="lamps",kind="failing_webhook"} 1.0' in told
    assert "titlelab_letters_unsent 0.0" in told
    gap = next(line for line in told if line.startswith('titlelab_webhook_gap_seconds{queue="Lamps"}'))
    assert float(gap.split()[1]) >= 3600


@pytest.mark.parametrize(
    "caller",
    [
        {"REMOTE_ADDR": "10.0.0.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.7"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_who_is_not_on_this_machine_is_told_nothing(caller: dict[str, str], client: Client) -> None:
    assert client.get("/metrics", **caller).status_code == 403


def test_with_a_token_it_is_the_token_that_counts(client: Client, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "s3cret"  # noqa: S105 - a test's

    assert client.get("/metrics").status_code == 403
    answer = client.get("/metrics", REMOTE_ADDR="10.0.0.7", headers={"Authorization": "Bearer s3cret"})
    assert answer.status_code == 200


def test_a_request_has_an_id_its_own_or_the_proxys(client: Client) -> None:
    assert len(client.get("/health").headers[REQUEST_HEADER]) == 16
    assert client.get("/health", headers={REQUEST_HEADER: "from-a-proxy"}).headers[REQUEST_HEADER] == "from-a-proxy"
    assert client.get("/health", headers={REQUEST_HEADER: "no id"}).headers[REQUEST_HEADER] != "no id"


def test_a_task_goes_on_with_the_ids_of_who_rang(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []

    @app.task(name="tests.look")
    def look() -> None:
        seen.append(dict(ids()))

    caplog.handler.setFormatter(TextLines())
    with caplog.at_level(logging.INFO, logger="titlelab"):
        look.apply(headers={TRACE: "request=abc,run=7"})
        reconcile_all.apply()

    assert seen == [{"request": "abc", "run": "7", "task": "look"}]
    assert ids() == {}
    (line,) = caplog.text.splitlines()  # what the schedule rings for tells only of what it does
    assert "INFO titlelab.celery request=abc run=7 task=look: tests.look SUCCESS in " in line


def test_a_worker_writes_one_object_a_line_where_it_is_told_to() -> None:
    program = (
        "import django, logging; from ml_backend.tracing import traced; from titlelab.celery import app\n"
        "django.setup(); app.log.setup(loglevel='ERROR')\n"  # as `celery worker -l ERROR` does
        "with traced(request='abc', run=7): logging.getLogger('titlelab.x').info('two\\nlines')"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TITLELAB_LOG_FORMAT": "json"},
        capture_output=True,
        text=True,
        check=True,
    )

    line = json.loads(done.stderr)
    assert (line["logger"], line["request"], line["run"], line["message"]) == ("titlelab.x", "abc", "7", "two\nlines")

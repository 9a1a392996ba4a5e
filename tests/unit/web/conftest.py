"""A superuser at the admin, and one row of every model."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from django_celery_results.models import GroupResult, TaskResult

from tests.factories import NOW, make_decision, make_draft, make_item, make_product, make_token, make_version
from titlelab.alerts.models import Alert
from titlelab.catalog.models import ImportRun, RefusedRow
from titlelab.channels.models import PhraseList
from titlelab.labelstudio.models import InboxEvent, Project, Task
from titlelab.people.models import LabelStudioAccount
from titlelab.quality.models import QualitySnapshot
from titlelab.review.models import Decision, SecondLook
from titlelab.tags.models import Tag, TagProposal


@pytest.fixture
def boss(db: None) -> Client:
    """A client logged in as a superuser."""
    client = Client()
    client.force_login(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def clerk(db: None) -> Client:
    """A client logged in as staff without any permission."""
    client = Client()
    client.force_login(User.objects.create(username="clerk", is_staff=True))
    return client


@pytest.fixture
def decision(db: None) -> Decision:
    """A Decision with everything that leads to it, and one row of every other model that the admin shows."""
    draft = make_draft(product=make_product())
    item = make_item(draft=draft)
    made = make_decision(item=item, draft=draft)
    SecondLook.objects.create(decision=made, verdict="accepted", person="ruth@shop.example", looked_at=NOW)
    catalog = draft.product.catalog
    run = ImportRun.objects.create(catalog=catalog, file_name="new.csv", state=ImportRun.State.DONE, n_new=1)
    RefusedRow.objects.create(run=run, line=2, sku="A-1", column="price", reason="is not a number")
    make_version(scope=catalog.key, number=1)
    PhraseList.objects.create(key="cries", name="Cries", phrases=["on sale"]).channels.add(catalog.channel)
    phrase = Tag.objects.create(library=catalog.library, name="non-slip", state=Tag.State.PROPOSED)
    TagProposal.objects.create(
        tag=phrase, n_products=7, n_suggestions=1, score=3.5, examples=[["A-1", "a non-slip mat"]],
        nearest=[["waterproof", 0.5]], found_at=NOW,
    )  # fmt: skip
    project = Project.objects.create(queue=item.queue, project_id=7)
    Task.objects.create(item=item, project=project, task_id=70)
    InboxEvent.objects.create(action="ANNOTATION_CREATED", body={"id": 1})
    QualitySnapshot.objects.create(
        catalog=catalog, version="t0-g0.1", n=1, n_accepted=1, n_rejected=0, acceptance_rate=1.0, title_edit=0.0
    )
    Alert.objects.create(
        kind="run_failed", catalog=catalog, subject="template", opened_at=NOW, last_seen_at=NOW,
        data={"method": "template", "scope": catalog.key, "run_id": 1, "n": 1, "reason": "The disk is full."},
    )  # fmt: skip
    person = User.objects.create(username="anna", email="anna@shop.example")
    LabelStudioAccount.objects.create(user=person, email=person.email)
    make_token("PIM", [catalog], made_by=person, rights=["read"])
    _make_system_rows()
    return made


def _make_system_rows() -> list[Model]:
    interval = IntervalSchedule.objects.create(every=30, period=IntervalSchedule.SECONDS)
    return [
        PeriodicTask.objects.create(name="sweep", task="tasks.sweeping.sweep", interval=interval),
        CrontabSchedule.objects.create(),
        SolarSchedule.objects.create(event="sunrise", latitude=46, longitude=7),
        ClockedSchedule.objects.create(clocked_time=NOW + dt.timedelta(days=1)),
        TaskResult.objects.create(task_id="1", task_name="tasks.sweeping.sweep"),
        GroupResult.objects.create(group_id="1"),
        Group.objects.create(name="admins"),
    ]

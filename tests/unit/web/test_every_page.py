"""Every page of the admin answers, and the ledger can't be written by hand."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from titlelab.alerts.models import Alert
from titlelab.catalog.models import ImportRun, Product
from titlelab.labelstudio.models import InboxEvent, Project, Task
from titlelab.people.models import LabelStudioAccount
from titlelab.quality.models import QualitySnapshot
from titlelab.review.models import Decision, Draft, ReviewItem, SecondLook, Showing
from titlelab.tags.models import TagProposal
from titlelab.training.models import ModelVersion, TrainingRun

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
LEDGER = [
    Alert, Decision, Draft, ImportRun, InboxEvent, LabelStudioAccount, ModelVersion, Product, Project, QualitySnapshot,
    ReviewItem, SecondLook, Showing, TagProposal, Task, TrainingRun,
]  # fmt: skip
pytestmark = pytest.mark.filterwarnings("error")


def url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_models_list_search_and_row_answer(model: type[Model], boss: Client, decision: Decision) -> None:
    row = model._default_manager.first()
    assert row is not None

    assert boss.get(url(model, "changelist")).status_code == 200
    assert boss.get(url(model, "changelist"), {"q": "a"}).status_code == 200
    assert boss.get(url(model, "change", row.pk)).status_code == 200
    assert boss.get(url(model, "history", row.pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_models_add_page_answers_or_is_refused(model: type[Model], boss: Client) -> None:
    assert boss.get(url(model, "add")).status_code == (403 if is_read_only(model) else 200)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_an_anonymous_reader_is_sent_to_the_login(model: type[Model], client: Client, db: None) -> None:
    response = client.get(url(model, "changelist"))

    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_staff_without_a_permission_is_refused(model: type[Model], clerk: Client) -> None:
    assert clerk.get(url(model, "changelist")).status_code == 403


@pytest.mark.parametrize("model", LEDGER, ids=lambda model: model._meta.label)
def test_a_row_of_the_ledger_is_never_changed_or_deleted_by_hand(
    model: type[Model], boss: Client, decision: Decision
) -> None:
    row = model._default_manager.get()

    assert boss.post(url(model, "add"), {}).status_code == 403
    assert boss.post(url(model, "change", row.pk), {}).status_code == 403
    assert boss.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def is_read_only(model: type[Model]) -> bool:
    return model in LEDGER or model._meta.app_label == "django_celery_results"

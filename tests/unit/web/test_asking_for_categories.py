"""The switch by which a catalog asks for categories."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ml_backend.contract import taxonomy_file
from tests.factories import make_catalog, make_product, make_queue
from tests.unit.web.reading import clicked, told
from titlelab.catalog.models import Catalog
from titlelab.review.categories import taxonomy_paths
from titlelab.training.models import TrainingRun

pytestmark = pytest.mark.django_db
Rung = list[tuple[str, tuple[Any, ...]]]


def saved(boss: Client, catalog: Catalog, **fields: str) -> None:
    form = {"name": catalog.name, "language": "en", "channel": catalog.channel_id, "library": catalog.library_id}
    response = boss.post(reverse("admin:catalog_catalog_change", args=[catalog.pk]), {**form, **fields})
    assert response.status_code == 302


def test_switching_it_on_publishes_the_taxonomy_and_mends_the_projects(
    boss: Client, rung: Rung, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    queue = make_queue(catalog=make_catalog(key="shop"))
    make_product(catalog=queue.catalog, category=["Home", "Flasks"])

    with django_capture_on_commit_callbacks(execute=True):
        saved(boss, queue.catalog, asks_for_category="on")

    assert taxonomy_paths(queue.catalog) == (("Home", "Flasks"),)
    assert taxonomy_file(settings.MODELS_FOLDER, "shop").exists()
    assert ("tasks.label_studio.provision_queue", (queue.pk,)) in rung

    saved(boss, queue.catalog)
    assert not taxonomy_file(settings.MODELS_FOLDER, "shop").exists()


def test_categories_are_trained_by_a_click_where_they_are_asked(boss: Client, rung: Rung) -> None:
    quiet, asking = make_catalog(), make_catalog(asks_for_category=True)

    refused = clicked(boss, "catalog_catalog", quiet.pk, "train_categorizer")
    clicked(boss, "catalog_catalog", asking.pk, "train_categorizer")

    assert "does not ask for categories" in told(refused)[0]
    assert TrainingRun.objects.get().kind == "categorizer"

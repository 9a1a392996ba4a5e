"""A simulation of a small catalog: the true loop learns from what is annotated, and measures on what is not."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse

from tasks.quality import take_snapshots
from tests.integration.rows import gold, imported_catalog, products
from tests.integration.stack import ANNOTATOR
from titlelab.review.models import Decision, ReviewQueue
from titlelab.training.models import TrainingRun

KEY = "simulation"


@pytest.fixture(scope="module")
def queue(stack: None, tmp_path_factory: pytest.TempPathFactory) -> ReviewQueue:
    catalog = imported_catalog(KEY, tmp_path_factory.mktemp("files"))
    # Chance, which the secret key of the day decides, would draw none or some; so it draws all.
    return ReviewQueue.objects.create(name="Simulation", catalog=catalog, working_set=12, second_look_share=1.0)


@pytest.fixture(scope="module")
def printed(queue: ReviewQueue, folder: Path) -> str:
    """What two rounds print; everything that was seen stands in seen.json."""
    answers = [(str(row["sku"]), *gold(str(row["sku"]))) for row in products()]
    lines = [json.dumps({"sku": sku, "title": title, "tags": tags}) for sku, title, tags in answers]
    (folder / "gold.jsonl").write_text("\n".join(lines), encoding="utf-8")
    told = {"gold": folder / "gold.jsonl", "out": folder / "seen.json", "methods": "tagger,ensemble"}
    out = StringIO()
    password = os.environ["TITLELAB_LABEL_STUDIO_PASSWORD"]
    with override_settings(ANNOTATOR_USERNAME=ANNOTATOR, ANNOTATOR_PASSWORD=password):
        call_command("simulate", catalog=[KEY], rounds=2, per_round=14, probe=20, stdout=out, **told)
    return out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulation")


@pytest.fixture(scope="module")
def rounds(printed: str, folder: Path) -> list[dict[str, Any]]:
    seen = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    return list(seen["catalogs"][0]["rounds"])


def test_the_probe_needs_fewer_edits_after_the_rounds(rounds: list[dict[str, Any]]) -> None:
    first, last = rounds[0]["probe"], rounds[-1]["probe"]

    assert [each["n_decisions"] for each in rounds] == [0, 14, 28]
    assert last["n"] == 20
    assert last["title_edit"] < first["title_edit"]
    assert last["unedited"] > first["unedited"]
    assert (first["titler"], last["titler"][:8]) == ("built in", "ensemble")


def test_every_answer_came_by_the_webhook_from_the_annotators_account(rounds: list[dict[str, Any]]) -> None:
    decisions = Decision.objects.current().filter(item__queue__catalog__key=KEY)

    assert [each["came_by"] for each in rounds[1:]] == ["webhook", "webhook"]
    assert set(decisions.values_list("person", flat=True)) == {ANNOTATOR}
    assert {(d.title, tuple(sorted(d.tags))) for d in decisions} == {
        (title, tuple(tags)) for title, tags in (gold(d.item.product.sku) for d in decisions)
    }
    assert sum(each["n_as_shown"] for each in rounds) == decisions.filter(outcome="accepted").count()


def test_nobody_reviews_or_learns_from_the_probe(rounds: list[dict[str, Any]], queue: ReviewQueue) -> None:
    queue.refresh_from_db()
    probe = set(queue.reserved_skus)
    runs = TrainingRun.objects.filter(scope__startswith=KEY).exclude(n_examples=0)
    folders = [folder for run in runs for folder in Path(settings.RUNS_FOLDER).glob(f"{run.pk}-*")]
    files = [folder / name for folder in folders for name in ("examples.jsonl", "golden.jsonl")]
    learnt = {json.loads(line)["brief"]["sku"] for file in files for line in file.read_text("utf-8").splitlines()}

    assert {product["sku"] for product in rounds[0]["probe"]["products"]} == probe
    assert len(learnt) > 28
    assert probe.isdisjoint(learnt)
    assert probe.isdisjoint(queue.items.values_list("product__sku", flat=True))


def test_the_admins_pages_agree_with_the_figures(rounds: list[dict[str, Any]], queue: ReviewQueue) -> None:
    take_snapshots()
    reader = Client()
    reader.force_login(User.objects.create_superuser("reads-the-pages"))
    asked = [each for seen in rounds for each in seen["asked"]]
    n_decided, n_shown = rounds[-1]["n_decisions"], sum(not each["is_blind"] for each in asked)
    n_accepted = sum(seen["n_as_shown"] for seen in rounds)

    def page(name: str) -> Any:
        return reader.get(reverse(f"admin:{name}"), {"catalog": queue.catalog_id}).context

    panels = {panel.state.catalog.key: panel.state for panel in page("index")["panels"]}
    assert (panels[KEY].n_decided, panels[KEY].n_accepted, panels[KEY].acceptance.n) == (n_decided, n_accepted, n_shown)
    cards = {card.label: card for card in page("quality_overview")["cards"]}
    assert page("quality_overview")["n"] == n_decided == len(asked)
    assert cards["Acceptance"].value == f"{n_accepted / n_shown:.0%}"
    (person,) = page("quality_people")["people"]
    assert (person.name, person.n) == (ANNOTATOR, n_decided)
    told = str(reader.get(reverse("admin:quality_models"), {"catalog": queue.catalog_id}).content)
    numbers = [run["number"] for seen in rounds for run in seen["trained"] if run["number"]]
    assert numbers
    assert all(f"v{number}" in told for number in numbers)


def test_the_table_is_printed(printed: str) -> None:
    lines = [line for line in printed.splitlines() if line.startswith("|")]

    assert len(lines) == 2 + 3
    assert lines[0].startswith("| Round | Decisions | Unedited titles |")
    assert lines[-1].startswith("| 2 | 28 |")

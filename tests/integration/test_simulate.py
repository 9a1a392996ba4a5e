"""A simulation of a small catalog: the true loop learns from what is annotated, and measures on what is not.

What the admin's pages tell of it, test_simulated_pages.py compares.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.integration.conftest import KEY, Simulated
from tests.integration.rows import gold
from tests.integration.stack import ANNOTATOR
from titlelab.review.models import Decision, ReviewQueue
from titlelab.training.models import TrainingRun


@pytest.fixture
def rounds(simulated: Simulated) -> list[dict[str, Any]]:
    return simulated.rounds


@pytest.fixture
def queue(simulated: Simulated) -> ReviewQueue:
    return simulated.queue


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


def test_the_table_is_printed(simulated: Simulated) -> None:
    lines = [line for line in simulated.printed.splitlines() if line.startswith("|")]

    assert len(lines) == 2 + 3
    assert lines[0].startswith("| Round | Decisions | Unedited titles |")
    assert lines[-1].startswith("| 2 | 28 |")

"""One simulation for the tests of the loop and those of the pages that tell of it."""

import json
import os
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from tests.integration.rows import gold, imported_catalog, products
from tests.integration.stack import ANNOTATOR
from titlelab.review.models import ReviewQueue
from titlelab.tags.publishing import changed

KEY = "simulation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A simulation that has ended: its queue, what it printed, and the rounds as --out holds them."""

    queue: ReviewQueue
    printed: str
    rounds: list[dict[str, Any]]

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [each for seen in self.rounds for each in seen["asked"]]

    @property
    def trained(self) -> list[dict[str, Any]]:
        return [run for seen in self.rounds for run in seen["trained"]]


@pytest.fixture(scope="session")
def simulated(stack: None, tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Two rounds on a small catalog; everything that is seen stands in a file."""
    folder = tmp_path_factory.mktemp("simulation")
    queue = _queue(folder)
    answers = [(str(row["sku"]), *gold(str(row["sku"]))) for row in products()]
    lines = [json.dumps({"sku": sku, "title": title, "tags": tags}) for sku, title, tags in answers]
    (folder / "gold.jsonl").write_text("\n".join(lines), encoding="utf-8")
    told = {"gold": folder / "gold.jsonl", "out": folder / "seen.json", "methods": "tagger,ensemble"}
    out = StringIO()
    password = os.environ["TITLELAB_LABEL_STUDIO_PASSWORD"]
    with override_settings(ANNOTATOR_USERNAME=ANNOTATOR, ANNOTATOR_PASSWORD=password):
        call_command("simulate", catalog=[KEY], rounds=2, per_round=14, probe=20, stdout=out, **told)
    seen = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    return Simulated(queue=queue, printed=out.getvalue(), rounds=list(seen["catalogs"][0]["rounds"]))


def _queue(folder: Path) -> ReviewQueue:
    catalog = imported_catalog(KEY, folder)
    # The library knows nothing of what a source calls kitchen things, so people add the tag until it is learnt.
    catalog.library.tags.filter(name="kitchen").update(aliases=[])
    changed(catalog.library)
    # Chance, which the secret key of the day decides, would draw none or some; so it draws all.
    return ReviewQueue.objects.create(name="Simulation", catalog=catalog, working_set=12, second_look_share=1.0)

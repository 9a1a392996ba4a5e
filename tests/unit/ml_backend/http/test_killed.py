"""A backend that is killed at any moment keeps drafts that are whole, or none, and goes on when it is started again."""

import contextlib
import random
import threading
import time
from pathlib import Path

from ml_backend.client import DraftClient
from ml_backend.contract import Draft
from ml_backend.errors import BackendUnreachable
from tests.factories import make_brief
from tests.unit.ml_backend.http.fakes import PASSWORD
from tests.unit.ml_backend.http.test_main import served

N_DEATHS = 2
LONGEST_LIFE_S = 1.0  # about as long as these drafts take
BRIEFS = [make_brief(sku=f"A-{n}", title=f"bottle {n}", brand=f"Brand {n}") for n in range(400)]


def client_of(line: str) -> DraftClient:
    url = line.split()[4].rstrip(",")
    return DraftClient(url=url, username="titlelab", password=PASSWORD, timeout_s=60.0)


def drafts(home: Path) -> list[Draft]:
    with served(home) as (_, line):
        return client_of(line).drafts(BRIEFS)


def test_a_backend_that_is_killed_at_a_random_point_answers_as_one_that_never_was(tmp_path: Path) -> None:
    seed = time.time_ns() % 10_000
    print(f"points of death drawn with {seed}")  # noqa: T201 - to draw them again
    chance, home = random.Random(seed), tmp_path / "home"

    for _ in range(N_DEATHS):
        with served(home) as (process, line):
            killer = threading.Timer(chance.uniform(0, LONGEST_LIFE_S), process.kill)
            killer.start()
            with contextlib.suppress(BackendUnreachable):  # unless it was quicker than its death
                client_of(line).drafts(BRIEFS)
            killer.join()
            assert process.wait(timeout=10) == -9

    assert drafts(home) == drafts(tmp_path / "another")

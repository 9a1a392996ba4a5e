"""`manage.py draft` as it is called: what it asks, what it says, how it is stopped."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ml_backend.client import DraftClient
from ml_backend.contract import Brief, from_json, to_json
from tests.factories import make_catalog, make_product
from tests.fakes import FakeDraftSource
from titlelab.catalog.models import Catalog
from titlelab.review.bulk_drafting import Progress
from titlelab.review.models import Draft
from titlelab.web.management.commands import draft as command

pytestmark = pytest.mark.django_db


@dataclass(kw_only=True)
class FakeBackend:
    """Answers as the ML backend does, over HTTP; `meanwhile` runs at every question for drafts."""

    source: FakeDraftSource = field(default_factory=FakeDraftSource)
    asked: list[dict[str, Any]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def client(self) -> DraftClient:
        return DraftClient(url="http://backend", username="", password="", transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/version"):
            return httpx.Response(200, json={"version": self.source.version("", "")})
        self.meanwhile()
        self.asked.append(json.loads(request.content))
        briefs = from_json(list[Brief], self.asked[-1]["briefs"])
        return httpx.Response(200, json={"drafts": [to_json(draft) for draft in self.source.drafts(briefs)]})


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    backend = FakeBackend()
    monkeypatch.setattr(command, "draft_client", backend.client)
    return backend


@pytest.fixture
def catalog() -> Catalog:
    catalog = make_catalog(key="shop")
    for i in range(5):
        make_product(catalog=catalog, sku=f"A{i}")
    return catalog


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("draft", *arguments, stdout=out)
    return out.getvalue()


def test_a_catalog_is_drafted_with_as_many_titles_and_in_such_batches_as_told(
    catalog: Catalog, backend: FakeBackend
) -> None:
    out = said("shop", "--candidates", "1", "--batch", "2")

    assert Draft.objects.count() == 5
    assert [(len(asked["briefs"]), asked["candidates"]) for asked in backend.asked] == [(2, 1), (2, 1), (1, 1)]
    assert out.startswith("5 of 5 products (100 %), 5 drafted now by t0-g0.1, ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_keeps_the_batch_under_way_and_the_next_start_goes_on(
    catalog: Catalog, backend: FakeBackend, number: int
) -> None:
    backend.meanwhile = lambda: os.kill(os.getpid(), number)
    before = signal.getsignal(number)

    out = said("shop", "--batch", "2")

    assert out.startswith("2 of 5 products (40 %)")
    assert out.endswith("stopped as asked: start again to go on\n")
    assert Draft.objects.count() == 2
    assert signal.getsignal(number) == before
    backend.meanwhile = lambda: None
    assert "5 of 5 products (100 %), 3 drafted now" in said("shop")


def test_a_promotion_in_between_is_told(catalog: Catalog, backend: FakeBackend) -> None:
    def promote() -> None:
        backend.source.serving = "t1-g0.1"

    backend.meanwhile = promote

    assert "another version began to serve meanwhile" in said("shop", "--batch", "2")


def test_a_backend_that_is_gone_ends_it_with_a_sentence(catalog: Catalog, backend: FakeBackend) -> None:
    def vanish() -> None:
        raise httpx.ConnectError("refused")

    backend.meanwhile = vanish

    with pytest.raises(CommandError, match="start again to go on"):
        said("shop")


def test_an_unknown_catalog_is_refused_with_those_that_there_are(catalog: Catalog) -> None:
    with pytest.raises(CommandError, match="no catalog 'shoe'; there are: shop"):
        said("shoe")


@pytest.mark.parametrize("wrong", [("--candidates", "0"), ("--candidates", "51"), ("--batch", "257"), ("--batch", "x")])
def test_a_number_that_the_backend_would_not_take_is_refused(wrong: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="must be a whole number from 1 to"):
        said("shop", *wrong)


def test_the_progress_reads_as_a_sentence() -> None:
    progress = Progress(
        n_products=100_000, n_seen=25_000, n_drafted=20_000, n_refused=3, seconds=4000.0, version="t3-g5.2"
    )

    assert command.line(progress) == (
        "25,000 of 100,000 products (25 %), 20,000 drafted now by t3-g5.2, 5.0 a second, 3 refused, about 4:10:00 left"
    )

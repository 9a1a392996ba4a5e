"""What Prometheus and the log are told of each request."""

import logging

import httpx
import pytest
from fastapi.testclient import TestClient

from ml_backend.client import DraftClient
from ml_backend.contract import to_json
from ml_backend.tracing import HEADER, REQUEST_HEADER, TextLines, traced
from tests.factories import make_brief


def told(client: TestClient) -> str:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


def test_metrics_are_for_who_knows_the_password(client: TestClient) -> None:
    client.auth = None

    assert client.get("/metrics").status_code == 401


def test_drafts_are_counted_by_where_they_came_from(client: TestClient) -> None:
    body = {"briefs": [to_json(make_brief(sku="A")), to_json(make_brief(sku="B"))]}
    client.post("/drafts", json=body)
    client.post("/drafts", json=body)

    lines = told(client).splitlines()

    assert 'titlelab_backend_drafts_total{source="model"} 2.0' in lines
    assert 'titlelab_backend_drafts_total{source="cache"} 2.0' in lines
    assert 'titlelab_backend_requests_total{path="/drafts",status="200"} 2.0' in lines
    assert 'titlelab_backend_serving{catalog="shop",library="",version="t0-g0.0"} 1.0' in lines
    assert "titlelab_backend_drafting_seconds_count 1.0" in lines


def test_paths_that_a_caller_makes_up_make_no_new_figures(client: TestClient) -> None:
    for n in range(5):
        client.get(f"/made-up-{n}")

    figures = [line for line in told(client).splitlines() if "requests_total{" in line]
    assert figures == ['titlelab_backend_requests_total{path="other",status="404"} 5.0']


def test_the_callers_ids_stand_in_the_log_and_in_the_answer(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(TextLines())
    with caplog.at_level(logging.INFO, logger="ml_backend"):
        answer = client.post("/drafts", json={"briefs": []}, headers={HEADER: "request=abc,run=7"})

    assert answer.headers[REQUEST_HEADER] == "abc"
    assert "request=abc run=7: POST /drafts 200 in" in caplog.text


def test_a_client_sends_the_ids_that_hold() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"version": "t0-g0.0"})

    client = DraftClient(url="http://x", username="u", password="", transport=httpx.MockTransport(answer))
    with traced(request="abc", item=3):
        client.version("shop")
    client.version("shop")

    assert asked[0].headers[HEADER] == "request=abc,item=3"
    assert HEADER not in asked[1].headers

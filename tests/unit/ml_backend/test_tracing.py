"""Every line of a log tells what it is about."""

import json
import logging

import pytest

from ml_backend.tracing import JsonLines, TextLines, begin, end, from_header, header, ids, request_id, traced


@pytest.fixture(autouse=True)
def _nothing_yet() -> None:
    begin({})


def record(message: str = "done", **fields: object) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"name": "titlelab.x", "levelname": "WARNING", "msg": message, "created": 0.0, **fields}
    )


def test_ids_hold_within_their_block_and_add_up() -> None:
    with traced(request="ab"):
        with traced(run=7):
            assert header() == "request=ab,run=7"
        assert ids() == {"request": "ab"}
    assert header() == ""


def test_what_is_begun_ends() -> None:
    token = begin({"item": "3"})
    end(token)

    assert ids() == {}


def test_ids_travel_in_a_header_and_nothing_else_does() -> None:
    assert from_header("request=ab,run=7") == {"request": "ab", "run": "7"}
    assert from_header("request=a b,user=root,run=7,=,item") == {"run": "7"}
    assert from_header(None) == {}


@pytest.mark.parametrize("given", [None, "", "two words", "x" * 65, "a\nb"])
def test_an_id_that_may_not_stand_in_a_log_is_replaced(given: str | None) -> None:
    assert len(request_id(given)) == 16
    assert request_id("from-a-proxy.1") == "from-a-proxy.1"


def test_a_line_for_people_tells_the_ids_as_key_and_value() -> None:
    with traced(request="ab", item=3):
        line = TextLines().format(record())

    assert line == "1970-01-01T00:00:00Z WARNING titlelab.x request=ab item=3: done"


def test_a_line_for_machines_is_one_json_object() -> None:
    try:
        raise ValueError("broken")
    except ValueError as e:
        with traced(run=7):
            line = JsonLines().format(record("two\nlines", exc_info=(ValueError, e, e.__traceback__)))

    told = json.loads(line)
    assert "\n" not in line
    assert (told["level"], told["run"], told["message"]) == ("WARNING", "7", "two\nlines")
    assert "ValueError: broken" in told["traceback"]

"""The post that a storm is made of: what it counts is what it did."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from benchmarks.unreliable_post import WEBHOOK, UnreliablePost, Weather, running_post
from titlelab.launching.ports import free_port


class Receiver(ThreadingHTTPServer):
    """Stands for TitleLab, and keeps the bodies that reach it."""

    def __init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.got.append((self.path, body, self.headers["X-TitleLab-Secret"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, str, str]] = []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sent(receiver: Receiver, weather: Weather, n: int, *, outage_s: float = 0.0) -> UnreliablePost:
    """Send n events through the weather, and wait until the post is empty."""
    port = free_port()
    with running_post(port, f"http://127.0.0.1:{receiver.server_port}", weather, seed=1) as post:
        post.begin_outage(outage_s)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as label_studio:
            for number in range(n):
                label_studio.post(WEBHOOK, content=str(number), headers={"X-TitleLab-Secret": "s"})
            label_studio.post("/elsewhere", content="as it is")
        while not post.is_empty:
            time.sleep(0.05)
    return post


def test_events_are_lost_doubled_and_reordered_as_the_weather_has_it(receiver: Receiver) -> None:
    post = sent(receiver, Weather(dropped=0.2, doubled=0.3, held_s=0.5), 200)

    bodies = [body for path, body, secret in receiver.got if (path, secret) == (WEBHOOK, "s")]
    counts = post.counts
    assert (counts["told"], counts["refused"]) == (200, 0)
    assert 25 <= counts["dropped"] <= 55
    assert 30 <= counts["doubled"] <= 70
    assert counts["delivered"] == len(bodies) == 200 - counts["dropped"] + counts["doubled"]
    assert len(set(bodies)) == 200 - counts["dropped"]
    assert bodies != sorted(bodies, key=int)
    assert counts["out of order"] > 50


def test_in_an_outage_every_event_is_lost_and_nothing_else(receiver: Receiver) -> None:
    post = sent(receiver, Weather(dropped=0.0, doubled=0.0, held_s=0.0), 5, outage_s=30.0)

    assert post.counts == {"told": 5, "lost in the outage": 5}
    assert [path for path, _, _ in receiver.got] == ["/elsewhere"]

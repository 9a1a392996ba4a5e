"""A proxy before TitleLab that treats webhook events as a bad network would: lost, twice, late, in another order.

Whatever else is asked of TitleLab passes through untouched.
"""

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

WEBHOOK = "/webhooks/label-studio/"
DELIVERY_TIMEOUT_S = 30
FORWARDED = ("content-type", "x-titlelab-secret", "authorization", "cookie")
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Shares of the events that are lost and that come twice, and for how long at most one is held back."""

    dropped: float = 0.2
    doubled: float = 0.3
    held_s: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Letter:
    due: float
    copy: int  # breaks a tie
    number: int
    body: bytes
    headers: tuple[tuple[str, str], ...]


class UnreliablePost:
    """Takes events in at once and delivers them as the weather has it; `counts` tells what became of them.

    told: events that Label Studio sent · dropped · doubled · lost in the outage · delivered: taken by TitleLab ·
    out of order: delivered after one that was told later · refused: TitleLab answered with an error, not sent again.
    """

    def __init__(self, target: str, weather: Weather, *, seed: int) -> None:
        self._target, self._weather, self._rng = target.rstrip("/"), weather, random.Random(seed)
        self._lock = threading.Lock()
        self._letters: list[_Letter] = []
        self._n_copies, self._newest, self._out_until = itertools.count(), 0, 0.0
        self._in_hand, self._is_stopping = 0, threading.Event()
        self.counts: Counter[str] = Counter()
        self._http = httpx.Client(timeout=DELIVERY_TIMEOUT_S, trust_env=False)

    def begin_outage(self, seconds: float) -> None:
        """Lose every event that arrives or is due within the next seconds."""
        self._out_until = time.monotonic() + seconds

    @property
    def is_out(self) -> bool:
        return time.monotonic() < self._out_until

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is held back or on its way."""
        with self._lock:
            return not self._letters and not self._in_hand

    def take(self, body: bytes, headers: tuple[tuple[str, str], ...]) -> int:
        """Take an event in; returns the status that Label Studio is answered with."""
        with self._lock:
            self.counts["told"] += 1
            number = self.counts["told"]
            if self.is_out:
                self.counts["lost in the outage"] += 1
                return httpx.codes.SERVICE_UNAVAILABLE
            if self._rng.random() < self._weather.dropped:
                self.counts["dropped"] += 1
                return httpx.codes.OK
            n_copies = 1 + (self._rng.random() < self._weather.doubled)
            self.counts["doubled"] += n_copies - 1
            for _ in range(n_copies):
                due = time.monotonic() + self._rng.uniform(0, self._weather.held_s)
                letter = _Letter(due=due, copy=next(self._n_copies), number=number, body=body, headers=headers)
                heapq.heappush(self._letters, letter)
            return httpx.codes.OK

    def pass_on(self, method: str, path: str, body: bytes, headers: tuple[tuple[str, str], ...]) -> httpx.Response:
        """Ask TitleLab and return its answer."""
        return self._http.request(method, f"{self._target}{path}", content=body, headers=dict(headers))

    def deliver(self) -> None:
        """Deliver what is due, one after the other, until the post is stopped."""
        while not self._is_stopping.wait(LOOK_EVERY_S):
            while letter := self._due():
                self._deliver(letter)

    def stop(self) -> None:
        """Have `deliver` end."""
        self._is_stopping.set()

    def close(self) -> None:
        self._http.close()

    def _due(self) -> _Letter | None:
        with self._lock:
            if not self._letters or self._letters[0].due > time.monotonic():
                return None
            self._in_hand = 1
            return heapq.heappop(self._letters)

    def _deliver(self, letter: _Letter) -> None:
        if self.is_out:
            outcome = "lost in the outage"
        else:
            try:
                is_taken = self.pass_on("POST", WEBHOOK, letter.body, letter.headers).is_success
            except httpx.HTTPError:
                is_taken = False
            outcome = "delivered" if is_taken else "refused"
        with self._lock:
            self.counts[outcome] += 1
            self.counts["out of order"] += outcome == "delivered" and letter.number < self._newest
            self._newest = max(self._newest, letter.number)
            self._in_hand = 0


@contextmanager
def running_post(port: int, target: str, weather: Weather, *, seed: int) -> Iterator[UnreliablePost]:
    """Serve the post on 127.0.0.1 until the block ends."""
    post = UnreliablePost(target, weather, seed=seed)
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(post))
    server.daemon_threads = True
    threads = [threading.Thread(target=work) for work in (server.serve_forever, post.deliver)]
    for thread in threads:
        thread.start()
    try:
        yield post
    finally:
        post.stop()
        server.shutdown()
        for thread in threads:
            thread.join()
        server.server_close()
        post.close()


def _handler(post: UnreliablePost) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = tuple((name, value) for name in FORWARDED if (value := self.headers.get(name)))
            if self.path == WEBHOOK:
                self._send(post.take(body, headers), b"{}", "application/json")
                return
            try:
                answer = post.pass_on(self.command, self.path, body, headers)
            except httpx.HTTPError:
                self._send(httpx.codes.BAD_GATEWAY, b"", "text/plain")
            else:
                self._send(answer.status_code, answer.content, answer.headers.get("Content-Type", "text/plain"))

        do_GET = do_POST = _answer  # noqa: N815 - the server's names

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the counts tell."""

    return Handler

"""Asking the ML backend for drafts over HTTP; the only way by which titlelab reaches a model."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ml_backend.contract import Brief, Draft, from_json, to_json
from ml_backend.errors import BackendRefused, BackendUnreachable, BadRequest
from ml_backend.tracing import HEADER, header

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

T = TypeVar("T")
BATCH = 64  # a language model drafts about 5 products a second on two cores: a batch ends well within the time-out
HEALTH_TIMEOUT_S = 5.0  # /health never waits for a model
NO_LIBRARY = "-"  # stands for "" in a path
TRY_AGAIN = (502, 503, 504)  # the backend, or a proxy before it, is not ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What /health tells: problems are sentences, such as a version folder that can't be loaded."""

    status: str
    model_class: str
    device: str
    memory_mb: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftClient:
    """Asks one ML backend.

    Every method raises BackendUnreachable when there is no answer in time, and BackendRefused with the backend's
    sentence when there is one that says no. n_candidates is how many titles a product gets, None for the backend's own
    number. transport is for tests.
    """

    url: str
    username: str
    password: str
    timeout_s: float = 300.0
    n_candidates: int | None = None
    transport: httpx.BaseTransport | None = None

    def drafts(self, briefs: Sequence[Brief]) -> list[Draft]:
        """Return one draft for each Brief, in their order."""
        with self._session(self.timeout_s) as session:
            batches = [briefs[start : start + BATCH] for start in range(0, len(briefs), BATCH)]
            return [draft for batch in batches for draft in self._batch(session, batch)]

    def version(self, catalog: str, library: str = "") -> str:
        """Return the serving version's name for a catalog and a library ("" for none), such as "t3-g5.2"."""
        with self._session(self.timeout_s) as session:
            path = f"/scopes/{catalog}/{library or NO_LIBRARY}/version"
            return _read(str, _field(_answer(session, "GET", path), "version"))

    def health(self) -> Health:
        """Return how the backend is."""
        with self._session(min(self.timeout_s, HEALTH_TIMEOUT_S)) as session:
            return _read(Health, _answer(session, "GET", "/health"))

    def _batch(self, session: httpx.Client, briefs: Sequence[Brief]) -> list[Draft]:
        body = {"briefs": [to_json(brief) for brief in briefs], "candidates": self.n_candidates}
        drafts = _read(list[Draft], _field(_answer(session, "POST", "/drafts", body), "drafts"))
        if [draft.sku for draft in drafts] != [brief.sku for brief in briefs]:
            raise BackendRefused(f"the ML backend's {len(drafts)} drafts are not of the {len(briefs)} products asked")
        return drafts

    @contextmanager
    def _session(self, timeout_s: float) -> Iterator[httpx.Client]:
        import httpx  # 0.1 s: a process that never asks should not pay for it

        try:
            with httpx.Client(
                base_url=self.url,
                auth=(self.username, self.password),
                timeout=timeout_s,
                transport=self.transport,
                headers={HEADER: header()} if header() else {},
                trust_env=False,  # the backend is ours and near: no proxy of the machine stands between
            ) as session:
                yield session
        except httpx.TimeoutException as e:
            raise BackendUnreachable(f"no answer from the ML backend at {self.url} in {timeout_s:g} s") from e
        except (httpx.TransportError, httpx.InvalidURL) as e:
            raise BackendUnreachable(f"no ML backend at {self.url}: {e}") from e


def _answer(session: httpx.Client, method: str, path: str, body: object = None) -> object:
    response = session.request(method, path, json=body)
    if response.status_code in TRY_AGAIN:
        raise BackendUnreachable(f"the ML backend is not ready: {_sentence(response)}")
    if response.status_code != 200:
        raise BackendRefused(f"the ML backend refused with {response.status_code}: {_sentence(response)}")
    try:
        return response.json()
    except ValueError as e:
        raise BackendRefused(f"what answers at {session.base_url} is no ML backend: its answer is no JSON") from e


def _sentence(response: httpx.Response) -> str:
    try:
        return str(_field(response.json(), "detail"))
    except (ValueError, BackendRefused):
        return response.reason_phrase


def _field(answer: object, name: str) -> object:
    if not isinstance(answer, dict) or name not in answer:
        raise BackendRefused(f"the ML backend's answer holds no {name!r}: are both of one release?")
    return answer[name]


def _read(kind: type[T], data: object) -> T:
    try:
        return from_json(kind, data)
    except BadRequest as e:
        raise BackendRefused(f"the ML backend's answer can't be read, are both of one release? {e}") from e

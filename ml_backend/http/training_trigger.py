"""Label Studio's Start Training button, told on to titlelab: training is a row there, not a request here."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from ml_backend.errors import BadRequest, TitleLabUnreachable
from ml_backend.http.settings import Settings

ACTION = "START_TRAINING"
PATH = "/webhooks/label-studio/"
SECRET_HEADER = "X-TitleLab-Secret"  # noqa: S105 - the header's name
TIMEOUT_S = 10.0  # titlelab stores and answers in milliseconds; Label Studio waits for 100 s
TrainingTrigger = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleLabTrigger:
    """Rings titlelab's webhook as Label Studio would."""

    url: str
    secret: str
    transport: httpx.BaseTransport | None = None

    def __call__(self, project_id: int) -> None:
        """Tell titlelab that a project's button was clicked; raises TitleLabUnreachable with a sentence."""
        body = {"action": ACTION, "project": {"id": project_id}}
        try:
            with httpx.Client(timeout=TIMEOUT_S, transport=self.transport, trust_env=False) as session:
                response = session.post(f"{self.url}{PATH}", json=body, headers={SECRET_HEADER: self.secret})
        except (httpx.TransportError, httpx.InvalidURL) as e:
            raise TitleLabUnreachable(f"TitleLab can't be told to start training at {self.url}: {e}") from e
        if response.is_error:
            raise TitleLabUnreachable(f"TitleLab refused to start training with {response.status_code}")


def trigger_of(settings: Settings) -> TitleLabTrigger:
    """Return the trigger for the settings' titlelab."""
    return TitleLabTrigger(url=settings.titlelab_url, secret=settings.webhook_secret)


def asked_project(body: bytes) -> int | None:
    """Return the project whose Start Training button was clicked, None for another event.

    Raises BadRequest on a body that Label Studio does not send.
    """
    try:
        event = json.loads(body)
        if event["action"] != ACTION:
            return None
        return int(event["project"]["id"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as e:
        raise BadRequest('an event is {"action": …, "project": {"id": …}}') from e

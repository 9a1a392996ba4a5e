"""What travels over HTTP as JSON, typed; Label Studio's own bodies hold more, which is ignored."""

from typing import Any

from pydantic import BaseModel, Field, field_validator

from ml_backend.contract import Brief, Draft

MOST_BRIEFS = 256  # a language model takes about a minute for them on two cores
MOST_CANDIDATES = 50  # a search that wide takes a language model half a minute for one product on two cores


class SetupRequest(BaseModel):
    """What Label Studio asks whenever a project is opened; its access token is not read."""

    project: str = ""
    extra_params: dict[str, Any] | str | None = None


class SetupAnswer(BaseModel):
    """The version that Label Studio shows as the backend's."""

    model_version: str


class AskedTask(BaseModel):
    """A task of Label Studio; data is read task by task, so that a bad one does not spoil the list."""

    id: int | None = None
    data: Any = None


class PredictRequest(BaseModel):
    """The tasks to draft for; Label Studio sends any number of them in one request."""

    tasks: list[AskedTask]


class Prediction(BaseModel):
    """One task's pre-filled regions; an empty result for a task that can't be read."""

    result: list[dict[str, Any]]
    score: float
    model_version: str


class PredictAnswer(BaseModel):
    """One prediction per task, in their order."""

    results: list[Prediction]


class DraftsRequest(BaseModel):
    """The products to draft for, and how many titles each gets; None: as many as the backend holds for good.

    Asked without a number, a draft that was made before is good with any.
    """

    briefs: list[Brief] = Field(max_length=MOST_BRIEFS)
    candidates: int | None = Field(default=None, ge=1, le=MOST_CANDIDATES)

    @field_validator("briefs")
    @classmethod
    def _are_writable(cls, briefs: list[Brief]) -> list[Brief]:
        """Refuse half a surrogate pair, which JSON can tell and no text can hold."""
        for brief in briefs:
            brief.digest()  # raises UnicodeEncodeError, which is a ValueError
        return briefs


class DraftsAnswer(BaseModel):
    """One draft per Brief, in their order."""

    drafts: list[Draft]


class VersionAnswer(BaseModel):
    """The serving pair's name."""

    version: str


class VersionsAnswer(BaseModel):
    """The serving pairs of all scopes in use."""

    versions: list[str]


class WebhookAnswer(BaseModel):
    """What became of an event: "started" for Start Training, "ignored" for everything else."""

    status: str


class Refusal(BaseModel):
    """Why a request was refused, as one sentence."""

    detail: str

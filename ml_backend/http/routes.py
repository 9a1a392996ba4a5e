"""The endpoints: as Label Studio speaks them, and /drafts for the workers.

What is `async def` answers at once; what may wait for a model is `def` and so runs in a thread of its own, of which
there are 40. A dependency that is no coroutine would wait for one of them too.
"""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from prometheus_client import CONTENT_TYPE_LATEST

from ml_backend.client import NO_LIBRARY, Health
from ml_backend.errors import NotAuthorized
from ml_backend.http.bodies import (
    DraftsAnswer,
    DraftsRequest,
    PredictAnswer,
    Prediction,
    PredictRequest,
    Refusal,
    SetupAnswer,
    SetupRequest,
    VersionAnswer,
    VersionsAnswer,
    WebhookAnswer,
)
from ml_backend.http.desk import Desk
from ml_backend.http.metrics import Metrics
from ml_backend.http.predicting import predictions
from ml_backend.http.process_health import device, memory_mb
from ml_backend.http.settings import Settings
from ml_backend.http.training_trigger import TrainingTrigger, asked_project
from ml_backend.labelstudio.projects import Scopes, scopes_of

basic = HTTPBasic(auto_error=False, realm="TitleLab")
Credentials = Annotated[HTTPBasicCredentials | None, Depends(basic)]
router = APIRouter(responses={status: {"model": Refusal} for status in (401, 413, 422, 503)})


async def the_desk(request: Request) -> Desk:
    """Return the app's desk."""
    desk: Desk = request.app.state.desk
    return desk


async def is_known(request: Request, credentials: Credentials) -> bool:
    """Say whether the caller has the secret; both halves are compared in constant time."""
    settings: Settings = request.app.state.settings
    if credentials is None:
        return False
    is_user = secrets.compare_digest(credentials.username.encode(), settings.username.encode())
    is_password = secrets.compare_digest(credentials.password.encode(), settings.password.encode())
    return is_user and is_password


async def known_caller(known: Annotated[bool, Depends(is_known)]) -> None:
    """Let nobody else in; raises NotAuthorized."""
    if not known:
        raise NotAuthorized("the ML backend's user name or password is missing or wrong")


TheDesk = Annotated[Desk, Depends(the_desk)]
FOR_KNOWN = [Depends(known_caller)]


@router.get("/health")
async def health(desk: TheDesk) -> Health:
    """Tell that the process is up, at once and to anybody."""
    return Health(
        status="UP",
        model_class="TitleLab",
        device=device(),
        memory_mb=memory_mb(),
        problems=tuple(desk.problems()),
    )


@router.get("/metrics", dependencies=FOR_KNOWN)
def metrics(request: Request) -> Response:
    """Tell Prometheus, which comes with the same user name and password as the others."""
    told: Metrics = request.app.state.metrics
    return Response(told.text(), media_type=CONTENT_TYPE_LATEST)


@router.post("/setup", dependencies=FOR_KNOWN)
async def setup(asked: SetupRequest, desk: TheDesk) -> SetupAnswer:
    """Tell the version that serves a project, at once; its extra parameters name the catalog and the library."""
    return SetupAnswer(model_version=desk.version(scopes_of(asked.extra_params)))


@router.post("/predict", dependencies=FOR_KNOWN)
def predict(asked: PredictRequest, desk: TheDesk) -> PredictAnswer:
    """Draft for Label Studio's tasks; one that can't be read or drafted gets an empty prediction."""
    return PredictAnswer(
        results=[Prediction(**made) for made in predictions(desk, [task.data for task in asked.tasks])]
    )


@router.post("/drafts", dependencies=FOR_KNOWN)
def drafts(asked: DraftsRequest, desk: TheDesk) -> DraftsAnswer:
    """Draft for the workers, all or nothing."""
    return DraftsAnswer(drafts=desk.drafts(asked.briefs, asked.candidates))


@router.get("/versions")
async def versions(desk: TheDesk) -> VersionsAnswer:
    """Tell the serving pairs of all scopes in use; Label Studio asks without naming a project."""
    return VersionsAnswer(versions=desk.versions())


@router.get("/scopes/{catalog}/{library}/version", dependencies=FOR_KNOWN)
async def version(catalog: str, library: str, desk: TheDesk) -> VersionAnswer:
    """Tell the serving pair of a catalog and a library, "-" for none, at once."""
    return VersionAnswer(
        version=desk.version(Scopes(catalog=catalog, library="" if library == NO_LIBRARY else library))
    )


@router.post("/webhook")
async def webhook(request: Request, *, known: Annotated[bool, Depends(is_known)]) -> WebhookAnswer:
    """Pass Start Training on to titlelab.

    Label Studio registers this address for every event of the project and sends those without a password; titlelab
    has a webhook of its own for them, so they are read to their end, for the sender's sake, and ignored.
    """
    body = await request.body()
    project_id = asked_project(body) if known else None
    if project_id is None:
        return WebhookAnswer(status="ignored")
    trigger: TrainingTrigger = request.app.state.trigger
    await run_in_threadpool(trigger, project_id)
    return WebhookAnswer(status="started")

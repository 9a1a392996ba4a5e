"""The application: desk, endpoints, and how each refusal is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from ml_backend.errors import MLBackendError, NotAuthorized
from ml_backend.http.body_limit import BodyLimit
from ml_backend.http.desk import Desk
from ml_backend.http.draft_cache import DraftCache
from ml_backend.http.metrics import Metrics
from ml_backend.http.models import Models
from ml_backend.http.observing import Observed
from ml_backend.http.routes import router
from ml_backend.http.settings import Settings
from ml_backend.http.training_trigger import TrainingTrigger, trigger_of

MOST_TOLD = 5  # wrong fields in one sentence


def make_app(settings: Settings, models: Models, trigger: TrainingTrigger | None = None) -> FastAPI:
    """Return the ASGI application; `app.state.desk` is its desk. trigger None rings the settings' titlelab."""
    cache = DraftCache(
        settings.home / "drafts.sqlite3",
        max_bytes=settings.draft_cache_mb * 2**20,
        generation=models.generation,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        cache.close()

    app = FastAPI(title="TitleLab ML backend", description="Drafts titles and tags.", lifespan=lifespan)
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.desk = Desk(models_folder=settings.models_folder, models=models, cache=cache, metrics=app.state.metrics)
    app.state.metrics.tell_serving(app.state.desk.serving)
    app.state.trigger = trigger or trigger_of(settings)
    app.include_router(router)
    app.add_middleware(BodyLimit)
    app.add_middleware(Observed, metrics=app.state.metrics)
    app.exception_handler(MLBackendError)(_refused)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(Exception)(_failed)
    return app


async def _refused(_: Request, error: MLBackendError) -> JSONResponse:
    headers = {"WWW-Authenticate": 'Basic realm="TitleLab"'} if isinstance(error, NotAuthorized) else None
    return JSONResponse({"detail": str(error)}, status_code=error.http_status, headers=headers)


async def _not_understood(_: Request, error: RequestValidationError) -> JSONResponse:
    wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:MOST_TOLD]]
    return JSONResponse({"detail": "not understood: " + "; ".join(wrong)}, status_code=422)


async def _failed(_: Request, __: Exception) -> JSONResponse:
    """Keep the traceback for the log, where Starlette's raising the error again puts it."""
    return JSONResponse({"detail": "the ML backend failed; its log says why"}, status_code=500)

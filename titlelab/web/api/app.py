"""Puts the API together: its parser with limits, its problems, its page of documentation that needs no other site."""

import json
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from ml_backend.errors import BackendRefused, BackendUnreachable
from titlelab.errors import NotPossibleNow
from titlelab.web.api.access import BearerToken
from titlelab.web.api.problems import MEDIA_TYPE, Problem, try_again
from titlelab.web.api.routes import router
from titlelab.web.api.schemas import ProblemOut

DESCRIPTION = """
Every request carries a token, made by an admin in TitleLab's admin under System, API tokens:
`Authorization: Bearer tl_…`. A token is for some catalogs and has some of the rights read, write and draft.

Lists come in pages and in the order in which rows changed. Send `next_cursor` for the next page. The last page's cursor
stays good: come again later with it for what has changed since; rows of the last minute may come twice.

What goes wrong is told as problem JSON (RFC 9457); its `detail` says who can mend it.
"""
PROBLEMS = {
    400: "The body is not JSON.",
    401: "The token is missing or no good.",
    403: "The token is not for this catalog, or lacks the right.",
    404: "There is no such product, or no such address.",
    409: "The product has changed meanwhile, or the catalog's channel has no rules in force.",
    413: "The body is too large.",
    422: "Something in the request can't be used.",
    429: "The token's requests of the minute are made.",
    502: "The drafting backend refused.",
    503: "The database or the drafting backend is busy.",
}
OF_ALL = (401, 403, 422, 429, 503)
# What else may happen, by operation.
FURTHER = {
    "upsert_batch": (400, 409, 413),
    "upsert_product": (400, 404, 409, 413),
    "read_product": (404,),
    "request_drafts": (400, 404, 409, 413, 502),
}


class StrictParser(Parser):
    """JSON without floats, NaN and bodies past the limit."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json.loads(request.body, parse_float=Decimal, parse_constant=_no_constant)


class Api(NinjaAPI):
    """Tells of problems in the documentation too."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        told = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"] |= {**told.pop("$defs"), "Problem": told}
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status in sorted({*OF_ALL, *FURTHER.get(operation["operationId"], ())}):
                    operation["responses"][status] = _documented(status)
        return schema

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)


def _documented(status: int) -> Mapping[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told: dict[str, Any] = {"description": PROBLEMS[status], "content": content}
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return told


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows")


api = Api(
    title="TitleLab",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=BearerToken(),
    parser=StrictParser(),
    docs=Swagger(settings={"validatorUrl": None, "persistAuthorization": False}),  # the default asks another site
)
api.add_router("", router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.response()


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, e: ValidationError) -> HttpResponse:
    errors = [{"where": ".".join(map(str, found["loc"])), "reason": found["msg"]} for found in e.errors]
    detail = "The request is not of the shape that /api/v1/docs tells: mend what errors names."
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors).response()


@api.exception_handler(HttpError)
def _not_json(request: HttpRequest, e: HttpError) -> HttpResponse:
    """Answer what ninja itself refuses: a body that can't be parsed."""
    return Problem(
        HTTPStatus(e.status_code), f"The body can't be read as JSON: mend the caller ({e.__cause__})."
    ).response()


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, e: RequestDataTooBig) -> HttpResponse:
    detail = f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes: send fewer products at once."
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail).response()


@api.exception_handler(NotPossibleNow)
def _not_now(request: HttpRequest, e: NotPossibleNow) -> HttpResponse:
    return Problem(HTTPStatus.CONFLICT, str(e)).response()


@api.exception_handler(BackendUnreachable)
def _no_backend(request: HttpRequest, e: BackendUnreachable) -> HttpResponse:
    return try_again(f"{e}. Nothing is lost: come again; `make doctor` tells an admin more.").response()


@api.exception_handler(BackendRefused)
def _refused(request: HttpRequest, e: BackendRefused) -> HttpResponse:
    return Problem(HTTPStatus.BAD_GATEWAY, f"{e}. An admin can mend it: `make doctor` tells more.").response()


@api.exception_handler(OperationalError)
def _busy(request: HttpRequest, e: OperationalError) -> HttpResponse:
    return try_again("The database is busy: nothing was written; send it again.").response()

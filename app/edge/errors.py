import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Mount

from app.edge.json_bodies import is_json
from app.edge.middleware import SECURITY_HEADERS
from app.edge.told import tell_problem, tell_refusal
from kernel.errors import FieldError, Invalid, Refusal
from kernel.web.problems import request_id

_log = logging.getLogger(__name__)


class NotJson(Refusal):
    """A body in a form that this operation does not read."""

    code = "unsupported_media_type"
    status = 415
    title = "The body's media type is not understood"


class ProblemError(BaseModel):
    """One fault: where in the request (JSON pointer), which, and in words."""

    pointer: str = Field(examples=["/lines/0/quantity"])
    code: str = Field(examples=["greater_than"])
    message: str = Field(examples=["Input should be greater than 0"])


class Problem(BaseModel):
    """An RFC 9457 problem document: every error of this API has this shape."""

    type: str = Field(examples=["/problems/invalid"])
    title: str = Field(examples=["Some values are not valid"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["1 value is not valid. Correct it and send the request again."])
    code: str = Field(examples=["invalid"])
    instance: str = Field(examples=["/v1/orders"])
    request_id: str = Field(examples=["req_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    errors: list[ProblemError] = Field(default_factory=list)


_SAID: dict[int, str] = {
    400: "The request cannot be read",
    401: "Nobody valid sent this request",
    403: "The caller may not do this",
    404: "Nothing here for this caller",
    405: "This path does not know that method",
    409: "The present state refuses it",
    412: "Somebody else changed it meanwhile",
    413: "The body is too large",
    415: "The body's media type is not understood",
    422: "Some values are not valid",
    428: "The edit needs an If-Match header",
    429: "Too many requests; see Retry-After",
    503: "Temporarily unavailable; see Retry-After",
}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "model": Problem,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, text in _SAID.items()
}


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error of the application: as a page to people with a browser, as a problem document to machines."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DataError, _not_storable)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(Exception, _unexpected)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    headers = {"www-authenticate": 'Bearer realm="pickstream"'} if error.status == HTTPStatus.UNAUTHORIZED else {}
    retry = error.facts.get("retry_after_seconds")
    if retry is not None:
        headers["retry-after"] = str(retry)
    return tell_refusal(request, error, headers)


def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _is_of_another_type(request, error):
        sent = request.headers.get("content-type", "") or "nothing"
        remedy = "Send JSON, and Content-Type: application/json."
        return tell_refusal(request, NotJson(f"The body is said to be {sent}.", remedy=remedy), {})
    faults = tuple(
        FieldError(_pointer(fault["loc"]), str(fault["type"]), str(fault["msg"])) for fault in error.errors()[:50]
    )
    plural = "value is" if len(faults) == 1 else "values are"
    refusal = Invalid(
        f"{len(faults)} {plural} not valid.", remedy="Correct what `errors` names and send it again.", errors=faults
    )
    return tell_refusal(request, refusal, {})


def _is_of_another_type(request: Request, error: RequestValidationError) -> bool:
    """Say whether a body was not even parsed, because its media type is not JSON: it is one single fault then."""
    told = is_json(request.headers.get("content-type", ""))
    return not told and bool(error.body) and any(fault["loc"] == ("body",) for fault in error.errors())


def _pointer(location: tuple[int | str, ...]) -> str:
    source, *path = location
    parts = path if source == "body" else [source, *path]
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts) or "/"


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Refusal):
        # The framework takes whatever breaks the reading of a body for bad JSON, also our own "no" to its size.
        return _refused(request, error.__cause__)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return _wrong_method(request)
    return _plain(request, error)


def _wrong_method(request: Request) -> Response:
    """Name all methods of a path, where the framework names those of the first route; OPTIONS asks for just that."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    allowed = {
        method
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    }
    # What no route knows is a file, which can only be got.
    allowed = (allowed or {"GET"}) | {"OPTIONS"}
    headers = {"allow": ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=headers)
    return _plain(request, HTTPException(405, headers=headers))


def _plain(request: Request, error: HTTPException) -> Response:
    phrase = HTTPStatus(error.status_code).phrase
    said = _SAID.get(error.status_code, phrase)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        said = f"{said}. Send JSON in UTF-8, not compressed, without deep nesting or endless numbers"
    code = phrase.lower().replace(" ", "_").replace("-", "_")
    members = {"type": f"/problems/{code}", "title": phrase, "status": error.status_code, "detail": said, "code": code}
    return tell_problem(request, members, error.headers or {})


def _not_storable(request: Request, error: Exception) -> Response:
    _log.info("value refused by the database: %s", error)
    detail = "A value holds characters or numbers that cannot be stored."
    refusal = Invalid(detail, remedy="Remove control characters and check the numbers.")
    return tell_refusal(request, refusal, {})


def _database_away(request: Request, error: Exception) -> Response:
    _log.error("database not reachable: %s", error)
    members = {
        "type": "/problems/unavailable",
        "title": "Temporarily unavailable",
        "status": 503,
        "detail": "The database did not answer. Nothing was changed; repeat the request with the same Idempotency-Key.",
        "code": "unavailable",
    }
    return tell_problem(request, members, {"retry-after": "2"})


def _unexpected(request: Request, error: Exception) -> Response:
    _log.exception("unexpected error in %s", request_id(request), exc_info=error)
    members = {
        "type": "/problems/internal_error",
        "title": "Something went wrong on our side",
        "status": 500,
        "detail": "It is logged under this request id. Repeating with the same Idempotency-Key is safe.",
        "code": "internal_error",
    }
    # Starlette answers a broken request outside of the edge, which would have added these headers.
    headers = {**SECURITY_HEADERS, "x-request-id": request_id(request), "cache-control": "no-store"}
    return tell_problem(request, members, headers)

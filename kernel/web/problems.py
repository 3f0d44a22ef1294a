from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from kernel.errors import Refusal

PROBLEM_TYPE = "application/problem+json"


def problem_response(request: Request, refusal: Refusal, *, headers: dict[str, str] | None = None) -> Response:
    """Return a refusal as an RFC 9457 problem document."""
    return problem(request, refusal.problem(), headers=headers)


def problem(request: Request, members: dict[str, Any], *, headers: dict[str, str] | None = None) -> Response:
    """Return problem members, completed with this request's path and id."""
    body = members | {"instance": request.url.path, "request_id": request_id(request)}
    return Response(msgspec.json.encode(body), status_code=members["status"], media_type=PROBLEM_TYPE, headers=headers)


def request_id(request: Request) -> str:
    """Return the id that logs, answers and problems of this request share."""
    return str(request.scope.get("pickstream.request_id", ""))

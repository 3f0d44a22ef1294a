from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from inventory.web.schemas import Body
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.web.acting import Answer, act


class VersionMissing(Refusal):
    """An edit that does not say which version it is based on."""

    code = "version_missing"
    status = 428
    title = "The edit needs an If-Match header"


def json_response(content: object) -> Response:
    """Return any msgspec-encodable value as JSON."""
    return Response(msgspec.json.encode(content), media_type="application/json")


def version_of(header: str) -> int | None:
    """Return the version that an If-Match header names, None for `*`."""
    tag = header.strip()
    if not tag:
        raise VersionMissing(
            "An edit says which version it is based on.", remedy="Send the ETag of the item as If-Match."
        )
    if tag == "*":
        return None
    digits = tag.removeprefix('"v').removesuffix('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):  # noqa: PLR2004 - what a bigint holds
        raise Invalid("This If-Match is no ETag of an item.", remedy="Read the item again.", pointer="/if-match")
    return int(digits)


def tagged_response(response: Response) -> Response:
    """Give an answer that tells an item's version the ETag of it."""
    item: dict[str, Any] = msgspec.json.decode(response.body)
    response.headers["etag"] = f'"v{item["version"]}"'
    return response


def act_and_read(
    request: Request, actor: Actor, body: Body, command: Callable[[UnitOfWork], object],
    read: Callable[[UnitOfWork], object],
) -> Response:  # fmt: skip
    """Run a command under the request's Idempotency-Key, as `act`, and answer with what is read after it."""

    def work(uow: UnitOfWork) -> Answer:
        command(uow)
        return Answer(read(uow))

    return act(request, actor, body.model_dump(mode="json"), work)

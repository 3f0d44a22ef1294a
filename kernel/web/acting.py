import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, run, single_statement, transaction
from kernel.errors import Refusal

LEASE = timedelta(seconds=60)
MAX_KEY = 255


class KeyMissing(Refusal):
    """A request that acts came without an Idempotency-Key."""

    code = "idempotency_key_missing"
    status = 400
    title = "This request needs an Idempotency-Key"


class KeyReused(Refusal):
    """The key came before with another body."""

    code = "idempotency_key_reused"
    status = 422
    title = "This Idempotency-Key belongs to another request"


class StillRunning(Refusal):
    """The first request with this key is not finished."""

    code = "request_in_progress"
    status = 409
    title = "The same request is still being worked on"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command's result is told as: a status and a JSON document (any msgspec-encodable value)."""

    content: Any
    status: int = 200


# A claim waits for no disk: whatever makes its effect durable comes after it in the log, and makes it durable, too.
_CLAIM = text(
    "with asking as materialized ("
    "  select set_config('app.actor', :owner, true), set_config('synchronous_commit', 'off', true)"
    ") insert into idempotency_key (owner, key, fingerprint, state, locked_until, created_at)"
    " select :owner, :key, :fingerprint, 'started', :until, :now from asking on conflict (owner, key) do update"
    " set locked_until = excluded.locked_until"
    " where idempotency_key.state = 'started' and idempotency_key.locked_until < :now"
    " and idempotency_key.fingerprint = excluded.fingerprint returning true"
)
_READ = text("select fingerprint, state, status, body from idempotency_key where owner = :owner and key = :key")
_FINISH = text(
    "update idempotency_key set state = 'done', status = :status, body = :body, media_type = 'application/json'"
    " where owner = :owner and key = :key"
)
_RELEASE = text("delete from idempotency_key where owner = :owner and key = :key and state = 'started'")


def act(request: Request, actor: Actor, payload: object, work: Callable[[UnitOfWork], Answer]) -> Response:
    """Run a command under the request's Idempotency-Key and answer it; a repeated key gets the stored answer.

    The effect and the stored answer commit together. A refusal changes nothing and frees the key, so that a corrected
    request may use it. `payload` is whatever distinguishes this request's body from another's.

    Raises:
        KeyMissing, KeyReused, StillRunning: as the Idempotency-Key draft (IETF httpapi) asks.
    """
    key = request.headers.get("idempotency-key", "").strip().strip('"')
    if not key or len(key) > MAX_KEY:
        raise KeyMissing(
            "Requests that change something carry an Idempotency-Key of 1 to 255 characters.",
            remedy="Send a new UUID for each new request, and the same one when you repeat it.",
        )
    fingerprint = _fingerprint(request, payload)
    stored = _claim(actor, key, fingerprint)
    if stored is not None:
        return stored
    try:
        return run(actor, lambda uow: _perform(uow, key, work))
    except BaseException:
        with transaction(actor) as uow:
            uow.session.execute(_RELEASE, {"owner": actor.id, "key": key})
        raise


def _claim(actor: Actor, key: str, fingerprint: str) -> Response | None:
    with single_statement(actor) as uow:
        row = {"owner": actor.id, "key": key, "fingerprint": fingerprint, "now": uow.now, "until": uow.now + LEASE}
        if uow.session.execute(_CLAIM, row).scalar_one_or_none():
            return None
    with transaction(actor) as uow:
        known = uow.session.execute(_READ, {"owner": actor.id, "key": key}).one_or_none()
    if known is None or (known.state == "started" and known.fingerprint == fingerprint):
        raise StillRunning(
            "The first request with this key is still running.", remedy="Try again in a second.", retry_after_seconds=1
        )
    if known.fingerprint != fingerprint:
        raise KeyReused("It came before with another method, path or body.", remedy="Use a new key.")
    headers = {"idempotency-replayed": "true"}
    return Response(known.body, status_code=known.status, media_type="application/json", headers=headers)


def _perform(uow: UnitOfWork, key: str, work: Callable[[UnitOfWork], Answer]) -> Response:
    answer = work(uow)
    uow.session.flush()
    body = msgspec.json.encode(answer.content)
    uow.session.execute(_FINISH, {"owner": uow.actor.id, "key": key, "status": answer.status, "body": body})
    return Response(body, status_code=answer.status, media_type="application/json")


def _fingerprint(request: Request, payload: object) -> str:
    target = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(target + msgspec.json.encode(payload, order="deterministic")).hexdigest()

"""How pages are answered: as HTML, refusals as a page that says what to do, actions by a redirect after the POST."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.web.error_pages import Trouble, error_page, mishap_page
from app.web.pages import Notice, Page, Tone
from app.web.refused_forms import show_refusal
from app.web.rendering import render_page
from app.web.routes.visits import FLASH_COOKIE, SignInNeeded, Visit, require_form_of_ours, sign_in_address
from app.web.sealing import seal
from app.web.whole_numbers import MOST, read_whole
from kernel import clock
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from kernel.settings import settings
from kernel.web.acting import Answer, act

_FLASH_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form as it was sent: its fields, without the operation's id and the session's token."""

    fields: dict[str, str]
    op_id: str
    csrf_token: str

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def whole(self, name: str, *, least: int = 0, most: int = MOST) -> int:
        """Return the whole number in a field.

        Raises:
            Invalid: names the field that holds none, or one that is not from `least` to `most`.
        """
        return read_whole(self[name], f"/{name}", least=least, most=most)

    def units(self, name: str) -> int:
        """Return how many units a field says.

        Raises:
            Invalid: names the field that holds no such number.
        """
        return read_whole(self[name], f"/{name}", remedy="Count in units, such as 12.")

    def whole_or_zero(self, name: str, *, least: int = 0, most: int = MOST) -> int:
        """Return the whole number in a field, 0 when it is empty."""
        return self.whole(name, least=least, most=most) if self[name] else 0

    def whole_or_none(self, name: str, *, most: int = MOST) -> int | None:
        """Return the whole number in a field, None when it is empty."""
        return self.whole(name, most=most) if self[name] else None

    def quantities(self, prefix: str) -> dict[str, int]:
        """Return the whole numbers above 0 of the fields that begin with `prefix`, by the rest of their names."""
        numbers = {name.removeprefix(prefix): value for name, value in self.fields.items() if name.startswith(prefix)}
        return {name: int(value) for name, value in numbers.items() if value.isdecimal() and int(value) > 0}


@dataclass(frozen=True, slots=True)
class Done:
    """What an action leads to: the next page, and one sentence on it."""

    to: str
    words: str
    tone: Tone = "ok"


async def submitted(request: Request) -> Submitted:
    """Read the form of a POST; files are not among its fields."""
    form = await request.form(max_files=1, max_fields=600)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return Submitted(
        {name: value for name, value in fields.items() if name not in ("op_id", "csrf_token")},
        fields.get("op_id", ""),
        fields.get("csrf_token", ""),
    )


def page_response(page: Page, *, status: int = 200, flash_shown: bool = False) -> HTMLResponse:
    """Return a page; the message of the last action is shown once."""
    response = HTMLResponse(render_page(page), status_code=status)
    if flash_shown:
        response.delete_cookie(FLASH_COOKIE, path="/")
    return response


def staff_page(visit: Visit, page: Page) -> HTMLResponse:
    """Return a staff page."""
    return page_response(page, flash_shown=bool(visit.notices))


def submit(
    request: Request,
    visit: Visit,
    form: Submitted,
    work: Callable[[UnitOfWork], Done],
    *,
    again: Callable[[], Page],
) -> Response:
    """Run a form's action under its operation id, then send the browser on to where `work` says.

    The same form sent twice is one action. When it is refused, the page comes again: the refusal on top and in its
    form, which holds what was entered.
    """
    try:
        require_form_of_ours(visit, form.csrf_token)
        answer = act(keyed(request, form.op_id), visit.actor, form.fields, lambda uow: Answer(work(uow)))
    except Refusal as refusal:
        page = show_refusal(again(), action=request.url.path, entered=form.fields, refusal=refusal)
        return page_response(page, status=refusal.status)
    return go_on(msgspec.json.decode(answer.body, type=Done))


def go_on(done: Done) -> RedirectResponse:
    """Send the browser on after an action, with its message for the next page."""
    response = RedirectResponse(done.to, status_code=HTTPStatus.SEE_OTHER)
    text = msgspec.json.encode(Notice(done.tone, done.words)).decode()
    sealed = seal("flash", text, expires_at=clock.now() + _FLASH_LIFE)
    response.set_cookie(
        FLASH_COOKIE, sealed, max_age=int(_FLASH_LIFE.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=settings().secure_cookies,
    )  # fmt: skip
    return response


def keyed(request: Request, op_id: str) -> Request:
    """Return the request as the API would have got it: with the form's operation id as its Idempotency-Key."""
    key = (b"idempotency-key", op_id.encode("ascii", errors="replace"))
    return Request({**request.scope, "headers": [*request.scope["headers"], key]}, request.receive)


class PageRoute(APIRoute):
    """A route that answers people: what is refused becomes a page, and who is not signed in is asked to."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with the pages for refusals around it."""
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except _TOLD as error:
                return _told(request, error)

        return handle_as_page


_TOLD = (Refusal, RequestValidationError, HTTPException, DataError, OperationalError)


def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, SignInNeeded):
        wanted = request.url.path if request.method == "GET" else ""
        return RedirectResponse(sign_in_address(wanted), status_code=HTTPStatus.SEE_OTHER)
    if isinstance(error, Refusal):
        return refusal_page(request, error)
    if isinstance(error, HTTPException):
        return mishap_page(request, Trouble(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail)))
    return mishap_page(request, _TROUBLES[type(error)])


_TROUBLES: dict[type[Exception], Trouble] = {
    RequestValidationError: Trouble(404, "There is no such page", "The address is not one of ours."),
    DataError: Trouble(422, "This cannot be stored", "A value holds characters that cannot be stored."),
    OperationalError: Trouble(503, "The database does not answer", "Repeat it in a moment."),
}


def refusal_page(request: Request, refusal: Refusal) -> HTMLResponse:
    """Return a refusal as a page."""
    response = error_page(request, Trouble(refusal.status, refusal.title, refusal.detail, refusal.remedy))
    retry = refusal.facts.get("retry_after_seconds")
    if retry is not None:
        response.headers["retry-after"] = str(retry)
    return response

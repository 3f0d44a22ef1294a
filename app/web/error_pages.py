"""The page that tells a person what went wrong: in the words of the house for its people, in others for customers."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.web.pages import ErrorPage, Frame, Link
from app.web.rendering import render_page
from kernel import clock
from kernel.web.access import COOKIE, SECURE_COOKIE
from kernel.web.problems import request_id

NOTHING_DONE = "Nothing was changed."
_OF_MACHINES = ("/v1/", "/openapi.json", "/metrics", "/healthz", "/readyz", "/static/")
_TRACKER = "/t/"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happened, what we did and what to do now, under its HTTP status."""

    status: int
    title: str
    what: str
    advice: str = ""
    done: str = NOTHING_DONE


_CUSTOMERS: dict[int, Trouble] = {
    404: Trouble(
        404, "This link opens no order",
        "The address is not complete, or the link does not work any more.",
        "Open the link in the latest e-mail about your order. If you typed it, compare it letter by letter.",
    ),
    405: Trouble(
        405, "Please start from your order's page",
        "This address only takes what is sent from your order's page.",
        "Go back to your order and press the button there again.",
    ),
    413: Trouble(
        413, "That is too much for one message",
        "What you sent is longer than we can take.",
        "Shorten the text, leave out attachments and send it again.",
    ),
    429: Trouble(
        429, "One moment, please",
        "Many requests came from your connection within a short time.",
        "Wait a minute, then open the page again. Your order goes on meanwhile.",
    ),
    500: Trouble(
        500, "Something went wrong on our side",
        "The page could not be shown. Your order itself is not affected.",
        "Open the page again in a few minutes. If it stays like this, tell the shop the reference below.",
        "The error is written down under the reference below.",
    ),
    503: Trouble(
        503, "We cannot look up your order right now",
        "Our records do not answer at this moment. Your order itself is not affected.",
        "Open the page again in a minute.",
    ),
}  # fmt: skip


def wants_page(request: Request) -> bool:
    """Say whether a person asks with a browser: it accepts HTML, and the address is none of the machines'."""
    path = request.url.path
    is_of_machines = path == "/v1" or path.startswith(_OF_MACHINES) or path.startswith("/scan/api/")
    return not is_of_machines and "text/html" in request.headers.get("accept", "").lower()


def mishap_page(request: Request, trouble: Trouble) -> HTMLResponse:
    """Return the page about what can befall any address; a customer reads it in words of their own."""
    told = _CUSTOMERS.get(trouble.status, trouble) if _is_tracker(request) else trouble
    return error_page(request, told)


def error_page(request: Request, trouble: Trouble) -> HTMLResponse:
    """Return the page about a trouble as it is told, with the way back for whoever reads it."""
    links = _to_the_order(request.url.path) if _is_tracker(request) else _to_the_desk(request)
    page = ErrorPage(
        Frame(clock.now(), "UTC"), trouble.status, trouble.title, trouble.what, trouble.done,
        trouble.advice or "Go back and try another way.", links, request_id(request),
    )  # fmt: skip
    return HTMLResponse(render_page(page), status_code=trouble.status)


def _is_tracker(request: Request) -> bool:
    path = request.url.path
    return path == _TRACKER.rstrip("/") or path.startswith(_TRACKER)


def _to_the_order(path: str) -> tuple[Link, ...]:
    """Return the way back to the order's own page, from the pages below it; a broken link leads nowhere."""
    token, _, below = path.removeprefix(_TRACKER).partition("/")
    return (Link("Back to your order", f"{_TRACKER}{quote(token)}"),) if token and below else ()


def _to_the_desk(request: Request) -> tuple[Link, ...]:
    """Return the way back for people of the house: the page that their role starts on, or the sign-in."""
    if any(name in request.cookies for name in (COOKIE, SECURE_COOKIE)):
        return (Link("Go to the start page", "/"),)
    return (Link("Sign in", "/sign-in"),)

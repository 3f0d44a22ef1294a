from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.web.pages import Field, Form, Frame, Notice, SignInPage
from app.web.routes.answers import PageRoute, Submitted, page_response, submitted
from app.web.routes.visits import (
    SITE_COOKIE,
    Visit,
    choosable_sites,
    home_of,
    require_form_of_ours,
    session_token,
    visitor,
)
from app.web.tries import give_back_try, seconds_to_next_hour, take_try
from kernel import actors, clock
from kernel.access.commands import SESSION_LIFE, authenticate_session, sign_in, sign_out
from kernel.actors import Actor
from kernel.db.transactions import transaction
from kernel.errors import Forbidden, Refusal
from kernel.settings import settings
from kernel.web.access import COOKIE, SECURE_COOKIE

router = APIRouter(route_class=PageRoute)
WRONG_PASSWORDS_AN_HOUR = 20
_TRIES = "web.sign-in"


class TooManyWrongPasswords(Refusal):
    """An address has sent too many wrong passwords in this hour."""

    code = "too_many_wrong_passwords"
    status = 429
    title = "Too many wrong passwords"


@router.get("/")
def start(visit: Annotated[Visit, Depends(visitor())]) -> Response:
    """Lead everybody to the page that their role starts the day on."""
    return RedirectResponse(home_of(visit.actor.role), status_code=303)


@router.get("/sign-in")
def ask_who(wanted: Annotated[str, Query(alias="next", max_length=500)] = "") -> Response:
    """Show the sign-in form."""
    notices = (Notice("info", "Sign in, and you come to the page you asked for."),) if wanted else ()
    return page_response(_page(wanted, notices=notices))


@router.post("/sign-in")
def open_session(request: Request, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Open a session; the cookie holds its token, the database the token's hash."""
    try:
        token, actor = _signed_in(request, form)
    except Refusal as refusal:
        told = f"{refusal.title}. {refusal.detail} {refusal.remedy}".strip()
        response = page_response(_page(form["next"], email=form["email"], error=told), status=refusal.status)
        if seconds := refusal.facts.get("retry_after_seconds"):
            response.headers["retry-after"] = str(seconds)
        return response
    where = form["next"] if is_ours(form["next"]) else home_of(actor.role)
    redirect = RedirectResponse(where, status_code=303)
    secure = settings().secure_cookies
    redirect.set_cookie(
        SECURE_COOKIE if secure else COOKIE, token, max_age=int(SESSION_LIFE.total_seconds()), path="/", secure=secure,
        httponly=True, samesite="lax",
    )  # fmt: skip
    return redirect


@router.post("/site")
def choose_site(
    visit: Annotated[Visit, Depends(visitor(of_the_house=True))], form: Annotated[Submitted, Depends(submitted)]
) -> Response:
    """Let a person who belongs to no single site look at another one; the browser remembers which."""
    require_form_of_ours(visit, form.csrf_token)
    with transaction(visit.actor) as uow:
        known = {site.id for site in choosable_sites(uow, visit.actor)}
    if form["site"] not in known:
        raise Forbidden("You cannot look at that site.", remedy="Choose one of those that the page offers.")
    redirect = RedirectResponse(form["next"] if is_ours(form["next"]) else "/", status_code=303)
    redirect.set_cookie(
        SITE_COOKIE, form["site"], max_age=int(SESSION_LIFE.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=settings().secure_cookies,
    )  # fmt: skip
    return redirect


@router.post("/sign-out")
def close_session(request: Request) -> Response:
    """End the session on the server and in the browser; without one, it is as good as ended."""
    token = session_token(request)
    if token:
        with transaction(actors.system("sign-out")) as uow:
            sign_out(uow, token=token)
    redirect = RedirectResponse("/sign-in", status_code=303)
    for name in (COOKIE, SECURE_COOKIE, SITE_COOKIE):
        redirect.delete_cookie(name, path="/", secure=name == SECURE_COOKIE, httponly=True, samesite="lax")
    return redirect


def is_ours(address: str) -> bool:
    """Say whether an address leads to a page of this house, and not to another site or back to the sign-in."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return inside and address.isprintable() and not address.startswith("/sign-")


def _signed_in(request: Request, form: Submitted) -> tuple[str, Actor]:
    address = client_address(request)
    system = actors.system("sign-in")
    # The try is taken before the password is looked at: any number may come at once, and each look is dear.
    with transaction(system) as uow:
        if not take_try(uow, _TRIES, address, limit=WRONG_PASSWORDS_AN_HOUR):
            wait = seconds_to_next_hour(uow.now)
            raise TooManyWrongPasswords(
                "They came from your address.", remedy=f"Try again in {wait // 60 + 1} minutes.",
                retry_after_seconds=wait,
            )  # fmt: skip
    with transaction(system) as uow:
        token = sign_in(uow, email=form["email"], password=form.fields.get("password", ""))
        actor = authenticate_session(uow, token=token)
        give_back_try(uow, _TRIES, address, limit=WRONG_PASSWORDS_AN_HOUR)
    assert actor, "the session was opened a moment ago"
    return token, actor


def client_address(request: Request) -> str:
    """Return the address that a request comes from, as the server was told."""
    return request.client.host if request.client else "unknown"


def _page(wanted: str, *, email: str = "", error: str = "", notices: tuple[Notice, ...] = ()) -> SignInPage:
    fields = (
        Field("next", "", "hidden", wanted if is_ours(wanted) else ""),
        Field("email", "E-mail", "email", email, required=True, autocomplete="username", maximum=200),
        Field("password", "Password", "password", required=True, autocomplete="current-password", maximum=200),
    )
    return SignInPage(Frame(clock.now(), "UTC"), Form("/sign-in", "Sign in", fields, error=error), notices)

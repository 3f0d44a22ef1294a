"""Who visits a page, what they may do there, and how the page finds their site, its clock and its header."""

import hmac
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

import msgspec
from starlette.requests import Request

from app.web.pages import FeedLag, Field, Frame, Notice, Option, Shell
from app.web.pages import Role as RoleName
from app.web.sealing import unseal
from crm import api as crm
from kernel import clock
from kernel.access.queries import SiteView, find_merchants, find_sites, find_users, get_site, site_of_merchant
from kernel.access.secrets import derived_token, digest
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Forbidden, NotFound, Refusal, Unauthenticated
from kernel.settings import settings
from kernel.web.access import COOKIE, SECURE_COOKIE, authenticate

FLASH_COOKIE = "pickstream_flash"
SITE_COOKIE = "pickstream_site"
LAG_WORTH_TELLING_S = 30


class OtherSite(Refusal):
    """A form was made for another site than the person looks at now."""

    code = "other_site"
    status = 409
    title = "You look at another site now"


class SignInNeeded(Unauthenticated):
    """Nobody is signed in; `next` is where they wanted to go."""

    code = "sign_in_needed"


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in person on a page: the token that their forms carry, and what the last action has to tell.

    `wanted_site` is the site that they chose to look at; it counts for those only who may see several.
    """

    actor: Actor
    csrf_token: str
    notices: tuple[Notice, ...] = ()
    wanted_site: str = ""

    def may(self, *scopes: str) -> bool:
        """Say whether the person holds one of these scopes."""
        return any(self.actor.may(scope) for scope in scopes)

    def link(self, href: str, *scopes: str) -> str:
        """Return an address for who holds one of the scopes that open it; others read the words without a link."""
        return href if self.may(*scopes) else ""

    @property
    def works_here(self) -> bool:
        """Whether the person is of the house, and not of a merchant."""
        return self.actor.role is not Role.MERCHANT


@dataclass(frozen=True, slots=True)
class Desk:
    """A page being filled: one transaction, and the site and moment that the page is read at.

    `sites` are those that the person can choose from; one or none for most.
    """

    uow: UnitOfWork
    visit: Visit
    site: SiteView | None
    frame: Frame
    sites: tuple[SiteView, ...] = ()

    @property
    def site_id(self) -> str:
        """The site whose floor the page shows.

        Raises:
            NotFound: there is no site yet.
        """
        if self.site is None:
            raise NotFound("There is no site yet.", remedy="Set one up first.")
        return self.site.id

    @property
    def narrowed_to(self) -> str:
        """The site that a list keeps to: the one shown to who works there, none for a merchant or a house without."""
        return self.site.id if self.site and self.visit.works_here else ""

    def site_field(self) -> Field:
        """Return what a form carries that acts on a site: the site that its page shows."""
        return Field("site", "", "hidden", self.site_id)

    def require_site(self, shown: str) -> str:
        """Return the site that a form acts on, if it is still the one that its page showed.

        Raises:
            OtherSite: the person chose another site in the meantime, such as in another window.
        """
        if shown and shown != self.site_id:
            raise OtherSite("This form was made for another site.", remedy="Open the page again and look at its site.")
        return self.site_id

    def shell(self, current: str, *, query: str = "", notices: Sequence[Notice] = ()) -> Shell:
        """Return the header of a staff page."""
        lag = crm.timeline_lag(self.uow)
        role = cast("RoleName", self.visit.actor.role.value)
        board = self.visit.link("/board", "work:plan", "orders:read")
        told = FeedLag(lag.events, int(lag.oldest_seconds), board if self.visit.works_here else "/orders")
        return Shell(
            person=self.visit.actor.name, role=role, site=self._place(), current=current,
            csrf_token=self.visit.csrf_token, query=query, notices=(*self.visit.notices, *notices),
            feed_lag=told if lag.oldest_seconds > LAG_WORTH_TELLING_S else None,
            sites=tuple(Option(each.id, each.name, each == self.site) for each in self.sites),
        )  # fmt: skip

    def _place(self) -> str:
        if not self.visit.works_here:
            return self.merchants().get(self.visit.actor.tenant, "")
        return self.site.name if self.site else "No site yet"

    def merchants(self) -> dict[str, str]:
        """Return the names of the merchants that the person sees, by id."""
        return {merchant.id: merchant.name for merchant in find_merchants(self.uow)}

    def people(self) -> dict[str, str]:
        """Return the names of the people that the person sees, by id."""
        return {user.id: user.name for user in find_users(self.uow)}


def visitor(*scopes: str, of_the_house: bool = False) -> Callable[[Request], Visit]:
    """Return the dependency that lets in who is signed in and holds one of `scopes`; without any, everybody signed in.

    `of_the_house` keeps merchants out of pages that show the floor of all merchants.

    Raises (when called):
        SignInNeeded: there is no live session.
        Forbidden: the person's role does not include this page.
    """

    def admitted(request: Request) -> Visit:
        visit = _visit(request)
        lacks_scope = bool(scopes) and not visit.may(*scopes)
        if lacks_scope or (of_the_house and not visit.works_here):
            raise Forbidden(
                f"Your role, {visit.actor.role.value}, does not include this page.",
                remedy="Ask an administrator if you need it.",
            )
        return visit

    admitted.scopes = scopes  # type: ignore[attr-defined]  # the access matrix test reads it
    return admitted


def _visit(request: Request) -> Visit:
    token = session_token(request)
    actor = authenticate(request) if token and "authorization" not in request.headers else None
    if actor is None:
        raise SignInNeeded("Your session is over, or there is none.", remedy="Sign in and continue.")
    return Visit(actor, csrf_token(token), _flash(request), request.cookies.get(SITE_COOKIE, ""))


def session_token(request: Request) -> str:
    """Return the session token that came with a request, empty without one."""
    return request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE) or ""


def csrf_token(session: str) -> str:
    """Return the token that forms of a session carry: it follows from the session, so that nothing is stored."""
    return derived_token(settings().secret_key, "csrf", digest(session))


def require_form_of_ours(visit: Visit, token: str) -> None:
    """Refuse a request that acts without the token of the person's own pages.

    Raises:
        Forbidden: the token is missing or another session's.
    """
    if not hmac.compare_digest(token.encode(), visit.csrf_token.encode()):
        raise Forbidden("This form is not one of your session.", remedy="Open the page again and repeat the action.")


def _flash(request: Request) -> tuple[Notice, ...]:
    text = unseal("flash", request.cookies.get(FLASH_COOKIE, ""), now=clock.now())
    return (msgspec.json.decode(text, type=Notice),) if text else ()


def home_of(role: Role) -> str:
    """Return the page that a role starts its day on."""
    return {Role.PICKER: "/scan", Role.PACKER: "/scan", Role.MERCHANT: "/orders"}.get(role, "/board")


def sign_in_address(wanted: str) -> str:
    """Return the address of the sign-in page that leads on to `wanted`."""
    return f"/sign-in?next={quote(wanted, safe='/')}" if wanted not in ("", "/") else "/sign-in"


@contextmanager
def desk_of(visit: Visit) -> Iterator[Desk]:
    """Open a page: one transaction as the person, at the person's site."""
    with transaction(visit.actor) as uow:
        yield at_desk(uow, visit)


def at_desk(uow: UnitOfWork, visit: Visit) -> Desk:
    """Return the desk of a person in an open transaction."""
    sites = choosable_sites(uow, visit.actor)
    site = next((each for each in sites if each.id == visit.wanted_site), None) or _first_site(uow, visit.actor, sites)
    return Desk(uow, visit, site, Frame(uow.now, site.time_zone if site else "UTC"), sites)


def choosable_sites(uow: UnitOfWork, actor: Actor) -> tuple[SiteView, ...]:
    """Return the sites that a person may choose to look at: all for people of the house who belong to none."""
    return () if actor.site or actor.role is Role.MERCHANT else tuple(find_sites(uow))


def _first_site(uow: UnitOfWork, actor: Actor, sites: tuple[SiteView, ...]) -> SiteView | None:
    if actor.site:
        return get_site(uow, actor.site)
    if actor.role is Role.MERCHANT:
        try:
            return site_of_merchant(uow, actor.tenant)
        except NotFound:
            return None
    return next(iter(sites), None)

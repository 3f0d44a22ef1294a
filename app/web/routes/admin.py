from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.pages import Empty, Field, Form, KeyRow, KeysPage, Option, UserRow, UsersPage
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from kernel.access import commands
from kernel.access.queries import KeyView, UserView, find_keys, find_sites, find_users
from kernel.access.roles import KEY_SCOPES, SCOPES
from kernel.actors import Role
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden, Invalid

router = APIRouter(route_class=PageRoute)
Administrator = Annotated[Visit, Depends(visitor("access:manage"))]
Sent = Annotated[Submitted, Depends(submitted)]
_SIGN_IN_ROLES = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM))
_SENT_BEFORE = "(it was shown when this form was sent first; if nobody stored it, revoke the key and make another)"


@router.get("/admin/users")
def list_users(visit: Administrator) -> Response:
    """Show who may sign in."""
    return staff_page(visit, _users_page(visit))


@router.post("/admin/users")
def add_user(request: Request, visit: Administrator, form: Sent) -> Response:
    """Create a person who may sign in."""
    return submit(request, visit, _without_password(form), _adding(form), again=lambda: _users_page(visit))


def _without_password(form: Submitted) -> Submitted:
    """Return the form without its password, which must not be kept: the stored answer is found by the rest."""
    kept = {name: value for name, value in form.fields.items() if name != "password"}
    return Submitted(kept, form.op_id, form.csrf_token)


def _adding(form: Submitted) -> Callable[[UnitOfWork], Done]:
    def work(uow: UnitOfWork) -> Done:
        if form["role"] not in {role.value for role in _SIGN_IN_ROLES}:
            raise Invalid("Choose a role.", pointer="/role")
        if "@" not in form["email"]:
            raise Invalid("This is not an e-mail address.", pointer="/email")
        commands.create_user(
            uow, email=form["email"], name=form["name"], role=Role(form["role"]),
            password=form.fields.get("password", ""), site_id=form["site"] or None,
            merchant_id=form["merchant"] or None,
        )  # fmt: skip
        return Done("/admin/users", f"{form['name']} can sign in now.")

    return work


@router.post("/admin/users/{user_id}/deactivate")
def deactivate(request: Request, visit: Administrator, user_id: str, form: Sent) -> Response:
    """Close a person's access at once, on every device."""

    def work(uow: UnitOfWork) -> Done:
        if user_id == visit.actor.id:
            raise Forbidden("You cannot close your own account.", remedy="Ask another administrator.")
        commands.deactivate_user(uow, user_id=user_id)
        return Done("/admin/users", "The account is closed, and its sessions have ended.")

    return submit(request, visit, form, work, again=lambda: _users_page(visit))


@router.get("/admin/keys")
def list_keys(visit: Administrator) -> Response:
    """Show the API keys, without their secrets."""
    return staff_page(visit, _keys_page(visit))


@router.post("/admin/keys")
def issue_key(request: Request, visit: Administrator, form: Sent) -> Response:
    """Make a key and show its secret on this one answer: it is in no cookie, log or table."""
    shown: list[str] = []

    def work(uow: UnitOfWork) -> Done:
        if not form["merchant"]:
            raise Invalid("A key belongs to a merchant.", pointer="/merchant")
        scopes = [name.removeprefix("scope_") for name in form.fields if name.startswith("scope_")]
        issued = commands.issue_key(uow, tenant_id=form["merchant"], name=form["name"], scopes=scopes)
        shown.append(issued.secret)
        return Done("/admin/keys", f"The key {issued.prefix} is made.")

    answer = submit(request, visit, form, work, again=lambda: _keys_page(visit))
    if answer.status_code != 303:  # noqa: PLR2004 - the refused form
        return answer
    return staff_page(visit, _keys_page(visit, secret=shown[0] if shown else _SENT_BEFORE))


@router.post("/admin/keys/{key_id}/revoke")
def revoke_key(request: Request, visit: Administrator, key_id: str, form: Sent) -> Response:
    """End a key: the next request with it is refused."""

    def work(uow: UnitOfWork) -> Done:
        commands.revoke_key(uow, key_id=key_id)
        return Done("/admin/keys", "The key is revoked.")

    return submit(request, visit, form, work, again=lambda: _keys_page(visit))


def _users_page(visit: Visit) -> UsersPage:
    with desk_of(visit) as desk:
        places = {site.id: site.name for site in find_sites(desk.uow)} | desk.merchants()
        return UsersPage(
            frame=desk.frame,
            shell=desk.shell("/admin/users"),
            rows=tuple(_user(visit, user, places) for user in find_users(desk.uow)),
            empty=Empty("People will be listed here.", "Add the first one."),
            add=_add_user_form(desk),
        )


def _user(visit: Visit, user: UserView, places: dict[str, str]) -> UserRow:
    close = Form(
        f"/admin/users/{user.id}/deactivate", f"Close the account of {user.name}", title="Close", tone="stop",
        intro="Nobody can sign in with it any more, and whoever is signed in goes out. It cannot be opened again.",
        csrf_token=visit.csrf_token,
    )  # fmt: skip
    where = places.get(user.merchant_id or user.site_id or "", "All sites")
    closable = user.active and user.id != visit.actor.id
    state = "ACTIVE" if user.active else "DISABLED"
    return UserRow(user.name, user.email, user.role, where, state, close if closable else None)


def _add_user_form(desk: Desk) -> Form:
    sites = tuple(Option(site.id, site.name) for site in find_sites(desk.uow))
    merchants = tuple(Option(key, name) for key, name in desk.merchants().items())
    roles = tuple(Option(role.value, role.value.capitalize()) for role in _SIGN_IN_ROLES)
    fields = (
        Field("name", "Name", required=True, maximum=120),
        Field("email", "E-mail", "email", required=True, maximum=200, autocomplete="off"),
        Field("role", "Role", "select", options=roles, required=True),
        Field("site", "Site", "select", options=(Option("", "None"), *sites), hint="For people of the warehouse."),
        Field("merchant", "Merchant", "select", options=(Option("", "None"), *merchants), hint="For merchants."),
        Field("password", "First password", "password", required=True, maximum=200, autocomplete="new-password",
              hint=f"At least {commands.MIN_PASSWORD} characters."),
    )  # fmt: skip
    return Form("/admin/users", "Add the person", fields, "Add a person", csrf_token=desk.visit.csrf_token)


def _keys_page(visit: Visit, *, secret: str = "") -> KeysPage:
    with desk_of(visit) as desk:
        names = desk.merchants()
        return KeysPage(
            frame=desk.frame,
            shell=desk.shell("/admin/keys"),
            rows=tuple(_key(desk, key, names) for key in find_keys(desk.uow)),
            empty=Empty("API keys will be listed here.", "Make one for each system that sends orders."),
            add=_add_key_form(desk, names),
            secret=secret,
        )


def _key(desk: Desk, key: KeyView, names: dict[str, str]) -> KeyRow:
    over = key.expires_at is not None and key.expires_at <= desk.frame.now
    state = "REVOKED" if key.revoked_at else "EXPIRED" if over else "ACTIVE"
    revoke = Form(
        f"/admin/keys/{key.id}/revoke", f"Revoke {key.name}", title="Revoke", tone="stop",
        intro="Programs that use this key are refused from now on. A revoked key cannot be used again.",
        csrf_token=desk.visit.csrf_token,
    )  # fmt: skip
    return KeyRow(
        key.prefix, key.name, names.get(key.tenant_id, ""), key.scopes, key.created_at, key.last_used_at, state,
        revoke if state == "ACTIVE" else None,
    )  # fmt: skip


def _add_key_form(desk: Desk, names: dict[str, str]) -> Form:
    merchants = (Option("", "Choose"), *(Option(key, name) for key, name in names.items()))
    fields = (
        Field("merchant", "Merchant", "select", options=merchants, required=True),
        Field("name", "Name", required=True, maximum=100, hint="The system that will use it, such as: shop backend."),
        *(Field(f"scope_{scope}", f"{scope}: {SCOPES[scope]}", "checkbox") for scope in sorted(KEY_SCOPES)),
    )
    return Form("/admin/keys", "Make the key", fields, "Make a key", csrf_token=desk.visit.csrf_token)

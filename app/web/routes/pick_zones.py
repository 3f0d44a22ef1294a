"""Who picks in which zone, as a lead says it: part of the list of walks."""

from typing import Final

from app.web.pages import Field, Form, Option
from app.web.routes.answers import Done, Submitted
from app.web.routes.visits import Desk, Visit, at_desk
from fulfillment import api as fulfillment
from kernel.access.queries import UserView, find_users
from kernel.access.roles import ROLE_SCOPES
from kernel.actors import Role
from kernel.db.transactions import UnitOfWork

_FIELD: Final = "zone-"


def zones_form(desk: Desk) -> Form | None:
    """Return the form for who picks in which zone, None where walks are not passed from zone to zone."""
    if not fulfillment.passes_zones(desk.uow, desk.site_id):
        return None
    zones, chosen = fulfillment.zones_of_site(desk.uow, desk.site_id), fulfillment.picker_zones(desk.uow, desk.site_id)
    fields = tuple(
        Field(_FIELD + person.id, person.name, "select", options=_options(zones, chosen.get(person.id, "")))
        for person in _pickers(desk.uow, desk.site_id)
    )
    words = "They get walks that are there, from their next claim on, and may still choose another on the handheld."
    return Form(
        "/batches/zones", "Save", (desk.site_field(), *fields), "Who picks where", words,
        csrf_token=desk.visit.csrf_token,
    )  # fmt: skip


def change_zones(uow: UnitOfWork, visit: Visit, form: Submitted) -> Done:
    """Say for each person in which zone they pick, as a form says; who is not in the form stays as they are."""
    site_id = at_desk(uow, visit).require_site(form["site"])
    chosen = fulfillment.picker_zones(uow, site_id)
    for person in _pickers(uow, site_id):
        zone = form.fields.get(_FIELD + person.id)
        if zone is not None and zone != chosen.get(person.id, ""):
            fulfillment.choose_zone(uow, site_id=site_id, user_id=person.id, zone=zone)
    return Done("/batches", "Saved. It counts from each person's next claim on.")


def _options(zones: tuple[str, ...], chosen: str) -> tuple[Option, ...]:
    return (Option("", "Any zone", not chosen), *(Option(zone, zone, zone == chosen) for zone in zones))


def _pickers(uow: UnitOfWork, site_id: str) -> list[UserView]:
    """Return who can pick at a site, by name."""
    able = [role for role in Role if "work:pick" in ROLE_SCOPES[role] and role is not Role.ADMIN]
    found = [user for user in find_users(uow) if user.active and user.site_id == site_id and user.role in able]
    return sorted(found, key=lambda user: (user.name, user.id))

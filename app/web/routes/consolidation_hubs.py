from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.importers.fields import minor
from app.web.faces.consolidation import HubsPage, KeptHub
from app.web.formats import money, weight
from app.web.pages import Empty, Field, Form, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.money import Money, decimals
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_EMPTY: Final = Empty("The site has no hubs yet.", "Describe where a carrier takes pallets of parcels in.")
_LITER_MM3, _KILO_G = 1_000_000, 1_000
_MOST_DIGITS: Final = 9


@router.get("/consolidation/hubs")
def show_hubs(visit: Lead, change: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Show where pallets may go; `change` fills the form with the terms of a hub."""
    return staff_page(visit, _page(visit, change))


@router.post("/consolidation/hubs")
def keep(request: Request, visit: Lead, form: Sent) -> Response:
    """Keep a hub or its new terms."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        shipping.keep_hub(uow, _hub(form), site_id=site_id)
        return Done("/consolidation/hubs", "The hub is kept. Plans from now on use these terms.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/consolidation/hubs/drop")
def drop(request: Request, visit: Lead, form: Sent) -> Response:
    """Take a hub off the list."""

    def work(uow: UnitOfWork) -> Done:
        shipping.drop_hub(uow, form["hub"], site_id=at_desk(uow, visit).require_site(form["site"]))
        return Done("/consolidation/hubs", "The hub is not planned any more.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _hub(form: Submitted) -> shipping.InjectionHub:
    currency = form["currency"].upper()
    carrier, _, service = form["service"].partition("/")
    return shipping.InjectionHub(
        form["code"].upper(), form["name"], form["country"].upper(), form["postal_code"], currency,
        _amount(form, "fixed_minor", currency), _amount(form, "pallet_minor", currency),
        form.whole("max_volume_mm3") * _LITER_MM3, form.whole("max_weight_g") * _KILO_G,
        form.whole("transit_days"), carrier, service,
    )  # fmt: skip


def _amount(form: Submitted, name: str, currency: str) -> int:
    """Read an amount in the currency's own digits, such as 95.00."""
    amount = minor(form[name] or "0", decimals(currency))
    if amount is None:
        raise Invalid("This is no amount.", remedy="Enter such as 95.00.", pointer=f"/{name}")
    return amount


def _page(visit: Visit, change: str = "") -> HubsPage:
    with desk_of(visit) as desk:
        hubs = shipping.injection_hubs(desk.uow, site_id=desk.site_id)
        services = shipping.last_miles(desk.uow, site_id=desk.site_id)
        words = {(carrier, service): named for carrier, service, named in services}
        return HubsPage(
            frame=desk.frame,
            shell=desk.shell("/manifests"),
            hubs=tuple(_kept(desk, hub, words) for hub in hubs),
            hubs_empty=_EMPTY,
            form=_form(desk, services, next((hub for hub in hubs if hub.code == change), None)),
        )


def _kept(desk: Desk, hub: shipping.InjectionHub, words: dict[tuple[str, str], str]) -> KeptHub:
    fields = (desk.site_field(), Field("hub", "", "hidden", hub.code))
    drop = Form("/consolidation/hubs/drop", "Take it off", fields, tone="plain", csrf_token=desk.visit.csrf_token)
    fixed = f", and {money(hub.fixed_minor, hub.currency)} a dispatch" if hub.fixed_minor else ""
    return KeptHub(
        hub.code, hub.name, f"{hub.country} {hub.postal_code}", f"{money(hub.pallet_minor, hub.currency)}{fixed}",
        f"{hub.max_volume_mm3 // _LITER_MM3:,} l, {weight(hub.max_weight_g)}",
        counted(hub.transit_days, "working day"),
        words.get((hub.carrier, hub.service), "A service that the site uses no more"),
        f"/consolidation/hubs?change={hub.code}", drop,
    )  # fmt: skip


def _form(desk: Desk, services: list[tuple[str, str, str]], hub: shipping.InjectionHub | None) -> Form:
    chosen = f"{hub.carrier}/{hub.service}" if hub else ""
    options = tuple(Option(f"{c}/{s}", words, f"{c}/{s}" == chosen) for c, s, words in services)
    known = _entered(hub) if hub else {"transit_days": "1", "currency": "EUR", "volume_l": "1800", "weight_kg": "590"}
    fields = (
        desk.site_field(),
        Field("code", "Code", value=known.get("code", ""), required=True, maximum=20, hint="Such as MUC-1."),
        Field("name", "Name", value=known.get("name", ""), required=True, maximum=100),
        Field("country", "Country", value=known.get("country", ""), required=True, maximum=2, hint="Two letters."),
        Field("postal_code", "Postal code", value=known.get("postal_code", ""), required=True, maximum=40),
        Field("service", "Delivers from there", "select", options=options, required=True),
        Field("transit_days", "Working days to the hub", "number", known["transit_days"], required=True),
        Field("currency", "Currency", value=known["currency"], required=True, maximum=3),
        Field(
            "pallet_minor", "A pallet costs", value=known.get("pallet", ""), required=True, inputmode="decimal",
            hint="Such as 95.00.",
        ),
        Field(
            "fixed_minor", "A dispatch costs once", value=known.get("fixed", ""), inputmode="decimal",
            hint="However many pallets it has.",
        ),
        Field("max_volume_mm3", "A pallet holds, in liters", "number", known["volume_l"], required=True),
        Field("max_weight_g", "A pallet holds, in kg", "number", known["weight_kg"], required=True),
    )  # fmt: skip
    title = f"New terms of {hub.name}" if hub else "Describe a hub"
    return Form("/consolidation/hubs", "Keep the hub", fields, title, csrf_token=desk.visit.csrf_token)


def _entered(hub: shipping.InjectionHub) -> dict[str, str]:
    """Return a hub's terms as they are entered."""
    return {
        "code": hub.code, "name": hub.name, "country": hub.country, "postal_code": hub.postal_code,
        "transit_days": str(hub.transit_days), "currency": hub.currency,
        "pallet": _plain(hub.pallet_minor, hub.currency), "fixed": _plain(hub.fixed_minor, hub.currency),
        "volume_l": str(hub.max_volume_mm3 // _LITER_MM3), "weight_kg": str(hub.max_weight_g // _KILO_G),
    }  # fmt: skip


def _plain(amount_minor: int, currency: str) -> str:
    """Return an amount as it is entered."""
    return str(Money(amount_minor, currency)).split(" ", maxsplit=1)[0].replace(",", "")

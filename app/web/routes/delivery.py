"""The part of an item's page that says when it would arrive at a postal code."""

from dataclasses import dataclass
from datetime import date

from app.web.faces.delivery import DeliveryPanel, DeliveryRow
from app.web.formats import long_date
from app.web.pages import Field, Form, Option
from app.web.routes.visits import Desk
from app.web.wording_orders import midday
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.quantity import MAX_QUANTITY

_SERVICES = (("standard", "Standard"), ("express", "Express"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: nothing yet while there is no country."""

    country: str = ""
    postal_code: str = ""
    service: str = "standard"
    units: str = "1"


NOT_ASKED = Asked()


def delivery_panel(desk: Desk, item: inventory.ItemView, asked: Asked) -> DeliveryPanel:
    """Return the question with its answer, or with what is wrong about it."""
    if not asked.country:
        home = desk.site.country if desk.site else ""
        return DeliveryPanel(_form(item, Asked(home), {}))
    to = fulfillment.destination_of(asked.country, asked.postal_code)
    wrong = {fault.pointer: fault.message for fault in fulfillment.destination_faults(to)}
    units = _units(asked.units)
    if units is None:
        wrong["/units"] = f"Enter 1 to {MAX_QUANTITY:,} units, in digits."
    form = _form(item, asked, wrong)
    if wrong or units is None:
        return DeliveryPanel(form)
    level = "express" if asked.service == "express" else "standard"
    (found,) = fulfillment.delivery_dates(
        desk.uow, tenant_id=item.tenant_id, skus=[item.sku], destination=to, service_level=level,
        quantities={item.sku: units},
    )  # fmt: skip
    zone = desk.frame.zone
    return DeliveryPanel(form, _sentence(found, to), tuple(_row(site, zone) for site in found.sites))


def _form(item: inventory.ItemView, asked: Asked, wrong: dict[str, str]) -> Form:
    fields = (
        Field(
            "country", "Country", value=asked.country, required=True, maximum=2, autocomplete="off",
            hint="Two letters, such as DE.", error=wrong.get("/country", ""),
        ),
        Field(
            "postal_code", "Postal code", value=asked.postal_code, maximum=12, autocomplete="off",
            hint="Of whoever would order it.", error=wrong.get("/postal_code", ""),
        ),
        Field(
            "units", "Units", "number", asked.units, inputmode="numeric", maximum=MAX_QUANTITY,
            hint="All of them together.", error=wrong.get("/units", ""),
        ),
        Field(
            "service", "Service", "select", asked.service,
            options=tuple(Option(value, label, value == asked.service) for value, label in _SERVICES),
        ),
    )  # fmt: skip
    return Form(f"/items/{item.id}", "Show the dates", fields, tone="plain", method="get")


def _units(text: str) -> int | None:
    digits = text.strip() or "1"
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(MAX_QUANTITY))):
        return None
    return int(digits) if 0 < int(digits) <= MAX_QUANTITY else None


def _sentence(found: fulfillment.DatedItem, to: fulfillment.Destination) -> str:
    delivery = found.delivery
    if delivery.earliest is None or delivery.latest is None:
        return f"No date can be promised. {delivery.reason}"
    place = f"{to.country} {to.postal_code}".strip()
    return (
        f"Ordered now, {'it leaves' if found.quantity == 1 else f'all {found.quantity:,} leave'} on"
        f" {long_date(delivery.ship_on)} with {delivery.service} and"
        f" {'arrives' if found.quantity == 1 else 'arrive'} in {place}"
        f" {_between(delivery.earliest, delivery.latest)}."
    )


def _between(earliest: date, latest: date) -> str:
    if earliest == latest:
        return f"on {long_date(latest)}"
    return f"from {long_date(earliest)} to {long_date(latest)}; the last day is the promise"


def _row(site: fulfillment.DatedSite, zone: str) -> DeliveryRow:
    told = site.delivery
    leaves, earliest, latest = (
        midday(day, zone) if day else None for day in (told.ship_on, told.earliest, told.latest)
    )
    return DeliveryRow(site.site_code, site.available, leaves, earliest, latest, told.reason)

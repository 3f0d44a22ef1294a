"""Services that a merchant offers, and what it owes for them in a range of days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.importers.fields import minor
from app.web.addresses import address
from app.web.faces.shell import Empty, Field, Form, Option
from app.web.faces.value_added import ChargeRow, ServiceRow, ServicesPage
from app.web.formats import money
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.policy_page import chosen_merchant, merchant_choice
from app.web.routes.visits import Visit, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.access.queries import get_merchant, site_of_merchant
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.money import decimals
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("orders:read"))]
Keeper = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=64)]
_HERE: Final = "/value-added-services"
_SHOWN: Final = timedelta(days=30)
_KINDS: Final = {
    "gift_wrap": "Gift wrap", "card": "Card with a text", "engraving": "Engraving", "insert": "Insert",
    "assembly": "Assembly",
}  # fmt: skip
_NUMBERS: Final = {
    "tare_g": "Weight of one in g", "tare_sd_g": "Spread of that weight in g", "seconds": "Seconds that one takes",
    "lead_days": "Working days it adds",
}  # fmt: skip


@router.get(_HERE)
def show_services(visit: Viewer, merchant: Words = "", since: Words = "", until: Words = "") -> Response:
    """Show which services a merchant offers and what it owes for them."""
    return staff_page(visit, _page(visit, merchant, since, until))


@router.post(_HERE)
def offer(request: Request, visit: Keeper, form: Sent) -> Response:
    """Offer a service."""

    def work(uow: UnitOfWork) -> Done:
        merchant = get_merchant(uow, form["merchant"] if visit.works_here else visit.actor.tenant)
        made = fulfillment.offer_service(
            uow, tenant_id=merchant.id, draft=_draft(form, form["code"], merchant.currency)
        )
        return Done(address(_HERE, merchant=merchant.id if visit.works_here else ""), f"{made.name} is offered now.")

    return submit(request, visit, form, work, again=lambda: _page(visit, form["merchant"]))


@router.post(_HERE + "/{service_id}")
def change(request: Request, visit: Keeper, service_id: str, form: Sent) -> Response:
    """Change a service for orders that come in from now on."""

    def work(uow: UnitOfWork) -> Done:
        known = fulfillment.get_service(uow, service_id)
        draft = _draft(form, known.code, get_merchant(uow, known.tenant_id).currency)
        changed = fulfillment.change_offer(uow, service_id=service_id, draft=draft, version=form.whole("version"))
        return Done(
            address(_HERE, merchant=known.tenant_id if visit.works_here else ""), f"{changed.name} was changed."
        )

    return submit(request, visit, form, work, again=lambda: _page(visit, form["merchant"]))


def _draft(form: Submitted, code: str, currency: str) -> fulfillment.OfferDraft:
    return fulfillment.OfferDraft(
        code=code, name=form["name"], kind=form["kind"], tare_g=form.whole_or_zero("tare_g"),
        tare_sd_g=float(form.whole_or_zero("tare_sd_g")), seconds=form.whole_or_zero("seconds"),
        price_minor=_amount(form, "price", currency), photo_required=form["photo_required"] == "yes",
        lead_days=form.whole_or_zero("lead_days"), active=form["active"] == "yes",
    )  # fmt: skip


def _amount(form: Submitted, name: str, currency: str) -> int:
    amount = minor(form[name] or "0", decimals(currency))
    if amount is None or amount < 0:
        raise Invalid("This is no price.", remedy="Enter such as 1.80.", pointer=f"/{name}")
    return amount


def _page(visit: Visit, merchant_id: str, since: str = "", until: str = "") -> ServicesPage:
    with desk_of(visit) as desk:
        names = desk.merchants()
        tenant_id = chosen_merchant(desk, names, merchant_id)
        currency = get_merchant(desk.uow, tenant_id).currency
        zone = site_of_merchant(desk.uow, tenant_id).time_zone
        last = _day(until, "until") or desk.uow.now.date()
        first = _day(since, "since") or last - _SHOWN
        found = fulfillment.services_of(desk.uow, tenant_id)
        totals = fulfillment.charge_totals(desk.uow, tenant_id=tenant_id, since=first, until=last, zone=zone)
        may = visit.may("stock:write")
        named = tenant_id if visit.works_here else ""
        return ServicesPage(
            frame=desk.frame,
            shell=desk.shell(_HERE),
            merchant=names[tenant_id],
            services=tuple(_row(visit, each, currency, may=may) for each in found),
            services_empty=Empty("No service is offered.", "Offer one, and orders can ask for it."),
            days=_days(tenant_id if visit.works_here else "", first, last),
            charges=tuple(
                ChargeRow(t.code, t.name, t.quantity, money(t.amount_minor, t.currency), _time(t.seconds))
                for t in totals
            ),
            charges_empty=Empty("Nothing was charged on these days.", "A step is charged when its parcel is closed."),
            csv_href=address(
                "/v1/service-charges.csv", since=first.isoformat(), until=last.isoformat(), merchant_id=named
            ),
            offer=_offer_form(visit, tenant_id, currency) if may else None,
            choice=merchant_choice(_HERE, names, tenant_id) if visit.works_here and len(names) > 1 else None,
        )  # fmt: skip


def _day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Invalid("This is not a day.", remedy="Write 2026-12-20.", pointer=f"/{name}") from None


def _days(merchant_id: str, first: date, last: date) -> Form:
    hidden = (Field("merchant", "", "hidden", merchant_id),) if merchant_id else ()
    fields = (
        *hidden, Field("since", "From", "date", first.isoformat()), Field("until", "To", "date", last.isoformat()),
    )  # fmt: skip
    return Form(_HERE, "Show", fields, method="get", tone="plain")


def _row(visit: Visit, each: fulfillment.OfferView, currency: str, *, may: bool) -> ServiceRow:
    told = [
        "" if each.active else "Not offered now", "With a photo" if each.photo_required else "",
        f"{counted(each.lead_days, 'working day')} more" if each.lead_days else "",
    ]  # fmt: skip
    return ServiceRow(
        each.code, each.name, _KINDS[each.kind], f"{each.tare_g:,} g" if each.tare_g else "", _time(each.seconds),
        money(each.price_minor, currency), ", ".join(filter(None, told)),
        _change_form(visit, each, currency) if may else None,
    )  # fmt: skip


def _time(seconds: int) -> str:
    return f"{seconds:,} s" if seconds < 600 else f"{seconds // 60:,} min"  # noqa: PLR2004 - ten minutes


def _offer_form(visit: Visit, tenant_id: str, currency: str) -> Form:
    hint = "Capital letters, digits and hyphens, as orders name it."
    code = Field("code", "Code", required=True, maximum=40, hint=hint)
    hidden = Field("merchant", "", "hidden", tenant_id)
    fields = (code, *_fields(fulfillment.OfferDraft("", "", "gift_wrap"), currency), hidden)
    return Form(_HERE, "Offer it", fields, "Offer a service", csrf_token=visit.csrf_token)


def _change_form(visit: Visit, each: fulfillment.OfferView, currency: str) -> Form:
    hidden = Field("merchant", "", "hidden", each.tenant_id), Field("version", "", "hidden", str(each.version))
    words = "Orders that asked for it keep what was said then."
    return Form(
        f"{_HERE}/{each.id}", "Save", (*_fields(each, currency), *hidden), "Change", words, csrf_token=visit.csrf_token
    )


def _fields(known: fulfillment.OfferDraft | fulfillment.OfferView, currency: str) -> tuple[Field, ...]:
    kinds = tuple(Option(key, words, key == known.kind) for key, words in _KINDS.items())
    numbers = (
        Field(name, label, "number", f"{getattr(known, name):.0f}", inputmode="numeric", required=True)
        for name, label in _NUMBERS.items()
    )
    return (
        Field("name", "Name", value=known.name, required=True, maximum=200),
        Field("kind", "Kind", "select", known.kind, options=kinds, required=True),
        *numbers,
        Field("price", f"Price of one in {currency}", value=_plain(known.price_minor, currency), inputmode="decimal"),
        Field("photo_required", "A photo proves it", "checkbox", "yes", checked=known.photo_required),
        Field("active", "Orders can ask for it", "checkbox", "yes", checked=known.active),
    )


def _plain(amount_minor: int, currency: str) -> str:
    places = decimals(currency)
    return f"{Decimal(amount_minor).scaleb(-places):.{places}f}"

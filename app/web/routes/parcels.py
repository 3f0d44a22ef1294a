from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app.web.dangerous_papers import has_dangerous_goods, marks_of
from app.web.export_papers import crosses_border
from app.web.formats import money, weight
from app.web.labels import carrier_words, parcel_label, person_words
from app.web.pages import Fact, Field, Form, Link, OrderAction, ParcelPage, QuoteRow, ScanRow, WeighingRow
from app.web.parcel_states import parcel_state_code
from app.web.routes.answers import PageRoute, staff_page
from app.web.routes.holds import release_form, reopen_form
from app.web.routes.order_page import serial_links
from app.web.routes.outcome_forms import outcome_actions
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.weighing import tolerance_g, typed_sentence
from fulfillment import api as fulfillment
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
_PRINTABLE = {"labelled", "manifested", "handed_over"}
_REOPENED = {"packed", "held", "cleared", "labelled"}


@router.get("/parcels/{parcel_id}")
def show_parcel(visit: Annotated[Visit, Depends(visitor("orders:read", "work:pack"))], parcel_id: str) -> Response:
    """Show the evidence of one parcel."""
    return staff_page(visit, parcel_page(visit, parcel_id))


def parcel_page(visit: Visit, parcel_id: str) -> ParcelPage:
    """Return the page of one parcel.

    Raises:
        NotFound: the person sees no such parcel.
    """
    with desk_of(visit) as desk:
        return _page(desk, shipping.parcel_by_id(desk.uow, parcel_id=parcel_id))


def _page(desk: Desk, parcel: shipping.ParcelView) -> ParcelPage:
    whose = {"tenant_id": parcel.tenant_id, "parcel_id": parcel.id}
    people = desk.people()
    order = fulfillment.get_order(desk.uow, parcel.reference)
    return ParcelPage(
        frame=desk.frame,
        shell=desk.shell("/orders" if desk.visit.may("orders:read") else "/holds"),
        label=parcel_label(parcel.sscc, parcel.tracking_number),
        order=Link(order.external_id, f"/orders/{order.id}" if desk.visit.may("orders:read") else "/holds"),
        state=parcel_state_code(parcel),
        facts=(*_facts(parcel, people), *_serials(desk, order, parcel)),
        contents=tuple((content.sku, content.name, content.quantity) for content in parcel.contents),
        weighings=(
            *(_weighing(audit, people) for audit in shipping.audits_of(desk.uow, **whose)),
            *(_second_weighing(each, people) for each in _checks(desk, parcel)),
        ),
        scans=tuple(
            ScanRow(scan.occurred_at, scan.sentence, scan.place, scan.code)
            for scan in shipping.scans_of(desk.uow, **whose)
        ),
        quotes=tuple(_quote(quote) for quote in shipping.quotes_of(desk.uow, **whose)),
        documents=(*_documents(parcel, crosses_border=crosses_border(desk.uow, parcel)), *_dangerous(desk, parcel)),
        actions=(*_actions(desk.visit, parcel), *outcome_actions(desk.visit, order, parcel.id)),
    )


def _facts(parcel: shipping.ParcelView, people: dict[str, str]) -> tuple[Fact, ...]:
    length, width, height = parcel.outer_mm
    told = (
        ("SSCC", parcel.sscc),
        (
            "Carton",
            f"{parcel.carton_code}, {length} \N{MULTIPLICATION SIGN} {width} \N{MULTIPLICATION SIGN} {height} mm",
        ),
        ("Container", _container_fact(parcel)),
        ("Weight", f"{weight(parcel.weight_g)}, expected {weight(parcel.expected_g)}"),
        ("Carrier", carrier_words(f"{parcel.carrier} {parcel.service}".strip())),
        ("Tracking", parcel.tracking_number),
        ("Packed by", person_words(parcel.packed_by, people)),
        ("Goes to", f"{parcel.ship_to.postal_code} {parcel.ship_to.city}, {parcel.ship_to.country}"),
        (
            "Arrives",
            f"{parcel.arrives_on:%a} {parcel.arrives_on.day} {parcel.arrives_on:%b}" if parcel.arrives_on else "",
        ),
    )
    flags = tuple(
        Fact("Flag", flag.replace("_", " "), tone="warn") for flag in parcel.tracking_flags if flag != "terminal"
    )
    return (*(Fact(label, value) for label, value in told if value), *flags)


def _serials(desk: Desk, order: fulfillment.OrderView, parcel: shipping.ParcelView) -> tuple[Fact, ...]:
    """Name the units in a parcel that have serial numbers."""
    links = serial_links(order, parcel.id)
    return tuple(Fact("Serial number", link.label, desk.visit.link(link.href, "stock:read")) for link in links)


def _weighing(audit: shipping.AuditView, people: dict[str, str]) -> WeighingRow:
    return WeighingRow(
        audit.weighed_at, audit.decision, audit.reading_g, audit.expected_g, tolerance_g(audit),
        " ".join(filter(None, (*audit.explanations[:2], typed_sentence(audit.typed)))),
        person_words(audit.weighed_by, people),
    )  # fmt: skip


def _checks(desk: Desk, parcel: shipping.ParcelView) -> list[shipping.WeightCheck]:
    return shipping.weight_checks_of(desk.uow, tenant_id=parcel.tenant_id, parcel_ids=[parcel.id])


def _second_weighing(each: shipping.WeightCheck, people: dict[str, str]) -> WeighingRow:
    by = f"Scale {each.device}" if each.source == "scale" else f"Weighed by {carrier_words(each.device)}"
    causes = " ".join(part for part in (f"{by}.", typed_sentence(each.typed), each.reason, each.proof) if part)
    return WeighingRow(
        each.checked_at, f"CHECK_{each.outcome.upper()}", each.reading_g, each.declared_g, each.limit_g, causes,
        person_words(each.checked_by, people) if each.source == "scale" else "",
    )  # fmt: skip


def _quote(quote: shipping.QuoteView) -> QuoteRow:
    billed, zone = quote.details.get("billed_g", 0), quote.details.get("zone", {}).get("zone", "")
    arrives = f"{quote.arrives_on:%a} {quote.arrives_on.day} {quote.arrives_on:%b}" if quote.arrives_on else ""
    cost = quote.details.get("expected")
    expected = f"{money(cost['total_minor'], quote.currency)} expected" if cost else ""
    told = (weight(billed) if billed else "", f"zone {zone}" if zone else "", expected)
    basis = quote.refused or ", ".join(part for part in told if part)
    return QuoteRow(
        carrier_words(f"{quote.carrier} {quote.service}"),
        quote.price_minor,
        quote.currency,
        arrives,
        quote.chosen,
        basis,
    )


def _documents(parcel: shipping.ParcelView, *, crosses_border: bool) -> tuple[Link, ...]:
    links = [Link("Packing slip", f"/parcels/{parcel.id}/packing-slip.pdf")] if parcel.kind == "outbound" else []
    if parcel.state in _PRINTABLE:
        links.append(Link("Label", f"/parcels/{parcel.id}/label.pdf"))
        links.append(Link("Label as ZPL", f"/parcels/{parcel.id}/label.zpl"))
    if crosses_border:
        name = "Pro forma invoice" if parcel.kind == "return" else "Commercial invoice"
        links.append(Link(name, f"/parcels/{parcel.id}/commercial-invoice.pdf"))
    return tuple(links)


def _container_fact(parcel: shipping.ParcelView) -> str:
    """Say where the tare of somebody else's container is from, empty for all others."""
    if parcel.carton_code != shipping.FOREIGN_CONTAINER:
        return ""
    proof = parcel.tare_proof
    if proof is None:
        return "Somebody else's, not weighed empty yet"
    by = f"weighed empty on {proof['scale']['code']}" if proof["how"] == "weighed" else f"stated: {proof['source']}"
    return f"Somebody else's, {weight(proof['tare_g'])}, {by}"


def _container_form(visit: Visit, parcel: shipping.ParcelView) -> Form | None:
    waits = parcel.carton_code == shipping.FOREIGN_CONTAINER and parcel.state == "packed" and parcel.weight_g is None
    if not waits or not visit.may("work:pack"):
        return None
    fields = (
        Field("tare_g", "It weighs empty, in g", inputmode="numeric", required=True, maximum=9),
        Field("source", "Where that is from", required=True, maximum=500, hint="Such as: printed on its lid."),
    )
    return Form(f"/parcels/{parcel.id}/container", "Keep it", fields, "State the empty container's weight",
                csrf_token=visit.csrf_token)  # fmt: skip


def _dangerous(desk: Desk, parcel: shipping.ParcelView) -> tuple[Link, ...]:
    """Return the papers of dangerous goods in a parcel that is still a parcel."""
    if parcel.state == "voided" or not has_dangerous_goods(desk.uow, [parcel]):
        return ()
    links = [Link("Dangerous goods", f"/parcels/{parcel.id}/dangerous-goods.pdf")]
    if marks_of(desk.uow, parcel).are_any:
        links.append(Link("Marks in full size", f"/parcels/{parcel.id}/marks.pdf"))
    return tuple(links)


def _actions(visit: Visit, parcel: shipping.ParcelView) -> tuple[OrderAction, ...]:
    forms = [release_form(visit, parcel.id)] if parcel.state == "held" and visit.works_here else []
    if visit.works_here:
        forms.append(_container_form(visit, parcel))
    if parcel.state in _REOPENED and parcel.kind == "outbound" and visit.works_here:
        forms.append(reopen_form(visit, parcel.id))
    return tuple(OrderAction(form) for form in forms if form)

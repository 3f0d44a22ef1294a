"""One order as the desk sees it: gathered from every context in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from app.web.addresses import address
from app.web.faces.desk import OrderWeight
from app.web.formats import money
from app.web.labels import carrier_words, parcel_label, person_words, return_label
from app.web.pages import (
    Chip,
    Fact,
    Link,
    OrderEvent,
    OrderHold,
    OrderLine,
    OrderPage,
    OrderParcel,
    Pager,
    Tone,
)
from app.web.parcel_states import parcel_fate, parcel_state_code
from app.web.routes.order_forms import order_actions, release_form
from app.web.routes.order_services import service_facts
from app.web.routes.visits import Desk, Visit, desk_of
from app.web.wording_orders import promised_words, say_this
from app.web.wording_staff import status_words
from crm import api as crm
from fulfillment import api as fulfillment
from kernel.quantity import counted
from returns import api as returns
from shipping import api as shipping

_KINDS: Final = {
    "": "All",
    "order": "Order",
    "pick": "Pick",
    "weigh": "Scale",
    "parcel": "Parcel",
    "return": "Return",
    "message": "Mail",
    "note": "Note",
    "stock": "Stock",
}
_TONES: Final[dict[str, Tone]] = {
    "held": "warn",
    "weight_differs": "warn",
    "shorted": "warn",
    "backordered": "warn",
    "moved": "warn",
    "shortfall": "warn",
    "refused": "stop",
    "exception": "stop",
    "returning": "warn",
    "cancelled": "muted",
    "delivered": "ok",
    "released": "ok",
    "denied": "stop",
}
_STORY_ROWS: Final = 100


def order_page(visit: Visit, order_id: str, *, kind: str = "", cursor: str = "") -> OrderPage:
    """Return the page of one order.

    Raises:
        NotFound: the person sees no such order.
    """
    with desk_of(visit) as desk:
        order = fulfillment.get_order(desk.uow, order_id)
        parcels = shipping.parcels_of(desk.uow, tenant_id=order.tenant_id, reference=order.id)
        returned = returns.returns_of_order(desk.uow, order.id)
        people = desk.people()
        events, pager = _story(desk, order, parcels, people, kind if kind in _KINDS else "", cursor)
        return OrderPage(
            frame=desk.frame,
            shell=desk.shell("/orders"),
            label=order.external_id,
            merchant=desk.merchants().get(order.tenant_id, ""),
            state=order.state,
            placed_at=order.placed_at,
            promised_words=promised_words(order),
            say=say_this(order, parcels, frame=desk.frame),
            chips=_chips(order.id, kind),
            events=events,
            customer=(*_customer(desk, order), *_floor(order), *service_facts(order), *_returns(returned)),
            parcels=tuple(_parcel(order, parcel, number) for number, parcel in enumerate(parcels, start=1)),
            lines=tuple(_line(line, order) for line in order.lines),
            holds=_holds(desk, order, people),
            weights=tuple(_weights(desk, order.tenant_id, parcels)),
            actions=order_actions(visit, order, parcels, fulfillment.order_questions(desk.uow, order.id)),
            documents=_documents(parcels),
            tracker_href=f"/t/{fulfillment.tracking_token(order.id)}",
            pager=pager,
        )


def _story(
    desk: Desk, order: fulfillment.OrderView, parcels: Sequence[shipping.ParcelView], people: Mapping[str, str],
    kind: str, cursor: str,
) -> tuple[tuple[OrderEvent, ...], Pager]:  # fmt: skip
    kinds = (kind,) if kind else ()
    found = crm.order_timeline(desk.uow, order.id, kinds=kinds, limit=_STORY_ROWS, cursor=cursor or None)
    shipped = [parcel for parcel in parcels if parcel.state != "voided"]
    evidence = Link("Evidence", f"/parcels/{shipped[0].id}") if len(shipped) == 1 else None
    events = _told_once([_event(entry, people, evidence) for entry in found.items])
    query = f"show={kind}&" if kind else ""
    return events, Pager("", "", f"/orders/{order.id}?{query}cursor={found.next}") if found.next else Pager()


def _told_once(events: Sequence[OrderEvent]) -> tuple[OrderEvent, ...]:
    """Return each of them once that are told in the same words of the same moment, such as a scan and what it makes of
    its parcel: the one that says more.
    """
    told: dict[tuple[datetime, str, str], OrderEvent] = {}
    for event in events:
        key = (event.at, event.words, event.who)
        if key not in told or told[key].tone == "plain":
            told[key] = event
    return tuple(told.values())


def _event(entry: crm.Entry, people: Mapping[str, str], evidence: Link | None) -> OrderEvent:
    tone: Tone = next((tone for word, tone in _TONES.items() if word in entry.type), "plain")
    return OrderEvent(
        entry.occurred_at, _KINDS.get(entry.kind, "Other"), entry.note or entry.summary.rstrip("."), tone,
        evidence if entry.kind in ("weigh", "parcel") else None, people.get(entry.actor, ""),
    )  # fmt: skip


def _chips(order_id: str, kind: str) -> tuple[Chip, ...]:
    return tuple(
        Chip(words, f"/orders/{order_id}?show={key}" if key else f"/orders/{order_id}", selected=key == kind)
        for key, words in _KINDS.items()
    )


def _customer(desk: Desk, order: fulfillment.OrderView) -> tuple[Fact, ...]:
    card = fulfillment.customer_card(desk.uow, order.customer.id)
    to = order.ship_to
    where = ", ".join(
        part for part in (to.street, to.street2, f"{to.postal_code} {to.city}".strip(), to.country) if part
    )
    spent = ", ".join(money(amount, currency) for currency, amount in card.spent_minor.items())
    told = (
        ("Name", order.customer.name),
        ("E-mail", order.customer.email or to.email),
        ("Phone", order.customer.phone or to.phone),
        ("Goes to", where),
        ("Spent so far", spent),
    )
    open_ones = f", {card.open_orders} open" if card.open_orders else ""
    history = Fact("Orders", f"{counted(card.orders, 'order')}{open_ones}", f"/orders?customer={order.customer.id}")
    flags = tuple(Fact("To check", flag.replace("_", " "), tone="warn") for flag in order.flags)
    return (*(Fact(label, value) for label, value in told if value), history, *flags)


def _floor(order: fulfillment.OrderView) -> tuple[Fact, ...]:
    """Return what was decided about an order that waits for the floor or for its walk."""
    waits = order.state in (fulfillment.OrderState.PROMISED, fulfillment.OrderState.RELEASED)
    rush = (Fact("Rush", "Put before all others", tone="warn"),) if order.is_rush and not order.terminal else ()
    return (*rush, Fact("Floor", order.release_why)) if order.release_why and waits else rush


def _returns(found: Sequence[returns.ReturnView]) -> tuple[Fact, ...]:
    return tuple(
        Fact("Return", f"{return_label(each.id)}, {status_words(each.state).words.lower()}", f"/returns/{each.id}")
        for each in found
    )


def _parcel(order: fulfillment.OrderView, parcel: shipping.ParcelView, number: int) -> OrderParcel:
    label = "Return parcel" if parcel.kind == "return" else f"Parcel {number}"
    state = parcel_state_code(parcel)
    fate = parcel_fate(order, parcel)
    serials = serial_links(order, parcel.id)
    return OrderParcel(label, state, parcel.weight_g, f"/parcels/{parcel.id}", parcel.tracking_number, fate, serials)


def serial_links(order: fulfillment.OrderView, parcel_id: str) -> tuple[Link, ...]:
    """Return the serial numbers of the units in a parcel, each leading to its life."""
    items = {line.id: line.item_id for line in order.lines}
    return tuple(
        Link(serial, address(f"/items/{items[line_id]}/serials", serial=serial))
        for parcel in order.parcels
        if parcel.parcel_id == parcel_id and parcel.state != fulfillment.ParcelState.VOIDED.value
        for line_id, serial in parcel.serials
    )


def _line(line: fulfillment.LineView, order: fulfillment.OrderView) -> OrderLine:
    u = line.units
    replaced = next((each.sku for each in order.lines if each.id == line.replaces_line_id), "")
    return OrderLine(
        line.sku, line.name or line.sku, u.ordered, u.cancelled, u.backordered, u.promised, u.allocated, u.picked,
        u.packed, u.shipped, u.delivered, u.returned, f"/items/{line.item_id}", u.scheduled, replaced,
        line.pack_with,
    )  # fmt: skip


def _holds(desk: Desk, order: fulfillment.OrderView, people: Mapping[str, str]) -> tuple[OrderHold, ...]:
    may = desk.visit.may("orders:write")
    return tuple(
        OrderHold(
            hold.reason, hold.placed_at, person_words(hold.placed_by, people),
            release_form(desk.visit, order.id, hold) if may and hold.kind != fulfillment.CUSTOMER_CHOICE else None,
        )
        for hold in order.holds
        if hold.released_at is None
    )  # fmt: skip


def _weights(desk: Desk, tenant_id: str, parcels: Sequence[shipping.ParcelView]) -> Iterator[OrderWeight]:
    """Name the parcels that a second weighing found to differ, and that nobody settled yet."""
    found = shipping.weight_checks_of(desk.uow, tenant_id=tenant_id, parcel_ids=[parcel.id for parcel in parcels])
    for each in found:
        if not each.is_open:
            continue
        by = f"Scale {each.device}" if each.source == "scale" else carrier_words(each.device)
        off = f"{abs(each.difference_g):,} g {'more' if each.difference_g > 0 else 'less'} than its label says"
        step = "It is stopped before loading." if each.outcome == "stopped" else "It was gone already."
        where = Link("Look into it", "/weight-checks" if desk.visit.works_here else f"/parcels/{each.parcel_id}")
        yield OrderWeight(f"{by} weighed parcel {parcel_label(each.sscc)}: {off}", step, each.checked_at, where)


def _documents(parcels: Sequence[shipping.ParcelView]) -> tuple[Link, ...]:
    live = [parcel for parcel in parcels if parcel.state != "voided" and parcel.kind == "outbound"]
    several = len(live) > 1
    return tuple(
        Link(f"Packing slip {number}" if several else "Packing slip", f"/parcels/{parcel.id}/packing-slip.pdf")
        for number, parcel in enumerate(live, start=1)
    )

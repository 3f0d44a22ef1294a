from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.serials import SerialPage, SerialRow, SerialsPage, SerialStep
from app.web.labels import person_words, return_label
from app.web.pages import Chip, Empty, Fact, Field, Form, Link, Notice, Pager, Tone
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment.api import OrderHead, order_heads
from inventory import api as inventory
from kernel.access.queries import find_sites
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("stock:read"))]
Writer = Annotated[Visit, Depends(visitor("stock:write"))]
Sent = Annotated[Submitted, Depends(submitted)]
Words = Annotated[str, Query(max_length=400)]
_ROWS = 50
_CHIPS: Final = {"": "All", "in_stock": "In stock", "with_order": "With an order", "away": "Away"}
_STEPS: Final = {
    "received": "Received",
    "registered": "Registered: it lay here without a known number",
    "packed": "Packed",
    "unpacked": "Taken out of its parcel",
    "shipped": "Left the house",
    "restocked": "Came back, on sale again",
    "discarded": "Came back, not sold again",
    "written_off": "Written off",
    "undone": "Its receipt was a mistake",
}


@router.get("/items/{item_id}/serials")
def show_serials(visit: Viewer, item_id: str, serial: Words = "", show: Words = "", cursor: Words = "") -> Response:
    """Show an item's units by serial number, or the life of one."""
    wanted = serial.strip()
    if wanted:
        return staff_page(visit, _life(visit, item_id, inventory.serial_in_scan(wanted) or wanted))
    return staff_page(visit, _list(visit, item_id, show if show in _CHIPS else "", cursor))


@router.post("/items/{item_id}/serials/register")
def register(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Give serial numbers to units that lie here without a known one."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        serials = inventory.split_serials(form["serials"])
        inventory.register_serials(uow, item_id=item_id, site_id=site_id, serials=serials)
        return Done(f"/items/{item_id}/serials", f"{counted(len(serials), 'serial number')} registered.")

    return submit(request, visit, form, work, again=lambda: _list(visit, item_id))


@router.post("/items/{item_id}/serials/write-off")
def write_off(request: Request, visit: Writer, item_id: str, form: Sent) -> Response:
    """Note that a unit is gone."""

    def work(uow: UnitOfWork) -> Done:
        serial = form["serial"]
        inventory.write_off_serial(uow, item_id=item_id, serial=serial, reason=form["reason"])
        where = address(f"/items/{item_id}/serials", serial=serial)
        return Done(where, f"Serial number {serial} is written off. If its unit is still in the book, count the bin.")

    return submit(request, visit, form, work, again=lambda: _life(visit, item_id, form["serial"]))


def _list(visit: Visit, item_id: str, chosen: str = "", cursor: str = "") -> SerialsPage:
    with desk_of(visit) as desk:
        item = inventory.get_item(desk.uow, item_id)
        found = inventory.find_serials(desk.uow, item_id=item_id, state=chosen, cursor=cursor, limit=_ROWS)
        heads = order_heads(desk.uow, [each.order_id for each in found.items if each.order_id])
        at = f"/items/{item_id}/serials"
        without = inventory.units_without_serial(desk.uow, tenant_id=item.tenant_id, item_id=item_id)
        here, sites = without.get(desk.site_id, 0), _sites(desk)
        return SerialsPage(
            frame=desk.frame,
            shell=desk.shell("/items"),
            item=Link(item.name or item.sku, f"/items/{item_id}"),
            sku=item.sku,
            search=Form(at, "Find", (Field("serial", "Serial number", "search", maximum=200),), method="get"),
            chips=tuple(Chip(words, address(at, show=key), selected=key == chosen) for key, words in _CHIPS.items()),
            rows=tuple(_row(desk, each, heads, sites) for each in found.items),
            empty=_empty(item),
            notices=_notices(item, desk, without) if item.serial_tracked else (),
            register=_register(desk, item, here) if here > 0 and visit.may("stock:write") else None,
            pager=Pager("", "", address(at, show=chosen, cursor=found.next)) if found.next else Pager(),
        )


def _empty(item: inventory.ItemView) -> Empty:
    if item.serial_tracked:
        return Empty("No unit is listed here.", "Receive it with its serial numbers, or look at another state.")
    return Empty("This item is not tracked by serial number.", "Edit the item to switch it on.")


def _notices(item: inventory.ItemView, desk: Desk, without: Mapping[str, int]) -> tuple[Notice, ...]:
    """Tell of units without a known serial number, and of serial numbers whose unit is gone."""
    if not item.serial_tracked:
        return ()
    names = _sites(desk)
    return tuple(
        Notice("info", f"{names.get(site_id, 'A site')}: {counted(units, 'unit')} without a known serial number.")
        if units > 0
        else Notice("warn", f"{names.get(site_id, 'A site')}: {counted(-units, 'unit')} fewer than serial numbers."
                    " Somebody has to say which are gone: write them off.")
        for site_id, units in without.items()
    )  # fmt: skip


def _register(desk: Desk, item: inventory.ItemView, units: int) -> Form:
    hint = f"{counted(units, 'unit')} at most, separated by spaces or lines."
    entered = Field("serials", "Serial numbers", "textarea", required=True, maximum=20_000, hint=hint)
    words = "Units that lay here before the item was tracked, or were found since, cannot be packed without one."
    action = f"/items/{item.id}/serials/register"
    return Form(
        action,
        "Register",
        (desk.site_field(), entered),
        "Register serial numbers",
        words,
        csrf_token=desk.visit.csrf_token,
    )


def _row(desk: Desk, head: inventory.SerialHead, heads: Mapping[str, OrderHead], sites: Mapping[str, str]) -> SerialRow:
    words, tone = _where(head, sites)
    where = address(f"/items/{head.item_id}/serials", serial=head.serial)
    return SerialRow(head.serial, where, words, tone, _order(desk, head.order_id, heads), head.received_at)


def _order(desk: Desk, order_id: str, heads: Mapping[str, OrderHead]) -> Link | None:
    if order_id not in heads:
        return None
    return Link(heads[order_id].external_id, f"/orders/{order_id}" if desk.visit.may("orders:read") else "")


def _sites(desk: Desk) -> dict[str, str]:
    return {site.id: site.name for site in find_sites(desk.uow)}


def _where(head: inventory.SerialHead, sites: Mapping[str, str]) -> tuple[str, Tone]:
    if head.state == "in_stock":
        return f"In stock at {sites.get(head.site_id, 'a site')}", "ok"
    if head.state == "with_order":
        return ("Sent to the customer", "plain") if head.left_at else ("Packed", "info")
    return "Away", "warn"


def _life(visit: Visit, item_id: str, serial: str) -> SerialPage:
    with desk_of(visit) as desk:
        item = inventory.get_item(desk.uow, item_id)
        life = inventory.serial_lives(desk.uow, serial, item_id=item_id).units[0]
        head = life.head
        words, tone = _where(head, _sites(desk))
        orders = {step.reference for step in life.steps} | {head.order_id}
        heads = order_heads(desk.uow, [each for each in orders if each.startswith("ord_")])
        may_write = visit.may("stock:write") and head.state == "in_stock"
        return SerialPage(
            frame=desk.frame,
            shell=desk.shell("/items"),
            serial=head.serial,
            item=Link(item.name or item.sku, f"/items/{item_id}/serials"),
            sku=item.sku,
            words=words,
            tone=tone,
            facts=_facts(desk, head, heads),
            steps=_steps(desk, life, heads),
            empty=Empty("Nothing is known of it.", "Its receipt would be here."),
            write_off=_write_off(visit, head) if may_write else None,
        )


def _facts(desk: Desk, head: inventory.SerialHead, heads: Mapping[str, OrderHead]) -> tuple[Fact, ...]:
    order = _order(desk, head.order_id, heads)
    told = (
        Fact("Merchant", desk.merchants().get(head.tenant_id, "") if desk.visit.works_here else ""),
        Fact("Put last into", head.location_code),
        Fact("Lot", head.lot),
        Fact("Order", order.label if order else "", order.href if order else ""),
        Fact("Parcel", "Its parcel" if head.parcel_id and _sees_parcels(desk) else "", f"/parcels/{head.parcel_id}"),
    )
    return tuple(fact for fact in told if fact.value)


def _steps(desk: Desk, life: inventory.SerialLife, heads: Mapping[str, OrderHead]) -> tuple[SerialStep, ...]:
    people = desk.people()
    sites = _sites(desk)
    return tuple(
        SerialStep(
            step.at,
            _STEPS.get(step.kind, step.kind) + (f": {step.note}" if step.note else ""),
            _subject(desk, step, heads),
            _reference(step),
            sites.get(step.site_id, ""),
            person_words(step.actor, people) if desk.visit.works_here else "",
        )
        for step in reversed(life.steps)
    )


def _subject(desk: Desk, step: inventory.SerialStepView, heads: Mapping[str, OrderHead]) -> Link | None:
    order = _order(desk, step.reference, heads)
    if order and order.href:
        return Link(f"Order {order.label}", order.href)
    if step.reference.startswith("rma_") and desk.visit.may("returns:read"):
        return Link(f"Return {return_label(step.reference)}", f"/returns/{step.reference}")
    if step.reference.startswith("arr_"):
        return Link("Its arrival", f"/arrivals/{step.reference}")
    is_parcel = step.reference.startswith("par_") and _sees_parcels(desk)
    return Link("Its parcel", f"/parcels/{step.reference}") if is_parcel else None


def _sees_parcels(desk: Desk) -> bool:
    return desk.visit.may("orders:read") or desk.visit.may("work:pack")


def _reference(step: inventory.SerialStepView) -> str:
    """Return a delivery's own number; ids of ours tell nobody anything."""
    return "" if step.reference.startswith(("ord_", "rma_", "arr_", "par_")) else step.reference


def _write_off(visit: Visit, head: inventory.SerialHead) -> Form:
    serial = Field("serial", "", "hidden", head.serial)
    reason = Field("reason", "Why", required=True, maximum=200, hint="Such as: dropped, stolen, not found.")
    words = "Its unit is gone. It cannot be packed any more; how many units lie here is said by a count."
    action = f"/items/{head.item_id}/serials/write-off"
    return Form(
        action, "Write it off", (serial, reason), "Write it off", words, tone="stop", csrf_token=visit.csrf_token
    )

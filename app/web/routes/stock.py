from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.web.addresses import address
from app.web.formats import grams
from app.web.labels import person_words
from app.web.pages import (
    AvailabilityPage,
    Column,
    Difference,
    Empty,
    Fact,
    Field,
    Form,
    ItemRow,
    ItemsPage,
    Link,
    LocationStock,
    MovementRow,
    Pager,
)
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.delivery import NOT_ASKED, Asked, delivery_panel
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from app.web.wording_care import TEMPERATURES
from app.web.wording_stock import BUCKETS
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Viewer = Annotated[Visit, Depends(visitor("stock:read"))]
Words = Annotated[str, Query(max_length=400)]
_ROWS = 50
_COLUMNS = (
    Column("Item"),
    Column("Merchant"),
    Column("On hand", numeric=True),
    Column("Reserved", numeric=True),
    Column("Available", numeric=True),
    Column("Weight", numeric=True),
)
_COUNTERS = {"on_hand": "The stock on hand", "reserved": "What is promised"}
_IN_BINS = inventory.Bucket.AVAILABLE.value


@router.get("/items")
def list_items(visit: Viewer, q: Words = "", cursor: Words = "") -> Response:
    """Show items with their stock; a scanned barcode leads straight to its item, a serial number to its unit."""
    with desk_of(visit) as desk:
        scanned = inventory.resolve_barcode(desk.uow, code=q) if q.strip() and not cursor else []
        serial = _scanned_serial(desk, q, scanned)
        if serial is not None:
            where = address(f"/items/{serial.item_id}/serials", serial=serial.serial)
            return RedirectResponse(where, status_code=303)
        if len(scanned) == 1:
            return RedirectResponse(f"/items/{scanned[0].id}", status_code=303)
        found = inventory.find_items(desk.uow, search=q.strip(), cursor=cursor, limit=_ROWS)
        page = ItemsPage(
            frame=desk.frame,
            shell=desk.shell("/items"),
            search=Form(
                "/items", "Find", (Field("q", "SKU, name, barcode or serial", "search", q, maximum=200),), method="get"
            ),
            columns=_COLUMNS,
            rows=_rows(desk, found.items),
            empty=Empty(
                "No item matches." if q else "Items will be listed here.",
                "Try fewer letters." if q else "Add one, send them to the items interface, or import a catalogue.",
            ),
            pager=Pager("", "", address("/items", q=q, cursor=found.next)) if found.next else Pager(),
            add=Link("Add an item", "/items/new") if visit.may("stock:write") else None,
        )
    return staff_page(visit, page)


def _scanned_serial(desk: Desk, q: str, scanned: Sequence[inventory.ItemView]) -> inventory.SerialHead | None:
    """Return the unit that a code stands for: by the serial number in it, or one that is no item's code."""
    serial = inventory.serial_in_scan(q.strip()) or ("" if scanned else q.strip())
    if not inventory.is_serial(serial):
        return None
    found = inventory.find_serials(desk.uow, serial=serial).items
    meant = [each for each in found if not scanned or each.item_id in {item.id for item in scanned}]
    return meant[0] if len(meant) == 1 else None


def _rows(desk: Desk, items: Sequence[inventory.ItemView]) -> tuple[ItemRow, ...]:
    names = desk.merchants()
    levels: dict[str, inventory.Availability] = {}
    for tenant_id in {item.tenant_id for item in items}:
        skus = [item.sku for item in items if item.tenant_id == tenant_id]
        levels |= {found.item_id: found for found in inventory.availability(desk.uow, tenant_id=tenant_id, skus=skus)}
    return tuple(
        ItemRow(
            item.sku, item.name, f"/items/{item.id}", names.get(item.tenant_id, ""), levels[item.id].on_hand,
            levels[item.id].reserved, levels[item.id].available, item.weight_g,
        )
        for item in items
    )  # fmt: skip


@router.get("/items/{item_id}")
def show_item(
    visit: Viewer, item_id: str, cursor: Words = "", country: Words = "", postal_code: Words = "",
    service: Words = "standard", units: Words = "1",
) -> Response:  # fmt: skip
    """Show where an item lies, every movement behind the figure, and when it would arrive at a postal code."""
    return staff_page(visit, _page(visit, item_id, cursor, Asked(country, postal_code, service, units)))


@router.post("/items/{item_id}/adjust")
def adjust(
    request: Request, visit: Annotated[Visit, Depends(visitor("stock:write"))], item_id: str,
    form: Annotated[Submitted, Depends(submitted)],
) -> Response:  # fmt: skip
    """Correct the book of one location, with a reason."""

    def work(uow: UnitOfWork) -> Done:
        item = inventory.get_item(uow, item_id)
        delta = _whole(form["delta"])
        inventory.adjust_stock(
            uow, tenant_id=item.tenant_id, site_id=at_desk(uow, visit).require_site(form["site"]), item_id=item_id,
            location_code=form["location"], delta=delta, reason=form["reason"], lot=form["lot"].strip() or None,
        )  # fmt: skip
        return Done(f"/items/{item_id}", f"The book of {form['location']} was corrected by {delta:+d}.")

    return submit(request, visit, form, work, again=lambda: _page(visit, item_id))


def _lot(item_id: str, lot: str) -> Link | None:
    return Link(f"Lot {lot}", address(f"/items/{item_id}/lots", lot=lot)) if lot else None


def _whole(text: str) -> int:
    digits = text.removeprefix("+").removeprefix("-").removeprefix("\N{MINUS SIGN}")
    if not digits.isascii() or not digits.isdecimal():
        raise Invalid(
            "This is not a whole number.", remedy="Write 3 for found units, -3 for missing ones.", pointer="/delta"
        )
    return -int(digits) if text[0] in "-\N{MINUS SIGN}" else int(digits)


def _page(visit: Visit, item_id: str, cursor: str = "", asked: Asked = NOT_ASKED) -> AvailabilityPage:
    with desk_of(visit) as desk:
        stock = inventory.item_stock(desk.uow, item_id)
        moved = inventory.movements(desk.uow, item_id=item_id, cursor=cursor)
        people = desk.people()
        return AvailabilityPage(
            frame=desk.frame,
            shell=desk.shell("/items"),
            sku=stock.item.sku,
            name=stock.item.name or stock.item.sku,
            facts=_facts(desk, stock),
            figures=_figures(stock),
            locations=tuple(
                LocationStock(
                    each.location_code, each.quantity, each.allocated, each.count_wanted_at, _lot(item_id, each.lot)
                )
                for each in stock.bins
            ),
            movements=tuple(_movement(each, people) for each in moved.items),
            locations_empty=Empty("It lies nowhere.", "Receive it, and its locations appear here."),
            movements_empty=Empty("Nothing has moved yet.", "Every receipt, pick and correction will be listed here."),
            edit=Link("Edit", f"/items/{item_id}/edit") if visit.may("stock:write") else None,
            adjust=_adjust_form(desk, stock) if visit.may("stock:write") else None,
            differences=_differences(desk, item_id, people) if visit.works_here else (),
            delivery=delivery_panel(desk, stock.item, asked) if desk.site else None,
            pager=Pager("", "", f"/items/{item_id}?cursor={moved.next}") if moved.next else Pager(),
        )


def _differences(desk: Desk, item_id: str, people: dict[str, str]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            f"{_COUNTERS.get(each.counter, each.place)} says {each.counted:,}, its ledger {each.ledger:,}.",
            "Something was written around the ledger. Look at these movements, those first that fit the difference;"
            " nothing is corrected by itself.",
            tuple(_movement(suspect.movement, people) for suspect in each.suspects),
            Empty("Nothing was moved meanwhile.", "Look at what else wrote to the database."),
        )
        for each in inventory.find_drifts(desk.uow, item_id=item_id)
    )


def _facts(desk: Desk, stock: inventory.ItemStock) -> tuple[Fact, ...]:
    item = stock.item
    handling = [
        words
        for words, on in (
            ("keep upright", item.keep_upright),
            ("fragile", item.fragile),
            ("hazardous", item.hazmat),
            ("in its own container", item.own_container),
            ("may go into a mailer", item.mailer_ok),
        )
        if on
    ]
    times = " \N{MULTIPLICATION SIGN} "
    told = (
        ("Merchant", desk.merchants().get(item.tenant_id, "")),
        ("Barcodes", ", ".join(item.gtins)),
        ("Cases", ", ".join(f"{pack.gtin} ({pack.units:,} units)" for pack in item.packs)),
        ("Weight", grams(item.weight_g)),
        ("Size", f"{item.length_mm}{times}{item.width_mm}{times}{item.height_mm} mm"),
        ("Handling", ", ".join(handling)),
        ("Bears", "" if item.max_load_g is None else f"{item.max_load_g:,} g on top"),
        ("Kept", "" if item.temperature_class == inventory.AMBIENT else TEMPERATURES[item.temperature_class]),
        ("Lots", _lots(item)),
        *((BUCKETS.get(b.bucket, b.bucket), f"{b.quantity:,}") for b in stock.buckets),
    )
    selling = "A kit: its parts and rules" if item.kit else "Rules for selling it"
    trade = inventory.item_trade(desk.uow, item.id).facts
    facts = (
        *(() if item.active else (Fact("State", "No longer sold", tone="warn"),)),
        *(Fact(label, value) for label, value in told if value),
        Fact("Selling", selling, f"/items/{item.id}/selling"),
        Fact("Trade", _trade(trade), desk.visit.link(f"/items/{item.id}/trade", "stock:write")),
        *(() if item.kit else (Fact("Missing", "What may go out instead", f"/items/{item.id}/substitutes"),)),
        *(
            (Fact("Serial numbers", "Each unit has its own", f"/items/{item.id}/serials"),)
            if item.serial_tracked
            else ()
        ),
    )
    if not desk.visit.may("orders:read"):
        return facts
    return (*facts, Fact("Orders", "Orders with it", address("/orders", sku=item.sku, merchant=item.tenant_id)))


def _trade(facts: inventory.TradeFacts) -> str:
    told = (
        f"HS {facts.hs_code}" if facts.hs_code else "",
        f"from {facts.country_of_origin}" if facts.country_of_origin else "",
        f"{facts.un_number} class {facts.hazard_class}" if facts.un_number else "",
    )
    return ", ".join(filter(None, told)) or "Nothing told for customs"


def _lots(item: inventory.ItemView) -> str:
    days = f", sold with {counted(item.min_shelf_days, 'day')} left" if item.min_shelf_days else ""
    return f"Told apart by lot{days}" if item.lot_tracked else ""


def _figures(stock: inventory.ItemStock) -> tuple[Fact, ...]:
    on_hand, reserved = sum(each.on_hand for each in stock.levels), sum(each.reserved for each in stock.levels)
    available, held_back = sum(each.available for each in stock.levels), sum(each.held_back for each in stock.levels)
    why = f"/items/{stock.item.id}/why"
    figures = (
        Fact("Can be sold: why?", f"{available:,}", why, "ok" if available else "warn"),
        Fact("On hand", f"{on_hand:,}"),
        Fact("Reserved", f"{reserved:,}"),
    )
    return (*figures, Fact("Held back", f"{held_back:,}")) if held_back else figures


def _movement(each: inventory.MovementView, people: dict[str, str]) -> MovementRow:
    gains = each.to_bucket == _IN_BINS
    place = each.to_location if gains else each.from_location
    way = f"{_bucket(each.from_bucket, each.from_location)} \N{RIGHTWARDS ARROW} "
    way += _bucket(each.to_bucket, each.to_location)
    signed = each.quantity if gains else -each.quantity if each.from_bucket == _IN_BINS else 0
    reason = each.reason.replace("_", " ").replace(":", ": ")
    return MovementRow(
        each.at,
        f"{reason[:1].upper()}{reason[1:]} ({way.lower()})" + (f", lot {each.lot}" if each.lot else ""),
        signed,
        place or "",
        person_words(each.actor, people),
    )


def _bucket(bucket: str, location: str | None) -> str:
    return "Bin" if location else BUCKETS.get(bucket, "Outside")


def _adjust_form(desk: Desk, stock: inventory.ItemStock) -> Form:
    where = stock.bins[0].location_code if stock.bins else ""
    fields = (
        desk.site_field(),
        Field("location", "Location", value=where, required=True, maximum=40),
        *((Field("lot", "Lot", maximum=20, hint="Where several lie."),) if stock.item.lot_tracked else ()),
        Field("delta", "Change", required=True, maximum=9, hint="3 for found units, -3 for missing ones."),
        Field("reason", "Reason", required=True, maximum=200),
    )
    action = f"/items/{stock.item.id}/adjust"
    return Form(action, "Correct the book", fields, "Correct the stock", csrf_token=desk.visit.csrf_token)

"""Which units may have which serial numbers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Row, select, text

from inventory.domain.values import Receipt
from inventory.models import Item
from inventory.serials.domain import IN_STOCK, WITH_ORDER, check_serials, repeated
from inventory.serials.errors import SerialInHouse, SerialsDiffer, SerialShipped
from inventory.serials.models import SerialUnit
from inventory.serials.steps import note_steps
from kernel.access.models import Site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

_TAKE_IN = text(
    """
    insert into serial_unit (tenant_id, item_id, serial, state, site_id, location_code, lot, received_at)
    select :tenant, u.item, u.serial, 'in_stock', :site, u.place, u.lot, :now
    from unnest(cast(:items as text[]), cast(:serials as text[]), cast(:places as text[]), cast(:lots as text[]))
         u(item, serial, place, lot)
    order by 2, 3
    on conflict (tenant_id, item_id, serial) do update set
      state = 'in_stock', site_id = excluded.site_id, location_code = excluded.location_code, lot = excluded.lot,
      received_at = excluded.received_at
    where serial_unit.state = 'away'
    returning item_id, serial
    """
)


class Taken(NamedTuple):
    """A unit that is taken in: whose, which, and where it is put."""

    item_id: str
    serial: str
    location_code: str
    lot: str


def check_receipts(items: Mapping[str, Item], receipts: Sequence[Receipt]) -> None:
    """Make sure that units of tracked items come with a serial number each, and others with none.

    Raises:
        SerialsDiffer: there are too few or too many, or one comes twice.
        Invalid: a text cannot be a serial number, or the item has none.
    """
    for n, receipt in enumerate(receipts):
        if receipt.item_id in items:
            at = f"/lines/{n}/serials" if len(receipts) > 1 else "/serials"
            _check(items[receipt.item_id], receipt.quantity, receipt.serials, at)
    for item_id, item in items.items():
        twice = repeated([serial for r in receipts if r.item_id == item_id for serial in r.serials])
        if twice:
            raise SerialsDiffer(
                f"Serial number {twice[0]} of SKU {item.sku} comes twice.",
                remedy="Scan each unit once.",
                pointer="/serials",
                serials=twice[:100],
            )


def _check(item: Item, units: int, serials: Sequence[str], pointer: str) -> None:
    check_serials(serials, pointer)
    if not item.serial_tracked:
        if serials:
            raise Invalid(
                f"SKU {item.sku} is not tracked by serial number.",
                remedy="Leave the serial numbers out, or have the item tracked by them.",
                pointer=pointer,
            )
        return
    if len(serials) != units:
        raise SerialsDiffer(
            f"SKU {item.sku} is tracked by serial number: {units} unit(s), {len(serials)} serial number(s).",
            remedy="Scan the serial number of each unit.",
            pointer=pointer,
            units=units,
            serials=len(serials),
        )


def record_serials(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, receipts: Sequence[Receipt], items: Mapping[str, Item]
) -> None:
    """Note the units that are received; `items` are those of `traced_items`.

    Raises:
        SerialInHouse: a unit with this number is here already, or was received a moment ago by somebody else.
        SerialShipped: it was shipped, and comes back: that is a return.
    """
    taken = {
        Taken(receipt.item_id, serial, receipt.location_code, receipt.lot): receipt.reference
        for receipt in receipts
        for serial in receipt.serials
    }
    if not taken:
        return
    for unit in serial_units(uow, tenant_id=tenant_id, pairs=[(t.item_id, t.serial) for t in taken], lock=True):
        _require_new(uow, unit, items[unit.item_id].sku)
    take_in(uow, tenant_id=tenant_id, site_id=site_id, taken=list(taken))
    for reference in dict.fromkeys(taken.values()):
        units = [(t.item_id, t.serial) for t, of in taken.items() if of == reference]
        note_steps(uow, tenant_id=tenant_id, site_id=site_id, kind="received", units=units, reference=reference)


def serial_units(
    uow: UnitOfWork, *, tenant_id: str, pairs: Iterable[tuple[str, str]], lock: bool = False
) -> list[SerialUnit]:
    """Return the units known by (item id, serial), in key order, locked if they are to be changed."""
    wanted = set(pairs)
    statement = select(SerialUnit).where(
        SerialUnit.tenant_id == tenant_id,
        SerialUnit.item_id.in_({item_id for item_id, _ in wanted}),
        SerialUnit.serial.in_({serial for _, serial in wanted}),
    )
    statement = statement.order_by(SerialUnit.tenant_id, SerialUnit.item_id, SerialUnit.serial)
    found = uow.session.scalars(
        statement.with_for_update() if lock else statement, execution_options={"populate_existing": True}
    )
    return [unit for unit in found if (unit.item_id, unit.serial) in wanted]


def take_in(uow: UnitOfWork, *, tenant_id: str, site_id: str, taken: Sequence[Taken]) -> None:
    """Put units into stock that are new or were away.

    Raises:
        SerialInHouse: another transaction took one in, or it is with an order.
    """
    columns = {
        "tenant": tenant_id,
        "site": site_id,
        "now": uow.now,
        "items": [t.item_id for t in taken],
        "serials": [t.serial for t in taken],
        "places": [t.location_code for t in taken],
        "lots": [t.lot for t in taken],
    }
    uow.session.flush()
    rows: Sequence[Row[str, str]] = uow.session.execute(_TAKE_IN, columns).all()
    missed = {(t.item_id, t.serial) for t in taken} - {(item_id, serial) for item_id, serial in rows}
    if missed:
        raise in_house(min(missed)[1], "taken in by somebody else a moment ago")


def _require_new(uow: UnitOfWork, unit: SerialUnit, sku: str) -> None:
    if unit.state == WITH_ORDER and unit.left_at is not None:
        raise SerialShipped(
            f"Serial number {unit.serial} of SKU {sku} was shipped on {unit.left_at:%d %B %Y}.",
            remedy="Take it in as a return of that order.",
            pointer="/serials",
            serial=unit.serial,
            order_id=unit.order_id,
        )
    if unit.state in (IN_STOCK, WITH_ORDER):
        raise in_house(unit.serial, f"{where_is(uow, unit)}")


def in_house(serial: str, where: str) -> SerialInHouse:
    """Return the refusal of a unit that is here already, with where it is in words."""
    return SerialInHouse(
        f"Serial number {serial} is here already: {where}.",
        remedy="Read the print again; two units never have the same number.",
        pointer="/serials",
        serial=serial,
    )


def where_is(uow: UnitOfWork, unit: SerialUnit) -> str:
    """Say in words where a unit is."""
    site = uow.session.get_one(Site, unit.site_id).name
    if unit.state == WITH_ORDER:
        return f"shipped from {site}" if unit.left_at else f"packed for an order at {site}"
    if unit.state == IN_STOCK:
        return f"in stock at {site}" + (f", put into {unit.location_code}" if unit.location_code else "")
    return "away"

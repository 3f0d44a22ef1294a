"""Plates as people ask for them: where one is, what is on it, and which ones an arrival is to bring."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import aliased

from inventory.arrivals.models import ArrivalPlate
from inventory.models import Item, Location, Lot
from inventory.plates.domain import require_sscc
from inventory.plates.errors import UnknownPlate
from inventory.plates.models import Plate, PlateContent, PlateSerial
from inventory.plates.views import AnnouncedPlate, PlateContentView, PlateHead, PlateView
from inventory.serials.domain import IN_STOCK
from inventory.serials.models import SerialUnit
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_Parent, _Part = aliased(Plate), aliased(Plate)
_KEY = (Plate.created_at, Plate.id)


def find_plates(
    uow: UnitOfWork, *, site_id: str = "", state: str = "open", search: str = "", cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[PlateHead]:  # fmt: skip
    """Return plates, latest first. `search` is the beginning of a location's code, an SSCC or its end, or a SKU.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    statement = _heads().order_by(*(key.desc() for key in _KEY)).limit(limit + 1)
    if site_id:
        statement = statement.where(Plate.site_id == site_id)
    if state:
        statement = statement.where(Plate.state == state)
    if search:
        holding = (
            select(PlateContent.plate_id)
            .join(Item, (Item.tenant_id == PlateContent.tenant_id) & (Item.id == PlateContent.item_id))
            .where(Item.sku == search)
        )
        at = Location.code.istartswith(search, autoescape=True) | Plate.sscc.endswith(search, autoescape=True)
        statement = statement.where(at | Plate.id.in_(holding))
    if cursor:
        created_at, plate_id = (str(part) for part in decode_cursor("plates", cursor))
        statement = statement.where(tuple_(*_KEY) < tuple_(datetime.fromisoformat(created_at), plate_id))
    uow.session.flush()
    rows = [PlateHead(*row) for row in uow.session.execute(statement)]
    page = tuple(rows[:limit])
    more = len(rows) > limit
    return Page(page, encode_cursor("plates", page[-1].created_at.isoformat(), page[-1].id) if more else None)


def get_plate(uow: UnitOfWork, plate_id: str) -> PlateView:
    """Return a plate with what is on it and on the plates that lie on it.

    Raises:
        UnknownPlate: the actor sees none with this id.
    """
    uow.session.flush()
    row = uow.session.execute(_heads().where(Plate.id == plate_id)).one_or_none()
    if row is None:
        raise UnknownPlate("There is no such plate.", remedy="Scan its label, or look at the list of plates.")
    head = PlateHead(*row)
    on_it = _heads().where(Plate.tenant_id == head.tenant_id, Plate.parent_id == plate_id).order_by(Plate.sscc)
    plates = tuple(PlateHead(*each) for each in uow.session.execute(on_it))
    return PlateView(head, _contents(uow, {each.id: each.sscc for each in (head, *plates)}), plates)


def plate_by_sscc(uow: UnitOfWork, *, scan: str, site_id: str = "") -> PlateView:
    """Return the plate in use that was scanned, or the one that had this SSCC last.

    Raises:
        Invalid: the scan is no SSCC, or its check digit is wrong.
        UnknownPlate: the actor sees none with it.
    """
    number = require_sscc(scan)
    found = select(Plate.id).where(Plate.sscc == number)
    found = found.where(Plate.site_id == site_id) if site_id else found
    plate_id = uow.session.scalar(found.order_by(Plate.state != "open", Plate.created_at.desc()).limit(1))
    if plate_id is None:
        raise UnknownPlate(
            f"No plate here has the SSCC {number}.", remedy="Receive it with its arrival, or take it into use.",
            pointer="/sscc",
        )  # fmt: skip
    return get_plate(uow, plate_id)


def announced_plates(uow: UnitOfWork, *, tenant_id: str, arrival_id: str) -> tuple[AnnouncedPlate, ...]:
    """Return the plates that an arrival is to bring, by SSCC; `plate_id` is empty as long as one has not come."""
    rows = uow.session.execute(
        select(ArrivalPlate.sscc, ArrivalPlate.quantity, Item.sku, Plate.id)
        .join(Item, (Item.tenant_id == ArrivalPlate.tenant_id) & (Item.id == ArrivalPlate.item_id))
        .outerjoin(
            Plate,
            (Plate.tenant_id == ArrivalPlate.tenant_id)
            & (Plate.arrival_id == ArrivalPlate.arrival_id)
            & (Plate.sscc == ArrivalPlate.sscc),
        )
        .where(ArrivalPlate.tenant_id == tenant_id, ArrivalPlate.arrival_id == arrival_id)
        .order_by(ArrivalPlate.sscc, ArrivalPlate.number)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.sscc].append(row)
    return tuple(
        AnnouncedPlate(
            sscc, len({row.sku for row in on_it}), sum(row.quantity for row in on_it),
            ", ".join(f"{row.quantity:,} \N{MULTIPLICATION SIGN} {row.sku}" for row in on_it), on_it[0].id or "",
        )
        for sscc, on_it in found.items()
    )  # fmt: skip


def _heads() -> Select[*tuple[Any, ...]]:
    on_it = (
        (_Part.tenant_id == PlateContent.tenant_id)
        & (_Part.id == PlateContent.plate_id)
        & (_Part.tenant_id == Plate.tenant_id)
        & ((_Part.id == Plate.id) | (_Part.parent_id == Plate.id))
    )
    items, units = (
        select(figure).select_from(PlateContent).join(_Part, on_it).correlate(Plate).scalar_subquery()
        for figure in (
            func.count(PlateContent.item_id.distinct()),
            func.coalesce(func.sum(PlateContent.quantity), 0).cast(PlateContent.quantity.type),
        )
    )
    return (
        select(
            Plate.id, Plate.tenant_id, Plate.site_id, Plate.sscc, Plate.own, Plate.state,
            func.coalesce(Location.code, ""), func.coalesce(_Parent.sscc, ""), Plate.arrival_id, Plate.created_at,
            Plate.created_by, Plate.closed_at, items, units,
        )
        .outerjoin(Location, Location.id == Plate.location_id)
        .outerjoin(_Parent, (_Parent.tenant_id == Plate.tenant_id) & (_Parent.id == Plate.parent_id))
    )  # fmt: skip


def _contents(uow: UnitOfWork, plates: dict[str, str]) -> tuple[PlateContentView, ...]:
    serials = _serials(uow, plates)
    rows = uow.session.execute(
        select(
            PlateContent.plate_id, PlateContent.item_id, Item.sku, Item.name, PlateContent.lot, Lot.expires_on,
            PlateContent.quantity,
        )
        .join(Item, (Item.tenant_id == PlateContent.tenant_id) & (Item.id == PlateContent.item_id))
        .outerjoin(
            Lot,
            (Lot.tenant_id == PlateContent.tenant_id)
            & (Lot.item_id == PlateContent.item_id)
            & (Lot.code == PlateContent.lot),
        )
        .where(PlateContent.plate_id.in_(plates))
        .order_by(Item.sku, PlateContent.lot, PlateContent.plate_id)
    )  # fmt: skip
    return tuple(
        PlateContentView(
            row.item_id, row.sku, row.name, row.lot, row.expires_on, row.quantity, plates[row.plate_id],
            serials.get((row.plate_id, row.item_id, row.lot), ()),
        )
        for row in rows
    )  # fmt: skip


def _serials(uow: UnitOfWork, plates: Iterable[str]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    rows = uow.session.execute(
        select(PlateSerial.plate_id, PlateSerial.item_id, SerialUnit.lot, PlateSerial.serial)
        .join(
            SerialUnit,
            (SerialUnit.tenant_id == PlateSerial.tenant_id)
            & (SerialUnit.item_id == PlateSerial.item_id)
            & (SerialUnit.serial == PlateSerial.serial),
        )
        .where(PlateSerial.plate_id.in_(list(plates)), SerialUnit.state == IN_STOCK)
        .order_by(PlateSerial.serial)
    )
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for plate_id, item_id, lot, serial in rows:
        found[plate_id, item_id, lot].append(serial)
    return {key: tuple(serials) for key, serials in found.items()}

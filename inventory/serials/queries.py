"""Serial numbers as people ask for them: where a unit is, who has it, and what happened to it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select, tuple_

from inventory.models import Item
from inventory.serials.errors import UnknownSerial
from inventory.serials.models import SerialStep, SerialUnit
from inventory.serials.views import SerialHead, SerialLife, SerialLives, SerialStepView
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_SAME_NUMBER = 50
"""More items than this with one serial number are not listed: 1, 2, 3 is what test units have."""


def find_serials(
    uow: UnitOfWork, *, item_id: str = "", serial: str = "", state: str = "", cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[SerialHead]:  # fmt: skip
    """Return units by serial number: of an item, with one number, or in one state.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    place = (SerialUnit.serial, SerialUnit.item_id)
    statement = _heads().order_by(*place).limit(limit + 1)
    if item_id:
        statement = statement.where(SerialUnit.item_id == item_id)
    if serial:
        statement = statement.where(SerialUnit.serial == serial)
    if state:
        statement = statement.where(SerialUnit.state == state)
    if cursor:
        statement = statement.where(tuple_(*place) > tuple_(*decode_cursor("serials", cursor)))
    rows = [SerialHead(*row) for row in uow.session.execute(statement)]
    page = tuple(rows[:limit])
    return Page(page, encode_cursor("serials", page[-1].serial, page[-1].item_id) if len(rows) > limit else None)


def serial_lives(uow: UnitOfWork, serial: str, *, item_id: str = "") -> SerialLives:
    """Return every unit with a serial number that the actor may see, with its whole life.

    Raises:
        UnknownSerial: there is none.
    """
    heads = find_serials(uow, serial=serial, item_id=item_id, limit=_SAME_NUMBER).items if serial else ()
    if not heads:
        raise UnknownSerial("There is no unit with this serial number.", remedy="Read the print again.")
    steps = _steps(uow, heads)
    return SerialLives(serial, tuple(SerialLife(head, tuple(steps[head.item_id])) for head in heads))


def serials_of_order(uow: UnitOfWork, *, tenant_id: str, order_id: str) -> tuple[SerialHead, ...]:
    """Return the units that an order has: what it got, minus what came back."""
    of_order = SerialUnit.tenant_id == tenant_id, SerialUnit.order_id == order_id
    statement = _heads().where(*of_order).order_by(Item.sku, SerialUnit.serial)
    return tuple(SerialHead(*row) for row in uow.session.execute(statement))


def serial_tracked(uow: UnitOfWork, item_ids: Sequence[str]) -> set[str]:
    """Return those of these items whose units have serial numbers."""
    return set(uow.session.scalars(select(Item.id).where(Item.id.in_(set(item_ids)), Item.serial_tracked)))


def items_with_serial(uow: UnitOfWork, *, tenant_id: str, item_ids: Sequence[str], serial: str) -> list[str]:
    """Return those of these items that have a unit with this serial number, wherever it is."""
    same = SerialUnit.tenant_id == tenant_id, SerialUnit.serial == serial, SerialUnit.item_id.in_(item_ids)
    return list(uow.session.scalars(select(SerialUnit.item_id).where(*same).order_by(SerialUnit.item_id)))


def _heads() -> Select[*tuple[Any, ...]]:
    of_item = (Item.tenant_id == SerialUnit.tenant_id) & (Item.id == SerialUnit.item_id)
    return select(
        SerialUnit.tenant_id, SerialUnit.item_id, Item.sku, Item.name, SerialUnit.serial, SerialUnit.state,
        SerialUnit.site_id, SerialUnit.location_code, SerialUnit.lot, SerialUnit.order_id, SerialUnit.line_id,
        SerialUnit.parcel_id, SerialUnit.left_at, SerialUnit.received_at,
    ).join(Item, of_item)  # fmt: skip


def _steps(uow: UnitOfWork, heads: Sequence[SerialHead]) -> dict[str, list[SerialStepView]]:
    keys = [(head.tenant_id, head.item_id, head.serial) for head in heads]
    columns = (
        SerialStep.item_id, SerialStep.kind, SerialStep.site_id, SerialStep.reference, SerialStep.parcel_id,
        SerialStep.note, SerialStep.actor, SerialStep.at,
    )  # fmt: skip
    of_units = tuple_(SerialStep.tenant_id, SerialStep.item_id, SerialStep.serial).in_(keys)
    found: defaultdict[str, list[SerialStepView]] = defaultdict(list)
    rows: Sequence[Row[*tuple[Any, ...]]]
    rows = uow.session.execute(select(*columns).where(of_units).order_by(SerialStep.id)).all()
    for row in rows:
        found[row[0]].append(SerialStepView(*row[1:]))
    return found

"""Reads of what merchants announce and what of it came."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.orm import aliased

from inventory.arrivals.domain import OPEN_STATES, missing_of, over_of
from inventory.arrivals.errors import UnknownArrival
from inventory.arrivals.models import Arrival, ArrivalLine, ArrivalReceipt
from inventory.arrivals.views import ArrivalHead, ArrivalLineView, ArrivalReceiptView, ArrivalView, ExpectedUnits
from inventory.models import Item
from inventory.views import TakenIn
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_CAME = ArrivalLine.received + ArrivalLine.damaged
_MISSING = func.greatest(ArrivalLine.expected - _CAME, 0)


def find_arrivals(
    uow: UnitOfWork, *, site_id: str = "", states: Sequence[str] = (), search: str = "", cursor: str = "",
    limit: int = DEFAULT_LIMIT, latest_first: bool = False,
) -> Page[ArrivalHead]:  # fmt: skip
    """Return arrivals by the day they are expected on, soonest first unless asked otherwise.

    `search` finds parts of the merchant's number and of the supplier, and the exact SKU of a line.

    Raises:
        Invalid: the cursor was not given out by this service for this list.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    key = tuple_(Arrival.expected_on, Arrival.id)
    name = f"arrivals:{'latest' if latest_first else 'soonest'}"
    statement = select(Arrival).order_by(*_by_day(Arrival, latest_first=latest_first)).limit(limit + 1)
    if site_id:
        statement = statement.where(Arrival.site_id == site_id)
    if states:
        statement = statement.where(Arrival.state.in_(states))
    if search:
        statement = statement.where(_matches(search))
    if cursor:
        day, last = decode_cursor(name, cursor)
        after = tuple_(date.fromisoformat(str(day)), str(last))
        statement = statement.where(key < after if latest_first else key > after)
    found = _heads(uow, statement, latest_first=latest_first)
    page = tuple(found[:limit])
    more = len(found) > limit
    return Page(page, encode_cursor(name, page[-1].expected_on.isoformat(), page[-1].id) if more else None)


def get_arrival(uow: UnitOfWork, arrival_id: str) -> ArrivalView:
    """Return an arrival with its lines.

    Raises:
        UnknownArrival: the actor sees none with this id.
    """
    uow.session.flush()
    row = uow.session.scalar(
        select(Arrival).where(Arrival.id == arrival_id), execution_options={"populate_existing": True}
    )
    if row is None:
        raise UnknownArrival("There is no such arrival.", remedy="Search for it by its number.")
    lines = uow.session.execute(
        select(
            ArrivalLine.number, ArrivalLine.item_id, Item.sku, Item.name, ArrivalLine.expected, ArrivalLine.received,
            ArrivalLine.damaged, ArrivalLine.reason, ArrivalLine.outcome,
        )
        .join(Item, (Item.tenant_id == ArrivalLine.tenant_id) & (Item.id == ArrivalLine.item_id))
        .where(ArrivalLine.tenant_id == row.tenant_id, ArrivalLine.arrival_id == arrival_id)
        .order_by(ArrivalLine.number)
    )  # fmt: skip
    return ArrivalView(
        row.id, row.tenant_id, row.site_id, row.external_id, row.supplier, row.expected_on, row.state, row.note,
        row.created_at, row.closed_at, row.closed_by, tuple(_line(each) for each in lines),
    )  # fmt: skip


def arrival_by_number(uow: UnitOfWork, *, tenant_id: str, external_id: str) -> ArrivalView | None:
    """Return a merchant's arrival by the merchant's own number."""
    wanted = select(Arrival.id).where(Arrival.tenant_id == tenant_id, Arrival.external_id == external_id)
    found = uow.session.scalar(wanted)
    return get_arrival(uow, found) if found else None


def arrival_receipts(
    uow: UnitOfWork, *, tenant_id: str, arrival_id: str, limit: int = DEFAULT_LIMIT, ids: Iterable[str] = ()
) -> tuple[ArrivalReceiptView, ...]:
    """Return what was taken in of a merchant's arrival, newest first, undone receipts too; certain ones if given."""
    statement = (
        select(
            ArrivalReceipt.id, ArrivalReceipt.arrival_id, Item.id, Item.sku, Item.name, ArrivalReceipt.quantity,
            ArrivalReceipt.condition, ArrivalReceipt.location_code, ArrivalReceipt.lot, ArrivalReceipt.serials,
            ArrivalReceipt.received_at, ArrivalReceipt.received_by, ArrivalReceipt.undone_at,
        )
        .join(
            ArrivalLine,
            (ArrivalLine.tenant_id == ArrivalReceipt.tenant_id)
            & (ArrivalLine.arrival_id == ArrivalReceipt.arrival_id)
            & (ArrivalLine.number == ArrivalReceipt.number),
        )
        .join(Item, (Item.tenant_id == ArrivalLine.tenant_id) & (Item.id == ArrivalLine.item_id))
        .where(ArrivalReceipt.tenant_id == tenant_id, ArrivalReceipt.arrival_id == arrival_id)
        .order_by(ArrivalReceipt.id.desc())
        .limit(limit)
    )  # fmt: skip
    wanted = tuple(ids)
    if wanted:
        statement = statement.where(ArrivalReceipt.id.in_(wanted))
    uow.session.flush()
    rows: Iterable[Any] = uow.session.execute(statement)
    return tuple(ArrivalReceiptView(*row) for row in rows)


def taken_in(uow: UnitOfWork, *, tenant_id: str, arrival_id: str) -> tuple[TakenIn, ...]:
    """Return what a merchant's arrival brought into which locations, and since when; what was undone is left out."""
    statement = (
        select(
            ArrivalLine.item_id, ArrivalReceipt.lot, ArrivalReceipt.location_code, func.min(ArrivalReceipt.received_at)
        )
        .join(
            ArrivalLine,
            (ArrivalLine.tenant_id == ArrivalReceipt.tenant_id)
            & (ArrivalLine.arrival_id == ArrivalReceipt.arrival_id)
            & (ArrivalLine.number == ArrivalReceipt.number),
        )
        .where(ArrivalReceipt.tenant_id == tenant_id, ArrivalReceipt.arrival_id == arrival_id)
        .where(ArrivalReceipt.undone_at.is_(None), ArrivalReceipt.condition == "good")
        .group_by(ArrivalLine.item_id, ArrivalReceipt.lot, ArrivalReceipt.location_code)
    )
    uow.session.flush()
    return tuple(TakenIn(*row) for row in uow.session.execute(statement))


def expected_units(uow: UnitOfWork, *, tenant_id: str, item_id: str) -> list[ExpectedUnits]:
    """Return what open arrivals still have to bring of an item, soonest first."""
    return expected_by_item(uow, tenant_id=tenant_id, item_ids=[item_id]).get(item_id, [])


def expected_by_item(uow: UnitOfWork, *, tenant_id: str, item_ids: Iterable[str]) -> dict[str, list[ExpectedUnits]]:
    """Return what open arrivals still have to bring of items, soonest first; items nobody announced are left out."""
    rows = uow.session.execute(
        select(
            ArrivalLine.item_id, Arrival.id, Arrival.external_id, Arrival.site_id, ArrivalLine.expected - _CAME,
            Arrival.expected_on,
        )
        .join(ArrivalLine, (ArrivalLine.tenant_id == Arrival.tenant_id) & (ArrivalLine.arrival_id == Arrival.id))
        .where(ArrivalLine.tenant_id == tenant_id, ArrivalLine.item_id.in_(set(item_ids)), ArrivalLine.outcome == "")
        .where(Arrival.state.in_(OPEN_STATES), ArrivalLine.expected > _CAME)
        .order_by(Arrival.expected_on, Arrival.id)
    )  # fmt: skip
    found: dict[str, list[ExpectedUnits]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(ExpectedUnits(*row[1:]))
    return found


def _heads(uow: UnitOfWork, chosen: Select[Arrival], *, latest_first: bool) -> list[ArrivalHead]:
    """Return the chosen arrivals with their sums, which are taken of these few only."""
    head = aliased(Arrival, chosen.subquery("chosen"))
    of_head = (ArrivalLine.tenant_id == head.tenant_id) & (ArrivalLine.arrival_id == head.id)
    sums = [func.sum(each) for each in (ArrivalLine.expected, ArrivalLine.received, ArrivalLine.damaged, _MISSING)]
    totals = select(func.count(), *(each.cast(ArrivalLine.expected.type) for each in sums)).where(of_head)
    figures = totals.lateral("totals")
    statement: Select[*tuple[Any, ...]] = select(
        head.id, head.tenant_id, head.site_id, head.external_id, head.supplier, head.expected_on, head.state,
        head.note, head.created_at, head.closed_at, head.closed_by, *figures.c,
    ).join(figures, true())  # fmt: skip
    rows = uow.session.execute(statement.order_by(*_by_day(head, latest_first=latest_first)))
    return [ArrivalHead(*row) for row in rows]


def _by_day(of: type[Arrival], *, latest_first: bool) -> tuple[ColumnElement[Any], ...]:
    keys = (of.expected_on, of.id)
    return tuple(key.desc() if latest_first else key.asc() for key in keys)


def _matches(search: str) -> ColumnElement[bool]:
    holding = (
        select(ArrivalLine.arrival_id)
        .join(Item, (Item.tenant_id == ArrivalLine.tenant_id) & (Item.id == ArrivalLine.item_id))
        .where(Item.sku == search)
    )
    return (
        Arrival.external_id.icontains(search, autoescape=True)
        | Arrival.supplier.icontains(search, autoescape=True)
        | Arrival.id.in_(holding)
    )


def _line(row: Sequence[Any]) -> ArrivalLineView:
    number, item_id, sku, name, expected, received, damaged, reason, outcome = row
    figures = expected, received, damaged
    missing, over = missing_of(*figures), over_of(*figures)
    return ArrivalLineView(number, item_id, sku, name, *figures, reason, outcome, missing, over)

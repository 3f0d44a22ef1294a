from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, tuple_

from fulfillment.models import BatchOrder, OrderLine, PackSession, PickBatch, PickTask, SalesOrder
from fulfillment.repository import OPEN_TASK_STATES
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class PackLine:
    """One line to verify at the bench: how many units are in the tote, and how many the acting packer scanned. Units of
    an item that is `serial_tracked` are scanned by their serial numbers.
    """

    line_id: str
    item_id: str
    sku: str
    name: str
    gtins: tuple[str, ...]
    packs: tuple[inventory.Pack, ...]
    picked: int
    scanned: int
    serial_tracked: bool = False
    kept_apart: str = ""
    pack_with: str = ""


@dataclass(frozen=True, slots=True)
class PackClaim:
    """An order in a packer's hand: whose (a user's id), since when, and until when unless they scan on."""

    order_id: str
    packer: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class PackWork:
    """An order whose goods are in totes, ready to be packed."""

    tenant_id: str
    order_id: str
    order_number: str
    state: str
    totes: tuple[str, ...]
    carton_code: str
    gift: bool
    note: str
    lines: tuple[PackLine, ...]


def pack_queue(uow: UnitOfWork, *, site_id: str, limit: int = 200, among: Collection[str] | None = None) -> list[str]:
    """Return the orders that can be packed now, by cut-off: their goods are all in totes, as far as they wait for none
    that are still to come; of one that left in part, the rest counts. With `among`, only those of these orders.
    """
    of_order = OrderLine.tenant_id == SalesOrder.tenant_id, OrderLine.order_id == SalesOrder.id
    picked = select(OrderLine.id).where(*of_order, OrderLine.picked > 0).exists()
    belongs = (OrderLine.kit_id != "") | (OrderLine.pack_with != "")
    goes_complete = (SalesOrder.split_policy == "all_or_nothing") | belongs
    to_come = (OrderLine.backordered + OrderLine.promised > 0) & goes_complete
    awaited = select(OrderLine.id).where(*of_order, (OrderLine.allocated > 0) | to_come).exists()
    statement = select(SalesOrder.id).where(SalesOrder.site_id == site_id, SalesOrder.open_holds == 0)
    states = "PICKED", "PARTIALLY_PICKED", "PARTIALLY_PACKED", "PARTIALLY_SHIPPED"
    statement = statement.where(SalesOrder.state.in_(states), picked, ~awaited, ~_on_its_way())
    if among is not None:
        statement = statement.where(SalesOrder.id.in_(among))
    statement = statement.order_by(SalesOrder.cut_off_at.nulls_last(), SalesOrder.id).limit(limit)
    return list(uow.session.scalars(statement))


def _on_its_way() -> ColumnElement[bool]:
    """Return the condition that an order's totes are still passed from zone to zone."""
    held = BatchOrder.tenant_id == SalesOrder.tenant_id, BatchOrder.order_id == SalesOrder.id, BatchOrder.is_open
    open_ = select(PickTask.id).where(PickTask.batch_id == PickBatch.id, PickTask.state.in_(OPEN_TASK_STATES))
    passed = PickBatch.zones != [], PickBatch.state != "DONE", open_.exists()
    return select(BatchOrder.slot).join(PickBatch, PickBatch.id == BatchOrder.batch_id).where(*held, *passed).exists()


def pack_claims(uow: UnitOfWork, *, site_id: str) -> dict[str, PackClaim]:
    """Return who has which order in hand at the benches of a site, by order; claims that ran out are not among them."""
    of_order = (SalesOrder.tenant_id == PackSession.tenant_id) & (SalesOrder.id == PackSession.order_id)
    statement = select(PackSession).join(SalesOrder, of_order).where(SalesOrder.site_id == site_id)
    running = uow.session.scalars(statement.where(PackSession.lease_until > uow.now))
    return {
        row.order_id: PackClaim(row.order_id, row.opened_by, row.opened_at, row.lease_until)
        for row in running
        if row.lease_until is not None
    }


def order_in_tote(uow: UnitOfWork, *, site_id: str, tote: str) -> str | None:
    """Return the order whose goods are in a tote."""
    same = BatchOrder.site_id == site_id, BatchOrder.tote == tote, BatchOrder.is_open
    return uow.session.scalar(select(BatchOrder.order_id).where(*same))


def pack_work(uow: UnitOfWork, order_id: str) -> PackWork:
    """Return what a packer has to verify of an order.

    Raises:
        NotFound: the actor sees no such order.
    """
    found = pack_works(uow, [order_id])
    if order_id not in found:
        raise NotFound("There is no such order.", remedy="Scan the tote again.")
    return found[order_id]


def pack_works(uow: UnitOfWork, order_ids: Sequence[str]) -> dict[str, PackWork]:
    """Return what a packer has to verify, by order; orders that the actor does not see are left out."""
    rows = uow.session.scalars(select(SalesOrder).where(SalesOrder.id.in_(order_ids))).all()
    if not rows:
        return {}
    keys = [(row.tenant_id, row.id) for row in rows]
    lines = _picked_lines(uow, keys)
    items = inventory.items_by_id(uow, {line.item_id for each in lines.values() for line in each})
    running = select(PackSession).where(tuple_(PackSession.tenant_id, PackSession.order_id).in_(keys))
    sessions = {session.order_id: session for session in uow.session.scalars(running)}
    totes = _open_totes(uow, keys)
    return {
        row.id: PackWork(
            row.tenant_id, row.id, row.external_id, row.state, tuple(totes[row.id]),
            session.carton_code if session else "", row.gift, row.note,
            _pack_lines(uow, lines[row.id], items, session),
        )
        for row in rows
        for session in [sessions.get(row.id)]
    }  # fmt: skip


def _picked_lines(uow: UnitOfWork, keys: Sequence[tuple[str, str]]) -> defaultdict[str, list[OrderLine]]:
    of_orders = tuple_(OrderLine.tenant_id, OrderLine.order_id).in_(keys), OrderLine.picked > 0
    found: defaultdict[str, list[OrderLine]] = defaultdict(list)
    for line in uow.session.scalars(select(OrderLine).where(*of_orders).order_by(OrderLine.number)):
        found[line.order_id].append(line)
    return found


def _open_totes(uow: UnitOfWork, keys: Sequence[tuple[str, str]]) -> defaultdict[str, list[str]]:
    of_orders = tuple_(BatchOrder.tenant_id, BatchOrder.order_id).in_(keys), BatchOrder.is_open, BatchOrder.tote != ""
    found: defaultdict[str, list[str]] = defaultdict(list)
    columns = select(BatchOrder.order_id, BatchOrder.tote).where(*of_orders).order_by(BatchOrder.slot)
    for order_id, tote in uow.session.execute(columns):
        found[order_id].append(tote)
    return found


def _pack_lines(
    uow: UnitOfWork,
    lines: Sequence[OrderLine],
    items: Mapping[str, inventory.ItemView],
    session: PackSession | None,
) -> tuple[PackLine, ...]:
    is_mine = session is not None and session.opened_by == uow.actor.id
    scanned = session.scanned if session and is_mine else {}
    return tuple(
        PackLine(
            ln.id, ln.item_id, ln.sku, ln.name, items[ln.item_id].gtins, items[ln.item_id].packs, ln.picked,
            scanned.get(ln.id, 0), items[ln.item_id].serial_tracked, items[ln.item_id].kept_apart,
            ln.pack_with,
        )
        for ln in lines
    )  # fmt: skip

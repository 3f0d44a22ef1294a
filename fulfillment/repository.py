from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, bindparam, select, text, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from fulfillment.domain.order_quantities import LineQuantities, total
from fulfillment.domain.order_state import (
    Chore,
    Clock,
    OrderFacts,
    OrderState,
    ParcelState,
    chore_of,
    derive_state,
    next_step,
)
from fulfillment.models import BatchOrder, OrderLine, OrderParcel, PickBatch, PickTask, SalesOrder
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound

_UNITS = tuple(f.name for f in fields(LineQuantities))
OPEN_TASK_STATES = ("READY", "CLAIMED", "SKIPPED")
_FRESH = {"populate_existing": True}
_OF_ORDER = SalesOrder.tenant_id, SalesOrder.id
_LOCKED = select(SalesOrder).order_by(*_OF_ORDER).with_for_update(key_share=True).execution_options(**_FRESH)
_ONE = _LOCKED.where(SalesOrder.id == bindparam("order"))
_OURS = _ONE.where(SalesOrder.tenant_id == bindparam("tenant"))


def serialize_bulks(uow: UnitOfWork, tenant_id: str) -> None:
    """Let one transaction at a time place many orders of a merchant. Each keeps the locks of its orders' customers and
    goods to its end, in the order in which the shop named them: two at once would sooner or later hold what the other
    wants.
    """
    uow.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:tenant, 13))"), {"tenant": tenant_id})


def units_of(line: OrderLine) -> LineQuantities:
    """Return a line's quantity vector."""
    return LineQuantities(*[getattr(line, name) for name in _UNITS])


def set_units(line: OrderLine, units: LineQuantities) -> None:
    """Write a quantity vector into its line."""
    for name in _UNITS:
        value = getattr(units, name)
        if getattr(line, name) != value:
            setattr(line, name, value)


@dataclass(slots=True)
class OrderInHand:
    """An order whose row this transaction has locked: whoever holds it decides what becomes of the order."""

    row: SalesOrder
    lines: list[OrderLine]
    parcels: list[OrderParcel]

    @property
    def state(self) -> OrderState:
        """Return the state as it was last settled."""
        return OrderState(self.row.state)

    @property
    def units(self) -> LineQuantities:
        """Return the sum of the lines."""
        return total(units_of(line) for line in self.lines)

    @property
    def about(self) -> dict[str, Any]:
        """Return the references that every event of this order carries."""
        return about(self.row)

    def line(self, line_id: str) -> OrderLine:
        """Return one line.

        Raises:
            NotFound: the order has no such line.
        """
        for line in self.lines:
            if line.id == line_id:
                return line
        raise NotFound("The order has no such line.", remedy="Read the order again.", line_id=line_id)

    def move(self, line_id: str, quantity: int, source: str, target: str) -> None:
        """Move units of one line between two buckets of its vector."""
        line = self.line(line_id)
        set_units(line, units_of(line).moved(quantity, source, target))

    def settle(self, now: datetime) -> OrderState:
        """Derive the header state, next step, owner and due time from the quantities, and store them."""
        row = self.row
        state = derive_state(facts_of(row, self.lines, self.parcels))
        if state != row.state:
            row.state, row.state_since = state.value, now
        chore = chore_of(
            state, live_states(self.parcels), to_pull=row.intercept_requested_at is not None,
            asked=row.answer_due_at is not None,
        )  # fmt: skip
        since = (row.intercept_requested_at if chore is Chore.PULL else None) or row.state_since
        step = next_step(state, Clock(since, row.cut_off_at, row.promised_until, row.answer_due_at), chore)
        row.terminal = step is None
        row.next_step = step.step if step else ""
        row.next_step_owner = step.owner if step else ""
        row.due_at = step.due_at if step else None
        row.version += 1
        return state


def about(row: SalesOrder) -> dict[str, Any]:
    """Return the references that every event of an order carries."""
    return {"tenant_id": row.tenant_id, "order_id": row.id, "customer_id": row.customer_id}


def facts_of(row: SalesOrder, lines: Iterable[OrderLine], parcels: Iterable[OrderParcel]) -> OrderFacts:
    """Return what an order's state is derived from."""
    return OrderFacts(
        units=total(units_of(line) for line in lines),
        parcels=live_states(parcels),
        open_holds=row.open_holds,
        released=row.released_at is not None,
        picking_started=row.picking_started_at is not None,
    )


def live_states(parcels: Iterable[OrderParcel]) -> tuple[ParcelState, ...]:
    """Return how far the parcels are that were not voided."""
    return tuple(ParcelState(p.state) for p in parcels if p.state != ParcelState.VOIDED)


def lock_order(uow: UnitOfWork, *, order_id: str, tenant_id: str | None = None) -> OrderInHand:
    """Lock one order and load its lines and, once something is packed, its parcels. Without a tenant it is whoever's
    the caller sees.

    Raises:
        NotFound: the actor sees no such order.
    """
    found = _in_hands(uow, _ONE if tenant_id is None else _OURS, {"tenant": tenant_id, "order": order_id})
    if not found:
        raise NotFound("There is no such order.", remedy="Look it up by its number.")
    return found[0]


def lock_orders(uow: UnitOfWork, keys: Sequence[tuple[str, str]]) -> list[OrderInHand]:
    """Lock orders by (tenant, id) in key order and load their lines and parcels, set-based."""
    return _in_hands(uow, _LOCKED.where(_key_in(*_OF_ORDER, keys)), {}) if keys else []


def _in_hands(uow: UnitOfWork, wanted: Select[SalesOrder], key: dict[str, str | None]) -> list[OrderInHand]:
    rows = list(uow.session.scalars(wanted, key))
    lines = _by_order(uow, OrderLine, [(row.tenant_id, row.id) for row in rows])
    packed = [(k, ls) for k, ls in lines.items() if any(line.packed or line.shipped for line in ls)]
    parcels = _by_order(uow, OrderParcel, [k for k, _ in packed])
    return [_in_hand(row, lines, parcels) for row in rows]


def _in_hand(
    row: SalesOrder,
    lines: dict[tuple[str, str], list[OrderLine]],
    parcels: dict[tuple[str, str], list[OrderParcel]],
) -> OrderInHand:
    key = (row.tenant_id, row.id)
    return OrderInHand(row, sorted(lines.get(key, []), key=lambda line: line.number), parcels.get(key, []))


_Part = TypeVar("_Part", OrderLine, OrderParcel)
_Parts = dict[tuple[str, str], list[_Part]]


def _by_order(uow: UnitOfWork, model: type[_Part], keys: Sequence[tuple[str, str]]) -> _Parts[_Part]:
    found: _Parts[_Part] = defaultdict(list)
    if keys:
        statement = select(model).where(_key_in(model.tenant_id, model.order_id, keys))
        for part in uow.session.scalars(statement.execution_options(**_FRESH)):
            found[part.tenant_id, part.order_id].append(part)
    return found


def _key_in(
    tenant: InstrumentedAttribute[str], key: InstrumentedAttribute[str], keys: Sequence[tuple[str, str]]
) -> ColumnElement[bool]:
    if len(keys) == 1:
        return and_(tenant == keys[0][0], key == keys[0][1])
    return tuple_(tenant, key).in_(keys)


def lock_batch(uow: UnitOfWork, *, batch_id: str) -> PickBatch:
    """Lock one batch.

    Raises:
        NotFound: the actor's site has no such batch.
    """
    statement = select(PickBatch).where(PickBatch.id == batch_id).with_for_update()
    batch = uow.session.scalar(statement.execution_options(**_FRESH))
    if batch is None:
        raise NotFound("There is no such batch.", remedy="Ask for the next batch.")
    return batch


def lock_task(uow: UnitOfWork, task_id: str) -> tuple[PickTask, PickBatch | None, OrderInHand]:
    """Lock the order that a task belongs to, and return the task as it is under that lock, its batch, and the order.

    Raises:
        NotFound: the actor sees no such task.
    """
    which = select(PickTask.tenant_id, PickTask.order_id).where(PickTask.id == task_id)
    key = uow.session.execute(which).one_or_none()
    if key is None:
        raise NotFound("There is no such task.", remedy="Fetch the work again.")
    order = lock_order(uow, tenant_id=key.tenant_id, order_id=key.order_id)
    statement = select(PickTask, PickBatch).outerjoin(PickBatch, PickBatch.id == PickTask.batch_id)
    found = uow.session.execute(statement.where(PickTask.id == task_id).execution_options(**_FRESH)).one()
    return found.PickTask, found.PickBatch, order


def open_tasks(uow: UnitOfWork, *, tenant_id: str, order_id: str) -> list[PickTask]:
    """Return the tasks of an order that are still to be done, in walking order. Lock the order first."""
    statement = select(PickTask).where(
        PickTask.tenant_id == tenant_id, PickTask.order_id == order_id, PickTask.state.in_(OPEN_TASK_STATES)
    )
    return list(uow.session.scalars(statement.order_by(PickTask.seq, PickTask.id).execution_options(**_FRESH)))


def slots_of(uow: UnitOfWork, *, batch_id: str) -> list[BatchOrder]:
    """Return the slots of a batch's cart, by number."""
    statement = select(BatchOrder).where(BatchOrder.batch_id == batch_id).order_by(BatchOrder.slot)
    return list(uow.session.scalars(statement.execution_options(**_FRESH)))


def open_slots(uow: UnitOfWork, *, tenant_id: str, order_id: str) -> list[BatchOrder]:
    """Return the slots whose totes hold, or will hold, goods of an order."""
    statement = select(BatchOrder).where(
        BatchOrder.tenant_id == tenant_id, BatchOrder.order_id == order_id, BatchOrder.is_open
    )
    return list(uow.session.scalars(statement.order_by(BatchOrder.slot).execution_options(**_FRESH)))

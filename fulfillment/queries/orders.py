from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from fulfillment.domain.parcel_outcomes import SETTLED
from fulfillment.models import (
    AskedService,
    Customer,
    OrderHold,
    OrderKit,
    OrderLine,
    OrderNote,
    OrderParcel,
    OrderTerm,
    ParcelOutcome,
    SalesOrder,
    ServiceStep,
)
from fulfillment.queries.search_terms import digits, phone_terms, sku_terms, words
from fulfillment.queries.views import CustomerView, OrderView, customer_view, order_view
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_LAST_CHARACTER = "\U0010ffff"
_END = datetime(9999, 12, 31, tzinfo=UTC)
_PHONE_CHARACTERS = frozenset("0123456789 +-/().#")
SORTS = ("newest", "due")


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """One row of an order list."""

    id: str
    tenant_id: str
    external_id: str
    customer_id: str
    customer_name: str
    placed_at: datetime
    units: int
    goods_minor: int
    currency: str
    state: str
    next_step: str
    next_step_owner: str
    due_at: datetime | None
    promised_on: date | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are wanted; an empty field does not restrict.

    `search` holds words that all must match, by their beginnings. `sku` is a whole SKU that a line must have.
    """

    search: str = ""
    sku: str = ""
    states: tuple[str, ...] = ()
    tenant_id: str = ""
    site_id: str = ""
    customer_id: str = ""
    only_open: bool = False
    overdue_at: datetime | None = None
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer with what they ordered: open and all orders, and the amounts by currency in minor units."""

    customer: CustomerView
    tenant_id: str
    orders: int
    open_orders: int
    first_placed_at: datetime | None
    last_placed_at: datetime | None
    spent_minor: dict[str, int]


def get_order(uow: UnitOfWork, order_id: str) -> OrderView:
    """Return one order with lines, holds, notes and parcels.

    Raises:
        NotFound: the actor sees no such order.
    """
    found = get_orders(uow, [order_id])
    if not found:
        raise NotFound("There is no such order.", remedy="Look it up by its number.")
    return found[0]


def get_orders(uow: UnitOfWork, order_ids: Sequence[str]) -> list[OrderView]:
    """Return orders with all their parts, in the order asked; what the actor does not see is left out."""
    rows = {row.id: row for row in uow.session.scalars(select(SalesOrder).where(SalesOrder.id.in_(order_ids)))}
    return _views(uow, [rows[order_id] for order_id in dict.fromkeys(order_ids) if order_id in rows])


def order_by_external_id(uow: UnitOfWork, *, tenant_id: str, external_id: str) -> OrderView | None:
    """Return the order that a merchant's shop knows by this number."""
    same = SalesOrder.tenant_id == tenant_id, SalesOrder.external_id == external_id
    row = uow.session.scalar(select(SalesOrder).where(*same))
    return _views(uow, [row])[0] if row else None


def _views(uow: UnitOfWork, rows: Sequence[SalesOrder]) -> list[OrderView]:
    """Return the views of orders, with one statement for each kind of part however many orders there are."""
    if not rows:
        return []
    who = {(row.tenant_id, row.customer_id) for row in rows}
    customers = uow.session.scalars(select(Customer).where(tuple_(Customer.tenant_id, Customer.id).in_(who)))
    by_key = {(customer.tenant_id, customer.id): customer for customer in customers}
    lines = _parts(uow, rows, OrderLine.number)
    holds = _parts(uow, rows, OrderHold.id)
    notes = _parts(uow, rows, OrderNote.id)
    parcels = _parts(uow, rows, OrderParcel.parcel_id)
    decided = [row for row in rows if any(parcel.state in SETTLED for parcel in parcels[row.id])]
    outcomes = _parts(uow, decided, ParcelOutcome.parcel_id)
    kits = _parts(uow, [row for row in rows if any(line.kit_id for line in lines[row.id])], OrderKit.number)
    asking = [row for row in rows if row.service_count]
    services, steps = _parts(uow, asking, AskedService.number), _parts(uow, asking, ServiceStep.id)
    return [
        order_view(
            row, by_key[row.tenant_id, row.customer_id], lines[row.id], holds=holds[row.id], notes=notes[row.id],
            parcels=parcels[row.id], outcomes=outcomes[row.id], kits=kits[row.id],
            services=services[row.id], steps=steps[row.id],
        )
        for row in rows
    ]  # fmt: skip


def _parts(
    uow: UnitOfWork, rows: Sequence[SalesOrder], position: InstrumentedAttribute[Any]
) -> defaultdict[str, list[Any]]:
    """Return the parts of one kind, by order; `position` is the column of their table that puts them in order."""
    model = position.class_
    found: defaultdict[str, list[Any]] = defaultdict(list)
    if rows:
        of_orders = tuple_(model.tenant_id, model.order_id).in_([(row.tenant_id, row.id) for row in rows])
        for part in uow.session.scalars(select(model).where(of_orders).order_by(position)):
            found[part.order_id].append(part)
    return found


def find_orders(
    uow: UnitOfWork, wanted: OrderFilter, *, sort: str = "newest", cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[OrderSummary]:
    """Return one page of the orders that the actor sees: `newest` first, or those `due` first.

    Raises:
        Invalid: the sort is unknown or the cursor was not given out here.
    """
    if sort not in SORTS:
        raise Invalid(f"Sort by one of {', '.join(SORTS)}.", pointer="/sort")
    limit = max(1, min(limit, MAX_LIMIT))
    statement = _after(_restricted(_summaries(), wanted), sort, cursor)
    rows = uow.session.execute(statement.limit(limit + 1)).all()
    page = tuple(_summary(row) for row in rows[:limit])
    return Page(page, _cursor(page[-1], sort) if len(rows) > limit else None)


def _summaries() -> Select[Any]:
    line = aliased(OrderLine)
    of_order = line.tenant_id == SalesOrder.tenant_id, line.order_id == SalesOrder.id
    units = select(func.coalesce(func.sum(line.ordered), 0)).where(*of_order).scalar_subquery()
    who = and_(Customer.tenant_id == SalesOrder.tenant_id, Customer.id == SalesOrder.customer_id)
    return select(SalesOrder, Customer.name.label("customer_name"), units.label("units")).join(Customer, who)


def _restricted(statement: Select[Any], wanted: OrderFilter) -> Select[Any]:
    for word in _looked_up(wanted.search):
        statement = statement.where(_has_term(word))
    if wanted.sku:
        statement = statement.where(_has_sku(wanted.sku))
    if wanted.states:
        statement = statement.where(SalesOrder.state.in_(wanted.states))
    if wanted.tenant_id:
        statement = statement.where(SalesOrder.tenant_id == wanted.tenant_id)
    if wanted.site_id:
        statement = statement.where(SalesOrder.site_id == wanted.site_id)
    if wanted.customer_id:
        statement = statement.where(SalesOrder.customer_id == wanted.customer_id)
    if wanted.only_open or wanted.overdue_at:
        statement = statement.where(~SalesOrder.terminal)
    if wanted.overdue_at:
        statement = statement.where(SalesOrder.due_at < wanted.overdue_at)
    if wanted.flagged:
        statement = statement.where(func.jsonb_array_length(SalesOrder.flags) > 0)
    return statement


def _looked_up(search: str) -> list[str]:
    """Return the words to look up; a phone number, in whatever notation, is one word."""
    phone = digits(search)
    if phone and set(search) <= _PHONE_CHARACTERS:
        return [search.strip()]
    return list(words(search)) or ([search.strip().casefold()] if search.strip() else [])


def _has_term(word: str) -> ColumnElement[bool]:
    of_order = OrderTerm.tenant_id == SalesOrder.tenant_id, OrderTerm.order_id == SalesOrder.id
    prefixes = {word.strip("#.'").casefold(), *phone_terms(word)} if set(word) <= _PHONE_CHARACTERS else {word}
    matches = [and_(OrderTerm.term >= p, OrderTerm.term < p + _LAST_CHARACTER) for p in sorted(prefixes)]
    return exists().where(*of_order, or_(*matches))


def _has_sku(sku: str) -> ColumnElement[bool]:
    """Say that a line or a kit has this very SKU. Its words lead there by their index; of lines, only those orders' are
    read.
    """
    term = aliased(OrderTerm)
    word = max(sku_terms(sku), key=len, default="")
    holding = [
        select(term.order_id).where(
            term.term == word, part.sku == sku.strip(), part.tenant_id == term.tenant_id, part.order_id == term.order_id
        )
        for part in (aliased(OrderLine), aliased(OrderKit))
    ]
    return or_(*(SalesOrder.id.in_(each) for each in holding))


def _after(statement: Select[Any], sort: str, cursor: str | None) -> Select[Any]:
    if sort == "due":
        due = func.coalesce(SalesOrder.due_at, _END)
        statement = statement.order_by(due, SalesOrder.id)
        if cursor:
            at, last = _position(sort, cursor)
            statement = statement.where(or_(due > at, and_(due == at, SalesOrder.id > last)))
        return statement
    statement = statement.order_by(SalesOrder.placed_at.desc(), SalesOrder.id.desc())
    if cursor:
        at, last = _position(sort, cursor)
        older = SalesOrder.placed_at < at, and_(SalesOrder.placed_at == at, SalesOrder.id < last)
        statement = statement.where(or_(*older))
    return statement


def _position(sort: str, cursor: str) -> tuple[datetime, str]:
    at, last = decode_cursor(f"orders by {sort}", cursor)
    return datetime.fromisoformat(str(at)), str(last)


def _cursor(last: OrderSummary, sort: str) -> str:
    at = (last.due_at or _END) if sort == "due" else last.placed_at
    return encode_cursor(f"orders by {sort}", at.isoformat(), last.id)


def _summary(found: Any) -> OrderSummary:  # noqa: ANN401 - a row of `_summaries`
    row: SalesOrder = found.SalesOrder
    return OrderSummary(
        row.id, row.tenant_id, row.external_id, row.customer_id, found.customer_name, row.placed_at, int(found.units),
        row.goods_minor, row.currency, row.state, row.next_step, row.next_step_owner, row.due_at, row.promised_on,
        tuple(row.flags),
    )  # fmt: skip


def customer_card(uow: UnitOfWork, customer_id: str) -> CustomerCard:
    """Return a customer and the sums of their orders.

    Raises:
        NotFound: the actor sees no such customer.
    """
    customer = uow.session.scalar(select(Customer).where(Customer.id == customer_id))
    if customer is None:
        raise NotFound("There is no such customer.")
    amount = func.sum(SalesOrder.goods_minor + SalesOrder.shipping_minor)
    open_orders = func.count().filter(~SalesOrder.terminal)
    columns = SalesOrder.currency, func.count(), open_orders, func.min(SalesOrder.placed_at), amount
    of_customer = SalesOrder.tenant_id == customer.tenant_id, SalesOrder.customer_id == customer.id
    statement = select(*columns, func.max(SalesOrder.placed_at)).where(*of_customer).group_by(SalesOrder.currency)
    rows: list[Any] = [tuple(row) for row in uow.session.execute(statement)]
    return CustomerCard(
        customer=customer_view(customer),
        tenant_id=customer.tenant_id,
        orders=sum(row[1] for row in rows),
        open_orders=sum(row[2] for row in rows),
        first_placed_at=min((row[3] for row in rows), default=None),
        last_placed_at=max((row[5] for row in rows), default=None),
        spent_minor={row[0]: int(row[4]) for row in rows},
    )

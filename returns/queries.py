from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.web.paging import Page, decode_cursor, encode_cursor
from returns.models import Inspection, ReturnLine, ReturnRequest


@dataclass(frozen=True, slots=True)
class ReturnLineView:
    """Units of one order line in a return, in base units."""

    line_id: str
    item_id: str
    sku: str
    name: str
    reason: str
    announced: int
    received: int
    graded: int


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return with its lines; amounts in minor units of `currency`."""

    id: str
    tenant_id: str
    order_id: str
    customer_id: str
    site_id: str
    state: str
    decision: str
    note: str
    refund_minor: int
    currency: str
    parcel_id: str
    tracking_number: str
    requested_at: datetime
    received_at: datetime | None
    closed_at: datetime | None
    expires_at: datetime
    version: int
    lines: tuple[ReturnLineView, ...]


@dataclass(frozen=True, slots=True)
class InspectionView:
    """How units of a line were graded, and where they went; a swap, if the order got others."""

    line_id: str
    quantity: int
    grade: str
    disposition: str
    refund_minor: int
    note: str
    serials: list[str]
    is_swap: bool
    inspected_at: datetime


def inspections(uow: UnitOfWork, return_id: str) -> tuple[InspectionView, ...]:
    """Return the inspections of a return, oldest first."""
    rows = uow.session.scalars(select(Inspection).where(Inspection.return_id == return_id).order_by(Inspection.id))
    return tuple(
        InspectionView(
            r.line_id, r.quantity, r.grade, r.disposition, r.refund_minor, r.note, r.serials, r.is_swap, r.inspected_at
        )
        for r in rows
    )


def get_return(uow: UnitOfWork, return_id: str) -> ReturnView:
    """Return one return.

    Raises:
        NotFound: this caller has no such return.
    """
    found = _views(uow, select(ReturnRequest).where(ReturnRequest.id == return_id))
    if not found:
        raise NotFound("There is no such return.", remedy="Check the number on the label.")
    return found[0]


def returns_of_order(uow: UnitOfWork, order_id: str) -> list[ReturnView]:
    """Return an order's returns, newest first."""
    return _views(
        uow, select(ReturnRequest).where(ReturnRequest.order_id == order_id).order_by(ReturnRequest.id.desc())
    )


def return_by_number(uow: UnitOfWork, number: str) -> ReturnView | None:
    """Find a return by what is on its label: its own number or the tracking number."""
    wanted = (ReturnRequest.id == number) | ((ReturnRequest.tracking_number == number) & (number != ""))
    found = _views(uow, select(ReturnRequest).where(wanted).limit(1))
    return found[0] if found else None


def find_returns(
    uow: UnitOfWork, *, states: tuple[str, ...] = (), site_id: str = "", limit: int = 50, cursor: str | None = None
) -> Page[ReturnView]:
    """Return returns newest first, of certain states and of one site if given."""
    statement = select(ReturnRequest).order_by(ReturnRequest.id.desc()).limit(limit + 1)
    if states:
        statement = statement.where(ReturnRequest.state.in_(states))
    if site_id:
        statement = statement.where(ReturnRequest.site_id == site_id)
    if cursor:
        statement = statement.where(ReturnRequest.id < str(decode_cursor("returns", cursor)[0]))
    views = _views(uow, statement)
    following = encode_cursor("returns", views[limit - 1].id) if len(views) > limit else None
    return Page(tuple(views[:limit]), following)


def _views(uow: UnitOfWork, statement: Select[ReturnRequest]) -> list[ReturnView]:
    headers = list(uow.session.scalars(statement))
    lines: dict[str, list[ReturnLineView]] = {header.id: [] for header in headers}
    wanted = select(ReturnLine).where(ReturnLine.return_id.in_(lines)).order_by(ReturnLine.line_id)
    for row in uow.session.scalars(wanted):
        lines[row.return_id].append(
            ReturnLineView(
                row.line_id, row.item_id, row.sku, row.name, row.reason, row.announced, row.received, row.graded
            )
        )
    return [
        ReturnView(
            h.id, h.tenant_id, h.order_id, h.customer_id, h.site_id, h.state, h.decision, h.note, h.refund_minor,
            h.currency, h.parcel_id, h.tracking_number, h.requested_at, h.received_at, h.closed_at, h.expires_at,
            h.version, tuple(lines[h.id]),
        )
        for h in headers
    ]  # fmt: skip

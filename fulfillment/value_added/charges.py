"""What merchants owe for performed services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select

from fulfillment.domain.promise import start_of_day
from fulfillment.models import SalesOrder, ServiceCharge, ValueAddedService
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

MAX_CHARGES: Final = 10_000
_LONGEST: Final = timedelta(days=366)
COLUMNS: Final = (
    "charge_id", "at", "kind", "order", "line_id", "parcel_id", "service", "quantity", "unit_price_minor",
    "amount_minor", "currency", "seconds", "evidence_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChargeTotal:
    """What is owed for one service: how many were performed less those reversed, the amount in minor units, and the
    seconds of work.
    """

    code: str
    name: str
    quantity: int
    amount_minor: int
    currency: str
    seconds: int


@dataclass(frozen=True, slots=True)
class ChargeView:
    """One charge; a reversed one has a negative quantity. Amounts in minor units of `currency`."""

    id: str
    at: datetime
    kind: str
    order_id: str
    order_number: str
    line_id: str
    parcel_id: str
    service: str
    quantity: int
    unit_price_minor: int
    amount_minor: int
    currency: str
    seconds: int
    evidence_id: str


def charge_totals(
    uow: UnitOfWork, *, tenant_id: str, since: date, until: date, zone: str
) -> tuple[ChargeTotal, ...]:  # fmt: skip
    """Return what is owed by service for days of a zone, both included.

    Raises:
        Invalid: the days are the wrong way round, or more than a year.
    """
    of, one = ServiceCharge, ValueAddedService
    same = (one.tenant_id == of.tenant_id) & (one.id == of.service_id)
    worked = func.sum(of.seconds).filter(of.kind == "performed")
    columns = of.code, one.name, func.sum(of.quantity), func.sum(of.quantity * of.unit_price_minor), of.currency, worked
    statement = select(*columns).join(one, same).where(*_within(tenant_id, since, until, zone))
    statement = statement.group_by(of.code, one.name, of.currency).order_by(of.code, of.currency)
    return tuple(
        ChargeTotal(code, name, int(quantity), int(amount), currency, int(seconds or 0))
        for code, name, quantity, amount, currency, seconds in uow.session.execute(statement)
    )


def service_charges(
    uow: UnitOfWork, *, tenant_id: str, since: date, until: date, zone: str, limit: int = MAX_CHARGES
) -> tuple[ChargeView, ...]:
    """Return the charges of days of a zone, both included, oldest first.

    Raises:
        Invalid: the days are the wrong way round, or more than a year.
    """
    of = ServiceCharge
    of_order = (SalesOrder.tenant_id == of.tenant_id) & (SalesOrder.id == of.order_id)
    statement = select(of, SalesOrder.external_id).join(SalesOrder, of_order)
    statement = statement.where(*_within(tenant_id, since, until, zone)).order_by(of.at, of.id).limit(limit)
    return tuple(
        ChargeView(
            row.id, row.at, row.kind, row.order_id, number, row.line_id, row.parcel_id, row.code, row.quantity,
            row.unit_price_minor, row.quantity * row.unit_price_minor, row.currency, row.seconds, row.photo_id,
        )
        for row, number in uow.session.execute(statement)
    )  # fmt: skip


def charges_to_csv(charges: Sequence[ChargeView]) -> str:
    """Return charges as a file, one a line."""
    lines = [csv_line(COLUMNS)]
    lines.extend(
        csv_line(
            (
                each.id, each.at.isoformat(), each.kind, each.order_number, each.line_id, each.parcel_id, each.service,
                each.quantity, each.unit_price_minor, each.amount_minor, each.currency, each.seconds, each.evidence_id,
            )
        )
        for each in charges
    )  # fmt: skip
    return "".join(lines)


def _within(tenant_id: str, since: date, until: date, zone: str) -> tuple[ColumnElement[bool], ...]:
    if since > until:
        raise Invalid("The first day lies behind the last.", remedy="Exchange them.", pointer="/since")
    if until - since > _LONGEST:
        raise Invalid("At most a year can be asked for.", remedy="Ask for a part of it.", pointer="/until")
    first, end = start_of_day(since, zone), start_of_day(until + timedelta(days=1), zone)
    return ServiceCharge.tenant_id == tenant_id, ServiceCharge.at >= first, ServiceCharge.at < end

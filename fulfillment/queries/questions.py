from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fulfillment.models import CustomerQuestion, OrderLine
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class QuestionView:
    """What a customer is asked about missing units of a line: `name` is what was ordered, `substitute` what could come
    instead, at `unit_price_minor`; `refund_minor` is paid back then. Open while `choice` is empty; at `due_at`
    `on_silence` is done.
    """

    id: str
    order_id: str
    line_id: str
    sku: str
    name: str
    substitute_id: str
    substitute_sku: str
    substitute: str
    quantity: int
    unit_price_minor: int
    refund_minor: int
    on_silence: str
    asked_at: datetime
    due_at: datetime
    choice: str
    answered_by: str
    answered_at: datetime | None


def order_questions(uow: UnitOfWork, order_id: str) -> tuple[QuestionView, ...]:
    """Return what the customer of an order was asked, oldest first."""
    of_line = (OrderLine.tenant_id == CustomerQuestion.tenant_id) & (OrderLine.id == CustomerQuestion.line_id)
    statement = select(CustomerQuestion, OrderLine).join(OrderLine, of_line)
    rows = uow.session.execute(
        statement.where(CustomerQuestion.order_id == order_id).order_by(CustomerQuestion.id),
        execution_options={"populate_existing": True},
    ).all()
    return _views(uow, [(row.CustomerQuestion, row.OrderLine) for row in rows])


def questions_due(uow: UnitOfWork, *, limit: int) -> list[tuple[str, str, str]]:
    """Return (tenant, order, question) of open questions whose time is over, the oldest first."""
    of = CustomerQuestion
    statement = select(of.tenant_id, of.order_id, of.id).where(of.choice == "", of.due_at <= uow.now)
    return [(t, o, q) for t, o, q in uow.session.execute(statement.order_by(of.due_at).limit(limit))]


def _views(uow: UnitOfWork, rows: Sequence[tuple[CustomerQuestion, OrderLine]]) -> tuple[QuestionView, ...]:
    items = inventory.items_by_id(uow, {q.substitute_id for q, _ in rows}) if rows else {}
    return tuple(
        QuestionView(
            q.id, q.order_id, q.line_id, line.sku, line.name or line.sku, q.substitute_id, items[q.substitute_id].sku,
            items[q.substitute_id].name or items[q.substitute_id].sku, q.quantity, q.unit_price_minor,
            max(0, line.unit_price_minor - q.unit_price_minor) * q.quantity, q.on_silence, q.asked_at, q.due_at,
            q.choice, q.answered_by, q.answered_at,
        )
        for q, line in rows
    )  # fmt: skip

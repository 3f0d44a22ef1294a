from datetime import timedelta

from sqlalchemy import func, select

from fulfillment.domain.substitution import ShortPolicy
from fulfillment.events.orders import HoldReleased, OrderHeld
from fulfillment.events.sentences import items
from fulfillment.events.substitutes import CustomerAsked, QuestionAnswered
from fulfillment.models import CustomerQuestion, OrderHold, OrderLine
from fulfillment.repository import OrderInHand
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

CUSTOMER_CHOICE = "customer_choice"
_SPARE = timedelta(hours=1)
"""So much longer is the other item set aside than the question is open: the timer may run late."""


def ask_customer(
    uow: UnitOfWork, order: OrderInHand, line: OrderLine, *, item: inventory.ItemView, quantity: int, price_minor: int,
    policy: ShortPolicy, silent: str,
) -> bool:  # fmt: skip
    """Ask what becomes of backordered units of a line, and set the other item aside meanwhile; False, and nothing
    changed, unless so many are free or while another question about the line is open.

    The order is held until there is an answer: the rest is picked, and its totes wait. Emits CustomerAsked, OrderHeld.
    """
    row = order.row
    if _open(uow, order, line.id):
        return False
    question_id, due_at = new_id("qst"), uow.now + policy.answer_time
    held = inventory.reserve_stock(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, order_id=question_id, customer_id=row.customer_id,
        demands=[inventory.Demand(question_id, item.id, quantity)], channel=row.channel, expires_at=due_at + _SPARE,
        hold=True,
    )  # fmt: skip
    if not held.is_complete:
        return False
    hold = _hold(uow, order, f"{items(quantity)} could not be found: the customer chooses")
    uow.session.add(
        CustomerQuestion(
            tenant_id=row.tenant_id, id=question_id, order_id=row.id, line_id=line.id, substitute_id=item.id,
            quantity=quantity, unit_price_minor=price_minor, on_silence=silent, hold_id=hold.id, asked_at=uow.now,
            due_at=due_at, choice="", answered_by="", answered_at=None,
        )
    )  # fmt: skip
    row.answer_due_at = min(row.answer_due_at or due_at, due_at)
    uow.session.flush()
    uow.emit(
        CustomerAsked(
            **order.about, question_id=question_id, line_id=line.id, item_id=line.item_id, substitute_id=item.id,
            name=item.name or item.sku, quantity=quantity, due_at=due_at.isoformat(), on_silence=silent,
        )
    )  # fmt: skip
    return True


def close_question(uow: UnitOfWork, order: OrderInHand, question: CustomerQuestion, *, choice: str, by: str) -> None:
    """End a question and the hold of its order, and free what was set aside for it. Emits QuestionAnswered and
    HoldReleased.
    """
    row = order.row
    question.choice, question.answered_by, question.answered_at = choice, by, uow.now
    inventory.take_hold(uow, tenant_id=row.tenant_id, reference=question.id)
    hold = uow.session.get(OrderHold, (row.tenant_id, question.hold_id))
    uow.session.flush()
    row.answer_due_at = uow.session.scalar(
        select(func.min(CustomerQuestion.due_at)).where(
            CustomerQuestion.tenant_id == row.tenant_id, CustomerQuestion.order_id == row.id,
            CustomerQuestion.choice == "",
        )
    )  # fmt: skip
    uow.emit(QuestionAnswered(**order.about, question_id=question.id, line_id=question.line_id, choice=choice, by=by))
    if hold and hold.released_at is None:
        hold.released_at, hold.released_by, hold.release_reason = uow.now, uow.actor.id, "The choice was made"
        row.open_holds -= 1
        uow.emit(
            HoldReleased(
                **order.about, hold_id=hold.id, kind=hold.kind, reason=hold.release_reason, holds_left=row.open_holds
            )
        )


def close_idle_questions(uow: UnitOfWork, order: OrderInHand) -> None:
    """End the questions about units of an order in hand that are missing no more: they came, or were cancelled."""
    if order.row.answer_due_at is None:
        return
    for question in open_questions(uow, order):
        if not order.line(question.line_id).backordered:
            close_question(uow, order, question, choice="wait", by="stock")


def open_questions(uow: UnitOfWork, order: OrderInHand) -> list[CustomerQuestion]:
    """Lock and return the open questions about an order in hand, oldest first."""
    row = order.row
    statement = select(CustomerQuestion).where(
        CustomerQuestion.tenant_id == row.tenant_id, CustomerQuestion.order_id == row.id, CustomerQuestion.choice == ""
    )
    statement = statement.order_by(CustomerQuestion.id).with_for_update()
    return list(uow.session.scalars(statement.execution_options(populate_existing=True)))


def _open(uow: UnitOfWork, order: OrderInHand, line_id: str) -> bool:
    return any(question.line_id == line_id for question in open_questions(uow, order))


def _hold(uow: UnitOfWork, order: OrderInHand, reason: str) -> OrderHold:
    hold = OrderHold(
        tenant_id=order.row.tenant_id, id=new_id("hld"), order_id=order.row.id, kind=CUSTOMER_CHOICE, reason=reason,
        placed_at=uow.now, placed_by=uow.actor.id, released_at=None, released_by="", release_reason="",
    )  # fmt: skip
    uow.session.add(hold)
    order.row.open_holds += 1
    uow.emit(OrderHeld(**order.about, hold_id=hold.id, kind=CUSTOMER_CHOICE, reason=reason))
    return hold

from sqlalchemy import select

from fulfillment.commands.ask_customer import close_question
from fulfillment.commands.cancel_order import cancel_order, take_back
from fulfillment.commands.settle_promise import renew_promise
from fulfillment.commands.substitute_units import substitute_units
from fulfillment.domain.substitution import CHOICES
from fulfillment.models import CustomerQuestion
from fulfillment.repository import OrderInHand, lock_order
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal

_LEFT_OUT = "it was missing, and the customer did not want to wait"
_CANCELLED = "something of it was missing"


class QuestionClosed(Refusal):
    """Somebody chose before, the time was over, or nothing is missing any more."""

    code = "question_closed"
    title = "This was chosen before"


class SubstituteGone(Refusal):
    """The other item is no longer there."""

    code = "substitute_gone"
    title = "The replacement is gone"


def answer_question(
    uow: UnitOfWork, *, tenant_id: str, order_id: str, question_id: str, choice: str, by: str = "agent"
) -> None:
    """Do what a customer chose about missing units, or an agent for them (`by`): wait, take the substitute, leave them
    out, or cancel the whole order. The first answer counts.

    Emits QuestionAnswered and HoldReleased, and what the choice brings about.

    Raises:
        NotFound: the actor sees no such order, or it has no such question.
        Invalid: there is no such choice.
        QuestionClosed: somebody chose before.
        SubstituteGone: the substitute is not there any more; nothing changed.
    """
    if choice not in CHOICES:
        raise Invalid(f"Choose one of {', '.join(CHOICES)}.", pointer="/choice")
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    question = _question(uow, order, question_id)
    if question.choice:
        raise QuestionClosed("It was chosen before.", remedy="Look at the order again.", choice=question.choice)
    _carry_out(uow, order, question, choice, by)
    uow.audit("question.answered", subject=order_id, tenant_id=tenant_id, question_id=question_id, choice=choice, by=by)


def answer_for_silence(uow: UnitOfWork, *, tenant_id: str, order_id: str, question_id: str) -> bool:
    """Do what was announced for a question whose time is over, and say whether it was still open. A substitute that is
    gone by then is waited for.
    """
    order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
    question = _question(uow, order, question_id)
    if question.choice or question.due_at > uow.now:
        return False
    emitted = len(uow.emitted)
    try:
        with uow.session.begin_nested():
            _carry_out(uow, order, question, question.on_silence, "silence")
    except SubstituteGone:
        uow.forget_since(emitted)
        order = lock_order(uow, tenant_id=tenant_id, order_id=order_id)
        _carry_out(uow, order, _question(uow, order, question_id), "wait", "silence")
    return True


def _question(uow: UnitOfWork, order: OrderInHand, question_id: str) -> CustomerQuestion:
    same = (
        CustomerQuestion.tenant_id == order.row.tenant_id, CustomerQuestion.order_id == order.row.id,
        CustomerQuestion.id == question_id,
    )  # fmt: skip
    statement = select(CustomerQuestion).where(*same).with_for_update()
    question = uow.session.scalar(statement.execution_options(populate_existing=True))
    if question is None:
        raise NotFound("The order has no such question.", remedy="Look at the order again.")
    return question


def _carry_out(uow: UnitOfWork, order: OrderInHand, question: CustomerQuestion, choice: str, by: str) -> None:
    line = order.line(question.line_id)
    missing = min(question.quantity, line.backordered)
    close_question(uow, order, question, choice=choice, by=by)
    if choice == "substitute" and missing:
        item = inventory.get_item(uow, question.substitute_id)
        price = question.unit_price_minor
        if not substitute_units(uow, order, line, item=item, quantity=missing, price_minor=price):
            raise SubstituteGone(f"{item.name or item.sku} is not there any more.", remedy="Choose something else.")
    elif choice == "leave_out" and missing:
        take_back(uow, order, {line: missing}, _LEFT_OUT)
    elif choice == "wait" and missing:
        renew_promise(uow, order, cause="it waits for what was missing")
    order.settle(uow.now)
    if choice == "cancel":
        uow.session.flush()
        cancel_order(uow, tenant_id=order.row.tenant_id, order_id=order.row.id, reason=_CANCELLED)

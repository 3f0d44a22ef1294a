from functools import partial

from sqlalchemy import select

from fulfillment.commands.answer_question import answer_for_silence
from fulfillment.commands.schedule_order import reserve_scheduled
from fulfillment.floor.reading_files import read_floor_files
from fulfillment.models import SalesOrder
from fulfillment.planning.answering import answer_plan_request
from fulfillment.planning.improving import improve_batches
from fulfillment.planning.releasing import release_and_plan
from fulfillment.queries.questions import questions_due
from fulfillment.repository import lock_orders
from fulfillment.slotting.working import work_out_slotting
from fulfillment.whatif.working import answer_what_if
from kernel import actors
from kernel.db.transactions import UnitOfWork, run

__all__ = [
    "answer_plan_request",
    "answer_silent_questions",
    "answer_what_if",
    "find_limbo",
    "improve_batches",
    "read_floor_files",
    "release_and_plan",
    "reserve_due_orders",
    "work_out_slotting",
]


def find_limbo(*, limit: int = 500) -> int:
    """Derive the state, next step and due time of open orders anew where the stored ones are missing or wrong, and
    return how many were: the sweeper behind the promise that no order is ever without a next step.
    """
    return run(actors.system("limbo"), lambda uow: _settle_strays(uow, limit))


def _settle_strays(uow: UnitOfWork, limit: int) -> int:
    statement = select(SalesOrder.tenant_id, SalesOrder.id).where(~SalesOrder.terminal)
    statement = statement.where((SalesOrder.next_step == "") | SalesOrder.due_at.is_(None) | (SalesOrder.version == 0))
    keys = [(row.tenant_id, row.id) for row in uow.session.execute(statement.limit(limit))]
    for order in lock_orders(uow, keys):
        order.settle(uow.now)
    return len(keys)


def answer_silent_questions(*, limit: int = 200) -> int:
    """Do what was announced for customers who did not answer in time; return for how many. Each in its own transaction:
    one that fails stops no other.
    """
    actor = actors.system("questions")
    due = run(actor, partial(questions_due, limit=limit))
    return sum(
        run(actor, partial(answer_for_silence, tenant_id=tenant, order_id=order, question_id=question))
        for tenant, order, question in due
    )


def reserve_due_orders(*, limit: int = 200) -> int:
    """Reserve the stock of scheduled orders whose day has come near; return how many there were."""
    return len(run(actors.system("scheduler"), partial(reserve_scheduled, limit=limit)))

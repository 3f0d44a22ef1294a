from sqlalchemy import case, func, select, text

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from returns.models import ReturnLine, ReturnRequest

_ON_THE_WAY = ("requested", "authorized", "label_issued", "received")


def lock_return(uow: UnitOfWork, return_id: str) -> ReturnRequest:
    """Load a return and lock it.

    Raises:
        NotFound: this caller has no such return.
    """
    row = uow.session.scalar(select(ReturnRequest).where(ReturnRequest.id == return_id).with_for_update())
    if row is None:
        raise NotFound("There is no such return.", remedy="Check the number on the label.")
    return row


def load_lines(uow: UnitOfWork, return_id: str) -> dict[str, ReturnLine]:
    """Return a return's lines by order line."""
    statement = select(ReturnLine).where(ReturnLine.return_id == return_id).order_by(ReturnLine.line_id)
    return {line.line_id: line for line in uow.session.scalars(statement)}


def serialize_returns(uow: UnitOfWork, order_id: str) -> None:
    """Let one transaction at a time open returns of an order, so that no unit is announced twice."""
    uow.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:order, 12))"), {"order": order_id})


def units_spoken_for(uow: UnitOfWork, order_id: str) -> dict[str, int]:
    """Return the units of each order line that are on their way back, or came back."""
    units = case((ReturnRequest.state.in_(_ON_THE_WAY), ReturnLine.announced), else_=ReturnLine.received)
    of_return = (ReturnRequest.tenant_id == ReturnLine.tenant_id) & (ReturnRequest.id == ReturnLine.return_id)
    statement = select(ReturnLine.line_id, func.sum(units)).join(ReturnRequest, of_return)
    rows = uow.session.execute(statement.where(ReturnRequest.order_id == order_id).group_by(ReturnLine.line_id))
    return {line_id: int(count) for line_id, count in rows}

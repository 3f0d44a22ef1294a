from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from returns.models import ReturnLine, ReturnRequest


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

from kernel.db.transactions import UnitOfWork
from returns.domain.policy import RETURN_STATES
from returns.events import ReturnAuthorized, ReturnCancelled, ReturnDenied
from returns.models import ReturnRequest
from returns.queries import ReturnView, get_return
from returns.repository import lock_return


def authorize_return(uow: UnitOfWork, *, return_id: str, why: str) -> ReturnView:
    """Let a return that waits for a person come back. Emits ReturnAuthorized."""
    header = lock_return(uow, return_id)
    authorize(uow, header, why)
    uow.audit("return.authorized", subject=return_id, tenant_id=header.tenant_id, reason=why)
    return _view(uow, return_id)


def deny_return(uow: UnitOfWork, *, return_id: str, why: str) -> ReturnView:
    """Refuse a return that waits for a person. Emits ReturnDenied."""
    header = lock_return(uow, return_id)
    deny(uow, header, why)
    uow.audit("return.denied", subject=return_id, tenant_id=header.tenant_id, reason=why)
    return _view(uow, return_id)


def cancel_return(uow: UnitOfWork, *, return_id: str) -> ReturnView:
    """The customer keeps the goods. Emits ReturnCancelled."""
    header = lock_return(uow, return_id)
    _advance(uow, header, "cancel")
    uow.emit(ReturnCancelled(
        tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=header.id
    ))  # fmt: skip
    return _view(uow, return_id)


def authorize(uow: UnitOfWork, header: ReturnRequest, why: str) -> None:
    """Mark a loaded return as authorized and say so."""
    _advance(uow, header, "authorize", why)
    uow.emit(ReturnAuthorized(
        tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=header.id,
        why=why,
    ))  # fmt: skip


def deny(uow: UnitOfWork, header: ReturnRequest, why: str) -> None:
    """Mark a loaded return as denied and say why."""
    _advance(uow, header, "deny", why)
    uow.emit(ReturnDenied(
        tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=header.id,
        why=why,
    ))  # fmt: skip


def _advance(uow: UnitOfWork, header: ReturnRequest, verb: str, why: str = "") -> None:
    header.state = RETURN_STATES.after(header.state, verb)
    header.decision = why or header.decision
    header.decided_at = uow.now
    header.version += 1


def _view(uow: UnitOfWork, return_id: str) -> ReturnView:
    uow.session.flush()
    return get_return(uow, return_id)

from sqlalchemy import select

from kernel.db.transactions import UnitOfWork
from notifications.domain.schedule import DISABLE_AFTER, warnings_due
from notifications.events import EndpointFailing
from notifications.models import WebhookEndpoint


def warn_owners(uow: UnitOfWork) -> int:
    """Warn the owners of endpoints to which nothing was delivered for 1, 24 and 72 hours, and return how many.

    An endpoint that passed several marks since it was looked at last is warned of once. That it is switched off after
    five days is told by EndpointDisabled. Emits EndpointFailing.
    """
    failing = select(WebhookEndpoint).where(
        WebhookEndpoint.state == "active", WebhookEndpoint.failing_since.is_not(None)
    )
    ordered = failing.order_by(WebhookEndpoint.tenant_id, WebhookEndpoint.id)
    locked = uow.session.scalars(ordered.with_for_update(skip_locked=True)).all()
    return sum(_warn(uow, endpoint) for endpoint in locked)


def _warn(uow: UnitOfWork, endpoint: WebhookEndpoint) -> bool:
    assert endpoint.failing_since is not None, "only failing endpoints are asked for"
    marks = [mark for mark in warnings_due(endpoint.failing_since, endpoint.warned_at, uow.now) if mark < DISABLE_AFTER]
    if not marks:
        return False
    endpoint.warned_at = uow.now
    failing = EndpointFailing(
        tenant_id=endpoint.tenant_id, endpoint_id=endpoint.id, hours=int(marks[-1].total_seconds() // 3600),
        failing_since=endpoint.failing_since.isoformat(),
    )  # fmt: skip
    uow.emit(failing)
    return True

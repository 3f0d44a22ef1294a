from sqlalchemy import text

from kernel.db.transactions import UnitOfWork
from kernel.states import Machine
from notifications.domain.schedule import DisableReason
from notifications.events import EndpointDisabled
from notifications.models import WebhookEndpoint
from notifications.repository import lock_endpoint

ENDPOINT = Machine(
    "endpoint",
    {
        "active": {"pause": "paused", "disable": "disabled"},
        "paused": {"resume": "active", "disable": "disabled"},
        "disabled": {"resume": "active"},
    },
)
_DUE_NOW = text(
    "update webhook_stream set next_at = :now"
    " where tenant_id = :tenant and endpoint_id = :endpoint and done < head and next_at > :now"
)


def pause_endpoint(uow: UnitOfWork, *, endpoint_id: str) -> None:
    """Stop sending to an endpoint and feeding it; both go on from where they stand when it is resumed.

    Raises:
        NotFound: this caller has no such endpoint.
        IllegalTransition: it is not active.
    """
    endpoint = lock_endpoint(uow, endpoint_id)
    _switch(uow, endpoint, "pause")
    uow.audit("webhook_endpoint.paused", subject=endpoint_id, tenant_id=endpoint.tenant_id)


def resume_endpoint(uow: UnitOfWork, *, endpoint_id: str) -> None:
    """Send again, first what waits, then all that happened meanwhile: nothing is lost and the order is kept.

    Raises:
        NotFound: this caller has no such endpoint.
        IllegalTransition: it is active.
    """
    endpoint = lock_endpoint(uow, endpoint_id)
    _switch(uow, endpoint, "resume")
    endpoint.disabled_reason, endpoint.failures = "", 0
    endpoint.failing_since = endpoint.warned_at = None
    endpoint.retry_at = uow.now
    uow.session.execute(_DUE_NOW, {"tenant": endpoint.tenant_id, "endpoint": endpoint_id, "now": uow.now})
    uow.audit("webhook_endpoint.resumed", subject=endpoint_id, tenant_id=endpoint.tenant_id)


def disable_endpoint(uow: UnitOfWork, endpoint: WebhookEndpoint, reason: DisableReason) -> None:
    """Turn off an endpoint, locked by the caller, that cannot be reached any more. Emits EndpointDisabled.

    Raises:
        IllegalTransition: it is off already.
    """
    _switch(uow, endpoint, "disable")
    endpoint.disabled_reason = reason.value
    uow.emit(EndpointDisabled(tenant_id=endpoint.tenant_id, endpoint_id=endpoint.id, reason=reason.value))
    uow.audit("webhook_endpoint.disabled", subject=endpoint.id, tenant_id=endpoint.tenant_id, reason=reason.value)


def _switch(uow: UnitOfWork, endpoint: WebhookEndpoint, verb: str) -> None:
    endpoint.state = ENDPOINT.after(endpoint.state, verb)
    endpoint.version += 1
    endpoint.updated_at = uow.now

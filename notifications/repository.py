from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.settings import settings
from notifications.domain.endpoint_secrets import Salt, derive_secret, valid
from notifications.models import WebhookDelivery, WebhookEndpoint, WebhookStream

_CLAIMED = text(
    "select 1 from webhook_stream where tenant_id = :tenant and endpoint_id = :endpoint and stream = :stream"
    " and claimed_until > clock_timestamp()"
)


def load_endpoint(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpoint:
    """Return an endpoint.

    Raises:
        NotFound: this caller has no such endpoint.
    """
    return _found(uow.session.scalar(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)))


def lock_endpoint(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpoint:
    """Return an endpoint, locked until the transaction ends.

    Raises:
        NotFound: this caller has no such endpoint.
    """
    locked = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    return _found(uow.session.scalar(locked))


def lock_head(uow: UnitOfWork, *, endpoint_id: str, stream: str) -> tuple[WebhookStream, WebhookDelivery]:
    """Return a stream, locked, and the delivery that is next in it.

    Raises:
        NotFound: this caller has no such stream, or nothing in it is open.
    """
    endpoint = load_endpoint(uow, endpoint_id)
    key = (endpoint.tenant_id, endpoint_id, stream)
    row = uow.session.get(WebhookStream, key, with_for_update=True)
    head = uow.session.get(WebhookDelivery, (*key, row.done + 1)) if row else None
    if row is None or head is None:
        raise NotFound("Nothing waits in this stream.", remedy="List the endpoint's deliveries.")
    return row, head


def is_claimed(uow: UnitOfWork, row: WebhookStream) -> bool:
    """Say whether a worker is sending from a stream at this moment, by the database's clock."""
    key = {"tenant": row.tenant_id, "endpoint": row.endpoint_id, "stream": row.stream}
    return uow.session.execute(_CLAIMED, key).scalar_one_or_none() is not None


def signing_secrets(uow: UnitOfWork, endpoint: WebhookEndpoint) -> tuple[str, ...]:
    """Return the secrets that sign for an endpoint now, newest first; more than one while one is being replaced."""
    salts = (Salt.of(record) for record in endpoint.salts)
    key = settings().secret_key
    return tuple(derive_secret(key, endpoint.id, salt) for salt in salts if valid(salt, uow.now))


def _found(row: WebhookEndpoint | None) -> WebhookEndpoint:
    if row is None:
        raise NotFound("There is no such webhook endpoint.", remedy="List your endpoints.")
    return row

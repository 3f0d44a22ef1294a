from collections.abc import Sequence
from datetime import timedelta

from kernel.db.transactions import UnitOfWork
from kernel.errors import VersionConflict
from notifications.commands.register_endpoint import check_url
from notifications.domain.endpoint_secrets import OVERLAP, Salt, rotate
from notifications.events import EndpointTested
from notifications.models import WebhookEndpoint
from notifications.repository import load_endpoint, lock_endpoint


def update_endpoint(
    uow: UnitOfWork,
    *,
    endpoint_id: str,
    version: int,
    url: str | None = None,
    types: Sequence[str] | None = None,
    description: str | None = None,
) -> None:
    """Change what is given of an endpoint. A new filter holds for what is fed from now on.

    Raises:
        NotFound: this caller has no such endpoint.
        VersionConflict: it is no longer in this version.
        Invalid: the URL is one that is never called.
    """
    endpoint = _in_version(uow, endpoint_id, version)
    if url is not None:
        check_url(url)
        endpoint.url = url
    if types is not None:
        endpoint.types = sorted(set(types))
    if description is not None:
        endpoint.description = description
    _changed(uow, endpoint, "webhook_endpoint.updated")


def rotate_secret(uow: UnitOfWork, *, endpoint_id: str, overlap: timedelta = OVERLAP) -> None:
    """Give an endpoint a new secret; the present ones sign beside it until `overlap` is over.

    Raises:
        NotFound: this caller has no such endpoint.
    """
    endpoint = lock_endpoint(uow, endpoint_id)
    salts = rotate([Salt.of(record) for record in endpoint.salts], uow.now, overlap)
    endpoint.salts = [salt.record() for salt in salts]
    _changed(uow, endpoint, "webhook_endpoint.secret_rotated")


def delete_endpoint(uow: UnitOfWork, *, endpoint_id: str, version: int) -> None:
    """Remove an endpoint with its deliveries and attempts; the events stay in the log.

    Raises:
        NotFound: this caller has no such endpoint.
        VersionConflict: it is no longer in this version.
    """
    endpoint = _in_version(uow, endpoint_id, version)
    uow.session.delete(endpoint)
    uow.session.flush()
    uow.audit("webhook_endpoint.deleted", subject=endpoint_id, tenant_id=endpoint.tenant_id, url=endpoint.url)


def send_test_event(uow: UnitOfWork, *, endpoint_id: str) -> None:
    """Send an event that is about nothing through the whole way to one endpoint, whatever its filter.

    Raises:
        NotFound: this caller has no such endpoint.
    """
    endpoint = load_endpoint(uow, endpoint_id)
    uow.emit(EndpointTested(tenant_id=endpoint.tenant_id, endpoint_id=endpoint.id))


def _in_version(uow: UnitOfWork, endpoint_id: str, version: int) -> WebhookEndpoint:
    endpoint = lock_endpoint(uow, endpoint_id)
    if endpoint.version != version:
        raise VersionConflict(
            f"The endpoint is in version {endpoint.version}, not {version}.", remedy="Read it again, then decide."
        )
    return endpoint


def _changed(uow: UnitOfWork, endpoint: WebhookEndpoint, action: str) -> None:
    endpoint.version += 1
    endpoint.updated_at = uow.now
    uow.audit(action, subject=endpoint.id, tenant_id=endpoint.tenant_id)

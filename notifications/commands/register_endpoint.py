from collections.abc import Sequence

from kernel.db.feed import feed_head
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.ids import new_id
from kernel.settings import settings
from notifications.domain.endpoint_secrets import new_salt
from notifications.gateways.egress import RefusedAddressError, parse_destination
from notifications.models import WebhookEndpoint


def register_endpoint(
    uow: UnitOfWork, *, tenant_id: str, url: str, types: Sequence[str] = (), description: str = ""
) -> str:
    """Register a receiver for what happens from now on and return its id.

    Args:
        uow: the transaction.
        tenant_id: the merchant whose events it gets.
        url: https on port 443 or 8443 of a public host. Its addresses are looked up and checked at every delivery.
        types: event types, or beginnings of them followed by `*`; none stands for all.
        description: for people.

    Raises:
        Invalid: the URL is one that is never called.
    """
    check_url(url)
    endpoint = WebhookEndpoint(
        tenant_id=tenant_id, id=new_id("whe"), url=url, description=description, types=sorted(set(types)),
        salts=[new_salt().record()], state="active", disabled_reason="", position=feed_head(uow), failing_since=None,
        failures=0, retry_at=uow.now, version=1, created_at=uow.now, updated_at=uow.now,
    )  # fmt: skip
    uow.session.add(endpoint)
    uow.session.flush()
    uow.audit("webhook_endpoint.registered", subject=endpoint.id, tenant_id=tenant_id, url=url)
    return endpoint.id


def check_url(url: str) -> None:
    """Refuse a URL that no delivery would call.

    Raises:
        Invalid: it is malformed, not https, or names a private address or an unusual port.
    """
    try:
        parse_destination(url, frozenset(settings().webhook_allow_hosts))
    except RefusedAddressError as error:
        raise Invalid(
            f"{error}.",
            remedy="Use an https URL on port 443 or 8443 of a host that the internet can reach.",
            pointer="/url",
        ) from error

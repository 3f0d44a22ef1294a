from sqlalchemy import or_, select

from fulfillment.models import TrackingLink
from kernel.access.secrets import derived_token, digest
from kernel.db.transactions import UnitOfWork
from kernel.settings import settings


def tracking_token(order_id: str) -> str:
    """Return the 160-bit token of an order's tracker page; only its hash is stored."""
    return derived_token(settings().secret_key, "tracking", order_id)


def resolve_tracking_token(uow: UnitOfWork, token: str) -> tuple[str, str] | None:
    """Return the (tenant, order) that a token opens, None when it is unknown, revoked or expired."""
    statement = select(TrackingLink.tenant_id, TrackingLink.order_id).where(
        TrackingLink.token_hash == digest(token),
        TrackingLink.revoked_at.is_(None),
        or_(TrackingLink.expires_at.is_(None), TrackingLink.expires_at > uow.now),
    )
    found = uow.session.execute(statement).one_or_none()
    return (found.tenant_id, found.order_id) if found else None

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from kernel.access.models import ApiKey, Merchant, MerchantSite, Site, StaffUser
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class MerchantView:
    """What others may know of a tenant."""

    id: str
    code: str
    name: str
    currency: str
    support_email: str
    accent: str


@dataclass(frozen=True, slots=True)
class SiteView:
    """What others may know of a site: its time zone, its GS1 company prefix and its address."""

    id: str
    code: str
    name: str
    time_zone: str
    company_prefix: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class UserView:
    """A staff user without its secrets."""

    id: str
    email: str
    name: str
    role: str
    site_id: str | None
    merchant_id: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class KeyView:
    """An API key without its secret."""

    id: str
    tenant_id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def get_merchant(uow: UnitOfWork, merchant_id: str) -> MerchantView:
    """Return a merchant that the actor may see."""
    row = uow.session.get(Merchant, merchant_id)
    if row is None:
        raise NotFound("There is no such merchant.")
    return _merchant(row)


def find_merchants(uow: UnitOfWork) -> list[MerchantView]:
    """Return the merchants that the actor may see, by name."""
    return [_merchant(row) for row in uow.session.scalars(select(Merchant).order_by(Merchant.name, Merchant.id))]


def merchant_by_code(uow: UnitOfWork, code: str) -> MerchantView | None:
    """Return the merchant with this code, if the actor may see it."""
    row = uow.session.scalar(select(Merchant).where(Merchant.code == code))
    return _merchant(row) if row else None


def get_site(uow: UnitOfWork, site_id: str) -> SiteView:
    """Return a site."""
    row = uow.session.get(Site, site_id)
    if row is None:
        raise NotFound("There is no such site.")
    return _site(row)


def find_sites(uow: UnitOfWork) -> list[SiteView]:
    """Return all sites, by code."""
    return [_site(row) for row in uow.session.scalars(select(Site).order_by(Site.code))]


def site_for(uow: UnitOfWork, actor: Actor, tenant_id: str, code: str) -> str:
    """Return the site that a request is about: the one it names by code, the actor's own, or the merchant's first.

    Raises:
        Invalid: no such site handles this merchant's goods, or it is not the actor's.
    """
    if not code and not actor.site:
        return site_of_merchant(uow, tenant_id).id
    statement = (
        select(Site.id)
        .join(MerchantSite, MerchantSite.site_id == Site.id)
        .where(MerchantSite.merchant_id == tenant_id, Site.code == code if code else Site.id == actor.site)
    )
    found = uow.session.scalar(statement)
    if found is None or (actor.site and actor.site != found):
        raise Invalid(
            "No such site of yours handles these goods.", remedy="Leave `site` out, or correct it.", pointer="/site"
        )
    return found


def site_of_merchant(uow: UnitOfWork, merchant_id: str) -> SiteView:
    """Return the site that handles a merchant's goods; with several, the first by code."""
    statement = select(Site).join(MerchantSite, MerchantSite.site_id == Site.id)
    row = uow.session.scalar(statement.where(MerchantSite.merchant_id == merchant_id).order_by(Site.code).limit(1))
    if row is None:
        raise NotFound("No site handles this merchant's goods.", remedy="Let a site serve the merchant first.")
    return _site(row)


def require_site(uow: UnitOfWork, actor: Actor, site_id: str) -> str:
    """Return the id of a site that the actor works at, or that handles their merchant's goods; an administrator's may
    be any.

    Raises:
        NotFound: there is no such site for this actor.
    """
    statement = select(Site.id).where(Site.id == site_id)
    if actor.site:
        statement = statement.where(Site.id == actor.site)
    elif actor.tenant not in ("", ALL_TENANTS):
        served = select(MerchantSite.site_id).where(MerchantSite.merchant_id == actor.tenant)
        statement = statement.where(Site.id.in_(served))
    if uow.session.scalar(statement) is None:
        raise NotFound("There is no such site.", remedy="Leave it out, or name one of yours.", pointer="/site_id")
    return site_id


def find_users(uow: UnitOfWork) -> list[UserView]:
    """Return the staff users that the actor may see, by e-mail."""
    rows = uow.session.scalars(select(StaffUser).order_by(StaffUser.email))
    return [UserView(r.id, r.email, r.name, r.role, r.site_id, r.merchant_id, r.active) for r in rows]


def find_keys(uow: UnitOfWork) -> list[KeyView]:
    """Return the API keys that the actor may see, newest first."""
    rows = uow.session.scalars(select(ApiKey).order_by(ApiKey.id.desc()))
    return [
        KeyView(
            r.id, r.tenant_id, r.name, r.prefix, tuple(r.scopes), r.created_at, r.expires_at, r.revoked_at,
            r.last_used_at,
        )
        for r in rows
    ]  # fmt: skip


def _merchant(row: Merchant) -> MerchantView:
    return MerchantView(row.id, row.code, row.name, row.currency, row.support_email, row.accent)


def _site(row: Site) -> SiteView:
    return SiteView(
        row.id, row.code, row.name, row.time_zone, row.company_prefix, row.street, row.city, row.region,
        row.postal_code, row.country,
    )  # fmt: skip

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db.base import Base


class Merchant(Base):
    """A tenant: whoever owns the goods and the customers. Its id is the `tenant_id` of every row it owns."""

    __tablename__ = "merchant"
    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    currency: Mapped[str]
    support_email: Mapped[str]
    accent: Mapped[str]
    created_at: Mapped[datetime]


class Site(Base):
    """A building that goods lie in and leave from. Cut-offs are told in its time zone."""

    __tablename__ = "site"
    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    company_prefix: Mapped[str]
    street: Mapped[str]
    city: Mapped[str]
    region: Mapped[str]
    postal_code: Mapped[str]
    country: Mapped[str]
    created_at: Mapped[datetime]


class MerchantSite(Base):
    """Which merchants' goods a site handles: the staff of the site see those merchants."""

    __tablename__ = "merchant_site"
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True, index=True)


class StaffUser(Base):
    """A person with a password: of a site, of a merchant, or an administrator of the whole house."""

    __tablename__ = "staff_user"
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    site_id: Mapped[str | None] = mapped_column(ForeignKey("site.id"))
    merchant_id: Mapped[str | None] = mapped_column(ForeignKey("merchant.id"))
    password_hash: Mapped[str]
    active: Mapped[bool]
    created_at: Mapped[datetime]


class StaffSession(Base):
    """A signed-in device. `id` is the hash of the token in its cookie: the table alone signs nobody in."""

    __tablename__ = "staff_session"
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("staff_user.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiKey(Base):
    """A merchant's machine access. Only the hash is kept; the key itself is shown once."""

    __tablename__ = "api_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey("merchant.id"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

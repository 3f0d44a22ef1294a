from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert

from kernel.access.models import ApiKey, Merchant, MerchantSite, Site, StaffSession, StaffUser
from kernel.access.roles import KEY_SCOPES, ROLE_SCOPES, SCOPES
from kernel.access.secrets import digest, hash_password, new_token, password_matches
from kernel.actors import ALL_TENANTS, Actor, Role
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Unauthenticated
from kernel.ids import new_id

SESSION_IDLE = timedelta(minutes=30)
SESSION_LIFE = timedelta(hours=12)
MIN_PASSWORD = 10
_STAFF = text("select * from staff_of_session(:session, :now, :idle)")
_HOLDER = text("select * from holder_of_key(:hash, :now)")


class WrongCredentials(Unauthenticated):
    """E-mail or password is wrong; which one is not said."""

    code = "wrong_credentials"
    title = "E-mail or password is wrong"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new API key: `secret` is shown this once and cannot be read again."""

    id: str
    prefix: str
    secret: str


def create_merchant(uow: UnitOfWork, *, code: str, name: str, currency: str, support_email: str = "") -> str:
    """Create a tenant and return its id; an existing code returns that merchant's id."""
    known = uow.session.scalar(select(Merchant.id).where(Merchant.code == code))
    if known:
        return known
    merchant = Merchant(
        id=new_id("mer"), code=code, name=name, currency=currency, support_email=support_email, accent="",
        created_at=uow.now,
    )  # fmt: skip
    uow.session.add(merchant)
    uow.session.flush()
    uow.audit("merchant.created", subject=merchant.id, tenant_id=merchant.id, code=code)
    return merchant.id


def create_site(
    uow: UnitOfWork, *, code: str, name: str, time_zone: str, country: str, company_prefix: str, street: str = "",
    city: str = "", region: str = "", postal_code: str = "",
) -> str:  # fmt: skip
    """Create a site and return its id; an existing code returns that site's id. `company_prefix` is its GS1 prefix."""
    known = uow.session.scalar(select(Site.id).where(Site.code == code))
    if known:
        return known
    site = Site(
        id=new_id("sit"), code=code, name=name, time_zone=time_zone, country=country, company_prefix=company_prefix,
        street=street, city=city, region=region, postal_code=postal_code, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(site)
    uow.session.flush()
    uow.audit("site.created", subject=site.id, code=code)
    return site.id


def serve_merchants(uow: UnitOfWork, *, site_id: str, merchant_ids: Iterable[str]) -> None:
    """Let a site handle these merchants' goods: from now on its staff see them."""
    rows = [{"merchant_id": merchant_id, "site_id": site_id} for merchant_id in merchant_ids]
    if rows:
        uow.session.execute(insert(MerchantSite).on_conflict_do_nothing(), rows)


def create_user(
    uow: UnitOfWork, *, email: str, name: str, role: Role, password: str, site_id: str | None = None,
    merchant_id: str | None = None,
) -> str:  # fmt: skip
    """Create a staff user and return its id; an existing e-mail is refused.

    Raises:
        Invalid: the password is too short, this is no e-mail or it is taken, or the role is nobody's or lacks its
            site or merchant, or has the other one.
    """
    address = email.strip().lower()
    if role in (Role.PUBLIC, Role.SYSTEM):
        raise Invalid("Nobody signs in with this role.", pointer="/role")
    if "@" not in address:
        raise Invalid("This is not an e-mail address.", pointer="/email")
    if len(password) < MIN_PASSWORD:
        raise Invalid(f"A password needs at least {MIN_PASSWORD} characters.", pointer="/password")
    if uow.session.scalar(select(StaffUser.id).where(StaffUser.email == address)):
        raise Invalid(f"There is a user {address} already.", pointer="/email")
    if (role is Role.MERCHANT) != bool(merchant_id) or (role not in (Role.MERCHANT, Role.ADMIN) and not site_id):
        raise Invalid("A merchant's user needs a merchant, a warehouse's user needs a site.", pointer="/role")
    if role is Role.MERCHANT and site_id:
        raise Invalid("A merchant's user with a site would see every merchant there.", pointer="/site_code")
    user = StaffUser(
        id=new_id("usr"), email=address, name=name, role=role.value, site_id=site_id, merchant_id=merchant_id,
        password_hash=hash_password(password), active=True, created_at=uow.now,
    )  # fmt: skip
    uow.session.add(user)
    uow.session.flush()
    uow.audit("user.created", subject=user.id, tenant_id=merchant_id or "", role=role.value)
    return user.id


def deactivate_user(uow: UnitOfWork, *, user_id: str) -> None:
    """Close a user's access at once, on every device."""
    user = uow.session.get(StaffUser, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    user.active = False
    uow.session.execute(update(StaffSession).where(StaffSession.user_id == user_id).values(expires_at=uow.now))
    uow.audit("user.deactivated", subject=user_id, tenant_id=user.merchant_id or "")


def sign_in(uow: UnitOfWork, *, email: str, password: str) -> str:
    """Open a session and return its token, for the cookie. The answer does not tell a wrong e-mail from a wrong
    password, in words or in time.

    Raises:
        WrongCredentials: no active user has this e-mail and password.
    """
    user = uow.session.scalar(select(StaffUser).where(StaffUser.email == email.strip().lower()))
    if not password_matches(user.password_hash if user else None, password) or user is None or not user.active:
        raise WrongCredentials("Check both and try again.", remedy="A manager can set a new password.")
    token = new_token()
    uow.session.add(
        StaffSession(
            id=digest(token), user_id=user.id, created_at=uow.now, seen_at=uow.now, expires_at=uow.now + SESSION_LIFE
        )
    )
    uow.session.flush()
    uow.audit("user.signed_in", subject=user.id, tenant_id=user.merchant_id or "")
    return token


def sign_out(uow: UnitOfWork, *, token: str) -> None:
    """End a session; an unknown token is as good as ended."""
    uow.session.execute(update(StaffSession).where(StaffSession.id == digest(token)).values(expires_at=uow.now))


def authenticate_session(uow: UnitOfWork, *, token: str) -> Actor | None:
    """Return who a session token stands for, None when it is unknown, idle for too long, or over."""
    asked = {"session": digest(token), "now": uow.now, "idle": SESSION_IDLE}
    found = uow.session.execute(_STAFF, asked).one_or_none()
    if found is None or found.expires_at <= uow.now or found.seen_at <= uow.now - SESSION_IDLE or not found.active:
        return None
    return _staff(found)


def _staff(user: Row[Any]) -> Actor:
    role = Role(user.role)
    if role is Role.MERCHANT:
        return Actor(user.id, role, user.name, user.merchant_id or "", "", ROLE_SCOPES[role])
    tenant = ALL_TENANTS if role is Role.ADMIN else ""
    return Actor(user.id, role, user.name, tenant, user.site_id or "", ROLE_SCOPES[role])


def issue_key(
    uow: UnitOfWork, *, tenant_id: str, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> IssuedKey:
    """Create an API key for a merchant; its secret is in the answer and nowhere else.

    Raises:
        Invalid: a scope is unknown, or more than a merchant may do, or the key would be over before it is issued.
    """
    if expires_at is not None and expires_at <= uow.now:
        raise Invalid("This time is over.", remedy="Choose a later one, or none.", pointer="/expires_at")
    wanted = sorted(set(scopes))
    wrong = [s for s in wanted if s not in SCOPES or s not in KEY_SCOPES]
    if wrong or not wanted:
        raise Invalid(
            f"A key cannot have: {', '.join(wrong) or 'no scope at all'}.",
            remedy=f"Choose from {', '.join(sorted(KEY_SCOPES))}.",
            pointer="/scopes",
        )
    secret = f"psk_live_{new_token()}"
    key = ApiKey(
        id=new_id("key"), tenant_id=tenant_id, name=name, prefix=secret[:14], secret_hash=digest(secret),
        scopes=wanted, created_at=uow.now, expires_at=expires_at,
    )  # fmt: skip
    uow.session.add(key)
    uow.session.flush()
    uow.audit("key.issued", subject=key.id, tenant_id=tenant_id, name=name, scopes=wanted)
    return IssuedKey(key.id, key.prefix, secret)


def revoke_key(uow: UnitOfWork, *, key_id: str) -> None:
    """End a key; requests with it fail from the next one on.

    Raises:
        NotFound: this caller has no such key.
    """
    key = uow.session.get(ApiKey, key_id)
    if key is None:
        raise NotFound("There is no such key.")
    key.revoked_at = key.revoked_at or uow.now
    uow.session.flush()
    uow.audit("key.revoked", subject=key_id, tenant_id=key.tenant_id)


def authenticate_key(uow: UnitOfWork, *, secret: str) -> Actor | None:
    """Return who an API key stands for, None when it is unknown, revoked or expired."""
    key = uow.session.execute(_HOLDER, {"hash": digest(secret), "now": uow.now}).one_or_none()
    if key is None or (key.expires_at is not None and key.expires_at <= uow.now):
        return None
    return Actor(key.id, Role.MERCHANT, key.name, key.tenant_id, "", frozenset(key.scopes))

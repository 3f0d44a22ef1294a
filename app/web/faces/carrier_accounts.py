"""The accounts at real carriers."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.shell import Chip, Empty, Form, Frame, Shell, Tone


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account: what it is called, whose it is, which services it sells, how its last try went, and its buttons."""

    name: str
    about: str
    services: tuple[str, ...]
    tried: str
    tone: Tone
    said: str
    at: datetime | None
    change_href: str
    try_it: Form
    close: Form


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service that is bought through an account, by which code, and the button that takes it away."""

    service: str
    account: str
    code: str
    take_away: Form


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """A label whose purchase is in doubt: since when, what the last look said, and the forms that settle it."""

    reference: str
    parcel: str
    href: str
    at: datetime
    detail: str
    bought: Form
    not_bought: Form


@dataclass(frozen=True, slots=True)
class CarrierAccountsPage:
    """`GET /carrier-accounts`: accounts, the services bought through them, and labels in doubt."""

    template: ClassVar[str] = "staff/carrier_accounts.html"
    frame: Frame
    shell: Shell
    accounts: tuple[AccountRow, ...]
    accounts_empty: Empty
    services: tuple[ServiceRow, ...]
    services_empty: Empty
    doubts: tuple[DoubtRow, ...]
    chips: tuple[Chip, ...]
    connect: Form
    route: Form | None

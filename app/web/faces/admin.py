"""Imports and administration: control totals, members of staff, API keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.shell import NO_PAGES, Chip, Empty, Form, Frame, Pager, Shell


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import run with its control totals."""

    label: str
    href: str
    started_at: datetime
    source: str
    state: str
    accepted: int
    set_aside: int
    flagged: int


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """A figure of the source beside ours; they must be equal."""

    label: str
    source: str
    ours: str
    equal: bool


@dataclass(frozen=True, slots=True)
class FlaggedRow:
    """A defective row that was kept: where it stands in the source, what is wrong, what we did."""

    position: str
    field: str
    problem: str
    handling: str


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one order or item of a file: its first line, where it stands here, or what is wrong with it."""

    line: int
    label: str
    href: str
    outcome: str
    advice: str


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """`GET /imports` and `GET /imports/{id}`: runs, and the totals and flagged rows of the chosen one."""

    template: ClassVar[str] = "staff/imports.html"
    frame: Frame
    shell: Shell
    runs: tuple[ImportRow, ...]
    empty: Empty
    chosen: str = ""
    totals: tuple[ControlTotal, ...] = ()
    flagged: tuple[FlaggedRow, ...] = ()
    upload: Form | None = None
    outcomes: tuple[ImportOutcome, ...] = ()
    outcome_chips: tuple[Chip, ...] = ()
    orders_href: str = ""
    refused_href: str = ""
    by_order: bool = False
    refresh_s: int = 0
    progress: str = ""
    failed: str = ""
    pager: Pager = NO_PAGES
    upload_items: Form | None = None
    export_items: Form | None = None
    noun: str = "Order"


@dataclass(frozen=True, slots=True)
class UserRow:
    """A member of staff."""

    name: str
    email: str
    role: str
    site: str
    state: str
    action: Form | None = None


@dataclass(frozen=True, slots=True)
class UsersPage:
    """`GET /admin/users`."""

    template: ClassVar[str] = "staff/users.html"
    frame: Frame
    shell: Shell
    rows: tuple[UserRow, ...]
    empty: Empty
    add: Form


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key by its public prefix; the secret is stored hashed and never shown again."""

    prefix: str
    name: str
    merchant: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    state: str
    revoke: Form | None = None


@dataclass(frozen=True, slots=True)
class KeysPage:
    """`GET /admin/keys`; `secret` is set once, right after a key was made."""

    template: ClassVar[str] = "staff/keys.html"
    frame: Frame
    shell: Shell
    rows: tuple[KeyRow, ...]
    empty: Empty
    add: Form
    secret: str = ""

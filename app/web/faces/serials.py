"""Units that have serial numbers: the list of an item's, and the life of one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Empty, Form, Frame, Link, Notice, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class SerialRow:
    """One unit in the list; `words` say in its tone where it is, `order` who has it."""

    serial: str
    href: str
    words: str
    tone: Tone
    order: Link | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SerialsPage:
    """`GET /items/{id}/serials`: an item's units, those that nobody knows the serial of, and the way to register it."""

    template: ClassVar[str] = "staff/serials.html"
    frame: Frame
    shell: Shell
    item: Link
    sku: str
    search: Form
    chips: tuple[Chip, ...]
    rows: tuple[SerialRow, ...]
    empty: Empty
    notices: tuple[Notice, ...] = ()
    register: Form | None = None
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class SerialStep:
    """One fact of a unit's life: what, about which order, parcel or delivery, where and by whom."""

    at: datetime
    words: str
    subject: Link | None
    reference: str
    site: str
    person: str


@dataclass(frozen=True, slots=True)
class SerialPage:
    """`GET /items/{id}/serials?serial=`: where a unit is, and its whole life, newest first."""

    template: ClassVar[str] = "staff/serial.html"
    frame: Frame
    shell: Shell
    serial: str
    item: Link
    sku: str
    words: str
    tone: Tone
    facts: tuple[Fact, ...]
    steps: tuple[SerialStep, ...]
    empty: Empty
    write_off: Form | None = None

"""Lots: what is old, where it lies, and who was given it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot in the list; `words` say in its tone how long it can still be sold."""

    lot: str
    href: str
    item: str
    sku: str
    merchant: str
    quantity: int
    expires_on: str
    sell_by: str
    words: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class LotsPage:
    """`GET /lots`: the search box, what to show, the list."""

    template: ClassVar[str] = "staff/lots.html"
    frame: Frame
    shell: Shell
    search: Form
    chips: tuple[Chip, ...]
    rows: tuple[LotRow, ...]
    empty: Empty
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class LotPlace:
    """Units of a lot in one location."""

    location: str
    quantity: int
    reserved: int


@dataclass(frozen=True, slots=True)
class LotOrder:
    """Units of a lot that an order was given."""

    order: str
    href: str
    state: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LotPage:
    """`GET /items/{id}/lots`: one lot, where it lies, who has some of it, and the way to block it."""

    template: ClassVar[str] = "staff/lot.html"
    frame: Frame
    shell: Shell
    lot: str
    item: Link
    sku: str
    words: str
    tone: Tone
    facts: tuple[Fact, ...]
    places: tuple[LotPlace, ...]
    places_empty: Empty
    orders: tuple[LotOrder, ...]
    orders_empty: Empty
    acts: tuple[Form, ...] = ()

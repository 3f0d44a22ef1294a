"""Where items would better lie: what a plan saves and costs, and which of its changes are accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Form, Frame, Link, Shell, Tone


@dataclass(frozen=True, slots=True)
class SlottingItem:
    """One item of a change, from where to where, and what is often ordered with it."""

    item: Link
    sku: str
    merchant: str
    source: str
    target: str
    units: int
    why: str


@dataclass(frozen=True, slots=True)
class SlottingRow:
    """A change, of two items if they swap or go side by side: what it saves a day, what moving costs, when that is paid
    back; `accept` as long as it can be done.
    """

    items: tuple[SlottingItem, ...]
    saved: str
    cost: str
    cost_more: str
    payback: str
    words: str
    tone: Tone
    stale: str
    swaps: bool
    accept: Form | None = None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan in the list."""

    plan: Link
    at: datetime
    words: str
    tone: Tone
    saved: str
    changes: int
    accepted: int


@dataclass(frozen=True, slots=True)
class SlottingPage:
    """`GET /slotting` and `GET /slotting/{id}`: the latest plan or one of them, what saves most first."""

    template: ClassVar[str] = "staff/slotting.html"
    frame: Frame
    shell: Shell
    say: str
    facts: tuple[Fact, ...]
    progress: str
    percent: int
    rows: tuple[SlottingRow, ...]
    empty: Empty
    plans: tuple[PlanRow, ...]
    ask: Form | None = None
    accept_all: Form | None = None
    csv_href: str = ""
    refresh_s: int = 0

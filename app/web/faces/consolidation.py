"""Which parcels could ride on pallets to which hub."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Form, Frame, Link, Shell, Tone


@dataclass(frozen=True, slots=True)
class HubRow:
    """What one hub gets by a plan, in words; `why` says of one that gets nothing what speaks against it."""

    name: str
    parcels: int
    pallets: str
    filled: str
    cost: str
    saved: str
    why: str


@dataclass(frozen=True, slots=True)
class KeptHub:
    """A hub of the site with its terms in words, and the form that takes it off the list."""

    code: str
    name: str
    place: str
    pallet: str
    holds: str
    days: str
    service: str
    change: str
    drop: Form


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan that was asked for before."""

    plan: Link
    at: datetime
    words: str
    tone: Tone
    saved: str


@dataclass(frozen=True, slots=True)
class ConsolidationPage:
    """`GET /consolidation`: a plan hub by hub, the plans before, and the forms for another."""

    template: ClassVar[str] = "staff/consolidation.html"
    frame: Frame
    shell: Shell
    title: str
    say: str
    note: str
    progress: str
    percent: int
    facts: tuple[Fact, ...]
    hubs: tuple[HubRow, ...]
    csv_href: str
    plans: tuple[PlanRow, ...]
    plans_empty: Empty
    forms: tuple[Form, ...]
    cancel: Form | None = None
    refresh_s: int = 0


@dataclass(frozen=True, slots=True)
class HubsPage:
    """`GET /consolidation/hubs`: where pallets may go, and the form that describes a hub."""

    template: ClassVar[str] = "staff/consolidation_hubs.html"
    frame: Frame
    shell: Shell
    hubs: tuple[KeptHub, ...]
    hubs_empty: Empty
    form: Form

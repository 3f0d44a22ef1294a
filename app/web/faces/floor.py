"""What the floor office looks into: the walks of the day, and the evidence of one parcel."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact, OrderAction
from app.web.faces.shell import NO_PAGES, Chip, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One walk: how far it is, how long it is in meters, and how much of the walk by location name it saves. `loads`
    says that its order fills several carts, `shares` how many meters are whose if it is several merchants' walk,
    `loading_m` how many are for heavy goods first and fragile ones last, `congestion_m` to keep out of the way of
    others, `care` why its goods ride alone: each reason with its word; `legs` through which zones it is
    passed, and where it is.
    """

    label: str
    state: str
    person: str
    orders: int
    lines: int
    lines_done: int
    stops: int
    walk_m: int
    saved_percent: int
    cut_off_at: datetime | None
    pdf_href: str
    loads: str = ""
    shares: str = ""
    loading_m: int = 0
    congestion_m: int = 0
    care: tuple[tuple[str, str], ...] = ()
    legs: str = ""


@dataclass(frozen=True, slots=True)
class PlanningCard:
    """How far a worker is with what somebody wants planned, in percent, and how to stop it; without that it is over."""

    words: str
    percent: int
    cancel: Form | None = None


@dataclass(frozen=True, slots=True)
class BatchesPage:
    """`GET /batches`."""

    template: ClassVar[str] = "staff/batches.html"
    frame: Frame
    shell: Shell
    rows: tuple[BatchRow, ...]
    empty: Empty
    figures: tuple[Fact, ...]
    queue_href: str = ""
    release: Form | None = None
    planning: PlanningCard | None = None
    refresh_s: int = 0
    chips: tuple[Chip, ...] = ()
    pager: Pager = NO_PAGES
    csv_href: str = ""
    search: str = ""
    search_forms: tuple[Form, ...] = ()
    settings: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class WeighingRow:
    """One judged reading of a scale, in g, with what may explain the difference."""

    at: datetime
    decision: str
    reading_g: int
    expected_g: int
    tolerance_g: int
    causes: str
    who: str


@dataclass(frozen=True, slots=True)
class ScanRow:
    """One scan of the carrier in words, with the carrier's own code."""

    at: datetime
    words: str
    place: str
    code: str


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One price that the carrier was chosen from."""

    service: str
    price_minor: int
    currency: str
    arrives: str
    is_chosen: bool
    basis: str


@dataclass(frozen=True, slots=True)
class ParcelPage:
    """`GET /parcels/{id}`: everything that proves what happened to one parcel."""

    template: ClassVar[str] = "staff/parcel.html"
    frame: Frame
    shell: Shell
    label: str
    order: Link
    state: str
    facts: tuple[Fact, ...]
    contents: tuple[tuple[str, str, int], ...]
    weighings: tuple[WeighingRow, ...]
    scans: tuple[ScanRow, ...]
    quotes: tuple[QuoteRow, ...]
    documents: tuple[Link, ...] = ()
    actions: tuple[OrderAction, ...] = ()
    tone: Tone = "plain"

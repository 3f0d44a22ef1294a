"""The lanes of a site, what stands on them, and what a collection would take."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane: what it takes in words, what stands on it, and the next cut-off of its carrier."""

    code: str
    place: Link | None
    carrier: str
    takes: str
    asks: str
    parcels: int
    weight_g: int
    oldest_at: datetime | None
    cut_off_at: datetime | None
    to_take_off: int
    change: Form | None = None
    close: Form | None = None


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A container that is not loaded, its label, and the button for what comes next."""

    label: str
    sscc: str
    kind: str
    lane: str
    state: str
    parcels: int
    weight_g: int
    document: Link
    step: Form | None = None


@dataclass(frozen=True, slots=True)
class LanesPage:
    """`GET /lanes`: lanes, containers, and the forms that scan without a handheld."""

    template: ClassVar[str] = "staff/lanes.html"
    frame: Frame
    shell: Shell
    note: str
    rows: tuple[LaneRow, ...]
    empty: Empty
    containers: tuple[ContainerRow, ...]
    containers_empty: Empty
    add: Form | None
    scans: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A parcel that would not leave, why, where it belongs and where it is."""

    parcel: Link
    tracking_number: str
    reason: str
    lane: str
    stands_on: str


@dataclass(frozen=True, slots=True)
class ReconciliationPage:
    """`GET /manifests/reconciliation`: what a manifest closed now would hold, and what it would leave."""

    template: ClassVar[str] = "staff/reconciliation.html"
    frame: Frame
    shell: Shell
    carrier: str
    day: datetime
    note: str
    counts: tuple[Fact, ...]
    rows: tuple[DifferenceRow, ...]
    empty: Empty
    close: Form | None

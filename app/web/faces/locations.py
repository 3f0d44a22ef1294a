"""Locations of a site: which there are, how full they are, and what lies in one and happened there."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import NO_PAGES, Chip, Empty, Form, Frame, Link, Pager, Shell, Tone


@dataclass(frozen=True, slots=True)
class LocationRow:
    """One location in the list; `weight` and `room` are how much of what it bears is used, in words, `temperature` how
    cold it is if it is.
    """

    place: Link
    where: str
    kind: str
    items: int
    units: int
    weight: str
    room: str
    is_full: bool
    is_frozen: bool
    hazmat_ok: bool
    temperature: str = ""


@dataclass(frozen=True, slots=True)
class LocationsPage:
    """`GET /locations`: the locations of a site by code."""

    template: ClassVar[str] = "staff/locations.html"
    frame: Frame
    shell: Shell
    filters: Form
    chips: tuple[Chip, ...]
    rows: tuple[LocationRow, ...]
    empty: Empty
    csv_href: str = ""
    new_href: str = ""
    floor_href: str = ""
    upload: Form | None = None
    pager: Pager = NO_PAGES


@dataclass(frozen=True, slots=True)
class InsideRow:
    """Units of an item and lot of one merchant in the location."""

    item: Link
    sku: str
    merchant: str
    lot: str
    good_until: date | None
    quantity: int
    reserved: int
    is_frozen: bool


@dataclass(frozen=True, slots=True)
class PassedRow:
    """Units that came into the location, or left it."""

    at: datetime
    item: Link
    quantity: int
    reason: str
    other: str
    who: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A count or a move that is open here."""

    task: Link
    words: str
    tone: Tone
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LocationPage:
    """`GET /locations/{id}`: what lies there, what is to be done there, and what happened."""

    template: ClassVar[str] = "staff/location.html"
    frame: Frame
    shell: Shell
    code: str
    kind: str
    is_frozen: bool
    facts: tuple[Fact, ...]
    inside: tuple[InsideRow, ...]
    inside_empty: Empty
    tasks: tuple[TaskRow, ...]
    tasks_empty: Empty
    passed: tuple[PassedRow, ...]
    passed_empty: Empty
    edit_href: str = ""


@dataclass(frozen=True, slots=True)
class LocationFormPage:
    """`GET /locations/new` and `GET /locations/{id}/edit`: what a location is and bears."""

    template: ClassVar[str] = "staff/location_form.html"
    frame: Frame
    shell: Shell
    heading: str
    form: Form
    back: Link

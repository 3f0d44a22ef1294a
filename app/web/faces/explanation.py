"""Why just so many units of an item can be sold."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """An order or a hold with a right to units; `until` is when a hold ends by itself."""

    who: str
    href: str
    state: str
    quantity: int
    in_bins: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ReliefRow:
    """Something that would free units or bring them within reach: at an instant, or on a day, of which `day` is the
    middle; without either nobody knows when.
    """

    what: str
    quantity: int
    at: datetime | None
    link: Link | None = None
    day: datetime | None = None


@dataclass(frozen=True, slots=True)
class SiteReasons:
    """One site's part of the answer."""

    name: str
    sentence: str
    figures: tuple[Fact, ...]
    buckets: tuple[Fact, ...]
    claims: tuple[ClaimRow, ...]
    claims_left_out: int
    reliefs: tuple[ReliefRow, ...]
    rules: tuple[Fact, ...] = ()
    planned: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplanationPage:
    """`GET /items/{id}/why`."""

    template: ClassVar[str] = "staff/explanation.html"
    frame: Frame
    shell: Shell
    sku: str
    name: str
    back: Link
    sites: tuple[SiteReasons, ...]
    empty: Empty
    claims_empty: Empty
    reliefs_empty: Empty

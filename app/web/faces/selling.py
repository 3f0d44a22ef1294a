"""How an item is sold: what channels must leave, how far it is sold ahead, and what a kit is made of."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class SafetyRow:
    """Units that a channel must leave at a site."""

    channel: str
    site: str
    units: int


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of a kit."""

    sku: str
    name: str
    href: str
    quantity: int


@dataclass(frozen=True, slots=True)
class SellingPage:
    """`GET /items/{id}/selling`."""

    template: ClassVar[str] = "staff/selling.html"
    frame: Frame
    shell: Shell
    sku: str
    back: Link
    safety: tuple[SafetyRow, ...]
    safety_empty: Empty
    ahead: str
    parts: tuple[PartRow, ...]
    parts_empty: Empty
    keep: Form | None = None
    oversell: Form | None = None
    kit: Form | None = None

"""What may go out instead of an item that is missing when it is picked."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class SubstituteRow:
    """An item that may go out instead, and what the customer pays for it."""

    rank: int
    sku: str
    name: str
    href: str
    pays: str


@dataclass(frozen=True, slots=True)
class SubstitutesPage:
    """`GET /items/{id}/substitutes`."""

    template: ClassVar[str] = "staff/substitutes.html"
    frame: Frame
    shell: Shell
    sku: str
    back: Link
    rows: tuple[SubstituteRow, ...]
    rows_empty: Empty
    rule: str
    rule_href: str
    csv_href: str
    form: Form | None = None
    file: Form | None = None

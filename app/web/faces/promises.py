"""Promises that cannot be kept any more."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class LatePromiseRow:
    """An order, whose it is, how far it is, the day that was promised, and the one that is possible."""

    order: Link
    merchant: str
    state: str
    promised: str
    possible: str


@dataclass(frozen=True, slots=True)
class LatePromisesPage:
    """`GET /promises`: orders that no service brings in time, and the form that promises what can be kept."""

    template: ClassVar[str] = "staff/promises.html"
    frame: Frame
    shell: Shell
    rows: tuple[LatePromiseRow, ...]
    empty: Empty
    heading: str
    more: str = ""
    move: Form | None = None

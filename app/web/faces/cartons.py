"""The cartons of a site: how many there are, which run low, and what changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Shell, Tone


@dataclass(frozen=True, slots=True)
class CartonRow:
    """One carton: sides in words, how many there are ("" where it is not counted), its state, and what to do."""

    name: str
    sides: str
    on_hand: str
    reorder_point: str
    words: str
    tone: Tone
    advice: str = ""
    stop: Form | None = None


@dataclass(frozen=True, slots=True)
class CartonChange:
    """One change of a count: when, of which carton, by how many, why, by whom, and what was there after it."""

    at: datetime
    name: str
    quantity: str
    why: str
    who: str
    on_hand: int


@dataclass(frozen=True, slots=True)
class CartonsPage:
    """`GET /cartons`."""

    template: ClassVar[str] = "staff/cartons.html"
    frame: Frame
    shell: Shell
    rows: tuple[CartonRow, ...]
    rows_empty: Empty
    changes: tuple[CartonChange, ...]
    changes_empty: Empty
    forms: tuple[Form, ...]

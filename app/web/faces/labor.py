"""How many hands the next day needs, and what the work asks of each person."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Form, Frame, Link, Shell, Tone


@dataclass(frozen=True, slots=True)
class LaborHour:
    """One hour: what should come in (with its band), what is to be done, and the people for it."""

    at: datetime
    expected: str
    lines: int
    pickers: int
    parcels: int
    packers: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour in the plot: where it stands and how high its two bars are, in the units of the plot's view box."""

    x: float
    picker_height: float
    packer_height: float
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What the walks of this shift asked of a person."""

    person: str
    lines: int
    kilograms: int
    bends: int
    reaches: int
    meters: int
    words: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class RiskRow:
    """A promise that would not be kept, and the day that would, in words."""

    order: Link
    promised: str
    instead: str


@dataclass(frozen=True, slots=True)
class DrillCard:
    """The answer to "what if": in a sentence, with the first of the promises to change."""

    say: str
    tone: Tone
    risks: tuple[RiskRow, ...]
    more: str
    csv_href: str


@dataclass(frozen=True, slots=True)
class NewPeopleCard:
    """How many who pick are new, and what such people reach after some hours, as words and percentages."""

    say: str
    points: tuple[tuple[str, int], ...]
    note: str


@dataclass(frozen=True, slots=True)
class LaborPage:
    """`GET /labor`: heads by hour as plot and table, the people of this shift, the drill, and the limits."""

    template: ClassVar[str] = "staff/labor.html"
    frame: Frame
    shell: Shell
    figures: tuple[Fact, ...]
    bars: tuple[Bar, ...]
    scale: tuple[tuple[float, str], ...]
    now_lines: tuple[tuple[float, str], ...]
    hours: tuple[LaborHour, ...]
    people: tuple[PersonRow, ...]
    people_empty: Empty
    new_people: NewPeopleCard
    ask: Form
    drill: DrillCard | None = None
    limits: Form | None = None

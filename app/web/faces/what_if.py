"""What another floor would save."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Form, Frame, Link, Shell, Tone


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day in the plot: where it stands and how high its two bars are, in the units of the plot's view box."""

    x: float
    width: float
    before_height: float
    after_height: float
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day in the table, in meters."""

    day: str
    walks: int
    before_m: int
    after_m: int
    saved: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question that was asked before."""

    question: Link
    at: datetime
    words: str
    tone: Tone
    saved: str


@dataclass(frozen=True, slots=True)
class WhatIfPage:
    """`GET /what-if`: a question's answer as plot and table, the questions before, and the form for another."""

    template: ClassVar[str] = "staff/what_if.html"
    frame: Frame
    shell: Shell
    title: str
    say: str
    note: str
    progress: str
    percent: int
    facts: tuple[Fact, ...]
    bars: tuple[DayBar, ...]
    scale: tuple[tuple[float, str], ...]
    days: tuple[DayRow, ...]
    csv_href: str
    questions: tuple[QuestionRow, ...]
    questions_empty: Empty
    ask: Form | None = None
    refresh_s: int = 0

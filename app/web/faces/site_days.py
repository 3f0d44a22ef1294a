"""The days of a site that are not as their weekday."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Shell, Tone


@dataclass(frozen=True, slots=True)
class SiteDayRow:
    """The middle of a day, what it is, why, and the button that takes back what the site said of it."""

    at: datetime
    words: str
    tone: Tone
    why: str
    clear: Form | None = None


@dataclass(frozen=True, slots=True)
class SiteDaysPage:
    """`GET /site-days`: public holidays, closed days and extra days of the next year."""

    template: ClassVar[str] = "staff/site_days.html"
    frame: Frame
    shell: Shell
    place: str
    rows: tuple[SiteDayRow, ...]
    rows_empty: Empty
    form: Form

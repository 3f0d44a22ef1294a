"""What weighing shows and a person has to look at."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class WeightCard:
    """One finding: about what, in words, what was believed against what was weighed, and the form that settles it."""

    kind: str
    subject: Link
    what: str
    believed_g: int
    learned_g: int
    parcels: int
    found_at: datetime
    settle: Form | None


@dataclass(frozen=True, slots=True)
class WeightsPage:
    """`GET /weights`."""

    template: ClassVar[str] = "staff/weights.html"
    frame: Frame
    shell: Shell
    cards: tuple[WeightCard, ...]
    empty: Empty

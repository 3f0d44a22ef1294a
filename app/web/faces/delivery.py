"""When an item would arrive if it were ordered now."""

from dataclasses import dataclass
from datetime import datetime

from app.web.faces.shell import Form


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One site's answer: the middles of the days, or none; `why` tells what they rest on, or why there are none."""

    site: str
    available: int
    leaves: datetime | None
    earliest: datetime | None
    latest: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class DeliveryPanel:
    """The question, and the answer once it was asked: a sentence to read aloud, and the sites behind it."""

    form: Form
    sentence: str = ""
    rows: tuple[DeliveryRow, ...] = ()

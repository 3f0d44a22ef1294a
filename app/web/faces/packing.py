"""How an order is packed: each carton step by step, in words and pictures."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.shell import Form, Frame


@dataclass(frozen=True, slots=True)
class PackingStep:
    """One step: what is done, what the goods are called, their sides, and the picture as an SVG element."""

    sentence: str
    goods: str
    picture: str


@dataclass(frozen=True, slots=True)
class PackingCarton:
    """One carton: what it is called, its inner sides in words, its weight with all that is in it, its steps, and what
    is to be known before them.
    """

    heading: str
    sides: str
    gross_g: int
    steps: tuple[PackingStep, ...]
    first: str = ""


@dataclass(frozen=True, slots=True)
class PackingPage:
    """`GET /packing/{order_id}`. `told` says what is special about the plan; `other` shows the goods in another one."""

    template: ClassVar[str] = "packing.html"
    frame: Frame
    person: str
    order_number: str
    cartons: tuple[PackingCarton, ...]
    told: tuple[str, ...]
    other: Form | None

"""The bill of lading of a manifest."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Empty, Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class LadingRow:
    """Goods in one kind of packaging; gross weight in g."""

    kind: str
    units: int
    packages: int
    weight_g: int
    is_dangerous: bool
    commodity: str


@dataclass(frozen=True, slots=True)
class BillOfLadingPage:
    """`GET /manifests/{id}/bill-of-lading`: the bill, or the form that issues it."""

    template: ClassVar[str] = "staff/bill_of_lading.html"
    frame: Frame
    shell: Shell
    heading: str
    form: Form
    facts: tuple[Fact, ...] = ()
    rows: tuple[LadingRow, ...] = ()
    empty: Empty | None = None
    document: Link | None = None

"""Services that are done to goods while they are packed: what a merchant offers and owes, the steps at the bench."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Link, Shell


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service as it is offered, with the form that changes it."""

    code: str
    name: str
    kind: str
    tare: str
    time: str
    price: str
    more: str
    change: Form | None = None


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """What is owed for one service in the range of days."""

    code: str
    name: str
    quantity: int
    amount: str
    time: str


@dataclass(frozen=True, slots=True)
class ServicesPage:
    """`GET /value-added-services`."""

    template: ClassVar[str] = "staff/value_added.html"
    frame: Frame
    shell: Shell
    merchant: str
    services: tuple[ServiceRow, ...]
    services_empty: Empty
    days: Form
    charges: tuple[ChargeRow, ...]
    charges_empty: Empty
    csv_href: str
    offer: Form | None = None
    choice: Form | None = None


@dataclass(frozen=True, slots=True)
class BenchService:
    """A step at the bench: what it is, what it is done to, what is written or engraved, and the forms that end it."""

    heading: str
    goods: str
    text: str
    told: str
    is_done: bool
    perform: Form | None = None
    excuse: Form | None = None


@dataclass(frozen=True, slots=True)
class BenchServicesPage:
    """`GET /packing/{order_id}/services`."""

    template: ClassVar[str] = "packing_services.html"
    frame: Frame
    person: str
    order_number: str
    steps: tuple[BenchService, ...]
    empty: Empty
    back: Link

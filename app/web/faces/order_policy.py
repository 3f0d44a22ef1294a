"""How the orders of one merchant are taken, and what becomes of units that are missing at the bin."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.desk import Fact
from app.web.faces.shell import Form, Frame, Shell


@dataclass(frozen=True, slots=True)
class OrderPolicyPage:
    """`GET /order-policy`."""

    template: ClassVar[str] = "staff/order_policy.html"
    frame: Frame
    shell: Shell
    merchant: str
    facts: tuple[Fact, ...]
    form: Form | None = None
    choice: Form | None = None

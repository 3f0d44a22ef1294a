"""The carrier services of a site, and which dangerous goods each takes."""

from dataclasses import dataclass
from typing import ClassVar

from app.web.faces.shell import Empty, Form, Frame, Shell, Tone


@dataclass(frozen=True, slots=True)
class CarrierServiceRow:
    """A service: until when it takes parcels, how it travels, what it takes, and where to change that."""

    carrier: str
    service: str
    cut_off: str
    mode: str
    takes: str
    tone: Tone
    href: str


@dataclass(frozen=True, slots=True)
class CarrierServicesPage:
    """`GET /carrier-services`. `to_decide` says of how many services nobody stated anything, "" when of all."""

    template: ClassVar[str] = "staff/carrier_services.html"
    frame: Frame
    shell: Shell
    to_decide: str
    rows: tuple[CarrierServiceRow, ...]
    empty: Empty
    form: Form | None

"""What the simulated UPS remembers: shipments, their charges and scans. Each purchase is a new paid shipment."""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from PIL import Image, ImageDraw

from app.simulators.ups_customs import require_declared
from app.simulators.ups_refusals import UpsRefusalError

_SERVICES = {"11": 1_150, "03": 980, "07": 4_210, "65": 2_980, "01": 5_120}
_PER_KG = 85
_PICTURE = (1400, 800)


@dataclass(frozen=True, slots=True)
class UpsScan:
    """A scan: type and code of UPS, what it says, when it was, and the local offset from UTC in minutes."""

    type: str
    code: str
    description: str
    at: datetime
    offset_minutes: int = 0
    city: str = "Berlin"
    country: str = "DE"


@dataclass(slots=True)
class UpsShipment:
    """A shipment of one package, paid for unless it is void; `forms` is what is declared of it, empty for nothing."""

    number: str
    reference: str
    service: str
    cost_minor: int
    currency: str
    is_zpl: bool
    is_return: bool
    forms: Mapping[str, Any]
    is_void: bool = False
    scans: list[UpsScan] = field(default_factory=list)

    @property
    def picture(self) -> str:
        """The label in base64: a GIF on its side, or ZPL."""
        return _zpl(self.number) if self.is_zpl else _gif(self.number)


@dataclass(slots=True)
class UpsBooks:
    """All shipments of the accounts, by tracking number."""

    shipments: dict[str, UpsShipment] = field(default_factory=dict)

    def ship(self, request: Mapping[str, Any]) -> UpsShipment:
        """Sell a shipment. The same request again is another one: UPS knows no idempotency.

        Raises:
            UpsRefusalError: the account, the service or the address will not do.
        """
        shipment = request["ShipmentRequest"]["Shipment"]
        _require_deliverable(shipment["ShipTo"]["Address"])
        account = str(shipment["Shipper"].get("ShipperNumber") or "")
        if len(account) != len("A1B2C3"):
            raise UpsRefusalError(400, "120100", "Missing or invalid shipper number\r\n")
        service = shipment["Service"]["Code"]
        if service not in _SERVICES:
            raise UpsRefusalError(400, "120400", "Invalid/Missing Service code")
        require_declared(shipment)
        (package,) = shipment["Package"]
        label = request["ShipmentRequest"]["LabelSpecification"]["LabelImageFormat"]["Code"]
        sold = UpsShipment(
            number=tracking_number(account, service, len(self.shipments) + 1), reference=_reference(shipment, package),
            service=service, cost_minor=price(service, package), is_zpl=label == "ZPL",
            currency=shipment.get("InvoiceLineTotal", {}).get("CurrencyCode", "EUR"),
            is_return="ReturnService" in shipment,
            forms=(shipment.get("ShipmentServiceOptions") or {}).get("InternationalForms") or {},
            scans=[UpsScan("M", "MP", "Shipper created a label, UPS has not received the package yet.",
                           datetime.now(UTC))],
        )  # fmt: skip
        self.shipments[sold.number] = sold
        return sold

    def find(self, reference: str) -> UpsShipment:
        """Return the only shipment with a shipper's reference.

        Raises:
            UpsRefusalError: there is none, or more than one.
        """
        found = [each for each in self.shipments.values() if each.reference == reference]
        if len(found) != 1:
            raise UpsRefusalError(
                400, "9801031", "The shipment for the requested tracking number or the combination of reference number"
                " plus shipper number could not be found.",
            )  # fmt: skip
        return found[0]

    def void(self, number: str) -> None:
        """Take a shipment back.

        Raises:
            UpsRefusalError: nobody knows it, it is on its way, or it is void already.
        """
        shipment = self.shipment(number, "190102", "No shipment found within the allowed void period")
        if shipment.is_void:
            raise UpsRefusalError(400, "190117", "The shipment has already been voided\r")
        if len(shipment.scans) > 1:
            raise UpsRefusalError(400, "190104", "The package is past the time in which it\rmay be voided")
        shipment.is_void = True

    def shipment(self, number: str, code: str, message: str) -> UpsShipment:
        """Return a shipment.

        Raises:
            UpsRefusalError: with the code and message given, when nobody knows it.
        """
        if number not in self.shipments:
            raise UpsRefusalError(404, code, message)
        return self.shipments[number]

    @property
    def paid(self) -> list[UpsShipment]:
        """The shipments that cost money."""
        return [each for each in self.shipments.values() if not each.is_void]


def services() -> dict[str, int]:
    """Return the service codes and their base price in minor units."""
    return dict(_SERVICES)


def price(service: str, package: Mapping[str, Any]) -> int:
    """Return the price of a package in minor units."""
    return _SERVICES[service] + round(float(package["PackageWeight"]["Weight"]) * _PER_KG)


def tracking_number(account: str, service: str, serial: int) -> str:
    """Write a 1Z number: shipper, service, serial and its check digit (letters count as 2 to 9, again and again)."""
    body = f"{account.upper()}{service}{serial:07d}"
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in body]
    total = sum(values[0::2]) + 2 * sum(values[1::2])
    return f"1Z{body}{-total % 10}"


def _require_deliverable(address: Mapping[str, Any]) -> None:
    if str(address.get("PostalCode", "")).strip("0 -") == "":
        raise UpsRefusalError(400, "120802", "Address Validation Error on ShipTo\raddress: the postal code is unknown")


def _reference(shipment: Mapping[str, Any], package: Mapping[str, Any]) -> str:
    """A reference stands on the package within the US, else on the shipment; UPS takes no other place."""
    ends = (shipment["Shipper"]["Address"]["CountryCode"], shipment["ShipTo"]["Address"]["CountryCode"])
    holder = package if ends in {("US", "US"), ("PR", "PR")} else shipment
    return str((holder.get("ReferenceNumber") or {}).get("Value") or "")


def _gif(number: str) -> str:
    image = Image.new("1", _PICTURE, 1)
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 20, 1380, 780), outline=0, width=6)
    pen.text((60, 60), f"UPS {number}", fill=0)
    out = io.BytesIO()
    image.save(out, format="GIF")
    return base64.b64encode(out.getvalue()).decode()


def _zpl(number: str) -> str:
    return base64.b64encode(f"^XA^FO50,50^BCN,120,Y,N,N^FD{number}^FS^XZ".encode()).decode()

"""What the simulated DHL Express remembers: shipments, charges and scans. Each purchase is a new paid shipment."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element

from app.simulators.dhl_express_customs import DhlRefusalError, require_declared, text_of

_PRODUCTS: Final[Mapping[str, int]] = {"P": 2_940, "N": 1_180, "U": 2_310, "Y": 3_870, "K": 3_650}
_PER_KG = 120
_ACCOUNT_LENGTH = 9


@dataclass(frozen=True, slots=True)
class DhlScan:
    """A checkpoint: DHL's code, what it says, when it was there by the clocks of the place, and where."""

    code: str
    description: str
    at: datetime
    city: str = "BERLIN"


@dataclass(slots=True)
class DhlShipment:
    """A shipment of one piece; `declared` is its Dutiable and ExportDeclaration, None for what needs none."""

    number: str
    reference: str
    product: str
    cost_minor: int
    currency: str
    is_zpl: bool
    declared: Element | None
    scans: list[DhlScan] = field(default_factory=list)

    @property
    def picture(self) -> str:
        """The label in base64: PDF or ZPL."""
        drawn = f"^XA^FD{self.number}^FS^XZ" if self.is_zpl else f"%PDF-1.4\n% DHL Express {self.number}\n%%EOF\n" * 3
        return base64.b64encode(drawn.encode()).decode()


@dataclass(slots=True)
class DhlBooks:
    """All shipments of the accounts, by air waybill."""

    shipments: dict[str, DhlShipment] = field(default_factory=dict)

    def ship(self, request: Element) -> DhlShipment:
        """Sell a shipment. The same request again is another one: DHL Express knows no idempotency.

        Raises:
            DhlRefusalError: the account, the product, the address or the declaration will not do.
        """
        if len(text_of(request, "Billing/ShipperAccountNumber")) != _ACCOUNT_LENGTH:
            raise DhlRefusalError("SV003", "The shipper account number is not valid")
        product = text_of(request, "ShipmentDetails/GlobalProductCode")
        if product not in _PRODUCTS:
            raise DhlRefusalError("PLT006", "The requested product is not available between these places")
        if not text_of(request, "Consignee/PostalCode").strip("0 -"):
            raise DhlRefusalError("SVC005", "The consignee's postal code is not valid")
        is_declared = require_declared(request)
        weight = float(text_of(request, "ShipmentDetails/Pieces/Piece/Weight"))
        sold = DhlShipment(
            number=air_waybill(len(self.shipments) + 1), reference=text_of(request, "Reference/ReferenceID"),
            product=product, cost_minor=price(product, weight),
            currency=text_of(request, "ShipmentDetails/CurrencyCode"),
            is_zpl=text_of(request, "LabelImageFormat").startswith("ZPL"), declared=request if is_declared else None,
            scans=[DhlScan("SA", "Shipment information received", datetime.now(UTC))],
        )  # fmt: skip
        self.shipments[sold.number] = sold
        return sold


def products() -> Mapping[str, int]:
    """Return the product codes and their base price in minor units."""
    return _PRODUCTS


def price(product: str, weight_kg: float) -> int:
    """Return the price of a piece in minor units."""
    return _PRODUCTS[product] + round(weight_kg * _PER_KG)


def air_waybill(serial: int) -> str:
    """Write an air waybill: nine digits, and their remainder by seven."""
    body = 123_000_000 + serial
    return f"{body}{body % 7}"

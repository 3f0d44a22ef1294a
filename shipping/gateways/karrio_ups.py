"""What UPS answers beyond karrio's unified form: charges, the instant of a scan, and a label that was sold unseen."""

import base64
import binascii
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import msgspec
from PIL import Image

from kernel.money import Money, decimals
from shipping.gateways.account_carriers import FindOutcome, NotBought
from shipping.gateways.carriers import LabelDocument, LabelRequest, Purchased, Unavailable

VOIDED_ALREADY = "190117"
NOT_FOUND = "9801031"
"""UPS's own code: the combination of reference number and shipper number could not be found."""

_DPI = 203.0


class _Image(msgspec.Struct, frozen=True):
    GraphicImage: str


class _Result(msgspec.Struct, frozen=True):
    TrackingNumber: str
    LabelImage: _Image | None = None


class _Recovered(msgspec.Struct, frozen=True):
    LabelResults: list[_Result] | _Result
    ShipmentIdentificationNumber: str = ""


class _Recovery(msgspec.Struct, frozen=True):
    LabelRecoveryResponse: _Recovered


def recovery_request(request: LabelRequest, account_number: str) -> dict[str, Any]:
    """Return the body that asks UPS for a label by our reference (Shipping API, `labels/v2409/recovery`)."""
    values = {"ReferenceNumber": {"Value": request.reference}, "ShipperNumber": account_number}
    label = {"LabelImageFormat": {"Code": "GIF"}, "LabelStockSize": {"Height": "6", "Width": "4"}}
    return {"LabelRecoveryRequest": {"LabelSpecification": label, "ReferenceValues": values}}


def read_recovery(body: bytes, request: LabelRequest) -> FindOutcome:
    """Return the label that UPS knows by the reference; what it was charged is not told again, so the quote stands."""
    try:
        found = msgspec.json.decode(body, type=_Recovery).LabelRecoveryResponse
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unavailable("The answer to the look-up cannot be read")
    results = found.LabelResults if isinstance(found.LabelResults, list) else [found.LabelResults]
    if len(results) != 1:
        return Unavailable(f"The look-up found {len(results)} labels with one reference")
    (result,) = results
    document = picture_pdf(result.LabelImage.GraphicImage) if result.LabelImage else None
    number = result.TrackingNumber
    return Purchased(number, request.quote, found.ShipmentIdentificationNumber or number, document)


def read_refused_recovery(codes: Mapping[str, str]) -> FindOutcome:
    """Return what a declined look-up says: only UPS's own "not found" means that nothing was sold."""
    if NOT_FOUND in codes:
        return NotBought()
    return Unavailable("; ".join(codes.values()) or "The look-up was declined")


def charged(raw: Mapping[str, Any]) -> Money | None:
    """Return what a new shipment costs: the negotiated total where there is one, else the published one."""
    results = raw.get("ShipmentResponse", {}).get("ShipmentResults") or {}
    negotiated = (results.get("NegotiatedRateCharges") or {}).get("TotalCharge")
    total = negotiated or (results.get("ShipmentCharges") or {}).get("TotalCharges") or {}
    try:
        return money(total["MonetaryValue"], str(total["CurrencyCode"]))
    except (KeyError, InvalidOperation, ValueError):
        return None


def money(amount: object, currency: str) -> Money:
    """Read an amount of a carrier's as minor units.

    Raises:
        InvalidOperation: it is no number.
    """
    places = decimals(currency)
    return Money(int((Decimal(str(amount)) * 10**places).to_integral_value(ROUND_HALF_UP)), currency)


def moments(raw: Mapping[str, Any]) -> list[datetime | None]:
    """Return the instant of each activity, in UPS's order: its Greenwich time and offset, never the bare local one."""
    shipments = (raw.get("trackResponse") or {}).get("shipment") or [{}]
    packages = shipments[0].get("package") or [{}]
    return [_moment(activity) for activity in packages[0].get("activity") or []]


def picture_pdf(picture: str) -> LabelDocument | None:
    """Return the PDF page of a label's picture in base64 (GIF or PNG), None when it is none."""
    try:
        image = Image.open(io.BytesIO(base64.b64decode(picture, validate=True)), formats=("GIF", "PNG"))
        upright = image.rotate(-90, expand=True) if image.width > image.height else image
        page = io.BytesIO()
        upright.convert("L").save(page, format="PDF", resolution=_DPI)
    except (binascii.Error, OSError, ValueError, Image.DecompressionBombError):
        return None
    return LabelDocument("application/pdf", page.getvalue())


def _moment(activity: Mapping[str, Any]) -> datetime | None:
    day, time = str(activity.get("gmtDate", "")), str(activity.get("gmtTime", "")).replace(":", "")
    try:
        instant = datetime.strptime(f"{day}{time.zfill(6)}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return instant.astimezone(_zone(str(activity.get("gmtOffset", ""))))


def _zone(offset: str) -> timezone:
    """Read "-05:00"; without one the instant still stands, in UTC."""
    try:
        hours, minutes = offset.replace("+", "").split(":")
    except ValueError:
        return UTC
    sign = -1 if hours.startswith("-") else 1
    return timezone(timedelta(hours=int(hours), minutes=sign * int(minutes)))

"""What the simulated DHL Express checks of goods that cross a customs border. Its codes from EX001 are ours."""

import re
from decimal import Decimal
from typing import Final, NoReturn
from xml.etree.ElementTree import Element

from app.simulators.borders import areas_of
from kernel.countries import COUNTRIES

_REASONS: Final = frozenset("PTRMICESGUWDF")
_TERMS: Final = frozenset({"EXW", "FCA", "CPT", "CFR", "CIP", "CIF", "DAT", "DAP", "DDP", "FAS", "FOB", "DPU"})
_HS_CODE = re.compile(r"[0-9]{6,18}")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,3})?")
_WEIGHT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")
_LONGEST_NAME, _LONGEST_PERSON, _LONGEST_LINE, _LONGEST_GOODS = 60, 45, 45, 75


class DhlRefusalError(Exception):
    """DHL Express declines, with a code and words of its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def text_of(element: Element, path: str) -> str:
    """Return the text of an element below, empty where there is none."""
    return (element.findtext(path) or "").strip()


def require_declared(request: Element) -> bool:
    """Check what is declared of a shipment, and say whether anything had to be.

    Raises:
        DhlRefusalError: something is missing, or is not as DHL Express takes it.
    """
    ends = [(text_of(request, f"{end}/CountryCode"), text_of(request, f"{end}/PostalCode")) for end in _ENDS]
    crosses = not areas_of(*ends[0]) & areas_of(*ends[1])
    is_dutiable = text_of(request, "ShipmentDetails/IsDutiable") == "Y"
    goods = request.find("ExportDeclaration")
    if crosses is not is_dutiable:
        _refuse("EX001", "IsDutiable does not fit the origin and the destination")
    if not crosses:
        if goods is not None or request.find("Dutiable") is not None:
            _refuse("EX002", "Nothing is declared of a shipment that is not dutiable")
        return False
    for end in _ENDS:
        _require_party(end, request)
    if goods is None:
        _refuse("EX003", "The export declaration is missing")
    _require_terms(request)
    _require_goods(request, goods, ends[0])
    return True


_ENDS: Final = ("Shipper", "Consignee")


def _require_party(end: str, request: Element) -> None:
    checks = (
        ("company name", 0 < len(text_of(request, f"{end}/CompanyName")) <= _LONGEST_NAME),
        ("contact", 0 < len(text_of(request, f"{end}/Contact/PersonName")) <= _LONGEST_PERSON),
        ("phone number", text_of(request, f"{end}/Contact/PhoneNumber").strip("0 +")),
        ("address line", 0 < len(text_of(request, f"{end}/AddressLine1")) <= _LONGEST_LINE),
        ("country code", text_of(request, f"{end}/CountryCode") in COUNTRIES),
    )
    for what, is_right in checks:
        if not is_right:
            _refuse("EX004", f"The {end.lower()}'s {what} is missing or not valid")


def _require_terms(request: Element) -> None:
    """With DDP an account pays the duties, by the service DD; with other terms there is neither."""
    is_paid = text_of(request, "Dutiable/TermsOfTrade") == "DDP"
    services = [each for each in request.findall("SpecialService") if text_of(each, "SpecialServiceType") == "DD"]
    if text_of(request, "Dutiable/TermsOfTrade") not in _TERMS:
        _refuse("EX005", "The terms of trade are missing or not valid")
    if bool(services) is not is_paid or bool(text_of(request, "Billing/DutyAccountNumber")) is not is_paid:
        _refuse("EX006", "The terms of trade do not match who pays the duties")
    if any(each.find("ChargeValue") is not None for each in services):
        _refuse("EX007", "The service DD has no value of its own")


def _require_goods(request: Element, goods: Element, here: tuple[str, str]) -> None:
    checks = (
        ("signature", text_of(goods, "SignatureName")),
        ("invoice number", 0 < len(text_of(goods, "InvoiceNumber")) <= _LONGEST_PERSON),
        ("invoice date", re.fullmatch(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", text_of(goods, "InvoiceDate"))),
        ("reason", text_of(goods, "ExportReasonCode") in _REASONS),
        ("purpose", text_of(goods, "ShipmentPurpose") in {"COMMERCIAL", "PERSONAL"}),
        ("EORI number", text_of(request, "Shipper/EORI_No") or not areas_of(*here) & {"EU", "GB"}),
        ("currency", re.fullmatch(r"[A-Z]{3}", text_of(request, "Dutiable/DeclaredCurrency"))),
        ("contents", text_of(request, "ShipmentDetails/Contents") not in ("", "N/A")),
    )
    for what, is_right in checks:
        if not is_right:
            _refuse("EX008", f"The {what} of the export is missing or not valid")
    total = sum((_line(each) for each in goods.findall("ExportLineItem")), Decimal(0))
    declared = text_of(request, "Dutiable/DeclaredValue")
    if not _AMOUNT.fullmatch(declared) or Decimal(declared) != total or total <= 0:
        _refuse("EX009", "The declared value is not the total of the export lines")


def _line(line: Element) -> Decimal:
    """Return what the units of a line are worth together."""
    quantity, value = text_of(line, "Quantity"), text_of(line, "Value")
    weights = [text_of(line, f"{kind}/Weight") for kind in ("Weight", "GrossWeight")]
    checks = (
        ("quantity", re.fullmatch(r"[1-9][0-9]{0,8}", quantity)),
        ("description", 0 < len(text_of(line, "Description")) <= _LONGEST_GOODS),
        ("value", _AMOUNT.fullmatch(value) and Decimal(value) > 0),
        ("commodity code", _HS_CODE.fullmatch(text_of(line, "CommodityCode"))),
        ("country of manufacture", text_of(line, "ManufactureCountryCode") in COUNTRIES),
        ("weight", all(_WEIGHT.fullmatch(each) and Decimal(each) > 0 for each in weights)),
        ("unit of weight", text_of(line, "Weight/WeightUnit") == "K"),
    )
    for what, is_right in checks:
        if not is_right:
            _refuse("EX010", f"The {what} of line {text_of(line, 'LineNumber')} is missing or not valid")
    return int(quantity) * Decimal(value)


def _refuse(code: str, message: str) -> NoReturn:
    raise DhlRefusalError(code, message)

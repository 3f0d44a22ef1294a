"""What the simulated UPS checks of goods that cross a customs border, before it sells a label for them."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from app.simulators.borders import areas_of
from app.simulators.ups_refusals import UpsRefusalError
from kernel.countries import COUNTRIES

_TERMS: Final = frozenset(["CFR", "CIF", "CIP", "CPT", "DAF", "DDP", "DDU", "DEQ", "DES", "EXW", "FAS", "FCA", "FOB"])
_REASONS: Final = frozenset({"SALE", "GIFT", "SAMPLE", "RETURN", "REPAIR", "INTERCOMPANYDATA"})
_NO_PHONE = re.compile(r"[0 .()+-]*")
_HS_CODE = re.compile(r"[0-9]{6,15}")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_LONGEST_NAME, _LONGEST_LINE, _LONGEST_TAX_NUMBER, _LONGEST_PHONE = 35, 35, 15, 15
_LONGEST_INVOICE_NUMBER, _MOST_PRODUCTS, _LONGEST_COMMENTS = 35, 50, 150
_DUTIES = "02"


def require_declared(shipment: Mapping[str, Any]) -> None:
    """Check the declaration of a shipment that crosses a customs border.

    Raises:
        UpsRefusalError: something is missing, or is not as UPS takes it.
    """
    here, there = shipment["ShipFrom"]["Address"], shipment["ShipTo"]["Address"]
    forms = (shipment.get("ShipmentServiceOptions") or {}).get("InternationalForms")
    if not _crosses(here, there):
        if forms:
            _refuse("128053", "International Forms are not allowed for this origin and destination")
        return
    for party in ("Shipper", "ShipFrom", "ShipTo"):
        _require_party(party, shipment[party])
    _require_duties(shipment["PaymentInformation"]["ShipmentCharge"], forms or {})
    if not shipment.get("Description"):
        _refuse("120003", "Missing or invalid shipment description")
    if not forms:
        _refuse("128001", "International Forms are required for this shipment")
    _require_forms(forms)
    if shipment.get("ReturnService"):
        _require_returned(shipment, forms)
    elif forms["ReasonForExport"] == "RETURN":
        _refuse("128062", "The reason for export is not allowed for a shipment that is no return")
    total = sum((_product(place, each) for place, each in enumerate(forms["Product"], start=1)), Decimal(0))
    line = shipment.get("InvoiceLineTotal") or {}
    if line.get("CurrencyCode") != forms["CurrencyCode"]:
        _refuse("128030", "The currency of the invoice line total and of the invoice are not the same")
    if _amount(line.get("MonetaryValue"), "invoice line total") != total:
        _refuse("128031", "The invoice line total does not match the total of the products")


def _crosses(here: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    ends = [areas_of(end["CountryCode"], str(end.get("PostalCode", ""))) for end in (here, there)]
    return not ends[0] & ends[1]


def _require_party(name: str, party: Mapping[str, Any]) -> None:
    if not 0 < len(party.get("Name") or "") <= _LONGEST_NAME:
        _refuse("120200", f"Missing or invalid {name} name")
    if not 0 < len(party.get("AttentionName") or "") <= _LONGEST_NAME:
        _refuse("120201", f"Missing or invalid {name} attention name")
    number = (party.get("Phone") or {}).get("Number") or ""
    if _NO_PHONE.fullmatch(number) or len(number) > _LONGEST_PHONE:
        _refuse("120213", f"Missing or invalid {name} phone number")
    if len(party.get("TaxIdentificationNumber") or "") > _LONGEST_TAX_NUMBER:
        _refuse("120219", f"Invalid {name} tax identification number")
    address = party["Address"]
    lines = address.get("AddressLine") or []
    if not lines or any(not line or len(line) > _LONGEST_LINE for line in lines):
        _refuse("120204", f"Missing or invalid {name} address line")
    if address["CountryCode"] not in COUNTRIES:
        _refuse("120209", f"Missing or invalid {name} country code")
    if address["CountryCode"] in {"US", "CA"} and not address.get("StateProvinceCode"):
        _refuse("120206", f"Missing or invalid {name} state province code")


def _require_duties(charges: list[Mapping[str, Any]], forms: Mapping[str, Any]) -> None:
    """Duties are the recipient's unless an account of UPS is named that pays them; the invoice has to say the same."""
    duties = [each for each in charges if each["Type"] == _DUTIES]
    payers = [each.get("BillShipper") or each.get("BillReceiver") or each.get("BillThirdParty") for each in duties]
    if any(not (payer or {}).get("AccountNumber") for payer in payers):
        _refuse("120320", "Missing or invalid account number for the duties and taxes")
    if forms and (forms.get("TermsOfShipment") == "DDP") is not bool(duties):
        _refuse("128040", "The terms of shipment do not match who pays duties and taxes")


def _require_forms(forms: Mapping[str, Any]) -> None:
    checks = (
        ("128002", "form type", forms.get("FormType") == "01"),
        ("128003", "invoice number", 0 < len(forms.get("InvoiceNumber") or "") <= _LONGEST_INVOICE_NUMBER),
        ("128004", "invoice date", re.fullmatch(r"20[0-9]{2}[01][0-9][0-3][0-9]", forms.get("InvoiceDate") or "")),
        ("128005", "reason for export", forms.get("ReasonForExport") in _REASONS),
        ("128006", "currency code", re.fullmatch(r"[A-Z]{3}", forms.get("CurrencyCode") or "")),
        ("128007", "terms of shipment", forms.get("TermsOfShipment") in _TERMS),
        ("128008", "product", 0 < len(forms.get("Product") or []) <= _MOST_PRODUCTS),
    )
    for code, what, is_right in checks:
        if not is_right:
            _refuse(code, f"Missing or invalid {what} in the International Forms")
    _require_party("SoldTo", (forms.get("Contacts") or {}).get("SoldTo") or {"Address": {}})


def _require_returned(shipment: Mapping[str, Any], forms: Mapping[str, Any]) -> None:
    """Goods come back to who exported them: the account's holder imports them, and says with what they left."""
    if forms["ReasonForExport"] != "RETURN":
        _refuse("128060", "The reason for export does not match the return service")
    if not re.search(r"invoice \S+ of [0-9]{4}(-[0-9]{2}){2}, waybill \S+", forms.get("Comments") or ""):
        _refuse("128061", "The comments of a return name the invoice and the tracking number of its export")
    if len(forms["Comments"]) > _LONGEST_COMMENTS:
        _refuse("128063", "The comments are longer than 150 characters")
    importer, home = shipment["ShipTo"], shipment["Shipper"]["Address"]["CountryCode"]
    if importer["Address"]["CountryCode"] != home:
        _refuse("120114", "The shipper number is not valid for the country or territory of the shipper")
    if not importer.get("TaxIdentificationNumber") and areas_of(home, "") & {"EU", "GB"}:
        _refuse("120219", "Missing or invalid ShipTo tax identification number")
    if forms["Contacts"]["SoldTo"]["Name"] != importer["Name"]:
        _refuse("128064", "Returned goods are not sold to anybody but their importer")


def _product(place: int, product: Mapping[str, Any]) -> Decimal:
    """Return what the units of a product are worth together."""
    unit = product.get("Unit") or {}
    number = str(unit.get("Number") or "")
    weight = str((product.get("ProductWeight") or {}).get("Weight") or "")
    checks = (
        ("128010", "description", 0 < len(product.get("Description") or "") <= _LONGEST_NAME),
        ("128011", "unit number", re.fullmatch(r"[1-9][0-9]{0,6}", number)),
        ("128012", "unit of measurement", (unit.get("UnitOfMeasurement") or {}).get("Code") == "PCS"),
        ("128013", "commodity code", _HS_CODE.fullmatch(product.get("CommodityCode") or "")),
        ("128014", "origin country code", product.get("OriginCountryCode") in COUNTRIES),
        ("128015", "weight", re.fullmatch(r"[0-9]+(\.[0-9]+)?", weight) and Decimal(weight) > 0),
        ("128016", "part number", len(product.get("PartNumber") or "") <= _LONGEST_NAME),
    )
    for code, what, is_right in checks:
        if not is_right:
            _refuse(code, f"Missing or invalid {what} of product {place}")
    return int(number) * _amount(unit.get("Value"), f"value of product {place}")


def _amount(text: object, what: str) -> Decimal:
    try:
        amount = Decimal(str(text)) if _AMOUNT.fullmatch(str(text)) else Decimal(0)
    except InvalidOperation:
        amount = Decimal(0)
    if amount <= 0:
        _refuse("128020", f"Missing or invalid {what}")
    return amount


def _refuse(code: str, message: str) -> NoReturn:
    raise UpsRefusalError(400, code, message)

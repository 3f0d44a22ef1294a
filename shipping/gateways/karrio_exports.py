"""What customs is told of a parcel, in karrio's form, and what its connectors get wrong about it.

Amounts are decimals in the order's currency and are written as they are; weights are kilograms of the whole line, as
both carriers read them, while values are those of one unit.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from kernel.money import decimals
from shipping.domain.exports import CustomsFacts, CustomsItem
from shipping.gateways.karrio_transport import Karrio

UPS: Final = "ups"
DHL_EXPRESS: Final = "dhl_express"
NAME_LENGTH: Final = 35
_LONGEST_UPS_TAX_NUMBER = 15
_UNDECLARED: Final = (
    "Its connector declares nothing inside a country or the Union: buy this label in the carrier's own tool, or through"
    " UPS."
)
_DUTIES = "02"
_DUTIES_PAID = "DD"
# UPS knows no DAP; what it is called there is the term that DAP took the place of.
_UPS_TERMS: Final = {"DAP": "DDU"}
_UPS_LINE = 35
_UPS_COMMENTS = 150
_DHL_LINE = 45
_LINES = 3


class UndeclarableError(Exception):
    """The connector cannot declare these goods: nothing was sent."""


def customs_info(karrio: Karrio, connector: str, facts: CustomsFacts, account_number: str) -> Any:  # noqa: ANN401 - see Karrio
    """Return the declaration of goods that were sold, or that come back."""
    models, terms = karrio.models, facts.terms
    is_paid_here = terms.incoterm == "DDP"
    numbers = {"eori_number": terms.eori, "vat_registration_number": terms.vat_number}
    return models.Customs(
        commodities=[_commodity(karrio, facts, item) for item in facts.items],
        certify=True, signer=terms.signer, content_type="return_merchandise" if facts.originals else "merchandise",
        content_description=content_of(facts),
        incoterm=_UPS_TERMS.get(terms.incoterm, terms.incoterm) if connector == UPS else terms.incoterm,
        invoice=facts.invoice_number, invoice_date=facts.invoice_date.isoformat(), commercial_invoice=True,
        duty=models.Duty(
            paid_by="sender" if is_paid_here else "recipient", currency=facts.currency,
            declared_value=amount(facts.value_minor, facts.currency),
            account_number=account_number if is_paid_here else None,
        ),
        options={name: value for name, value in numbers.items() if value},
    )  # fmt: skip


def content_of(facts: CustomsFacts) -> str:
    """Return what is in a parcel, in a few words of the seller's."""
    return _cut(", ".join(dict.fromkeys(item.description for item in facts.items)), NAME_LENGTH)


def amount(minor: int, currency: str) -> Decimal:
    """Return minor units as a decimal with the places of the currency."""
    return Decimal(minor).scaleb(-decimals(currency))


def tax_number(connector: str, facts: CustomsFacts) -> str | None:
    """Return the number under which the carrier names the exporter: the EORI number to UPS, which has one field for
    both and takes no more than 15 characters; else that for VAT.
    """
    terms = facts.terms
    if connector == UPS and terms.eori and len(terms.eori) <= _LONGEST_UPS_TAX_NUMBER:
        return terms.eori
    return terms.vat_number or None


def mend_ups(request: Any, streets: dict[str, str], facts: CustomsFacts | None) -> None:  # noqa: ANN401 - see Karrio
    """Mend a purchase at UPS: without duties that we pay the connector bills the recipient's account, of which there is
    none; it rounds weights to 10 g, and turns "Weg 1" into "1 Weg". `streets` are those of "shipper", "from" and "to".
    Goods that come back name the exports by which customs finds them.
    """
    shipment = request.ShipmentRequest.Shipment
    if facts is not None and facts.terms.incoterm != "DDP":
        payment = shipment.PaymentInformation
        payment.ShipmentCharge = [charge for charge in payment.ShipmentCharge if charge.Type != _DUTIES]
    forms = shipment.ShipmentServiceOptions and shipment.ShipmentServiceOptions.InternationalForms
    for product, item in zip(forms.Product if forms and facts else (), facts.items if facts else (), strict=True):
        product.ProductWeight.UnitOfMeasurement.Code = "KGS"
        product.ProductWeight.Weight = f"{item.net_weight_g / 1000:.3f}"
    if forms and facts and facts.originals:
        forms.Comments = _cut("Returned goods: " + "; ".join(each.words for each in facts.originals), _UPS_COMMENTS)
    there = [shipment.ShipTo, *([forms.Contacts.SoldTo] if forms else [])]
    for end, parties in (("shipper", [shipment.Shipper]), ("from", [shipment.ShipFrom]), ("to", there)):
        for party in parties:
            party.Address.AddressLine = _lines(streets[end], _UPS_LINE)


def mend_dhl(request: Any, streets: dict[str, str], facts: CustomsFacts | None) -> None:  # noqa: ANN401 - see Karrio
    """Mend a purchase at DHL Express: the connector decides by countries alone what is declared, sends empty elements
    for what is not, rounds weights, cuts no street, and puts a price of one on the service that pays duties.

    Raises:
        UndeclarableError: both ends are in countries between which the connector knows no border.
    """
    for service in request.SpecialService or []:
        if service.SpecialServiceType == _DUTIES_PAID:
            service.ChargeValue = service.CurrencyCode = None
    for party, street in ((request.Shipper, streets["from"]), (request.Consignee, streets["to"])):
        lines = (*_lines(street, _DHL_LINE), None, None)
        party.AddressLine1, party.AddressLine2, party.AddressLine3 = lines[:3]
        party.StreetName = party.StreetNumber = None
    if facts is None:
        request.Dutiable = request.ExportDeclaration = None
        # The values that stand for nothing: they are the ones that are not written.
        request.UseDHLInvoice, request.DHLInvoiceLanguageCode, request.DHLInvoiceType = "N", "en", "CMI"
        request.ShipmentDetails.IsDutiable = "N"
        return
    if request.ExportDeclaration is None:
        raise UndeclarableError(_UNDECLARED)
    for line, item in zip(request.ExportDeclaration.ExportLineItem, facts.items, strict=True):
        line.Weight.Weight = line.GrossWeight.Weight = item.net_weight_g / 1000
        line.Weight.WeightUnit = line.GrossWeight.WeightUnit = "K"


def _commodity(karrio: Karrio, facts: CustomsFacts, item: CustomsItem) -> Any:  # noqa: ANN401 - see Karrio
    return karrio.models.Commodity(
        sku=_cut(item.sku, NAME_LENGTH), title=_cut(item.description, NAME_LENGTH), description=item.description,
        quantity=item.quantity, hs_code=item.hs_code, origin_country=item.country_of_origin,
        weight=item.net_weight_g / 1000, weight_unit="KG",
        value_amount=amount(item.unit_value_minor, facts.currency), value_currency=facts.currency,
    )  # fmt: skip


def _lines(street: str, longest: int) -> list[str]:
    """Return a street in three lines at most, parted between words where that can be."""
    lines = [""]
    for word in _pieces(street.split(), longest):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= longest:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines[:_LINES]


def _pieces(words: Iterable[str], longest: int) -> Iterable[str]:
    for word in words:
        yield from (word[start : start + longest] for start in range(0, len(word), longest))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest].rstrip()

"""What karrio is asked, in its own unified form: kilograms and centimeters, only here."""

from typing import Any

from shipping.domain.exports import CustomsFacts
from shipping.gateways.carriers import CarrierAddress, LabelRequest
from shipping.gateways.karrio_exports import (
    DHL_EXPRESS,
    NAME_LENGTH,
    UPS,
    amount,
    content_of,
    customs_info,
    mend_dhl,
    mend_ups,
    tax_number,
)
from shipping.gateways.karrio_transport import Karrio

_LONGEST_PHONE = 15
_PRINTED = "ups_print_return_label"


def shipment_request(karrio: Karrio, connector: str, request: LabelRequest, account_number: str) -> Any:  # noqa: ANN401 - see Karrio
    """Return the purchase of a label, with its customs declaration where there is one."""
    models, facts = karrio.models, request.customs
    here, there = _address(karrio, request.ship_from), _address(karrio, request.ship_to)
    is_ours_there = connector == UPS and request.is_return
    if facts is not None:
        _name_merchant(there if is_ours_there else here, connector, facts)
    # A shipper is to UPS whose account it is, and not who hands the parcel over.
    ends = {"shipper": there, "return_address": here} if is_ours_there else {"shipper": here}
    return models.ShipmentRequest(
        service=request.service, **ends, recipient=there,
        parcels=[_parcel(karrio, request)], reference=request.reference,
        payment=models.Payment(paid_by="sender"), is_return=request.is_return,
        customs=customs_info(karrio, connector, facts, account_number) if facts else None,
        options=_options(connector, request),
    )  # fmt: skip


def mend_shipment(connector: str, asked: Any, request: LabelRequest) -> None:  # noqa: ANN401 - see Karrio
    """Set right what the connector wrote of a purchase."""
    streets = {"from": request.ship_from.street, "to": request.ship_to.street}
    streets["shipper"] = streets["to" if request.is_return else "from"]
    if connector == UPS:
        mend_ups(asked.value, streets, request.customs)
    elif connector == DHL_EXPRESS:
        mend_dhl(asked.value, streets, request.customs)


def rate_request(karrio: Karrio, request: LabelRequest) -> Any:  # noqa: ANN401 - see Karrio
    """Return the question for a parcel's price."""
    return karrio.models.RateRequest(
        shipper=_address(karrio, request.ship_from), recipient=_address(karrio, request.ship_to),
        parcels=[_parcel(karrio, request)], reference=request.reference,
    )  # fmt: skip


def _options(connector: str, request: LabelRequest) -> dict[str, Any]:
    facts, currency = request.customs, {"currency": request.quote.currency}
    service = {"ups_return_service": _PRINTED} if connector == UPS and request.is_return else {}
    if facts is None:
        return {"email_notification": False, **currency, **service}
    told = {**service, "currency": facts.currency, "declared_value": amount(facts.value_minor, facts.currency)}
    if connector == UPS:
        # With the notification named, even as unwanted, the connector leaves the international forms out.
        return told
    paid = {"dhl_duties_and_taxes_paid": True} if facts.terms.incoterm == "DDP" else {}
    return {"email_notification": False, **told, **paid}


def _parcel(karrio: Karrio, request: LabelRequest) -> Any:  # noqa: ANN401 - see Karrio
    return karrio.models.Parcel(
        weight=request.weight_g / 1000, weight_unit="KG", length=request.length_mm / 10, width=request.width_mm / 10,
        height=request.height_mm / 10, dimension_unit="CM", reference_number=request.reference,
        description=content_of(request.customs) if request.customs else "Merchandise",
    )  # fmt: skip


def _address(karrio: Karrio, address: CarrierAddress) -> Any:  # noqa: ANN401 - see Karrio
    name = address.name[:NAME_LENGTH].rstrip()
    return karrio.models.Address(
        person_name=name, company_name=name, address_line1=address.street, city=address.city,
        postal_code=address.postal_code, country_code=address.country, state_code=address.region or None,
        phone_number=_dialled(address.phone) or None,
    )  # fmt: skip


def _name_merchant(address: Any, connector: str, facts: CustomsFacts) -> None:  # noqa: ANN401 - see Karrio
    address.company_name, address.person_name = facts.seller[:NAME_LENGTH], facts.terms.signer
    address.phone_number, address.federal_tax_id = facts.terms.phone, tax_number(connector, facts)


def _dialled(phone: str) -> str:
    """Return a phone number as it is dialled, since carriers cut off what is longer."""
    plus = "+" if phone.strip().startswith("+") else ""
    return f"{plus}{''.join(char for char in phone if char in '0123456789')}"[:_LONGEST_PHONE]

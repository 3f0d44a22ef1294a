"""What karrio is asked, in its own unified form: kilograms and centimeters, only here."""

from typing import Any

from shipping.gateways.carriers import CarrierAddress, LabelRequest
from shipping.gateways.karrio_transport import Karrio


def shipment_request(karrio: Karrio, request: LabelRequest) -> Any:  # noqa: ANN401 - see Karrio
    """Return the purchase of a label."""
    models = karrio.models
    return models.ShipmentRequest(
        service=request.service, shipper=_address(karrio, request.ship_from),
        recipient=_address(karrio, request.ship_to), parcels=[_parcel(karrio, request)], reference=request.reference,
        payment=models.Payment(paid_by="sender"), is_return=request.is_return,
        options={"email_notification": False, "currency": request.quote.currency},
    )  # fmt: skip


def rate_request(karrio: Karrio, request: LabelRequest) -> Any:  # noqa: ANN401 - see Karrio
    """Return the question for a parcel's price."""
    return karrio.models.RateRequest(
        shipper=_address(karrio, request.ship_from), recipient=_address(karrio, request.ship_to),
        parcels=[_parcel(karrio, request)], reference=request.reference,
    )  # fmt: skip


def _parcel(karrio: Karrio, request: LabelRequest) -> Any:  # noqa: ANN401 - see Karrio
    return karrio.models.Parcel(
        weight=request.weight_g / 1000, weight_unit="KG", length=request.length_mm / 10, width=request.width_mm / 10,
        height=request.height_mm / 10, dimension_unit="CM", reference_number=request.reference,
        description="Merchandise",
    )  # fmt: skip


def _address(karrio: Karrio, address: CarrierAddress) -> Any:  # noqa: ANN401 - see Karrio
    return karrio.models.Address(
        person_name=address.name, company_name=address.name, address_line1=address.street, city=address.city,
        postal_code=address.postal_code, country_code=address.country, state_code=address.region or None,
    )  # fmt: skip

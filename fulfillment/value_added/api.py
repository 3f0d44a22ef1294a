"""What the room lends: services that are done to goods while they are packed, and what is owed for them."""

from fulfillment.domain.value_added import ServiceDraft
from fulfillment.value_added.bench import ServiceDue, services_due
from fulfillment.value_added.charges import ChargeTotal, ChargeView, charge_totals, charges_to_csv, service_charges
from fulfillment.value_added.photos import MAX_PHOTO_BYTES, NoPicture, forget_photos, get_photo
from fulfillment.value_added.registering import (
    CodeTaken,
    OfferDraft,
    OfferView,
    change_offer,
    get_service,
    offer_service,
    services_of,
)
from fulfillment.value_added.steps import StepsOpen

__all__ = [
    "MAX_PHOTO_BYTES",
    "ChargeTotal",
    "ChargeView",
    "CodeTaken",
    "NoPicture",
    "OfferDraft",
    "OfferView",
    "ServiceDraft",
    "ServiceDue",
    "StepsOpen",
    "change_offer",
    "charge_totals",
    "charges_to_csv",
    "forget_photos",
    "get_photo",
    "get_service",
    "offer_service",
    "service_charges",
    "services_due",
    "services_of",
]

from dataclasses import replace

from shipping.account_labels import Errand
from shipping.gateway_choice import account_gateway
from shipping.gateways.account_carriers import AccountUnusableError, NotBought
from shipping.gateways.carriers import (
    LabelRequest,
    Purchased,
    PurchaseOutcome,
    Unavailable,
    UnknownOutcome,
    Voided,
    VoidOutcome,
)


def buy_once(errand: Errand, request: LabelRequest) -> PurchaseOutcome:
    """Buy a label at a real carrier, or find it where an earlier purchase may have taken hold.

    It is bought again only when the carrier, asked long enough after the purchase, knows of none. Whatever else comes
    back while a purchase is in doubt is an `UnknownOutcome`: the doubt stays.
    """
    asked = replace(request, service=errand.service_code)
    try:
        gateway = account_gateway(errand.account)
        if not errand.is_in_doubt:
            return gateway.purchase_label(asked)
        found = gateway.find_label(asked)
        if isinstance(found, NotBought) and errand.is_doubt_old:
            return gateway.purchase_label(asked)
    except AccountUnusableError as error:
        return UnknownOutcome(str(error)) if errand.is_in_doubt else Unavailable(str(error))
    if isinstance(found, Purchased):
        return found
    if isinstance(found, NotBought):
        return UnknownOutcome("The carrier knows no such label yet; it is asked again before another one is bought.")
    return UnknownOutcome(found.detail if isinstance(found, Unavailable) else found.next_step)


def seek_to_void(errand: Errand, request: LabelRequest) -> Purchased | VoidOutcome:
    """Look for a label that was given up while its purchase was in doubt. `Voided` when there is none to pay for."""
    if not errand.is_in_doubt:
        return Voided("")
    try:
        found = account_gateway(errand.account).find_label(replace(request, service=errand.service_code))
    except AccountUnusableError as error:
        return Unavailable(str(error))
    if isinstance(found, NotBought):
        waiting = UnknownOutcome("The carrier knows no such label yet; it is asked again.")
        return Voided("") if errand.is_doubt_old else waiting
    return found if isinstance(found, Purchased | Unavailable) else UnknownOutcome(found.next_step)


def void_once(errand: Errand, request: LabelRequest, tracking_number: str) -> VoidOutcome:
    """Take a label back at a real carrier."""
    number = errand.shipment_identifier or tracking_number
    try:
        return account_gateway(errand.account).void_label(
            carrier=request.carrier, reference=request.reference, tracking_number=number
        )
    except AccountUnusableError as error:
        return Unavailable(str(error))

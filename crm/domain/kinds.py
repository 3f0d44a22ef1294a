from enum import StrEnum


class Kind(StrEnum):
    """The chips that a timeline is filtered by."""

    ORDER = "order"
    PICK = "pick"
    WEIGH = "weigh"
    PARCEL = "parcel"
    RETURN = "return"
    MESSAGE = "message"
    NOTE = "note"
    STOCK = "stock"
    OTHER = "other"


_BY_CONTEXT = {
    "fulfillment": Kind.ORDER,
    "shipping": Kind.PARCEL,
    "returns": Kind.RETURN,
    "notifications": Kind.MESSAGE,
    "crm": Kind.NOTE,
    "inventory": Kind.STOCK,
}
_PICK_WORDS = ("pick", "line_", "tote")
_WEIGH_WORDS = ("weigh", "parcel_held", "hold_released", "audit", "tare")


def kind_of(event_type: str) -> Kind:
    """Return the chip for an event type (`context.past_tense.v1`); a type nobody foresaw gets its context's."""
    context, _, rest = event_type.partition(".")
    if context == "fulfillment" and any(word in rest for word in _PICK_WORDS):
        return Kind.PICK
    if context == "shipping" and any(word in rest for word in _WEIGH_WORDS):
        return Kind.WEIGH
    return _BY_CONTEXT.get(context, Kind.OTHER)

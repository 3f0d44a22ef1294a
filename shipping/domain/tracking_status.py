from enum import StrEnum


class TrackingStatus(StrEnum):
    """The fourteen canonical statuses of a parcel's journey."""

    PENDING = "pending"
    PRE_TRANSIT = "pre_transit"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    ATTEMPT_FAILED = "attempt_failed"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Place in the journey; breaks ties between events of the same instant."""
        return _RANK[self]

    @property
    def is_terminal(self) -> bool:
        """Whether the carrier owes no further scan."""
        return self in _TERMINAL


class TrackingFlag(StrEnum):
    """What a reader of the state must know besides its status."""

    DELAYED = "delayed"
    CUSTOMS = "customs"
    ACTION_REQUIRED = "action_required"
    TERMINAL = "terminal"
    UNKNOWN_CODE = "unknown_code"
    POSSIBLE_MISSCAN = "possible_misscan"
    EVENT_AFTER_DELIVERY = "event_after_delivery"
    MOVED_AFTER_CANCEL = "moved_after_cancel"


class ReasonFamily(StrEnum):
    """Who or what a reason points at: the party that has to act next follows from it."""

    CARRIER = "carrier"
    RETAILER = "retailer"
    CONSIGNEE = "consignee"
    CUSTOMS = "customs"
    FORCE_MAJEURE = "force_majeure"
    OTHER = "other"


_S = TrackingStatus
_RANK: dict[TrackingStatus, int] = {
    _S.UNKNOWN: 0,
    _S.PENDING: 10,
    _S.EXPIRED: 15,
    _S.PRE_TRANSIT: 20,
    _S.CANCELLED: 25,
    _S.PICKED_UP: 30,
    _S.IN_TRANSIT: 40,
    _S.EXCEPTION: 50,
    _S.OUT_FOR_DELIVERY: 60,
    _S.ATTEMPT_FAILED: 65,
    _S.AVAILABLE_FOR_PICKUP: 70,
    _S.DELIVERED: 80,
    _S.RETURNING: 90,
    _S.RETURNED: 100,
}
_TERMINAL = frozenset({_S.DELIVERED, _S.RETURNED, _S.CANCELLED, _S.EXPIRED})

_FAMILIES: dict[ReasonFamily, frozenset[str]] = {
    ReasonFamily.CARRIER: frozenset(
        [
            "damaged",
            "lost",
            "carrier_sorting_error",
            "carrier_vehicle_issue",
            "not_enough_time",
            "rejected_by_carrier",
            "contact_carrier",
            "held_at_depot",
            "held_inward_oe",
            "disposed",
            "security",
            "handed_over",
        ]
    ),
    ReasonFamily.RETAILER: frozenset(
        [
            "invalid_number",
            "incomplete_data",
            "high_value_rejected",
        ]
    ),
    ReasonFamily.CONSIGNEE: frozenset(
        [
            "consignee_refused",
            "consignee_not_available",
            "consignee_not_home",
            "business_closed",
            "incorrect_address",
            "recipient_moved",
            "access_restricted",
            "pickup_missed",
            "notice_left",
            "rescheduled",
            "held_for_payment",
            "undeliverable",
            "signature_required",
            "identification_failed",
            "delivery_not_completed",
        ]
    ),
    ReasonFamily.CUSTOMS: frozenset(
        [
            "customs_delay",
            "customs_documentation",
            "customs_duties_unpaid",
            "customs_hold_export",
            "customs_started",
            "customs_cleared",
        ]
    ),
    ReasonFamily.FORCE_MAJEURE: frozenset(
        [
            "weather_delay",
            "natural_disaster",
            "external_delay",
        ]
    ),
}
_DELAYING = frozenset(
    [
        "external_delay",
        "weather_delay",
        "natural_disaster",
        "customs_delay",
        "customs_hold_export",
        "carrier_sorting_error",
        "carrier_vehicle_issue",
        "not_enough_time",
        "rescheduled",
        "held_at_depot",
        "held_inward_oe",
        "on_hold",
    ]
)
_CUSTOMS_OPEN = _FAMILIES[ReasonFamily.CUSTOMS] - {"customs_cleared"}
_NEEDS_ACTION = frozenset(
    [
        "incorrect_address",
        "recipient_moved",
        "held_for_payment",
        "customs_documentation",
        "customs_duties_unpaid",
        "notice_left",
        "contact_carrier",
        "undeliverable",
        "incomplete_data",
        "pickup_missed",
        "access_restricted",
        "signature_required",
        "identification_failed",
    ]
)


def reason_family(reason: str | None) -> ReasonFamily | None:
    """Name the family of a reason, OTHER for one that belongs nowhere, None without a reason."""
    if reason is None:
        return None
    return next((family for family, reasons in _FAMILIES.items() if reason in reasons), ReasonFamily.OTHER)


def status_flags(status: TrackingStatus, reason: str | None) -> frozenset[TrackingFlag]:
    """Derive delayed, customs, action_required and terminal from a status and its reason."""
    flags: set[TrackingFlag] = set()
    if reason in _DELAYING:
        flags.add(TrackingFlag.DELAYED)
    if reason in _CUSTOMS_OPEN:
        flags.add(TrackingFlag.CUSTOMS)
    if reason in _NEEDS_ACTION or status in {TrackingStatus.AVAILABLE_FOR_PICKUP, TrackingStatus.ATTEMPT_FAILED}:
        flags.add(TrackingFlag.ACTION_REQUIRED)
    if status.is_terminal:
        flags.add(TrackingFlag.TERMINAL)
    return frozenset(flags)

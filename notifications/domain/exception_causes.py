"""From the carriers' reasons to the few causes that a customer is written about."""

from notifications.domain.wording import ExceptionCause

# Nobody is waiting for news about these: the label was given up or never used.
_SILENT_STATUSES = frozenset({"cancelled", "expired"})

_CAUSES: dict[str, ExceptionCause] = {
    "weather_delay": ExceptionCause.WEATHER,
    "natural_disaster": ExceptionCause.WEATHER,
    "incorrect_address": ExceptionCause.ADDRESS,
    "recipient_moved": ExceptionCause.ADDRESS,
    "incomplete_data": ExceptionCause.ADDRESS,
    "undeliverable": ExceptionCause.ADDRESS,
    "access_restricted": ExceptionCause.ADDRESS,
    "consignee_not_available": ExceptionCause.NOBODY_HOME,
    "consignee_not_home": ExceptionCause.NOBODY_HOME,
    "business_closed": ExceptionCause.NOBODY_HOME,
    "notice_left": ExceptionCause.NOBODY_HOME,
    "delivery_not_completed": ExceptionCause.NOBODY_HOME,
    "pickup_missed": ExceptionCause.PICKUP_POINT,
    "customs_delay": ExceptionCause.CUSTOMS,
    "customs_documentation": ExceptionCause.CUSTOMS,
    "customs_duties_unpaid": ExceptionCause.CUSTOMS,
    "customs_hold_export": ExceptionCause.CUSTOMS,
    "customs_started": ExceptionCause.CUSTOMS,
    "damaged": ExceptionCause.DAMAGED,
    "lost": ExceptionCause.LOST,
    "external_delay": ExceptionCause.DELAYED,
    "carrier_sorting_error": ExceptionCause.DELAYED,
    "carrier_vehicle_issue": ExceptionCause.DELAYED,
    "not_enough_time": ExceptionCause.DELAYED,
    "rescheduled": ExceptionCause.DELAYED,
    "held_at_depot": ExceptionCause.DELAYED,
    "held_inward_oe": ExceptionCause.DELAYED,
    "on_hold": ExceptionCause.DELAYED,
}
_BY_STATUS = {"attempt_failed": ExceptionCause.NOBODY_HOME, "available_for_pickup": ExceptionCause.PICKUP_POINT}


def cause_of(status: str, reason: str) -> ExceptionCause | None:
    """Return what the customer is told about a parcel's status and reason, None when there is nothing to tell."""
    if status in _SILENT_STATUSES:
        return None
    return _CAUSES.get(reason) or _BY_STATUS.get(status, ExceptionCause.OTHER)

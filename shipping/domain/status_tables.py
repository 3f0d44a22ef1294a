from collections.abc import Mapping

from shipping.domain.status_table import StatusTable, status_table
from shipping.domain.tracking_status import TrackingStatus

_S = TrackingStatus

_AFTERSHIP_TAG = status_table(
    {
        _S.PENDING: "Pending",
        _S.PRE_TRANSIT: "InfoReceived",
        _S.IN_TRANSIT: "InTransit",
        _S.OUT_FOR_DELIVERY: "OutForDelivery",
        _S.AVAILABLE_FOR_PICKUP: "AvailableForPickup",
        _S.ATTEMPT_FAILED: "AttemptFail",
        _S.DELIVERED: "Delivered",
        _S.EXCEPTION: "Exception",
        _S.EXPIRED: "Expired",
    }
)
# The vendor files "customer contacted" and "appointment made" under OutForDelivery although no van has been loaded.
_AFTERSHIP_SUBTAG = status_table(
    {
        _S.PENDING: "Pending_001",
        _S.PRE_TRANSIT: "InfoReceived_001",
        _S.PICKED_UP: "InTransit_002=acceptance_scan",
        _S.IN_TRANSIT: "InTransit_001 InTransit_003=arrival_scan InTransit_004=arrived_destination_country "
        "InTransit_005=customs_cleared InTransit_006=customs_started InTransit_007=departure_scan "
        "InTransit_008=problem_resolved InTransit_009=forwarded_other_address "
        "OutForDelivery_003=customer_contacted OutForDelivery_004=appointment_scheduled",
        _S.OUT_FOR_DELIVERY: "OutForDelivery_001",
        _S.AVAILABLE_FOR_PICKUP: "AvailableForPickup_001",
        _S.ATTEMPT_FAILED: "AttemptFail_001 AttemptFail_002=consignee_not_available AttemptFail_003=business_closed",
        _S.DELIVERED: "Delivered_001 Delivered_002=collected_by_customer Delivered_003=signed "
        "Delivered_004=cod_collected Delivered_005=left_with_neighbour",
        _S.EXCEPTION: "Exception_001=unknown Exception_002=recipient_moved Exception_003=consignee_refused "
        "Exception_004=customs_delay Exception_005=external_delay Exception_006=held_for_payment "
        "Exception_007=incorrect_address Exception_008=pickup_missed Exception_009=rejected_by_carrier "
        "Exception_012=damaged Exception_013=lost",
        _S.RETURNING: "Exception_010=returning_to_sender",
        _S.RETURNED: "Exception_011=returned_to_sender",
        _S.EXPIRED: "Expired_001",
    }
)
_EASYPOST_STATUS = status_table(
    {
        _S.PRE_TRANSIT: "pre_transit",
        _S.IN_TRANSIT: "in_transit",
        _S.OUT_FOR_DELIVERY: "out_for_delivery",
        _S.AVAILABLE_FOR_PICKUP: "available_for_pickup",
        _S.DELIVERED: "delivered",
        _S.RETURNING: "return_to_sender",
        _S.EXCEPTION: "failure",
        _S.CANCELLED: "cancelled",
        _S.UNKNOWN: "unknown error",
    }
)
_EASYPOST_DETAIL = status_table(
    {
        _S.PRE_TRANSIT: "label_created awaiting_information",
        _S.PICKED_UP: "received_at_origin_facility",
        _S.IN_TRANSIT: "in_transit status_update arrived_at_facility=arrival_scan departed_facility=departure_scan "
        "departed_origin_facility=departure_scan arrived_at_destination=arrived_at_destination "
        "received_at_destination_facility=arrived_at_destination transferred_to_destination_carrier=handed_over",
        _S.OUT_FOR_DELIVERY: "out_for_delivery",
        _S.AVAILABLE_FOR_PICKUP: "arrived_at_pickup_location",
        _S.ATTEMPT_FAILED: "delivery_exception=unknown",
        _S.EXCEPTION: "address_correction=incorrect_address delayed=external_delay weather_delay=weather_delay "
        "held=on_hold missorted=carrier_sorting_error transit_exception=unknown refused=consignee_refused "
        "damaged=damaged lost=lost failure=unknown",
        _S.RETURNING: "return=returning_to_sender",
        _S.CANCELLED: "cancelled",
        _S.EXPIRED: "expired",
        _S.UNKNOWN: "unknown",
    }
)
_SHIPPO_STATUS = status_table(
    {
        _S.UNKNOWN: "UNKNOWN",
        _S.PRE_TRANSIT: "PRE_TRANSIT",
        _S.IN_TRANSIT: "TRANSIT",
        _S.DELIVERED: "DELIVERED",
        _S.RETURNING: "RETURNED",
        _S.EXCEPTION: "FAILURE",
    }
)
_SHIPPO_SUBSTATUS = status_table(
    {
        _S.PRE_TRANSIT: "information_received",
        _S.PICKED_UP: "package_accepted",
        _S.IN_TRANSIT: "package_arrived=arrival_scan package_departed=departure_scan package_processed "
        "package_processing package_forwarded=forwarded_other_address delivery_scheduled=appointment_scheduled",
        _S.OUT_FOR_DELIVERY: "out_for_delivery",
        _S.AVAILABLE_FOR_PICKUP: "pickup_available",
        _S.ATTEMPT_FAILED: "delivery_attempted location_inaccessible=access_restricted notice_left=notice_left "
        "reschedule_delivery=rescheduled",
        _S.DELIVERED: "delivered",
        _S.EXCEPTION: "delivery_rescheduled=rescheduled delayed=external_delay package_held=on_hold "
        "address_issue=incorrect_address contact_carrier=contact_carrier package_damaged=damaged package_lost=lost "
        "package_disposed=disposed package_undeliverable=undeliverable",
        _S.RETURNING: "package_unclaimed=pickup_missed return_to_sender=returning_to_sender",
        _S.UNKNOWN: "other",
    }
)
_KARRIO_STATUS = status_table(
    {
        _S.PRE_TRANSIT: "pending",
        _S.PICKED_UP: "picked_up",
        _S.IN_TRANSIT: "in_transit",
        _S.OUT_FOR_DELIVERY: "out_for_delivery",
        _S.AVAILABLE_FOR_PICKUP: "ready_for_pickup",
        _S.DELIVERED: "delivered",
        _S.EXCEPTION: "on_hold=on_hold delivery_delayed=external_delay",
        _S.ATTEMPT_FAILED: "delivery_failed",
        _S.RETURNING: "return_to_sender=returning_to_sender",
        _S.CANCELLED: "cancelled",
        _S.UNKNOWN: "unknown",
    }
)
_17TRACK_STATUS = status_table(
    {
        _S.PENDING: "NotFound",
        _S.PRE_TRANSIT: "InfoReceived",
        _S.IN_TRANSIT: "InTransit",
        _S.OUT_FOR_DELIVERY: "OutForDelivery",
        _S.AVAILABLE_FOR_PICKUP: "AvailableForPickup",
        _S.ATTEMPT_FAILED: "DeliveryFailure",
        _S.DELIVERED: "Delivered",
        _S.EXCEPTION: "Exception",
        _S.EXPIRED: "Expired",
    }
)
_17TRACK_SUB_STATUS = status_table(
    {
        _S.PENDING: "NotFound_Other NotFound_InvalidCode=invalid_number",
        _S.PRE_TRANSIT: "InfoReceived",
        _S.PICKED_UP: "InTransit_PickedUp",
        _S.IN_TRANSIT: "InTransit_Other InTransit_Departure=departure_scan InTransit_Arrival=arrival_scan "
        "InTransit_CustomsProcessing=customs_started InTransit_CustomsReleased=customs_cleared",
        _S.OUT_FOR_DELIVERY: "OutForDelivery_Other",
        _S.AVAILABLE_FOR_PICKUP: "AvailableForPickup_Other",
        _S.ATTEMPT_FAILED: "DeliveryFailure_Other DeliveryFailure_NoBody=consignee_not_available "
        "DeliveryFailure_Security=security DeliveryFailure_Rejected=consignee_refused "
        "DeliveryFailure_InvalidAddress=incorrect_address",
        _S.DELIVERED: "Delivered_Other",
        _S.EXCEPTION: "Exception_Other InTransit_CustomsRequiringInformation=customs_documentation "
        "Exception_NoBody=consignee_not_available Exception_Security=security Exception_Damage=damaged "
        "Exception_Rejected=consignee_refused Exception_Delayed=external_delay Exception_Lost=lost "
        "Exception_Destroyed=disposed",
        _S.RETURNING: "Exception_Returning=returning_to_sender",
        _S.RETURNED: "Exception_Returned=returned_to_sender",
        _S.CANCELLED: "Exception_Cancel",
        _S.EXPIRED: "Expired_Other",
    }
)
_TRACKINGMORE_STATUS = status_table(
    {
        _S.PENDING: "pending notfound",
        _S.IN_TRANSIT: "transit",
        _S.OUT_FOR_DELIVERY: "pickup",
        _S.DELIVERED: "delivered",
        _S.ATTEMPT_FAILED: "undelivered",
        _S.EXCEPTION: "exception",
        _S.EXPIRED: "expired",
    }
)
_TRACKINGMORE_SUB = status_table(
    {
        _S.PENDING: "notfound002",
        _S.PRE_TRANSIT: "notfound001",
        _S.IN_TRANSIT: "transit001 transit002=arrival_scan transit003=arrived_at_destination "
        "transit004=arrived_destination_country transit005=customs_cleared",
        _S.DELIVERED: "delivered001 delivered002=collected_by_customer delivered003=signed "
        "delivered004=left_with_neighbour",
        _S.EXCEPTION: "exception004=pickup_missed exception005 exception006=customs_delay exception007=damaged "
        "exception009=consignee_refused",
        _S.CANCELLED: "exception008",
        _S.RETURNED: "exception010=returned_to_sender",
        _S.RETURNING: "exception011=returning_to_sender",
    }
)
_DELIVERY_TRACKER = status_table(
    {
        _S.PRE_TRANSIT: "INFORMATION_RECEIVED",
        _S.PICKED_UP: "AT_PICKUP",
        _S.IN_TRANSIT: "IN_TRANSIT",
        _S.OUT_FOR_DELIVERY: "OUT_FOR_DELIVERY",
        _S.AVAILABLE_FOR_PICKUP: "AVAILABLE_FOR_PICKUP",
        _S.ATTEMPT_FAILED: "ATTEMPT_FAIL",
        _S.DELIVERED: "DELIVERED",
        _S.EXCEPTION: "EXCEPTION",
        _S.UNKNOWN: "UNKNOWN",
    }
)
_PAYPAL = status_table(
    {
        _S.IN_TRANSIT: "SHIPPED",
        _S.EXCEPTION: "ON_HOLD=on_hold",
        _S.DELIVERED: "DELIVERED",
        _S.CANCELLED: "CANCELLED",
    }
)
_EBAY = status_table(
    {
        _S.PRE_TRANSIT: "CREATED",
        _S.IN_TRANSIT: "IN_TRANSIT",
        _S.DELIVERED: "DELIVERED",
        _S.CANCELLED: "CANCELLED",
        _S.UNKNOWN: "UNKNOWN",
    }
)

# Vocabularies of tracking services and marketplaces by (system, code type), from the vendors' published documents.
SERVICE_TABLES: Mapping[tuple[str, str], StatusTable] = {
    ("aftership", "tag"): _AFTERSHIP_TAG,
    ("aftership", "subtag"): _AFTERSHIP_SUBTAG,
    ("easypost", "status"): _EASYPOST_STATUS,
    ("easypost", "status_detail"): _EASYPOST_DETAIL,
    ("shippo", "status"): _SHIPPO_STATUS,
    ("shippo", "substatus"): _SHIPPO_SUBSTATUS,
    ("karrio", "status"): _KARRIO_STATUS,
    ("17track", "status"): _17TRACK_STATUS,
    ("17track", "sub_status"): _17TRACK_SUB_STATUS,
    ("trackingmore", "status"): _TRACKINGMORE_STATUS,
    ("trackingmore", "sub"): _TRACKINGMORE_SUB,
    ("delivery-tracker", ""): _DELIVERY_TRACKER,
    ("paypal", ""): _PAYPAL,
    ("ebay", ""): _EBAY,
}

from collections.abc import Mapping

from shipping.domain.status_table import StatusTable, status_table
from shipping.domain.tracking_status import TrackingStatus

_S = TrackingStatus

# Codes of the simulated carriers. They differ on purpose as real ones do: "DL" is out for delivery at one and
# delivered at another, so that the map must be keyed by carrier.
SIMULATED_TABLES: Mapping[tuple[str, str], StatusTable] = {
    ("swift_parcel", ""): status_table(
        {
            _S.PRE_TRANSIT: "MP=label_created",
            _S.PICKED_UP: "PU=acceptance_scan",
            _S.IN_TRANSIT: "AR=arrival_scan DP=departure_scan AF=arrived_at_destination CC=customs_cleared",
            _S.OUT_FOR_DELIVERY: "DL",
            _S.AVAILABLE_FOR_PICKUP: "AP",
            _S.ATTEMPT_FAILED: "NH=consignee_not_home CB=business_closed",
            _S.DELIVERED: "OK OS=signed ON=left_with_neighbour",
            _S.EXCEPTION: "WD=weather_delay DY=external_delay BA=incorrect_address DM=damaged LP=lost "
            "RF=consignee_refused MS=carrier_sorting_error CH=customs_delay",
            _S.RETURNING: "RS=returning_to_sender",
            _S.RETURNED: "RD=returned_to_sender",
            _S.CANCELLED: "VO",
        }
    ),
    ("northpost", ""): status_table(
        {
            _S.PRE_TRANSIT: "N01=label_created",
            _S.PICKED_UP: "N10=posting_collection",
            _S.IN_TRANSIT: "N20=arrival_scan N21=departure_scan N25=arrived_delivery_office N30=customs_started "
            "N31=customs_cleared",
            _S.OUT_FOR_DELIVERY: "N40",
            _S.AVAILABLE_FOR_PICKUP: "N45",
            _S.ATTEMPT_FAILED: "N50=consignee_not_available N51=notice_left",
            _S.DELIVERED: "N60 N61=collected_by_customer",
            _S.EXCEPTION: "N70=external_delay N71=incorrect_address N72=damaged N73=lost N74=customs_documentation "
            "N75=consignee_refused",
            _S.RETURNING: "N80=returning_to_sender",
            _S.RETURNED: "N81=returned_to_sender",
            _S.EXPIRED: "N99",
        }
    ),
    ("cargo_line", ""): status_table(
        {
            _S.PRE_TRANSIT: "BKD=label_created",
            _S.PICKED_UP: "PUP=departed_pickup_location",
            _S.IN_TRANSIT: "ARR=arrival_scan DEP=departure_scan APT=appointment_scheduled",
            _S.OUT_FOR_DELIVERY: "OFD",
            _S.AVAILABLE_FOR_PICKUP: "DOC",
            _S.ATTEMPT_FAILED: "ATT=delivery_not_completed",
            _S.DELIVERED: "DL=unloaded",
            _S.EXCEPTION: "HLD=on_hold DMG=damaged LST=lost REF=consignee_refused DLY=external_delay",
            _S.RETURNING: "RTO=returning_to_sender",
            _S.RETURNED: "RTC=returned_to_sender",
            _S.CANCELLED: "CXL",
        }
    ),
}

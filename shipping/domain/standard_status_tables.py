from collections.abc import Mapping

from shipping.domain.status_table import StatusTable, status_table
from shipping.domain.tracking_status import TrackingStatus

_S = TrackingStatus

_UPU_EMSEVT = status_table(
    {
        _S.PICKED_UP: "EMA=posting_collection",
        _S.IN_TRANSIT: "EMB=arrival_outward_oe EMC=departure_outward_oe EXA=customs_started EXC=customs_cleared "
        "EMJ=arrival_transit_oe EMK=departure_transit_oe EMD=arrived_destination_country EDB=customs_started "
        "EDC=customs_cleared EMF=departure_inward_oe EMG=arrived_delivery_office",
        _S.OUT_FOR_DELIVERY: "EDG",
        _S.AVAILABLE_FOR_PICKUP: "EDH",
        _S.ATTEMPT_FAILED: "EMH",
        _S.DELIVERED: "EMI",
        _S.EXCEPTION: "EXB=customs_hold_export EDA=held_inward_oe EME=customs_delay EDF=held_at_depot",
    }
)
_X12_214_AT7 = status_table(
    {
        _S.PRE_TRANSIT: "X3=arrived_pickup_location",
        _S.PICKED_UP: "AF=departed_pickup_location",
        _S.IN_TRANSIT: "X4=arrival_scan P1=departure_scan X6=en_route X1=arrived_delivery_location AG=eta_update "
        "J1=handed_over",
        _S.OUT_FOR_DELIVERY: "OA=out_gated",
        _S.AVAILABLE_FOR_PICKUP: "AV",
        _S.ATTEMPT_FAILED: "AP=delivery_not_completed",
        _S.DELIVERED: "D1=unloaded",
        _S.EXCEPTION: "SD=external_delay A7=consignee_refused",
        _S.RETURNING: "A3=returning_to_sender",
        _S.CANCELLED: "CA",
    }
)
_EPCIS_BIZ_STEP = status_table(
    {
        _S.PRE_TRANSIT: "packing staging_outbound loading",
        _S.PICKED_UP: "shipping",
        _S.IN_TRANSIT: "departing=departure_scan transporting arriving=arrival_scan",
        _S.DELIVERED: "receiving accepting",
        _S.EXCEPTION: "holding=on_hold",
        _S.CANCELLED: "void_shipping",
    }
)
_EPCIS_DISPOSITION = status_table(
    {
        _S.PRE_TRANSIT: "in_progress container_closed",
        _S.IN_TRANSIT: "in_transit",
        _S.EXCEPTION: "damaged=damaged stolen=lost destroyed=disposed",
        _S.RETURNED: "returned",
    }
)
_SCHEMA_ORG = status_table(
    {
        _S.PRE_TRANSIT: "OrderProcessing",
        _S.IN_TRANSIT: "OrderInTransit",
        _S.AVAILABLE_FOR_PICKUP: "OrderPickupAvailable",
        _S.DELIVERED: "OrderDelivered",
        _S.EXCEPTION: "OrderProblem",
        _S.RETURNED: "OrderReturned",
        _S.CANCELLED: "OrderCancelled",
    }
)

# Vocabularies of standards by (system, code type): UPU M40, ASC X12 element 1650, GS1 CBV, schema.org.
STANDARD_TABLES: Mapping[tuple[str, str], StatusTable] = {
    ("upu", "emsevt"): _UPU_EMSEVT,
    ("x12", "214.at7"): _X12_214_AT7,
    ("epcis", "bizstep"): _EPCIS_BIZ_STEP,
    ("epcis", "disposition"): _EPCIS_DISPOSITION,
    ("schema.org", "orderstatus"): _SCHEMA_ORG,
}

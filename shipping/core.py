"""Parcels from the packing plan to the delivery: what every room of shipping stands on."""

from shipping.bills_of_lading import NoBillYet, bill_of_lading, items_on_manifests
from shipping.commands.check_weight import OtherReading, check_weight, tolerance_of
from shipping.commands.close_manifest import NothingToManifest, close_manifest
from shipping.commands.create_parcel import (
    FOREIGN_CONTAINER,
    NeedsSeveralParcels,
    NumbersExhausted,
    UnknownCarton,
    create_parcel,
)
from shipping.commands.create_return_label import create_return_label
from shipping.commands.declare_goods import declare_goods, retell_dangerous_goods, retell_goods
from shipping.commands.hand_over_manifest import NotAllLoaded, hand_over_manifest
from shipping.commands.issue_bill_of_lading import BillNumbersExhausted, issue_bill_of_lading, known_scac
from shipping.commands.plan_parcels import OWN_CONTAINER, CartonsUsedUp, SizeUnknown, plan_into, plan_parcels
from shipping.commands.rank_plans import PricedCarton, PricedPlan, rank_pack_plans
from shipping.commands.record_label import record_label
from shipping.commands.record_scans import record_scans
from shipping.commands.release_held_parcel import SamePerson, release_held_parcel
from shipping.commands.request_label import HeldByAudit, NotWeighed, request_label
from shipping.commands.seed_site_defaults import seed_site_defaults
from shipping.commands.set_export_terms import set_export_terms
from shipping.commands.set_scale import set_scale, set_weight_tolerance
from shipping.commands.set_site_day import clear_site_day, set_site_day
from shipping.commands.settle_weight_check import release_weight_check, settle_weight_check
from shipping.commands.stage_parcel import (
    ContainerSealed,
    ParcelStopped,
    StagedParcel,
    WrongLane,
    right_lane,
    stage_parcel,
    unstage_parcel,
)
from shipping.commands.verify_label import NotLabelled, WrongLabel, verify_label
from shipping.commands.void_parcel import pull_parcel, reopen_parcel, void_parcel
from shipping.commands.weigh_and_label import weigh_and_label
from shipping.commands.weigh_container import state_container, weigh_container
from shipping.commands.weigh_parcel import TareUnknown, weigh_parcel
from shipping.despatches import manifest_epcis, manifest_x12
from shipping.domain.customs_areas import areas_of, leaves_customs_area
from shipping.domain.exports import INCOTERMS, ExportGoods, ExportTerms, OriginalExport, pro_forma_number
from shipping.domain.packing_words import orientation_of
from shipping.domain.piece_sizes import find_known_slip
from shipping.domain.plan_costs import DUNNAGE_MINOR_PER_L
from shipping.domain.typed_weights import OTHER as TYPED_OTHER
from shipping.domain.typed_weights import TYPED_REASONS
from shipping.domain.weight_audit import Extra
from shipping.domain.weight_checks import WeightTolerance
from shipping.export_facts import ExportFactsMissing, ExportTermsView, export_terms
from shipping.freight_risks import freight_terms, set_freight_terms
from shipping.gateways.carriers import RawScan
from shipping.invariants import INVARIANTS, recompute_statuses
from shipping.jobs import purchase_label, purchase_pending_labels, transmit_manifests
from shipping.label_checks import parcels_to_label
from shipping.lanes import ContainerView, LaneView, get_container, get_lane, sort_containers, sort_lanes
from shipping.pace import PackingPace, packing_pace
from shipping.packing_guides import packing_guide
from shipping.packing_views import CartonView, PackPlanView, PlannedCarton
from shipping.plan_prices import Journey
from shipping.printing import (
    NoLabelYet,
    NoMarks,
    address_of,
    consignor_of,
    container_label_pdf,
    label_pdf,
    label_zpl,
    manifest_pdf,
    marks_pdf,
    origin_of,
    packing_slip_pdf,
)
from shipping.proving import prove_packings
from shipping.queries import (
    audits_of,
    board_counts,
    cartons,
    find_manifests,
    find_parcels,
    get_manifest,
    get_parcel,
    held_parcels,
    manifest_parcels,
    next_cut_offs,
    parcel_by_id,
    parcel_by_tracking_number,
    parcels_of,
    quarantined_scans,
    quotes_of,
    scales,
    scans_of,
)
from shipping.quoting import expect_delivery, soonest_delivery
from shipping.rate_shop import DangerousGoodsRefused, NoServiceFits
from shipping.reconciliation import (
    Difference,
    ManifestUnits,
    Reconciliation,
    UnloadedParcel,
    manifest_units,
    reconcile,
    unloaded_parcels,
)
from shipping.scale_readings import UnknownScale, UnusableReading, grams_of
from shipping.site_days import SiteDay, journey_days, next_working_day, site_days
from shipping.subscriptions import SUBSCRIPTIONS
from shipping.views import (
    AuditView,
    BoardCounts,
    Content,
    CutOff,
    ExpectedDelivery,
    LabelRequest,
    ManifestView,
    ParcelView,
    QuarantinedScan,
    QuoteView,
    ScaleView,
    ScanCounts,
    ScanView,
    ShipTo,
)
from shipping.weight_checks import (
    OpenChecks,
    WeightCheck,
    count_open_weight_checks,
    get_weight_check,
    open_weight_checks,
    weight_checks_of,
)

__all__ = [
    "DUNNAGE_MINOR_PER_L",
    "FOREIGN_CONTAINER",
    "INCOTERMS",
    "INVARIANTS",
    "OWN_CONTAINER",
    "SUBSCRIPTIONS",
    "TYPED_OTHER",
    "TYPED_REASONS",
    "AuditView",
    "BillNumbersExhausted",
    "BoardCounts",
    "CartonView",
    "CartonsUsedUp",
    "ContainerSealed",
    "ContainerView",
    "Content",
    "CutOff",
    "DangerousGoodsRefused",
    "Difference",
    "ExpectedDelivery",
    "ExportFactsMissing",
    "ExportGoods",
    "ExportTerms",
    "ExportTermsView",
    "Extra",
    "HeldByAudit",
    "Journey",
    "LabelRequest",
    "LaneView",
    "ManifestUnits",
    "ManifestView",
    "NeedsSeveralParcels",
    "NoBillYet",
    "NoLabelYet",
    "NoMarks",
    "NoServiceFits",
    "NotAllLoaded",
    "NotLabelled",
    "NotWeighed",
    "NothingToManifest",
    "NumbersExhausted",
    "OpenChecks",
    "OriginalExport",
    "OtherReading",
    "PackPlanView",
    "PackingPace",
    "ParcelStopped",
    "ParcelView",
    "PlannedCarton",
    "PricedCarton",
    "PricedPlan",
    "QuarantinedScan",
    "QuoteView",
    "RawScan",
    "Reconciliation",
    "SamePerson",
    "ScaleView",
    "ScanCounts",
    "ScanView",
    "ShipTo",
    "SiteDay",
    "SizeUnknown",
    "StagedParcel",
    "TareUnknown",
    "UnknownCarton",
    "UnknownScale",
    "UnloadedParcel",
    "UnusableReading",
    "WeightCheck",
    "WeightTolerance",
    "WrongLabel",
    "WrongLane",
    "address_of",
    "areas_of",
    "audits_of",
    "bill_of_lading",
    "board_counts",
    "cartons",
    "check_weight",
    "clear_site_day",
    "close_manifest",
    "consignor_of",
    "container_label_pdf",
    "count_open_weight_checks",
    "create_parcel",
    "create_return_label",
    "declare_goods",
    "expect_delivery",
    "export_terms",
    "find_known_slip",
    "find_manifests",
    "find_parcels",
    "freight_terms",
    "get_container",
    "get_lane",
    "get_manifest",
    "get_parcel",
    "get_weight_check",
    "grams_of",
    "hand_over_manifest",
    "held_parcels",
    "issue_bill_of_lading",
    "items_on_manifests",
    "journey_days",
    "known_scac",
    "label_pdf",
    "label_zpl",
    "leaves_customs_area",
    "manifest_epcis",
    "manifest_parcels",
    "manifest_pdf",
    "manifest_units",
    "manifest_x12",
    "marks_pdf",
    "next_cut_offs",
    "next_working_day",
    "open_weight_checks",
    "orientation_of",
    "origin_of",
    "packing_guide",
    "packing_pace",
    "packing_slip_pdf",
    "parcel_by_id",
    "parcel_by_tracking_number",
    "parcels_of",
    "parcels_to_label",
    "plan_into",
    "plan_parcels",
    "pro_forma_number",
    "prove_packings",
    "pull_parcel",
    "purchase_label",
    "purchase_pending_labels",
    "quarantined_scans",
    "quotes_of",
    "rank_pack_plans",
    "recompute_statuses",
    "reconcile",
    "record_label",
    "record_scans",
    "release_held_parcel",
    "release_weight_check",
    "reopen_parcel",
    "request_label",
    "retell_dangerous_goods",
    "retell_goods",
    "right_lane",
    "scales",
    "scans_of",
    "seed_site_defaults",
    "set_export_terms",
    "set_freight_terms",
    "set_scale",
    "set_site_day",
    "set_weight_tolerance",
    "settle_weight_check",
    "site_days",
    "soonest_delivery",
    "sort_containers",
    "sort_lanes",
    "stage_parcel",
    "state_container",
    "tolerance_of",
    "transmit_manifests",
    "unloaded_parcels",
    "unstage_parcel",
    "verify_label",
    "void_parcel",
    "weigh_and_label",
    "weigh_container",
    "weigh_parcel",
    "weight_checks_of",
]

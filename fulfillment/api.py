"""The door of the fulfillment context: orders from the promise to the parcel."""

from fulfillment.commands.add_note import add_note
from fulfillment.commands.advance_task import StepMissing, advance_task
from fulfillment.commands.answer_question import QuestionClosed, SubstituteGone, answer_question
from fulfillment.commands.apply_work_op import apply_work_op
from fulfillment.commands.ask_customer import CUSTOMER_CHOICE
from fulfillment.commands.bind_tote import bind_tote
from fulfillment.commands.cancel_order import cancel_order
from fulfillment.commands.claim_batch import BatchTaken, NothingToPick, claim_batch
from fulfillment.commands.confirm_pick import confirm_pick
from fulfillment.commands.confirm_put_back import confirm_put_back
from fulfillment.commands.fill_backorders import fill_backorders
from fulfillment.commands.finish_picking import TasksOpen, finish_picking
from fulfillment.commands.hold_order import HOLD_KINDS, TooLateToHold, hold_order, release_hold
from fulfillment.commands.open_parcel import reopen_parcel
from fulfillment.commands.pack_bench import PackTaken, choose_carton, leave_packing, start_packing, verify_item
from fulfillment.commands.pack_order import NotReadyToPack, WrongContents, pack_order
from fulfillment.commands.place_order import DuplicateOrder, PlacedResult, place_order, place_orders
from fulfillment.commands.plan_batches import plan_batches
from fulfillment.commands.pull_parcel import pull_parcel
from fulfillment.commands.reserve_held import SHORTFALL
from fulfillment.commands.reuse_units import reuse_units
from fulfillment.commands.scans import WrongScan
from fulfillment.commands.schedule_order import reserve_scheduled
from fulfillment.commands.set_cart import CartSettings, CartTooSmall, cart_settings, set_cart
from fulfillment.commands.set_order_policy import set_order_policy
from fulfillment.commands.settle_parcel import declare_lost, receive_back, refund_parcel, send_again
from fulfillment.commands.settle_shortfall import NoShortfall, settle_shortfall
from fulfillment.commands.short_pick import SHORT_REASONS, short_pick
from fulfillment.commands.skip_task import skip_task
from fulfillment.commands.task_work import TaskClosed, TaskResult
from fulfillment.commands.zero_checks import answer_zero_check, postpone_zero_check, set_zero_checks
from fulfillment.domain.annealing.annealing import warm_up as warm_up_batching
from fulfillment.domain.batching import CartCapacity
from fulfillment.domain.cancellation import CancelAnswer, CancelState
from fulfillment.domain.deliveries import DatedItem, DatedSite, Delivery
from fulfillment.domain.destinations import Destination, destination_faults, destination_of
from fulfillment.domain.floor_document import plan_from_document
from fulfillment.domain.floor_files.files import plan_to_csv, plan_to_geojson
from fulfillment.domain.layout import WarehousePlan
from fulfillment.domain.order_drafts import REPLACEMENT, Address, CustomerDraft, LineDraft, OrderDraft
from fulfillment.domain.order_policy import OrderPolicy
from fulfillment.domain.order_quantities import LineQuantities
from fulfillment.domain.order_state import TERMINAL, OrderState, ParcelState
from fulfillment.domain.parcel_outcomes import OUTCOME, Decision
from fulfillment.domain.release import ReleaseDecision
from fulfillment.domain.routing.speed import expect as expect_compiled_routes
from fulfillment.domain.routing.speed import warm_up as warm_up_routes
from fulfillment.domain.sample_layout import sample_warehouse, sample_warehouse_for
from fulfillment.domain.shares import apportioned
from fulfillment.domain.strain import Strain, StrainLimits
from fulfillment.domain.substitution import (
    CHOICES,
    LINE_WISHES,
    PRICE_RULES,
    ShortPolicy,
    consent_for,
    price_of_substitute,
)
from fulfillment.domain.work_ops import OP_KINDS, OpAck, WorkOp
from fulfillment.events.floor import (
    LinePicked,
    LineShorted,
    OrderPacked,
    OrderPicked,
    OrderPulledBack,
    OrderReleased,
    OrderRushed,
    PickingStarted,
    UnitsPutBack,
)
from fulfillment.events.orders import (
    CancelRefused,
    HoldReleased,
    OrderBackordered,
    OrderCancelled,
    OrderDelivered,
    OrderFlagged,
    OrderHeld,
    OrderNoted,
    OrderPartiallyShipped,
    OrderPlaced,
    OrderPromised,
    OrderScheduled,
    OrderShipped,
    OrderShortfall,
    PromiseMoved,
    ShortfallSettled,
)
from fulfillment.events.outcomes import (
    LostParcelFound,
    OrderClosedShort,
    ParcelDeclaredLost,
    ParcelReceivedBack,
    RefundInstructed,
    ReplacementOrdered,
)
from fulfillment.events.substitutes import (
    BinInDoubt,
    CustomerAsked,
    DifferenceRefunded,
    LineSubstituted,
    QuestionAnswered,
)
from fulfillment.floor.blocking import BinsCutOff, block_floor, open_floor
from fulfillment.floor.checking import StockOffPlan, check_floor_plan, stock_off_plan
from fulfillment.floor.drawing import floor_map_svg
from fulfillment.floor.importing import add_plan_locations, import_floor_plan
from fulfillment.floor.keeping import (
    StaleFloorPlan,
    draft_floor_plan,
    put_floor_plan_in_force,
    store_floor_plan,
)
from fulfillment.floor.live import LiveFloor, LiveWalk, live_floor
from fulfillment.floor.reading import UnknownFloorPlan, find_floor_plans, get_floor_plan
from fulfillment.floor.views import FloorCheck, FloorFaultView, FloorPlanHead, FloorPlanView
from fulfillment.invariants import INVARIANTS
from fulfillment.labor.drill import Drill, PromiseAtRisk, drill_orders
from fulfillment.labor.forecast import HourOfLabor, LaborForecast, labor_forecast
from fulfillment.loading import Loading, loading_of, set_loading
from fulfillment.planning.steering import (
    BatchSearchView,
    NothingToImprove,
    batch_search,
    plan_anew,
    stop_batch_search,
)
from fulfillment.queries.board import Board, StageCount, board
from fulfillment.queries.deliveries import delivery_dates
from fulfillment.queries.floor import floor_layout, floor_plan, floor_version
from fulfillment.queries.order_heads import OrderHead, order_heads
from fulfillment.queries.order_policy import order_policy
from fulfillment.queries.orders import (
    CustomerCard,
    OrderFilter,
    OrderSummary,
    customer_card,
    find_orders,
    get_order,
    get_orders,
    order_by_external_id,
)
from fulfillment.queries.packing import (
    PackClaim,
    PackLine,
    PackWork,
    order_in_tote,
    pack_claims,
    pack_queue,
    pack_work,
    pack_works,
)
from fulfillment.queries.pick_list import batch_label
from fulfillment.queries.questions import QuestionView, order_questions
from fulfillment.queries.reuse import Reuse, reusable_units
from fulfillment.queries.short_reports import ShortReportView, TouchedView, short_reports
from fulfillment.queries.site_orders import orders_at
from fulfillment.queries.to_pull import ParcelToPull, parcels_to_pull
from fulfillment.queries.tracking import resolve_tracking_token, tracking_token
from fulfillment.queries.views import (
    CustomerView,
    HoldView,
    KitView,
    LineView,
    NoteView,
    OrderParcelView,
    OrderView,
    OutcomeView,
)
from fulfillment.queries.walk_changes import walk_changed
from fulfillment.queries.work import (
    BatchSummary,
    MerchantShare,
    WorkPackage,
    WorkSlot,
    WorkTask,
    find_batches,
    open_put_backs,
    work_package,
)
from fulfillment.queries.zero_checks import ZeroCheck, asks_zero_checks, open_zero_checks
from fulfillment.releasing.outlook import CollectionOutlook, QueuedOrder, ReleaseOutlook, release_outlook
from fulfillment.releasing.pace import measured_pace
from fulfillment.releasing.release_orders import release_due, release_orders
from fulfillment.releasing.settings import ReleaseSettings, release_settings, set_release_settings
from fulfillment.releasing.steering import (
    RushAnswer,
    TooLateToPullBack,
    TooLateToRush,
    WalkNotUnderWay,
    hand_over_batch,
    pull_back_order,
    rush_order,
)
from fulfillment.slotting.accepting import SlottingStale, accept_slotting
from fulfillment.slotting.asking import NoFloorPlan, SlottingUnderWay, UnknownPlan, ask_slotting
from fulfillment.slotting.reading import find_slotting_plans, get_slotting_plan
from fulfillment.slotting.views import (
    Acceptance,
    RefusedChange,
    SlottingChangeView,
    SlottingHead,
    SlottingMoveView,
    SlottingView,
)
from fulfillment.strain import set_strain_limits, strain_limits, strain_of_people
from fulfillment.subscriptions import SUBSCRIPTIONS
from fulfillment.substitutes.csv_files import read_substitutes_csv, substitutes_to_csv
from fulfillment.substitutes.registering import (
    SubstituteDraft,
    SubstituteView,
    set_substitutes,
    substitutes_of,
)
from fulfillment.whatif.asking import DayReplayed, WhatIfUnderWay, WhatIfView, ask_what_if, find_what_ifs, get_what_if

__all__ = [
    "CHOICES",
    "CUSTOMER_CHOICE",
    "HOLD_KINDS",
    "INVARIANTS",
    "LINE_WISHES",
    "OP_KINDS",
    "OUTCOME",
    "PRICE_RULES",
    "REPLACEMENT",
    "SHORTFALL",
    "SHORT_REASONS",
    "SUBSCRIPTIONS",
    "TERMINAL",
    "Acceptance",
    "Address",
    "BatchSearchView",
    "BatchSummary",
    "BatchTaken",
    "BinInDoubt",
    "BinsCutOff",
    "Board",
    "CancelAnswer",
    "CancelRefused",
    "CancelState",
    "CartCapacity",
    "CartSettings",
    "CartTooSmall",
    "CollectionOutlook",
    "CustomerAsked",
    "CustomerCard",
    "CustomerDraft",
    "CustomerView",
    "DatedItem",
    "DatedSite",
    "DayReplayed",
    "Decision",
    "Delivery",
    "Destination",
    "DifferenceRefunded",
    "Drill",
    "DuplicateOrder",
    "FloorCheck",
    "FloorFaultView",
    "FloorPlanHead",
    "FloorPlanView",
    "HoldReleased",
    "HoldView",
    "HourOfLabor",
    "KitView",
    "LaborForecast",
    "LineDraft",
    "LinePicked",
    "LineQuantities",
    "LineShorted",
    "LineSubstituted",
    "LineView",
    "LiveFloor",
    "LiveWalk",
    "Loading",
    "LostParcelFound",
    "MerchantShare",
    "NoFloorPlan",
    "NoShortfall",
    "NotReadyToPack",
    "NoteView",
    "NothingToImprove",
    "NothingToPick",
    "OpAck",
    "OrderBackordered",
    "OrderCancelled",
    "OrderClosedShort",
    "OrderDelivered",
    "OrderDraft",
    "OrderFilter",
    "OrderFlagged",
    "OrderHead",
    "OrderHeld",
    "OrderNoted",
    "OrderPacked",
    "OrderParcelView",
    "OrderPartiallyShipped",
    "OrderPicked",
    "OrderPlaced",
    "OrderPolicy",
    "OrderPromised",
    "OrderPulledBack",
    "OrderReleased",
    "OrderRushed",
    "OrderScheduled",
    "OrderShipped",
    "OrderShortfall",
    "OrderState",
    "OrderSummary",
    "OrderView",
    "OutcomeView",
    "PackClaim",
    "PackLine",
    "PackTaken",
    "PackWork",
    "ParcelDeclaredLost",
    "ParcelReceivedBack",
    "ParcelState",
    "ParcelToPull",
    "PickingStarted",
    "PlacedResult",
    "PromiseAtRisk",
    "PromiseMoved",
    "QuestionAnswered",
    "QuestionClosed",
    "QuestionView",
    "QueuedOrder",
    "RefundInstructed",
    "RefusedChange",
    "ReleaseDecision",
    "ReleaseOutlook",
    "ReleaseSettings",
    "ReplacementOrdered",
    "Reuse",
    "RushAnswer",
    "ShortPolicy",
    "ShortReportView",
    "ShortfallSettled",
    "SlottingChangeView",
    "SlottingHead",
    "SlottingMoveView",
    "SlottingStale",
    "SlottingUnderWay",
    "SlottingView",
    "StageCount",
    "StaleFloorPlan",
    "StepMissing",
    "StockOffPlan",
    "Strain",
    "StrainLimits",
    "SubstituteDraft",
    "SubstituteGone",
    "SubstituteView",
    "TaskClosed",
    "TaskResult",
    "TasksOpen",
    "TooLateToHold",
    "TooLateToPullBack",
    "TooLateToRush",
    "TouchedView",
    "UnitsPutBack",
    "UnknownFloorPlan",
    "UnknownPlan",
    "WalkNotUnderWay",
    "WarehousePlan",
    "WhatIfUnderWay",
    "WhatIfView",
    "WorkOp",
    "WorkPackage",
    "WorkSlot",
    "WorkTask",
    "WrongContents",
    "WrongScan",
    "ZeroCheck",
    "accept_slotting",
    "add_note",
    "add_plan_locations",
    "advance_task",
    "answer_question",
    "answer_zero_check",
    "apply_work_op",
    "apportioned",
    "ask_slotting",
    "ask_what_if",
    "asks_zero_checks",
    "batch_label",
    "batch_search",
    "bind_tote",
    "block_floor",
    "board",
    "cancel_order",
    "cart_settings",
    "check_floor_plan",
    "choose_carton",
    "claim_batch",
    "confirm_pick",
    "confirm_put_back",
    "consent_for",
    "customer_card",
    "declare_lost",
    "delivery_dates",
    "destination_faults",
    "destination_of",
    "draft_floor_plan",
    "drill_orders",
    "expect_compiled_routes",
    "fill_backorders",
    "find_batches",
    "find_floor_plans",
    "find_orders",
    "find_slotting_plans",
    "find_what_ifs",
    "finish_picking",
    "floor_layout",
    "floor_map_svg",
    "floor_plan",
    "floor_version",
    "get_floor_plan",
    "get_order",
    "get_orders",
    "get_slotting_plan",
    "get_what_if",
    "hand_over_batch",
    "hold_order",
    "import_floor_plan",
    "labor_forecast",
    "leave_packing",
    "live_floor",
    "loading_of",
    "measured_pace",
    "open_floor",
    "open_put_backs",
    "open_zero_checks",
    "order_by_external_id",
    "order_heads",
    "order_in_tote",
    "order_policy",
    "order_questions",
    "orders_at",
    "pack_claims",
    "pack_order",
    "pack_queue",
    "pack_work",
    "pack_works",
    "parcels_to_pull",
    "place_order",
    "place_orders",
    "plan_anew",
    "plan_batches",
    "plan_from_document",
    "plan_to_csv",
    "plan_to_geojson",
    "postpone_zero_check",
    "price_of_substitute",
    "pull_back_order",
    "pull_parcel",
    "put_floor_plan_in_force",
    "read_substitutes_csv",
    "receive_back",
    "refund_parcel",
    "release_due",
    "release_hold",
    "release_orders",
    "release_outlook",
    "release_settings",
    "reopen_parcel",
    "reserve_scheduled",
    "resolve_tracking_token",
    "reusable_units",
    "reuse_units",
    "rush_order",
    "sample_warehouse",
    "sample_warehouse_for",
    "send_again",
    "set_cart",
    "set_loading",
    "set_order_policy",
    "set_release_settings",
    "set_strain_limits",
    "set_substitutes",
    "set_zero_checks",
    "settle_shortfall",
    "short_pick",
    "short_reports",
    "skip_task",
    "start_packing",
    "stock_off_plan",
    "stop_batch_search",
    "store_floor_plan",
    "strain_limits",
    "strain_of_people",
    "substitutes_of",
    "substitutes_to_csv",
    "tracking_token",
    "verify_item",
    "walk_changed",
    "warm_up_batching",
    "warm_up_routes",
    "work_package",
]

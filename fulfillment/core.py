"""Orders from the promise to the parcel: what every room of fulfillment stands on."""

from fulfillment.commands.add_note import add_note
from fulfillment.commands.advance_task import StepMissing
from fulfillment.commands.answer_question import QuestionClosed, SubstituteGone, answer_question
from fulfillment.commands.apply_work_op import apply_work_op
from fulfillment.commands.ask_customer import CUSTOMER_CHOICE
from fulfillment.commands.bind_tote import bind_tote
from fulfillment.commands.cancel_order import cancel_order
from fulfillment.commands.claim_batch import BatchTaken, NothingToPick, claim_batch
from fulfillment.commands.confirm_pick import confirm_pick
from fulfillment.commands.confirm_put_back import confirm_put_back
from fulfillment.commands.customs_facts import CustomsFactsMissing, require_customs_facts
from fulfillment.commands.dangerous_facts import DangerousFactsMissing, require_dangerous_facts
from fulfillment.commands.declare_exports import invoice_number
from fulfillment.commands.fill_backorders import fill_backorders
from fulfillment.commands.finish_picking import TasksOpen, finish_picking
from fulfillment.commands.hold_order import HOLD_KINDS, TooLateToHold, hold_order, release_hold
from fulfillment.commands.open_parcel import reopen_parcel
from fulfillment.commands.pack_bench import PackTaken
from fulfillment.commands.pack_order import NotReadyToPack, WrongContents, pack_order
from fulfillment.commands.perform_service import (
    NothingDue,
    PhotoMissing,
    excuse_service,
    keep_photo,
    perform_service,
)
from fulfillment.commands.place_order import DuplicateOrder, PlacedResult, place_order, place_orders
from fulfillment.commands.plan_batches import plan_batches
from fulfillment.commands.pull_parcel import pull_parcel
from fulfillment.commands.reserve_held import SHORTFALL
from fulfillment.commands.scans import WrongScan
from fulfillment.commands.schedule_order import reserve_scheduled
from fulfillment.commands.set_cart import CartSettings, CartTooSmall, cart_settings, set_cart
from fulfillment.commands.set_order_policy import set_order_policy
from fulfillment.commands.settle_parcel import declare_lost, receive_back, refund_parcel, send_again
from fulfillment.commands.settle_shortfall import NoShortfall, settle_shortfall
from fulfillment.commands.short_pick import SHORT_REASONS, short_pick
from fulfillment.commands.skip_task import skip_task
from fulfillment.commands.task_work import TaskClosed, TaskResult
from fulfillment.commands.zero_checks import postpone_zero_check, set_zero_checks
from fulfillment.congestion import most_detour_mm, set_most_detour
from fulfillment.dangerous_kinds import dangerous_kinds
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
from fulfillment.domain.order_state import OrderState, ParcelState
from fulfillment.domain.parcel_outcomes import OUTCOME, Decision
from fulfillment.domain.release import ReleaseDecision
from fulfillment.domain.routing.speed import expect as expect_compiled_routes
from fulfillment.domain.routing.speed import wait_until_wanted as wait_until_routes_are_wanted
from fulfillment.domain.routing.speed import warm_up as warm_up_routes
from fulfillment.domain.sample_layout import sample_warehouse, sample_warehouse_for
from fulfillment.domain.shares import apportioned
from fulfillment.domain.strain import Strain, StrainLimits
from fulfillment.domain.substitution import ShortPolicy, consent_for, price_of_substitute
from fulfillment.domain.work_ops import OpAck, WorkOp
from fulfillment.invariants import INVARIANTS
from fulfillment.loading import Loading, loading_of, set_loading
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
from fulfillment.queries.service_views import AskedServiceView, ServiceStepView
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
from fulfillment.strain import set_strain_limits, strain_limits, strain_of_people
from fulfillment.subscriptions import SUBSCRIPTIONS

__all__ = [
    "CUSTOMER_CHOICE",
    "HOLD_KINDS",
    "INVARIANTS",
    "OUTCOME",
    "REPLACEMENT",
    "SHORTFALL",
    "SHORT_REASONS",
    "SUBSCRIPTIONS",
    "Address",
    "AskedServiceView",
    "BatchSummary",
    "BatchTaken",
    "Board",
    "CancelAnswer",
    "CancelState",
    "CartCapacity",
    "CartSettings",
    "CartTooSmall",
    "CustomerCard",
    "CustomerDraft",
    "CustomerView",
    "CustomsFactsMissing",
    "DangerousFactsMissing",
    "DatedItem",
    "DatedSite",
    "Decision",
    "Delivery",
    "Destination",
    "DuplicateOrder",
    "HoldView",
    "KitView",
    "LineDraft",
    "LineQuantities",
    "LineView",
    "Loading",
    "MerchantShare",
    "NoShortfall",
    "NotReadyToPack",
    "NoteView",
    "NothingDue",
    "NothingToPick",
    "OpAck",
    "OrderDraft",
    "OrderFilter",
    "OrderHead",
    "OrderParcelView",
    "OrderPolicy",
    "OrderState",
    "OrderSummary",
    "OrderView",
    "OutcomeView",
    "PackClaim",
    "PackLine",
    "PackTaken",
    "PackWork",
    "ParcelState",
    "ParcelToPull",
    "PhotoMissing",
    "PlacedResult",
    "QuestionClosed",
    "QuestionView",
    "ReleaseDecision",
    "Reuse",
    "ServiceStepView",
    "ShortPolicy",
    "ShortReportView",
    "StageCount",
    "StepMissing",
    "Strain",
    "StrainLimits",
    "SubstituteGone",
    "TaskClosed",
    "TaskResult",
    "TasksOpen",
    "TooLateToHold",
    "TouchedView",
    "WarehousePlan",
    "WorkOp",
    "WorkPackage",
    "WorkSlot",
    "WorkTask",
    "WrongContents",
    "WrongScan",
    "ZeroCheck",
    "add_note",
    "answer_question",
    "apply_work_op",
    "apportioned",
    "asks_zero_checks",
    "batch_label",
    "bind_tote",
    "board",
    "cancel_order",
    "cart_settings",
    "claim_batch",
    "confirm_pick",
    "confirm_put_back",
    "consent_for",
    "customer_card",
    "dangerous_kinds",
    "declare_lost",
    "delivery_dates",
    "destination_faults",
    "destination_of",
    "excuse_service",
    "expect_compiled_routes",
    "fill_backorders",
    "find_batches",
    "find_orders",
    "finish_picking",
    "floor_layout",
    "floor_plan",
    "floor_version",
    "get_order",
    "get_orders",
    "hold_order",
    "invoice_number",
    "keep_photo",
    "loading_of",
    "most_detour_mm",
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
    "perform_service",
    "place_order",
    "place_orders",
    "plan_batches",
    "plan_from_document",
    "plan_to_csv",
    "plan_to_geojson",
    "postpone_zero_check",
    "price_of_substitute",
    "pull_parcel",
    "receive_back",
    "refund_parcel",
    "release_hold",
    "reopen_parcel",
    "require_customs_facts",
    "require_dangerous_facts",
    "reserve_scheduled",
    "resolve_tracking_token",
    "reusable_units",
    "sample_warehouse",
    "sample_warehouse_for",
    "send_again",
    "set_cart",
    "set_loading",
    "set_most_detour",
    "set_order_policy",
    "set_strain_limits",
    "set_zero_checks",
    "settle_shortfall",
    "short_pick",
    "short_reports",
    "skip_task",
    "strain_limits",
    "strain_of_people",
    "tracking_token",
    "wait_until_routes_are_wanted",
    "walk_changed",
    "warm_up_batching",
    "warm_up_routes",
    "work_package",
]

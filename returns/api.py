"""The door of the returns context."""

from returns.commands.decide import authorize_return, cancel_return, deny_return
from returns.commands.inspect import SerialSwap, close_return, grade_units, receive_return
from returns.commands.request import ReturnLineDraft, request_return
from returns.commands.send import issue_return_label, request_with_label
from returns.domain.policy import REASONS, Disposition, Grade, ReturnPolicy
from returns.events import (
    RefundInstructed,
    ReturnAuthorized,
    ReturnCancelled,
    ReturnClosed,
    ReturnDenied,
    ReturnLabelIssued,
    ReturnReceived,
    ReturnRequested,
    UnitsGraded,
)
from returns.invariants import INVARIANTS
from returns.queries import (
    InspectionView,
    ReturnLineView,
    ReturnView,
    find_returns,
    get_return,
    inspections,
    return_by_number,
    returns_of_order,
)

__all__ = [
    "INVARIANTS",
    "REASONS",
    "Disposition",
    "Grade",
    "InspectionView",
    "RefundInstructed",
    "ReturnAuthorized",
    "ReturnCancelled",
    "ReturnClosed",
    "ReturnDenied",
    "ReturnLabelIssued",
    "ReturnLineDraft",
    "ReturnLineView",
    "ReturnPolicy",
    "ReturnReceived",
    "ReturnRequested",
    "ReturnView",
    "SerialSwap",
    "UnitsGraded",
    "authorize_return",
    "cancel_return",
    "close_return",
    "deny_return",
    "find_returns",
    "get_return",
    "grade_units",
    "inspections",
    "issue_return_label",
    "receive_return",
    "request_return",
    "request_with_label",
    "return_by_number",
    "returns_of_order",
]

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.states import Machine

RETURN_STATES = Machine(
    "return",
    {
        "requested": {"authorize": "authorized", "deny": "denied", "cancel": "cancelled"},
        "authorized": {
            "issue_label": "label_issued",
            "receive": "received",
            "expire": "expired",
            "cancel": "cancelled",
        },
        "label_issued": {"receive": "received", "expire": "expired", "cancel": "cancelled"},
        "received": {"receive": "received", "close": "closed"},
        "closed": {},
        "denied": {},
        "cancelled": {},
        "expired": {"receive": "received"},
    },
)


class Grade(StrEnum):
    """How a returned unit looks: like new, open box, worn, damaged."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Disposition(StrEnum):
    """What becomes of a returned unit."""

    RESTOCK = "restock"
    REFURBISH = "refurbish"
    LIQUIDATE = "liquidate"
    RETURN_TO_VENDOR = "return_to_vendor"
    DONATE = "donate"
    DESTROY = "destroy"


USUAL_DISPOSITION = {
    Grade.A: Disposition.RESTOCK,
    Grade.B: Disposition.REFURBISH,
    Grade.C: Disposition.LIQUIDATE,
    Grade.D: Disposition.DESTROY,
}
REFUND_PERCENT = {Grade.A: 100, Grade.B: 100, Grade.C: 50, Grade.D: 0}
"""Share of the price refunded by grade; faults of ours are refunded in full whatever the grade."""
OUR_FAULT = frozenset({"damaged", "wrong_item", "defective", "late"})
REASONS = ("unwanted", "too_small", "too_large", "not_as_described", *sorted(OUR_FAULT), "other")


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """Within how long goods may come back, and up to which value nobody has to look at the request first."""

    window: timedelta = timedelta(days=30)
    label_life: timedelta = timedelta(days=45)
    review_above_minor: int = 50_000


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says to a request, in a state and in words."""

    state: str
    why: str


def decide(policy: ReturnPolicy, *, delivered_at: datetime | None, value_minor: int, now: datetime) -> Decision:
    """Authorize a return at once, deny it, or leave it to a person."""
    if delivered_at is None:
        return Decision("requested", "The parcel has not been reported as delivered: a person looks at it.")
    if now - delivered_at > policy.window:
        return Decision(
            "denied", f"The {policy.window.days} days for a return ended on {delivered_at + policy.window:%d %B %Y}."
        )
    if value_minor > policy.review_above_minor:
        return Decision("requested", "The value is above the limit: a person looks at it.")
    return Decision("authorized", "Within the return window.")


def refund_for(*, unit_price_minor: int, quantity: int, grade: Grade, reason: str) -> int:
    """Return the refund in minor units for inspected units, rounded down to the minor unit."""
    percent = 100 if reason in OUR_FAULT else REFUND_PERCENT[grade]
    return unit_price_minor * quantity * percent // 100

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fulfillment.domain.order_quantities import UNFULFILLED_FIRST, Bucket, LineQuantities


class CancelState(StrEnum):
    """The four truthful answers to the wish to cancel."""

    ACCEPTED = "ACCEPTED"
    ACCEPTED_PARTIAL = "ACCEPTED_PARTIAL"
    TOO_LATE = "TOO_LATE"
    PENDING_INTERCEPT = "PENDING_INTERCEPT"


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    """What became of the wish to cancel: in words, and since when it was too late, if it was."""

    state: CancelState
    detail: str
    at: datetime | None = None
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """The units that a cancellation takes from one line, by bucket; `refused` could not be taken anywhere."""

    by_bucket: Mapping[Bucket, int]
    refused: int

    @property
    def units(self) -> int:
        """Return how many units are cancelled."""
        return sum(self.by_bucket.values())


def take_unfulfilled_first(line: LineQuantities, wanted: int) -> Taken:
    """Return from which buckets `wanted` units of a line are cancelled: untouched ones first, packed ones last."""
    left = wanted
    taken: dict[Bucket, int] = {}
    for bucket in UNFULFILLED_FIRST:
        quantity = min(left, getattr(line, bucket))
        if quantity:
            taken[bucket] = quantity
            left -= quantity
    return Taken(taken, left)


def cancelled(line: LineQuantities, taken: Taken) -> LineQuantities:
    """Return the line without the units that a cancellation took."""
    for bucket, quantity in taken.by_bucket.items():
        line = line.moved(quantity, bucket, "cancelled")
    return line


def answer(
    *, cancelled: int, refused: int, on_manifest: bool, handed_over_at: datetime | None, delivered: bool = False
) -> CancelAnswer:
    """Return the truth about a cancellation.

    `refused` units have left or are on a closed manifest (`on_manifest`); those the dock tries to pull before loading.
    `delivered` says that nothing of it is on the way any more.
    """
    if not refused:
        return CancelAnswer(
            CancelState.ACCEPTED, f"{_units(cancelled)} cancelled; none of them will leave.", None, cancelled
        )
    if on_manifest:
        detail = (
            f"{_units(refused)} packed and on the carrier's list already. The dock was asked to pull the parcel before"
            " it is loaded; you will be told whether that succeeded."
        )
        return CancelAnswer(CancelState.PENDING_INTERCEPT, detail, None, cancelled)
    if cancelled:
        detail = f"{_units(cancelled)} cancelled. {_units(refused)} left before and can be returned."
        return CancelAnswer(CancelState.ACCEPTED_PARTIAL, detail, handed_over_at, cancelled)
    detail = "Too late to cancel: the carrier has the parcel already. It can be refused at the door or returned."
    if delivered:
        detail = "Too late to cancel: it was delivered. It can be returned."
    return CancelAnswer(CancelState.TOO_LATE, detail, handed_over_at)


def _units(count: int) -> str:
    return "1 unit was" if count == 1 else f"{count} units were"

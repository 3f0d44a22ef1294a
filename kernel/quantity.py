from dataclasses import replace
from typing import Any, TypeVar

MAX_QUANTITY = 1_000_000
"""The largest quantity of one line, in base units: far above any real order, far below the counters' range."""

V = TypeVar("V")


def move(vector: V, quantity: int, *, source: str, target: str) -> V:
    """Return the quantity vector with `quantity` base units moved between two of its fields.

    Raises:
        ValueError: the source holds fewer units, or the quantity is not positive.
    """
    held = getattr(vector, source)
    if quantity <= 0 or quantity > held:
        raise ValueError(f"cannot move {quantity} of {held} from {source} to {target}")
    changes: dict[str, Any] = {source: held - quantity, target: getattr(vector, target) + quantity}
    return replace(vector, **changes)  # type: ignore[type-var]  # any frozen dataclass of integers


def counted(value: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun: 1 parcel, 2 parcels."""
    return f"{value:,} {singular if value == 1 else plural or singular + 's'}"

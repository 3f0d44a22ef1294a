from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import text

from inventory.domain.buckets import Bucket
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id

_APPLY = text(
    "select apply_stock(:now, :actor, cast(:movements as jsonb), cast(:reservations as jsonb),"
    " cast(:allocations as jsonb))"
)


@dataclass(frozen=True, slots=True)
class Place:
    """One side of a movement: a bucket, and for AVAILABLE the location (id) in which the units lie."""

    bucket: Bucket
    location_id: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why units move: a reason code, the delivery or order it is for, and the tote or parcel that takes them."""

    reason: str
    reference: str = ""
    container: str = ""


@dataclass(slots=True)
class StockChange:
    """What one command does to stock: movements for the ledger, and changes of reservations and allocations.

    `write` hands all of it to PostgreSQL at once; the counters follow from these rows there and nowhere else. The
    caller holds the locks of the stock levels it touches.
    """

    movements: list[dict[str, Any]] = field(default_factory=list)
    reservations: list[dict[str, Any]] = field(default_factory=list)
    allocations: list[dict[str, Any]] = field(default_factory=list)

    def move(
        self, *, tenant_id: str, site_id: str, item_id: str, quantity: int, source: Place, target: Place, cause: Cause,
        lot: str = "",
    ) -> None:  # fmt: skip
        """Add one double-entry movement of `quantity` > 0 base units, of one lot if it is known."""
        entry = {
            "tenant_id": tenant_id, "id": new_id("mov"), "site_id": site_id, "item_id": item_id,
            "from_bucket": source.bucket, "from_location_id": source.location_id, "to_bucket": target.bucket,
            "to_location_id": target.location_id, "lot": lot, "quantity": quantity, "reason": cause.reason,
            "reference": cause.reference, "container": cause.container,
        }  # fmt: skip
        self.movements.append(entry)

    def reserve(self, *, tenant_id: str, reservation_id: str, delta: int) -> None:
        """Change what a reservation still holds."""
        self.reservations.append({"tenant_id": tenant_id, "id": reservation_id, "delta": delta})

    def allocate(
        self, *, tenant_id: str, site_id: str, order_id: str, line_id: str, item_id: str, location_id: str, lot: str,
        delta: int,
    ) -> None:  # fmt: skip
        """Change what a bin sets aside for an order line."""
        change = {
            "tenant_id": tenant_id, "site_id": site_id, "order_id": order_id, "line_id": line_id, "item_id": item_id,
            "location_id": location_id, "lot": lot, "delta": delta,
        }  # fmt: skip
        self.allocations.append(change)

    def write(self, uow: UnitOfWork) -> None:
        """Apply the change. A counter that would fall below zero fails a CHECK: commands refuse before that."""
        if not (self.movements or self.reservations or self.allocations):
            return
        uow.session.flush()
        columns = {
            "now": uow.now,
            "actor": uow.actor.id,
            "movements": msgspec.json.encode(self.movements).decode(),
            "reservations": msgspec.json.encode(self.reservations).decode(),
            "allocations": msgspec.json.encode(self.allocations).decode(),
        }
        uow.session.execute(_APPLY, columns)

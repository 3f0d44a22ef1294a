from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from inventory.events import ReservationShorted
from inventory.ledger import StockChange
from inventory.repository import Promise
from inventory.shares import LineKey
from kernel.db.transactions import UnitOfWork

_NOTHING: Mapping[LineKey, int] = {}


def newest_first(
    promises: Sequence[Promise], *, over: int, kept: Mapping[LineKey, int] = _NOTHING
) -> Iterator[tuple[Promise, int]]:
    """Yield whom `over` units are taken from, and how many from each: holds before orders, the newest first.

    `kept` units of a line are not taken from it: they lie aside for it in a bin.
    """
    live = _units(promises)
    for promise in sorted(promises, key=lambda p: (p.hold, p.created_at, p.id), reverse=True):
        units = min(promise.quantity, over, live[promise.line] - kept.get(promise.line, 0))
        if units > 0:
            over -= units
            live[promise.line] -= units
            yield promise, units


def short_newest(
    uow: UnitOfWork, change: StockChange, promises: Sequence[Promise], *, over: int, reason: str,
    kept: Mapping[LineKey, int] = _NOTHING,
) -> dict[LineKey, int]:  # fmt: skip
    """Take `over` units from the newest promises, as `newest_first`, tell those orders, and return what lines keep."""
    live = _units(promises)
    for promise, units in newest_first(promises, over=over, kept=kept):
        live[promise.line] -= units
        change.reserve(tenant_id=promise.tenant_id, reservation_id=promise.id, delta=-units)
        uow.emit(
            ReservationShorted(
                tenant_id=promise.tenant_id, order_id="" if promise.hold else promise.order_id,
                customer_id=promise.customer_id, reference=promise.order_id, site_id=promise.site_id,
                line_id=promise.line_id, item_id=promise.item_id, quantity=units, reason=reason,
            )
        )  # fmt: skip
    return live


def _units(promises: Sequence[Promise]) -> dict[LineKey, int]:
    live: dict[LineKey, int] = defaultdict(int)
    for promise in promises:
        live[promise.line] += promise.quantity
    return live

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import text

from inventory.domain.checks import check_quantity
from inventory.domain.values import Demand, OrderDemand, ReservationOutcome, TakenHold
from inventory.events import ReservationExpired, ReservationReleased, StockReserved
from inventory.ledger import StockChange
from inventory.repository import Promise, lock_order_promises, order_shares
from inventory.shares import LineKey, trim_shares
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.ids import new_id

POLICIES = ("all_or_nothing", "split")
_RESERVE = text(
    "select granted, free from reserve_batch(:now, cast(:groups as bigint[]), cast(:split as boolean[]),"
    " cast(:ids as text[]), cast(:tenants as text[]), cast(:sites as text[]), cast(:items as text[]),"
    " cast(:orders as text[]), cast(:customers as text[]), cast(:lines as text[]), cast(:quantities as bigint[]),"
    " :hold, cast(:expires as timestamptz[]), cast(:channels as text[]))"
)
_EXPIRED = text(
    "select tenant_id, order_id from reservation where quantity > 0 and expires_at <= :now"
    " order by expires_at limit :limit"
)

_LAST_HOLD = text(
    "select max(expires_at) from reservation where tenant_id = :tenant and order_id = :reference and hold"
)


def reserve_stock(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, order_id: str, customer_id: str, demands: Sequence[Demand],
    policy: str = "all_or_nothing", channel: str = "", expires_at: datetime | None = None, hold: bool = False,
) -> ReservationOutcome:  # fmt: skip
    """Promise units to an order's lines, never more than are free and its channel may sell. Two lines of one item share
    what is there. A `hold` is for a reference of the merchant's own, and always ends by itself.

    With `all_or_nothing` a lacking unit leaves everything free; with `split` each line gets what there is. The caller
    decides what a shortage means: this does not refuse.

    Emits:
        StockReserved when anything was promised.
    """
    order = OrderDemand(order_id, customer_id, tuple(demands), policy, channel)
    found = reserve_orders(uow, tenant_id=tenant_id, site_id=site_id, orders=[order], expires_at=expires_at, hold=hold)
    return found[order_id]


def reserve_orders(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, orders: Sequence[OrderDemand],
    expires_at: datetime | None = None, hold: bool = False,
) -> dict[str, ReservationOutcome]:  # fmt: skip
    """Promise units to many orders of one merchant at once, in the given order; return the outcomes by order id.

    Emits:
        StockReserved for each order that was promised anything.

    Raises:
        Invalid: a quantity or policy cannot be right; nothing was changed.
    """
    for order in orders:
        if order.policy not in POLICIES:
            raise Invalid(f"Choose one of {', '.join(POLICIES)} as policy.", pointer="/policy")
        for demand in order.demands:
            check_quantity(demand.quantity)
    lines = [(n, order, demand) for n, order in enumerate(orders) for demand in order.demands]
    outcomes = {order.order_id: ReservationOutcome({}, {}) for order in orders}
    if not lines:
        return outcomes
    columns = _columns(uow, tenant_id, site_id, lines, expires_at) | {"hold": hold}
    granted, free = uow.session.execute(_RESERVE, columns).one()
    for (_, order, demand), given, left in zip(lines, granted, free, strict=True):
        outcome = outcomes[order.order_id]
        if given:
            outcome.reserved[demand.line_id] = outcome.reserved.get(demand.line_id, 0) + given
            key = demand.line_id, demand.item_id
            outcome.by_item[key] = outcome.by_item.get(key, 0) + given
        if left < demand.quantity:
            outcome.short[demand.line_id] = outcome.short.get(demand.line_id, 0) + demand.quantity - left
    for order in orders:
        _tell_reserved(uow, tenant_id, site_id, order, outcomes[order.order_id], hold=hold)
    return outcomes


def release_stock(
    uow: UnitOfWork, *, tenant_id: str, order_id: str, line_id: str | None = None, quantity: int | None = None,
    reason: str, holds_only: bool = False,
) -> int:  # fmt: skip
    """Give back what an order (or one line of it, or part of that line) was promised and nobody has picked yet, with
    the bins set aside for it; return the units. Nothing to give back is fine. With `holds_only` orders keep theirs.

    Emits:
        ReservationReleased when anything was given back.
    """
    promises = lock_order_promises(uow, [(tenant_id, order_id)])
    chosen = [p for p in promises if (line_id is None or p.line_id == line_id) and (p.hold or not holds_only)]
    freed = _give_back(uow, promises, _newest_first(chosen, quantity))
    for promise, lines in _told(freed):
        uow.emit(
            ReservationReleased(
                tenant_id=tenant_id, order_id=_order(promise), customer_id=promise.customer_id,
                reference=order_id, site_id=promise.site_id, reason=reason, lines=lines,
            )
        )  # fmt: skip
    return sum(units for _, units in freed)


def take_hold(uow: UnitOfWork, *, tenant_id: str, reference: str) -> TakenHold:
    """Free what is held for a reference, so that its order can reserve it under the same locks, and say what it was:
    so many units, or a hold that expired and of which nothing is left.

    Emits:
        ReservationReleased when anything was still held.
    """
    freed = release_stock(uow, tenant_id=tenant_id, order_id=reference, reason="ordered", holds_only=True)
    if freed:
        return TakenHold(freed, None)
    columns = {"tenant": tenant_id, "reference": reference}
    last = uow.session.execute(_LAST_HOLD, columns).scalar_one()
    return TakenHold(0, last if last is not None and last <= uow.now else None)


def expire_reservations(uow: UnitOfWork, *, limit: int) -> int:
    """Give back what was promised until now at the latest; return how many orders and holds lost something.

    Emits:
        ReservationExpired for each of them.
    """
    rows = uow.session.execute(_EXPIRED, {"now": uow.now, "limit": limit}).all()
    if not rows:
        return 0
    promises = lock_order_promises(uow, sorted({(r.tenant_id, r.order_id) for r in rows}))
    due = [p for p in promises if p.expires_at is not None and p.expires_at <= uow.now]
    told = _told(_give_back(uow, promises, [(p, p.quantity) for p in due]))
    for promise, lines in told:
        uow.emit(
            ReservationExpired(
                tenant_id=promise.tenant_id, order_id=_order(promise), customer_id=promise.customer_id,
                reference=promise.order_id, site_id=promise.site_id, lines=lines,
            )
        )  # fmt: skip
    return len(told)


def _columns(
    uow: UnitOfWork, tenant_id: str, site_id: str, lines: Sequence[tuple[int, OrderDemand, Demand]],
    expires_at: datetime | None,
) -> dict[str, object]:  # fmt: skip
    return {
        "now": uow.now,
        "groups": [n for n, _, _ in lines],
        "split": [order.policy == "split" for _, order, _ in lines],
        "ids": [new_id("rsv") for _ in lines],
        "tenants": [tenant_id] * len(lines),
        "sites": [site_id] * len(lines),
        "items": [demand.item_id for _, _, demand in lines],
        "orders": [order.order_id for _, order, _ in lines],
        "customers": [order.customer_id for _, order, _ in lines],
        "lines": [demand.line_id for _, _, demand in lines],
        "quantities": [demand.quantity for _, _, demand in lines],
        "expires": [expires_at] * len(lines),
        "channels": [order.channel for _, order, _ in lines],
    }


def _tell_reserved(
    uow: UnitOfWork, tenant_id: str, site_id: str, order: OrderDemand, outcome: ReservationOutcome, *, hold: bool
) -> None:
    if not outcome.reserved:
        return
    lines: list[dict[str, str | int]] = [
        {"line_id": line_id, "item_id": item_id, "quantity": units}
        for (line_id, item_id), units in outcome.by_item.items()
    ]
    uow.emit(
        StockReserved(
            tenant_id=tenant_id, order_id="" if hold else order.order_id, customer_id=order.customer_id,
            reference=order.order_id, site_id=site_id, lines=lines,
        )
    )  # fmt: skip


def _newest_first(promises: Sequence[Promise], quantity: int | None) -> list[tuple[Promise, int]]:
    left = sum(p.quantity for p in promises) if quantity is None else quantity
    taken = []
    for promise in reversed(promises):
        units = min(promise.quantity, left)
        if units > 0:
            taken.append((promise, units))
            left -= units
    return taken


def _give_back(
    uow: UnitOfWork, promises: Sequence[Promise], taken: Sequence[tuple[Promise, int]]
) -> list[tuple[Promise, int]]:
    """Free promised units, and what lies aside beyond the rest; each site keeps aside what it still promises."""
    change = StockChange()
    live: dict[str, Counter[LineKey]] = defaultdict(Counter)
    for promise in promises:
        live[promise.site_id][promise.line] += promise.quantity
    for promise, units in taken:
        change.reserve(tenant_id=promise.tenant_id, reservation_id=promise.id, delta=-units)
        live[promise.site_id][promise.line] -= units
    shares = order_shares(uow, sorted({(p.tenant_id, p.order_id) for p, _ in taken}))
    for site_id, promised in live.items():
        trim_shares(change, [s for s in shares if s.site_id == site_id], promised)
    change.write(uow)
    return list(taken)


def _told(freed: Iterable[tuple[Promise, int]]) -> list[tuple[Promise, list[dict[str, str | int]]]]:
    def by_order(entry: tuple[Promise, int]) -> tuple[str, str, str]:
        return entry[0].tenant_id, entry[0].order_id, entry[0].site_id

    told = []
    for _, group in groupby(sorted(freed, key=by_order), key=by_order):
        entries = list(group)
        lines: list[dict[str, str | int]] = [
            {"line_id": p.line_id, "item_id": p.item_id, "quantity": units} for p, units in entries
        ]
        told.append((entries[0][0], lines))
    return told


def _order(promise: Promise) -> str:
    return "" if promise.hold else promise.order_id

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy import func, select

from fulfillment.domain.order_policy import OrderPolicy
from fulfillment.events.orders import OrderBackordered
from fulfillment.events.sentences import day
from fulfillment.models import OrderLine, SalesOrder
from fulfillment.repository import about, set_units, units_of
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork

_LACKING = "the stock did not suffice"
_AHEAD = "it is sold ahead of its arrival"


def reserve_lines(
    uow: UnitOfWork, row: SalesOrder, lines: Sequence[OrderLine], *, policy: Callable[[], OrderPolicy] | None = None,
    places: Mapping[str, int] | None = None, split: bool = False,
) -> None:  # fmt: skip
    """Reserve all that an order's lines lack in one call, so that two lines of one item share one stock check, and tell
    what has to wait. Emits OrderBackordered.

    With a `policy` an order that lacks stock is judged: items that are sold ahead let it in as far as they say, which
    is counted under the lock of the item; then whatever is there is reserved, and only the rest waits. With `split`
    that is so for any order.

    Raises:
        InsufficientStock: the policy, or what an item's rule leaves, does not let the order in.
    """
    demands = [inventory.Demand(ln.id, ln.item_id, ln.backordered) for ln in lines if ln.item_id and ln.backordered]
    if not demands:
        return
    found = _reserve(uow, row, demands, "split" if split else row.split_policy)
    ahead: dict[str, inventory.Oversell] = {}
    if found.short and policy is not None:
        ahead = _let_in(uow, row, lines, found.short, policy=policy, places=places or {})
        if ahead and row.split_policy != "split":
            found = _reserve(uow, row, demands, "split")
    for line in lines:
        set_units(line, units_of(line).moved(found.reserved.get(line.id, 0), "backordered", "promised"))
    _tell_backordered(uow, row, lines, _cause(lines, ahead))


def _reserve(
    uow: UnitOfWork, row: SalesOrder, demands: Sequence[inventory.Demand], policy: str
) -> inventory.ReservationOutcome:
    return inventory.reserve_stock(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, order_id=row.id, customer_id=row.customer_id,
        demands=demands, policy=policy, channel=row.channel,
    )  # fmt: skip


def _let_in(
    uow: UnitOfWork, row: SalesOrder, lines: Sequence[OrderLine], short: Mapping[str, int], *,
    policy: Callable[[], OrderPolicy], places: Mapping[str, int],
) -> dict[str, inventory.Oversell]:  # fmt: skip
    """Return the rules by which lacking items are sold ahead, when all that lacks may be."""
    lacking: Counter[str] = Counter()
    for line in lines:
        lacking[line.item_id] += short.get(line.id, 0)
    lacking = +lacking
    rules = inventory.lock_oversell(uow, tenant_id=row.tenant_id, item_ids=lacking)
    ahead = {item_id: rule for item_id, rule in rules.items() if rule.policy != "none"}
    waiting = _waiting(uow, row.tenant_id, ahead)
    room = {i: rule.room(uow.now.date(), waiting=waiting[i]) for i, rule in ahead.items()}
    if len(ahead) < len(lacking) and policy().on_shortage == "wait":
        room |= {item_id: units for item_id, units in lacking.items() if item_id not in ahead}
    refused = {item_id for item_id, units in lacking.items() if units > room.get(item_id, 0)}
    if refused:
        raise _refusal([line for line in lines if line.item_id in refused and line.id in short], short, room, places)
    return ahead


def _waiting(uow: UnitOfWork, tenant_id: str, item_ids: Mapping[str, object]) -> Counter[str]:
    """Return how many units of these items orders wait for. Whoever sells ahead has the items'
    locks: meanwhile it can only become less, or more by what turns out to be missing.
    """
    if not item_ids:
        return Counter()
    rows = uow.session.execute(
        select(OrderLine.item_id, func.sum(OrderLine.backordered))
        .where(OrderLine.tenant_id == tenant_id, OrderLine.item_id.in_(item_ids), OrderLine.backordered > 0)
        .group_by(OrderLine.item_id)
    )
    return Counter({item_id: int(units) for item_id, units in rows})


def _refusal(
    lines: Sequence[OrderLine], short: Mapping[str, int], room: Mapping[str, int], places: Mapping[str, int]
) -> inventory.InsufficientStock:
    shortfalls: list[dict[str, str | int]] = [
        {"sku": ln.sku, "requested": ln.ordered, "short": short[ln.id], "sold_ahead": room.get(ln.item_id, 0)}
        for ln in lines
    ]
    words = [f"{s['sku']}: {s['short']} of {s['requested']} are not there" for s in shortfalls]
    pointers = [f"/lines/{places[ln.id]}/quantity" if ln.id in places else "/lines" for ln in lines]
    return inventory.InsufficientStock(
        f"Nothing was reserved. {', '.join(words[:5])}.",
        remedy="Order fewer, or let the item be sold ahead.",
        shortfalls=shortfalls,
        errors=[
            {"pointer": at, "code": "insufficient_stock", "message": f"{said}."}
            for at, said in zip(pointers, words, strict=True)
        ],
    )


def _cause(lines: Sequence[OrderLine], ahead: Mapping[str, inventory.Oversell]) -> str:
    waiting = {line.item_id for line in lines if line.backordered}
    if not waiting or not waiting <= ahead.keys():
        return _LACKING
    days: list[date] = [until for item_id in waiting if (until := ahead[item_id].until)]
    return f"{_AHEAD}, which is expected for {day(max(days).isoformat())}" if days else _AHEAD


def _tell_backordered(uow: UnitOfWork, row: SalesOrder, lines: Sequence[OrderLine], cause: str) -> None:
    waiting = [line for line in lines if line.backordered]
    if waiting:
        uow.emit(
            OrderBackordered(
                **about(row), units=sum(line.backordered for line in waiting), cause=cause,
                lines=[{"line_id": ln.id, "item_id": ln.item_id, "quantity": ln.backordered} for ln in waiting],
            )
        )  # fmt: skip

from dataclasses import asdict

from fulfillment.domain.blast_radius import TouchedOrder
from fulfillment.events.substitutes import BinInDoubt
from fulfillment.models import PickTask, ShortReport
from fulfillment.queries.floor import closed_locations
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id


def tell_touched(uow: UnitOfWork, task: PickTask, *, since: int) -> tuple[TouchedOrder, ...]:
    """Find out which other orders relied on the bin of a short pick, put other bins in its place where there are any,
    and tell each order. Orders that lost their promise since `since` events are among them: the stock told them.

    Emits BinInDoubt for each order that relied on the bin itself.
    """
    lost = [
        TouchedOrder(event.order_id, event.line_id, event.quantity, "promise_lost")
        for event in uow.emitted[since:]
        if isinstance(event, inventory.ReservationShorted) and event.order_id
    ]
    relied = inventory.spread_reliance(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, item_id=task.item_id, location_code=task.location_code,
        but_for=task.order_id, closed=closed_locations(uow, task.site_id),
    )  # fmt: skip
    found = []
    for each in relied:
        for units, outcome in ((each.moved, "other_bin"), (each.quantity - each.moved, "waits")):
            if units:
                found.append(TouchedOrder(each.order_id, each.line_id, units, outcome, each.places))
                uow.emit(
                    BinInDoubt(
                        tenant_id=task.tenant_id, order_id=each.order_id, customer_id=each.customer_id,
                        line_id=each.line_id, item_id=task.item_id, location_code=task.location_code, quantity=units,
                        outcome=outcome,
                    )
                )  # fmt: skip
    return (*found, *lost)


def note_short(
    uow: UnitOfWork, task: PickTask, *, expected: int, found: int, elsewhere: int, missing: int, became: str,
    touched: tuple[TouchedOrder, ...],
) -> None:  # fmt: skip
    """Keep what was reported short, what became of it in words, and whom it touched, for the lead."""
    uow.session.add(
        ShortReport(
            tenant_id=task.tenant_id, id=new_id("sho"), site_id=task.site_id, order_id=task.order_id,
            line_id=task.line_id, item_id=task.item_id, location_code=task.location_code, expected=expected,
            found=found, elsewhere=elsewhere, missing=missing, reason=task.reason, became=became,
            touched=[asdict(each) for each in touched], at=uow.now, reported_by=uow.actor.id,
        )
    )  # fmt: skip

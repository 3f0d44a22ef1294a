from dataclasses import asdict, dataclass

from fulfillment.commands.reconcile_tasks import reconcile_tasks
from fulfillment.domain.order_quantities import placed
from fulfillment.events.substitutes import DifferenceRefunded, LineSubstituted
from fulfillment.models import OrderLine, PickTask
from fulfillment.repository import OrderInHand
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Substitution:
    """The line that replaces units of another, and its new tasks, if any."""

    line: OrderLine
    tasks: tuple[PickTask, ...]


def substitute_units(
    uow: UnitOfWork, order: OrderInHand, line: OrderLine, *, item: inventory.ItemView, quantity: int, price_minor: int
) -> Substitution | None:
    """Reserve units of another item in place of backordered units of a line; None, and nothing changed, unless all of
    them are free.

    The line loses its units as cancelled ones, and a line of the same order that names it has the others: every part of
    the house that picks, weighs, sends or takes back units needs to know no more. They join the walk that collects the
    order. Nobody pays more than before: what the others cost less is paid back. Emits LineSubstituted and
    DifferenceRefunded.
    """
    row = order.row
    new = OrderLine(
        tenant_id=row.tenant_id, id=new_id("lin"), order_id=row.id, number=max(ln.number for ln in order.lines) + 1,
        external_id=line.external_id, item_id=item.id, sku=item.sku, name=item.name, unit_price_minor=price_minor,
        kit_id="", substitutes="never", replaces_line_id=line.id, pack_with=line.pack_with,
        **asdict(placed(quantity, reserved=quantity)),
    )  # fmt: skip
    found = inventory.reserve_stock(
        uow, tenant_id=row.tenant_id, site_id=row.site_id, order_id=row.id, customer_id=row.customer_id,
        demands=[inventory.Demand(new.id, item.id, quantity)], channel=row.channel,
    )  # fmt: skip
    if not found.is_complete:
        return None
    order.move(line.id, quantity, "backordered", "cancelled")
    uow.session.add(new)
    uow.session.flush()
    order.lines.append(new)
    _tell(uow, order, line, new, quantity)
    tasks = reconcile_tasks(uow, order) if row.released_at else []
    return Substitution(new, tuple(task for task in tasks if task.line_id == new.id))


def _tell(uow: UnitOfWork, order: OrderInHand, line: OrderLine, new: OrderLine, quantity: int) -> None:
    uow.emit(
        LineSubstituted(
            **order.about, line_id=line.id, item_id=line.item_id, new_line_id=new.id, substitute_id=new.item_id,
            name=new.name or new.sku, quantity=quantity,
        )
    )  # fmt: skip
    less = (line.unit_price_minor - new.unit_price_minor) * quantity
    if less > 0:
        uow.emit(
            DifferenceRefunded(
                **order.about, line_id=line.id, new_line_id=new.id, amount_minor=less, currency=order.row.currency
            )
        )

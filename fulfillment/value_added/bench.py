"""What a packer has to do to the goods of an order, and what of it is done."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from fulfillment.models import OrderLine, SalesOrder
from fulfillment.repository import OrderInHand
from fulfillment.value_added.steps import AskedInHand, asked_in_hand, unused_photo
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ServiceDue:
    """A step at the bench: so many of an asked service, to be done to the units of a line or to the whole order (`sku`
    and `item` are empty then). `due` are left to do, `done` wait for their parcel; `seconds` is how long one takes.
    """

    asked_id: str
    code: str
    name: str
    kind: str
    text: str
    sku: str
    item: str
    due: int
    done: int
    seconds: int
    photo_required: bool
    has_photo: bool


def services_due(uow: UnitOfWork, order_ids: Sequence[str]) -> dict[str, tuple[ServiceDue, ...]]:
    """Return the steps of orders whose goods are in totes, by order; orders without any are left out."""
    asking = select(SalesOrder).where(SalesOrder.id.in_(order_ids), SalesOrder.service_count > 0)
    rows = {row.id: row for row in uow.session.scalars(asking)}
    if not rows:
        return {}
    lines: defaultdict[str, list[OrderLine]] = defaultdict(list)
    for line in uow.session.scalars(select(OrderLine).where(OrderLine.order_id.in_(rows)).order_by(OrderLine.number)):
        lines[line.order_id].append(line)
    found = {
        order_id: tuple(
            _step(uow, each, lines[order_id])
            for each in asked_in_hand(uow, OrderInHand(row, lines[order_id], []))
            if each.due or each.waiting
        )
        for order_id, row in rows.items()
    }
    return {order_id: steps for order_id, steps in found.items() if steps}


def _step(uow: UnitOfWork, each: AskedInHand, lines: Sequence[OrderLine]) -> ServiceDue:
    row = each.row
    line = next((line for line in lines if line.id == row.line_id), None)
    return ServiceDue(
        row.id, row.code, row.name, row.kind, row.text, line.sku if line else "", line.name if line else "", each.due,
        sum(step.quantity for step in each.waiting), row.seconds, row.photo_required,
        bool(row.photo_required and each.due and unused_photo(uow, each)),
    )  # fmt: skip

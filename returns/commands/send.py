from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from fulfillment.api import Address, LineView, dangerous_kinds, get_order
from inventory.api import items_by_id
from kernel.db.transactions import UnitOfWork
from returns.commands.request import ReturnLineDraft, request_return
from returns.domain.policy import RETURN_STATES
from returns.events import ReturnLabelIssued
from returns.models import ReturnLine
from returns.queries import ReturnView, get_return
from returns.repository import load_lines, lock_return
from shipping.api import Content, ExportFactsMissing, NoServiceFits, ShipTo, create_return_label

_BY_HAND: Final = "We make the label and the papers of this return by hand."


def issue_return_label(uow: UnitOfWork, *, return_id: str) -> ReturnView:
    """Make the label that brings an authorized return home, once. Emits ReturnLabelIssued.

    Raises:
        IllegalTransition: the return is not authorized.
    """
    header = lock_return(uow, return_id)
    if header.parcel_id:
        return get_return(uow, return_id)
    header.state = RETURN_STATES.after(header.state, "issue_label")
    order = get_order(uow, header.order_id)
    lines = load_lines(uow, return_id)
    parcel = create_return_label(
        uow, tenant_id=header.tenant_id, site_id=header.site_id, reference=header.order_id, party=header.customer_id,
        ship_from=_sender(order.ship_to), contents=_contents(uow, order.lines, lines),
    )  # fmt: skip
    header.parcel_id = parcel.id
    header.tracking_number = parcel.tracking_number
    header.version += 1
    uow.emit(ReturnLabelIssued(
        tenant_id=header.tenant_id, order_id=header.order_id, customer_id=header.customer_id, return_id=return_id,
        parcel_id=parcel.id,
    ))  # fmt: skip
    uow.session.flush()
    return get_return(uow, return_id)


def request_with_label(
    uow: UnitOfWork, *, order_id: str, lines: Sequence[ReturnLineDraft], note: str = ""
) -> ReturnView:
    """Open a return as `request_return` does, and make the label of one that is authorized. Where no label can be made
    yet, since no service takes the goods or customs has to be told more of them, the request is left to a person.

    Raises:
        Invalid: as `request_return`.
    """
    emitted = len(uow.emitted)
    try:
        with uow.session.begin_nested():
            found = request_return(uow, order_id=order_id, lines=lines, note=note)
            return issue_return_label(uow, return_id=found.id) if found.state == "authorized" else found
    except (ExportFactsMissing, NoServiceFits):
        uow.forget_since(emitted)
        return request_return(uow, order_id=order_id, lines=lines, note=note, by_hand=_BY_HAND)


def _sender(address: Address) -> ShipTo:
    return ShipTo(**asdict(address))


def _contents(uow: UnitOfWork, order_lines: tuple[LineView, ...], lines: dict[str, ReturnLine]) -> tuple[Content, ...]:
    wanted = [line for line in order_lines if line.id in lines]
    items = items_by_id(uow, [line.item_id for line in wanted])
    kinds = dangerous_kinds(uow, items.values())
    return tuple(
        Content(
            item_id=line.item_id, line_id=line.id, sku=line.sku, name=line.name, quantity=lines[line.id].announced,
            weight_g=items[line.item_id].weight_g, length_mm=items[line.item_id].length_mm,
            width_mm=items[line.item_id].width_mm, height_mm=items[line.item_id].height_mm,
            dangerous_goods=kinds[line.item_id],
        )
        for line in wanted
    )  # fmt: skip

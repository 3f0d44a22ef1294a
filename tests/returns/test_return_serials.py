"""Serial numbers at the returns bench: the unit that the order got, or another one."""

import pytest
from sqlalchemy import Connection

from fulfillment import api as fulfillment
from fulfillment.commands.follow_parcel import follow_parcel
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from kernel.invariants import check
from returns import api as returns
from returns.invariants import INVARIANTS
from tests.fulfillment import house as h


def came_back(uow: UnitOfWork, *, units: int = 2) -> tuple[h.House, str, returns.ReturnView]:
    """An order that got cameras SN-1 and SN-2, and of which `units` came back; SN-3 went to nobody."""
    house = h.build(uow)
    camera = inventory.ItemDraft("A", "Camera", 200, 100, 80, 50, serial_tracked=True)
    inventory.create_items(uow, tenant_id=house.tenant, items=[camera])
    serials = ("SN-1", "SN-2", "SN-3")
    receipt = inventory.Receipt(house.items["A"], "A-01-01-1", 3, "ASN", serials=serials)
    inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt])
    order = h.order(uow, house, ("A", 2))
    uow.session.flush()
    h.to_floor(uow, house)
    h.pick_all(uow, house)
    line = order.lines[0].id
    given = {line: ["SN-1", "SN-2"]}
    (parcel,) = fulfillment.pack_order(uow, tenant_id=house.tenant, order_id=order.id, serials=given)
    uow.session.flush()
    for to in (fulfillment.ParcelState.SHIPPED, fulfillment.ParcelState.DELIVERED):
        follow_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id, to=to)
    uow.session.flush()
    asked = returns.request_return(
        uow, order_id=order.id, lines=[returns.ReturnLineDraft(line, units, "unwanted")], note=""
    )
    if asked.state == "requested":
        returns.authorize_return(uow, return_id=asked.id, why="fine")
    found = returns.receive_return(uow, return_id=asked.id, quantities={line: units})
    return house, line, found


def grade(uow: UnitOfWork, found: returns.ReturnView, line: str, *serials: str, **other: object) -> returns.ReturnView:
    facts: dict[str, object] = {"quantity": 1, "grade": returns.Grade.A, "serials": list(serials)} | other
    return returns.grade_units(uow, return_id=found.id, line_id=line, **facts)  # type: ignore[arg-type]  # its parameters


def states() -> dict[str, str]:
    with transaction(system(), now=h.NOW) as uow:
        return {serial: inventory.serial_lives(uow, serial).units[0].head.state for serial in ("SN-1", "SN-2", "SN-3")}


def sound(uow: UnitOfWork) -> None:
    assert h.broken_invariants(uow) == []
    assert [i.name for i in INVARIANTS if check(uow, i).violated] == []


def test_the_unit_that_the_order_got_is_on_sale_again(database: Connection) -> None:
    """Domain E19, E92: restocked units can be given to another order, discarded ones to none."""
    with transaction(system(), now=h.NOW) as uow:
        _, line, found = came_back(uow)
        with pytest.raises(Invalid, match="serial number"):
            grade(uow, found, line, "SN-1", quantity=2)
        with pytest.raises(Invalid):
            grade(uow, found, line, "X" * 21)
        grade(uow, found, line, "SN-1")
        grade(uow, found, line, "SN-2", grade=returns.Grade.D)
    assert states() == {"SN-1": "in_stock", "SN-2": "away", "SN-3": "in_stock"}
    with transaction(system(), now=h.NOW) as uow:
        kinds = [step.kind for step in inventory.serial_lives(uow, "SN-1").units[0].steps]
        assert kinds == ["received", "packed", "shipped", "restocked"]
        sound(uow)


def test_another_unit_is_told_as_a_swap_and_the_grader_decides(database: Connection) -> None:
    """Domain E87: serial swap. Nothing moves until somebody says that it is one; then the inspection keeps it."""
    with transaction(system(), now=h.NOW) as uow:
        _, line, found = came_back(uow)
        with pytest.raises(returns.SerialSwap) as told:
            grade(uow, found, line, "OLD-9")
        assert (told.value.facts["expected"], told.value.facts["found"]) == (["SN-1", "SN-2"], ["OLD-9"])
        assert returns.inspections(uow, found.id) == ()
        grade(uow, found, line, "OLD-9", grade=returns.Grade.D, accept_swap=True)
        with pytest.raises(returns.SerialSwap, match="No serial number was read"):
            grade(uow, found, line, grade=returns.Grade.B)
        grade(uow, found, line, "SN-2")
        swaps = [(each.serials, each.is_swap, each.refund_minor) for each in returns.inspections(uow, found.id)]
        assert swaps == [(["OLD-9"], True, 0), (["SN-2"], False, 1_000)]
        assert [e.is_swap for e in uow.emitted if isinstance(e, returns.UnitsGraded)] == [True, False]
    assert states() == {"SN-1": "with_order", "SN-2": "in_stock", "SN-3": "in_stock"}, "the customer has SN-1"
    with transaction(system(), now=h.NOW) as uow:
        sound(uow)


def test_a_swapped_unit_that_goes_on_sale_is_known_by_its_own_number(database: Connection) -> None:
    """Domain E87: what is put on the shelf is what came back; a number that is in stock already cannot be it."""
    with transaction(system(), now=h.NOW) as uow:
        house, line, found = came_back(uow)
    with (
        pytest.raises(inventory.SerialInHouse),
        transaction(system(), now=h.NOW) as uow,
    ):
        grade(uow, found, line, "SN-3", accept_swap=True)
    with transaction(system(), now=h.NOW) as uow:
        grade(uow, found, line, "NEW-1", accept_swap=True)
        heads = {each.serial: each.state for each in inventory.find_serials(uow, item_id=house.items["A"]).items}
        assert (heads["NEW-1"], heads["SN-1"]) == ("in_stock", "with_order")
        sound(uow)

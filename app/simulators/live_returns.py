from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from fulfillment.api import OrderFilter, find_orders, get_order
from inventory.api import serials_of_order
from kernel.actors import Role
from returns.api import (
    Grade,
    ReturnLineDraft,
    ReturnView,
    authorize_return,
    find_returns,
    grade_units,
    issue_return_label,
    receive_return,
    request_return,
    returns_of_order,
)

_ASK_SECONDS = 4 * 3_600.0
_WORK_SECONDS = 3_600.0
_REASONS = ("unwanted", "too_small", "too_large", "not_as_described", "defective")
_GRADES = (Grade.A, Grade.A, Grade.A, Grade.B, Grade.C, Grade.D)
_LATEST = 30
_DELIVERED = OrderFilter(states=("DELIVERED",))
_OPEN = ("requested", "authorized", "label_issued", "received")


def send_back(house: LiveHouse) -> Steps:
    """Be the customers who want to return something: one piece of an order that arrived lately, now and then."""
    while True:
        yield house.pause(_ASK_SECONDS * house.dice.uniform(0.5, 1.5))
        page = house.do(house.person(Role.MANAGER), lambda uow: find_orders(uow, _DELIVERED, limit=_LATEST))
        if page.items:
            _ask(house, house.dice.choice(page.items).id)


def _ask(house: LiveHouse, order_id: str) -> None:
    order = house.see(lambda uow: get_order(uow, order_id))
    lines = [line for line in order.lines if line.units.delivered]
    if not lines or house.see(lambda uow: returns_of_order(uow, order_id)):
        return
    draft = ReturnLineDraft(house.dice.choice(lines).id, 1, house.dice.choice(_REASONS))
    house.see(lambda uow: request_return(uow, order_id=order_id, lines=[draft]))


def work_returns(house: LiveHouse) -> Steps:
    """Bring each return one step on at a time: decide it, send the label, receive the piece, grade it."""
    while True:
        yield house.pause(_WORK_SECONDS)
        page = house.see(lambda uow: find_returns(uow, states=_OPEN, limit=_LATEST))
        if page.items:
            _bring_on(house, page.items[-1])


def _bring_on(house: LiveHouse, found: ReturnView) -> None:
    service, packer = house.person(Role.SERVICE), house.person(Role.PACKER)
    if found.state == "requested":
        house.do(service, lambda uow: authorize_return(uow, return_id=found.id, why="Looked at: agreed."))
    elif found.state == "authorized":
        house.do(service, lambda uow: issue_return_label(uow, return_id=found.id))
    elif found.state == "label_issued":
        announced = {line.line_id: line.announced - line.received for line in found.lines}
        house.do(packer, lambda uow: receive_return(uow, return_id=found.id, quantities=announced))
    else:
        _grade(house, found)


def _grade(house: LiveHouse, found: ReturnView) -> None:
    packer, grade = house.person(Role.PACKER), house.dice.choice(_GRADES)
    line = next(line for line in found.lines if line.received > line.graded)
    left = line.received - line.graded
    of_order = house.see(lambda uow: serials_of_order(uow, tenant_id=found.tenant_id, order_id=found.order_id))
    serials = [unit.serial for unit in of_order if unit.item_id == line.item_id][:left]
    house.do(
        packer,
        lambda uow: grade_units(
            uow, return_id=found.id, line_id=line.line_id, quantity=left, grade=grade, serials=serials
        ),
    )

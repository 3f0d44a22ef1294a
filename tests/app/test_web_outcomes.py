"""Parcels that do not arrive: the desk decides, the dock books in, and the customer reads the truth."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, do, pack, pick_everything, place, project, ship, to_floor

from fulfillment import api as fulfillment
from shipping import api as shipping

pytestmark = pytest.mark.thorough
SignIn = Callable[[str], Visitor]


def get(order_id: str) -> fulfillment.OrderView:
    return do(lambda uow: fulfillment.get_order(uow, order_id))


def shipped(house: WebHouse, *wanted: tuple[str, int]) -> tuple[str, shipping.ParcelView]:
    order_id = place(house, *wanted)
    project()
    to_floor(house)
    pick_everything(house)
    parcel = pack(house, order_id)
    ship(house)
    return order_id, parcel


def tracker(visitor: Visitor, order_id: str) -> str:
    project()
    return unescape(visitor.page(f"/t/{fulfillment.tracking_token(order_id)}"))


def steps(shown: str) -> dict[str, str]:
    """Return the steps of the strip that are behind or at hand, with their states."""
    found = re.findall(r'<li class="(done|current|problem|todo)"[^>]*>([^<]+)<span', shown)
    return {label: state for state, label in found if state != "todo"}


def test_a_lost_parcel_is_declared_sent_again_and_told(house: WebHouse, signed_in: SignIn, visitor: Visitor) -> None:
    agent = signed_in("service")
    order_id, parcel = shipped(house, ("MUG-BL", 2))
    page = f"/orders/{order_id}"
    agent.submit(page, f"{page}/parcels/{parcel.id}/lost", reason="No scan for ten days")
    assert "Exception" in agent.page(page)
    assert "A parcel of your order is lost" in unescape(agent.page(page))
    lost = tracker(visitor, order_id)
    assert "Your parcel did not arrive" in lost
    assert "A parcel is lost" in lost
    assert "On its way" not in lost
    assert "<dt>Arrives</dt>" not in lost

    answer = agent.submit(
        page, f"{page}/parcels/{parcel.id}/send-again", reason="Lost", street="Elbchaussee 9", postal_code="22763",
        city="Hamburg",
    )  # fmt: skip

    (outcome,) = get(order_id).outcomes
    assert answer.headers["location"] == f"/orders/{outcome.replacement_id}"
    again = get(outcome.replacement_id)
    assert (again.goods_minor, again.ship_to.street, again.ship_to.name) == (0, "Elbchaussee 9", "Ana Kovač")
    told = unescape(agent.page(page))
    assert "We are sending its items again" in told
    assert "Lost, sent again" in told
    assert f"2 items will be sent again as order {again.external_id}" in unescape(_story(agent, order_id))
    shown = tracker(visitor, order_id)
    assert "We are sending your items again" in shown
    assert "Lost, sent again" in shown
    assert steps(shown) == {"Ordered": "done", "Packed": "done", "Shipped": "done"}
    link = f'href="/t/{fulfillment.tracking_token(again.id)}">Follow order {again.external_id}</a>'
    assert link in shown
    assert f"/parcels/{parcel.id}/refund" not in told


def _story(agent: Visitor, order_id: str) -> str:
    project()
    return agent.page(f"/orders/{order_id}")


def test_a_parcel_that_came_back_is_booked_in_by_a_packer_and_refunded_by_service(
    house: WebHouse, signed_in: SignIn, visitor: Visitor
) -> None:
    order_id, parcel = shipped(house, ("TOWEL", 3))
    (line,) = get(order_id).lines
    packer, agent = signed_in("packer"), signed_in("service")
    page = f"/parcels/{parcel.id}"
    assert "/refund" not in packer.page(page)
    booked = packer.submit(
        page, f"/orders/{order_id}/parcels/{parcel.id}/received-back", reason="Opened, 3 of 3",
        **{f"damaged_{line.id}": "1"},
    )  # fmt: skip
    assert booked.headers["location"] == page
    assert "came back to us undelivered" in unescape(_story(agent, order_id))

    agent.submit(f"/orders/{order_id}", f"/orders/{order_id}/parcels/{parcel.id}/refund", reason="Refused at the door")

    assert (get(order_id).state, get(order_id).outcomes[0].refund_minor) == ("CLOSED_SHORT", 3 * 1_990 + 490)
    assert "We have refunded" in unescape(agent.page(f"/orders/{order_id}"))
    assert "Your refund is on its way" in tracker(visitor, order_id)


def test_a_merchant_of_another_house_decides_nothing(house: WebHouse, signed_in: SignIn) -> None:
    order_id, parcel = shipped(house, ("PEN-L", 1))
    picker = signed_in("picker")
    answer = picker.post(f"/orders/{order_id}/parcels/{parcel.id}/refund", data={"reason": "x", "op_id": "a-1"})
    assert answer.status_code == 403
    assert get(order_id).outcomes == ()


def test_what_is_listed_has_not_left(house: WebHouse, signed_in: SignIn, visitor: Visitor) -> None:
    order_id = place(house, ("MUG-BL", 1))
    project()
    to_floor(house)
    pick_everything(house)
    pack(house, order_id)
    ship(house, hand_over=False)
    shown = tracker(visitor, order_id)
    assert "waiting for the carrier's van" in shown
    assert "closed list" not in shown
    told = unescape(signed_in("service").page(f"/orders/{order_id}"))
    assert "is on the carrier's list and leaves with the next van" in told
    assert "closed list, waiting for the driver" in told

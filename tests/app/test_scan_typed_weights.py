"""Weights that a packer types: why is asked, kept, and told; how a weight was entered decides, not how it looks."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from conftest import Visitor
from handhelds import Handheld, packer_at, walk
from sqlalchemy import text
from test_web_scan import code_for, hidden_fields
from web_house import WebHouse, clear_floor, do, place, project, to_floor

from shipping import api as shipping

pytestmark = pytest.mark.thorough


@pytest.fixture
def anna(house: WebHouse, address: str) -> Iterator[Handheld]:
    """The handheld of a packer, in a house in which nothing waits."""
    clear_floor(house)
    with packer_at(house, address, "Anna T.") as device:
        yield device


def weighings(parcel_id: str) -> list[dict[str, Any]]:
    scale = text("select scale from weight_audit where parcel_id = :parcel order by attempt")
    return list(do(lambda uow: uow.session.scalars(scale, {"parcel": parcel_id}).all()))


@pytest.mark.parametrize(
    ("facts", "kept"),
    [
        ({"raw": "{grams}", "entry": "wedge"}, ("", "")),
        ({"raw": "{grams}"}, ("", "")),
        ({"raw": "{grams}", "entry": "typed", "reason": "NO_SCALE"}, ("NO_SCALE", "")),
        ({"raw": "{grams}", "entry": "typed", "reason": "OTHER: dark display"}, ("OTHER", "dark display")),
        ({"raw": "{grams}", "entry": "typed"}, ("OTHER", "")),
    ],
)
def test_how_a_weight_was_entered_decides_whether_it_was_typed(
    house: WebHouse, anna: Handheld, facts: dict[str, str], kept: tuple[str, str]
) -> None:
    order_id = walk(house, anna, ("LAMP", 1))
    task = anna.read()["tasks"][0]
    anna.do_task(task)
    assert [reason["code"] for reason in task["steps"][-2]["reasons"]] == list(shipping.TYPED_REASONS)
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    sent = {name: value.format(grams=parcel.expected_g) for name, value in facts.items()}
    ack = anna.send(anna.op(task, "weight", kind="weight", **sent))[0]
    assert ack["title"] == "Weight is right"
    (scale,) = weighings(parcel.id)
    assert (scale.get("reason", ""), scale.get("note", "")) == kept
    assert scale["code"] == "PACK-1"


def test_a_typed_weight_says_why_on_the_hold_the_parcel_and_the_board(
    house: WebHouse, anna: Handheld, signed_in: Callable[[str], Visitor]
) -> None:
    order_id = walk(house, anna, ("LAMP", 1))
    task = anna.read()["tasks"][0]
    anna.do_task(task)
    for _ in range(2):
        anna.send(anna.op(task, "weight", kind="weight", raw="500", entry="typed", reason="SCALE_BROKEN"))
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert parcel.state == "held"
    manager = signed_in("manager")
    for page in ("/holds", f"/parcels/{parcel.id}"):
        assert "Typed by hand: scale is broken." in manager.page(page), page
    rates = {rate.packer: rate for rate in do(lambda uow: shipping.override_rates(uow, site_id=house.site))}
    assert rates[parcel.packed_by].typed == 1
    assert "Weight typed" in manager.page("/board")


def test_without_its_script_a_typed_weight_says_why(house: WebHouse, anna: Handheld) -> None:
    order_id = place(house, ("MUG-BL", 1))
    project()
    to_floor(house)
    html = anna.client.page("/scan")
    while hidden_fields(html).get("step") != "weight":
        form = hidden_fields(html)
        if form["task"] != "claim":
            form["code"] = code_for(house, anna, form, order_id)
        html = anna.client.post("/scan", data=form).text
    assert "Typed: scale is broken" in html
    form = hidden_fields(html)
    form["code"] = code_for(house, anna, form, order_id)
    asked = anna.client.post("/scan", data=form | {"reason": "OTHER"}).text
    assert "Say why it was typed" in asked
    anna.client.post("/scan", data=form | {"reason": "OTHER", "note": "The cable is torn"})
    (parcel,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    (audit,) = do(lambda uow: shipping.audits_of(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert (audit.decision, audit.typed) == ("PASS", "Something else: The cable is torn")

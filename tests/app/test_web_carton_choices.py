"""The page of planned cartons that packers do not take."""

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from conftest import Visitor
from handhelds import Handheld, packer_at
from test_web_scan_bench import at_the_bench, step_of
from web_house import WebHouse, clear_floor, project

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


@pytest.fixture
def anna(house: WebHouse, address: str) -> Iterator[Handheld]:
    clear_floor(house)
    with packer_at(house, address, "Anna A.") as device:
        yield device


def overrule(house: WebHouse, anna: Handheld, reason: str) -> str:
    """Pack a lamp into the pallet box, and return what was proposed."""
    at_the_bench(house, ("LAMP", 1))
    task = next(task for task in anna.read()["tasks"] if any(step["id"] == "carton" for step in task["steps"]))
    acks = anna.send(
        anna.op(task, "tote", code=task["steps"][0]["expect"][0]),
        anna.op(task, "item-1", code=step_of(task, "item-1")["expect"][0]),
        anna.op(task, "carton", code="XL", raw="XL", reason=reason),
    )
    assert {ack["status"] for ack in acks} == {"applied"}
    return str(step_of(task, "carton")["choices"][0]["name"])


def test_a_lead_sees_what_is_overruled_and_takes_a_carton_back(
    house: WebHouse, anna: Handheld, signed_in: SignIn
) -> None:
    manager = signed_in("manager")

    proposed = [overrule(house, anna, reason) for reason in ("TOO_SMALL", "OTHER: <b>it bulges</b>", "TOO_SMALL")]

    assert len(set(proposed)) == 1
    page = manager.page("/carton-choices")
    assert "<b>it bulges" not in page
    told = unescape(page)
    assert f"{proposed[0]}, 3 times" in told
    assert "Too small (2), Something else (1)" in told
    assert "Taken instead: Pallet box." in told
    assert overrule(house, anna, "MISSING") != proposed[0]
    (path,) = re.findall(r'action="(/carton-choices/cbr_\w+/take-back)"', page)
    done = manager.submit("/carton-choices", path)
    assert done.headers["location"] == "/carton-choices"
    assert "Planned no more" not in manager.page("/carton-choices")
    assert overrule(house, anna, "MISSING") == proposed[0]


def test_without_script_something_else_is_said_in_words(house: WebHouse, anna: Handheld) -> None:
    at_the_bench(house, ("PEN-L", 1))
    task = anna.read()["tasks"][0]
    anna.client.submit("/scan", "", code=task["steps"][0]["expect"][0])
    anna.client.submit("/scan", "", code=step_of(task, "item-1")["expect"][0])

    assert "Say what it is" in anna.client.submit("/scan", "", code="XL", reason="OTHER").text
    assert "Weigh it" in anna.client.submit("/scan", "", code="XL", reason="OTHER", note="no tape").text


def test_the_order_tells_which_carton_was_taken_instead(house: WebHouse, anna: Handheld, signed_in: SignIn) -> None:
    order_id = at_the_bench(house, ("PEN-L", 1))
    task = next(task for task in anna.read()["tasks"] if task["task"] == f"pack:{order_id}")
    acks = anna.send(
        anna.op(task, "tote", code=task["steps"][0]["expect"][0]),
        anna.op(task, "item-1", code=step_of(task, "item-1")["expect"][0]),
        anna.op(task, "carton", code="XL", raw="XL", reason="DAMAGED"),
    )
    assert {ack["status"] for ack in acks} == {"applied"}
    project()

    page = unescape(signed_in("manager").page(f"/orders/{order_id}"))
    assert "Packed into the Pallet box instead of the Padded mailer: carton damaged" in page

"""Gift wrap on the pages: offered and owed, asked for, done at the bench with a photo, seen at the desk."""

from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count
from uuid import uuid4

import pytest
from conftest import Visitor
from handhelds import Handheld, packer_at
from PIL import Image
from test_web_scan_bench import start, step_of
from web_house import WebHouse, clear_floor, do, pick_everything, place, project, to_floor

from fulfillment import api as fulfillment

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]
PAGE = "/value-added-services"
_codes = count(1)


@pytest.fixture
def anna(house: WebHouse, address: str) -> Iterator[Handheld]:
    clear_floor(house)
    with packer_at(house, address, "Anna A.") as device:
        yield device


def offered(house: WebHouse, *, photo: bool = False) -> str:
    code = f"WRAP-{next(_codes)}"
    draft = fulfillment.OfferDraft(code, "Gift wrap", "gift_wrap", 120, 4.0, 90, 250, photo_required=photo)
    do(lambda uow: fulfillment.offer_service(uow, tenant_id=house.tenant, draft=draft))
    return code


def wrapped(house: WebHouse, code: str) -> str:
    asked = (fulfillment.ServiceDraft(code, 1, 1, "For Ana"),)
    order_id = place(house, ("PEN-L", 1), services=asked)
    project()
    to_floor(house)
    pick_everything(house)
    return order_id


def picture() -> bytes:
    output = BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(output, "PNG")
    return output.getvalue()


def test_a_manager_offers_and_changes_a_service(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    code = f"CARD-{next(_codes)}"
    page = f"{PAGE}?merchant={house.tenant}"
    said = {"code": code, "name": "Card", "kind": "card", "tare_g": "8", "price": "1.20", "active": "yes"}
    assert manager.submit(page, PAGE, **said).status_code == 303
    assert "Card is offered now." in manager.page(page)
    (made,) = [each for each in do(lambda uow: fulfillment.services_of(uow, house.tenant)) if each.code == code]
    change = {"name": "Card, folded", "kind": "card", "price": "1.5", "lead_days": "2"}
    assert made.price_minor == 120
    assert manager.submit(page, f"{PAGE}/{made.id}", **change).status_code == 303
    shown = manager.page(page)
    assert "Card, folded" in shown
    assert "Not offered now, 2 working days more" in shown
    assert "This is no price." in manager.submit(page, PAGE, **(said | {"price": "1.205"})).text
    refused = manager.submit(page, PAGE, **(said | {"code": code}))
    assert refused.status_code == 409
    assert "There is a service with this code" in refused.text
    assert code not in manager.page(f"{PAGE}?merchant={house.rival}")
    assert '<form method="post" action="/value-added-services"' not in signed_in("service").page(page)


def test_the_packer_is_led_to_the_steps_and_the_carton_waits_for_them(
    house: WebHouse, anna: Handheld, signed_in: SignIn
) -> None:
    order_id = wrapped(house, offered(house, photo=True))
    task = anna.read()["tasks"][0]
    at = task["show"]["to_do"]
    assert at == f"/packing/{order_id}/services"
    assert [line["name"] for line in task["show"]["lines"]][1].startswith("Gift wrap on ")
    start(anna, task)
    item = step_of(task, "item-1")
    anna.send(anna.op(task, "item-1", code=item["expect"][0]))
    (ack,) = anna.send(anna.op(task, "carton", code="AS-PLANNED"))
    assert (ack["status"], ack["title"]) == ("rejected", "Something is still to be done to the goods")
    assert f'href="{at}"' in anna.client.page("/scan")

    shown = anna.client.page(at)
    assert "For Ana" in shown
    assert 'capture="environment"' in shown
    (asked,) = do(lambda uow: fulfillment.get_order(uow, order_id)).services
    action = f"{at}/{asked.id}"
    without = anna.client.submit(at, action, seconds="80")
    assert without.status_code == 409
    assert "A photo is needed" in without.text
    done = photographed(anna.client, at, action)
    assert (done.status_code, done.headers["location"]) == (303, "/scan")  # type: ignore[attr-defined]
    assert anna.read()["tasks"][0]["at"]["counts"]["service-1"] == 1
    (closed,) = anna.send(anna.op(task, "carton", code="AS-PLANNED"))
    assert closed["status"] == "applied"

    service = signed_in("service")
    desk = service.page(f"/orders/{order_id}")
    (step,) = do(lambda uow: fulfillment.get_order(uow, order_id)).services[0].steps
    photo = f"/v1/orders/{order_id}/service-photos/{step.photo_id}"
    assert f'href="{photo}"' in desk
    assert service.get(photo).headers["content-type"] == "image/jpeg"
    owed = signed_in("manager").page(f"{PAGE}?merchant={house.tenant}")
    assert "2.50" in owed


def photographed(client: Visitor, page: str, action: str) -> object:
    hidden = {"csrf_token": client.page(page).split('name="csrf_token" value="')[1].split('"')[0]}
    sent = hidden | {"op_id": str(uuid4()), "seconds": "80"}
    return client.post(action, data=sent, files={"file": ("a.png", picture(), "image/png")})


def test_the_lead_excuses_what_is_not_possible(house: WebHouse, anna: Handheld, signed_in: SignIn) -> None:
    order_id = wrapped(house, offered(house))
    at = f"/packing/{order_id}/services"
    assert "Not possible" not in anna.client.page(at)
    (asked,) = do(lambda uow: fulfillment.get_order(uow, order_id)).services
    manager = signed_in("manager")
    assert manager.submit(at, f"{at}/{asked.id}/excuse", reason="No paper").status_code == 303
    assert "Send it without" not in manager.page(at)
    assert "not possible (No paper)" in manager.page(f"/orders/{order_id}")


def test_where_nothing_is_asked_for_the_page_says_so(house: WebHouse, anna: Handheld) -> None:
    order_id = place(house, ("PEN-L", 1))
    assert "Nothing is to be done to these goods." in anna.client.page(f"/packing/{order_id}/services")

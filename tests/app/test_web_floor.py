"""The floor office: board, batches, holds, manifests, returns, stock, receivers, people and keys."""

from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do, pack, pick_everything, place, project, to_floor

from app.web.routes.messages import masked
from fulfillment import api as fulfillment
from fulfillment.jobs import answer_plan_request
from inventory import api as inventory
from kernel.access.queries import find_keys, find_users
from kernel.db.transactions import UnitOfWork
from notifications import api as notifications
from returns import api as returns
from shipping import api as shipping

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


@pytest.fixture
def manager(signed_in: SignIn) -> Visitor:
    return signed_in("manager")


def on_bench(house: WebHouse, *wanted: tuple[str, int]) -> str:
    order_id = place(house, *wanted)
    project()
    to_floor(house)
    pick_everything(house)
    return order_id


def held(house: WebHouse) -> shipping.ParcelView:
    return pack(house, on_bench(house, ("TOWEL", 4)), wrong_by_g=-120)


def test_the_board_counts_what_waits(house: WebHouse, manager: Visitor) -> None:
    held(house)
    pack(house, on_bench(house, ("MUG-BL", 1)))
    project()
    page = manager.page("/board")
    for part in ("Northpost", "Held, weigh", "Ready for the carrier", "Parcels held by the scale", "Up to date"):
        assert part in page, part
    assert 'href="/orders?stage=READY_TO_MANIFEST"' in page


def test_releasing_plans_walks_and_prints_them(house: WebHouse, manager: Visitor) -> None:
    place(house, ("PEN-L", 1))
    project()
    answer = manager.submit("/batches", "/batches/release")
    assert answer.headers["location"] == "/batches"
    waiting = manager.page("/batches")
    assert "A worker releases and plans in a moment." in waiting
    assert 'data-refresh="2"' in waiting
    assert "Release and plan now" not in waiting
    answer_plan_request()
    page = manager.page("/batches")
    assert "data-refresh" not in page
    assert "released" in page
    path = page.split('href="/v1/batches/', 1)[1].split('"', 1)[0]
    assert manager.get(f"/v1/batches/{path}").content.startswith(b"%PDF-")
    pick_everything(house)
    assert "B-" in manager.page("/batches?show=done")


def test_a_held_parcel_is_released_on_somebodys_word(house: WebHouse, manager: Visitor, signed_in: SignIn) -> None:
    parcel = held(house)
    page = unescape(manager.page("/holds"))
    assert "120 g" in page
    assert "1 x TOWEL is missing" in page
    path = f"/parcels/{parcel.id}/release"
    assert "Should hold 4 x TOWEL." in page
    assert "goods of €79.60" in page
    assert "wait here, the longest first" in page
    assert path not in signed_in("packer").page("/holds")
    refused = manager.submit("/holds", path, reason="Counted", evidence="")
    assert refused.status_code == 422
    done = manager.submit("/holds", path, reason="Counted", evidence="Opened, 4 of 4")
    assert done.headers["location"] == "/holds"
    assert "is released" in manager.page("/holds")
    cleared = do(lambda uow: shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert (cleared.clearance, cleared.state) in (("released", "cleared"), ("released", "labelled"))


def test_a_wrongly_packed_parcel_goes_back_to_the_bench(house: WebHouse, signed_in: SignIn) -> None:
    parcel = held(house)
    signed_in("packer").submit("/holds", f"/parcels/{parcel.id}/reopen", reason="One towel short")
    voided = do(lambda uow: shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    assert voided.state == "voided"
    assert do(lambda uow: fulfillment.get_order(uow, parcel.reference)).units.picked == 4


def test_a_manifest_is_closed_printed_and_handed_over(house: WebHouse, manager: Visitor) -> None:
    order_id = on_bench(house, ("MUG-BL", 2))
    parcel = pack(house, order_id)
    close = f"/manifests/close/{parcel.carrier}/{parcel.ship_date}"
    assert "is closed with" in manager.page(manager.submit("/manifests", close).headers["location"])
    manifest = do(lambda uow: shipping.find_manifests(uow, site_id=house.site)).items[0]
    page = manager.page("/manifests")
    assert close not in page
    for path, start in (
        (f"/manifests/{manifest.id}.pdf", b"%PDF-"),
        (f"/v1/manifests/{manifest.id}/manifest.x12", b"ISA"),
    ):
        assert f'href="{path}"' in page
        assert manager.get(path).content.startswith(start)
    manager.submit("/manifests", f"/manifests/{manifest.id}/hand-over", driver="Jo Driver")
    project()
    assert do(lambda uow: fulfillment.get_order(uow, order_id)).state == "SHIPPED"
    twice = manager.post(f"/manifests/{manifest.id}/hand-over", data={"op_id": "another-one"})
    assert twice.status_code == 403, "without the token of the session"


def test_a_cancelled_parcel_is_pulled_off_its_manifest(house: WebHouse, manager: Visitor, signed_in: SignIn) -> None:
    order_id = on_bench(house, ("MUG-BL", 2))
    parcel = pack(house, order_id)
    manager.submit("/manifests", f"/manifests/close/{parcel.carrier}/{parcel.ship_date}")
    manifest = do(lambda uow: shipping.find_manifests(uow, site_id=house.site)).items[0]
    assert "Pull before loading" not in manager.page("/manifests")
    do(lambda uow: fulfillment.cancel_order(uow, tenant_id=house.tenant, order_id=order_id, reason="Bought twice"))
    path = f"/parcels/{parcel.id}/pull"
    assert "Bought twice" in manager.page("/manifests")
    seen = signed_in("packer").page("/manifests")
    assert "Bought twice" in seen, "the bench may know"
    assert path not in seen, "but only who closes manifests pulls"

    done = manager.submit("/manifests", path)

    assert "none of them will leave" in manager.page(done.headers["location"])
    assert "Pull before loading" not in manager.page("/manifests")
    manager.submit("/manifests", f"/manifests/{manifest.id}/hand-over", driver="Jo Driver")
    project()
    assert do(lambda uow: fulfillment.get_order(uow, order_id)).state == "CANCELLED"


def test_a_return_is_found_received_graded_and_refunded(house: WebHouse, signed_in: SignIn) -> None:
    order_id = delivered(house, ("MUG-BL", 2))
    desk, packer = signed_in("service"), signed_in("packer")
    order = do(lambda uow: fulfillment.get_order(uow, order_id))
    line = order.lines[0].id
    made = desk.submit(
        f"/orders/{order_id}", f"/orders/{order_id}/returns", **{f"qty_{line}": "2", "reason": "unwanted"}
    )
    page = made.headers["location"]
    found = do(lambda uow: returns.returns_of_order(uow, order_id))[0]
    assert page == f"/returns/{found.id}"
    for number in (found.id, order.external_id, found.tracking_number):
        assert packer.get("/returns", params={"number": number}).headers["location"] == page
    assert "Nothing here has the number 77" in packer.page("/returns?number=77")
    packer.submit(page, f"{page}/receive", **{f"qty_{line}": "2"})
    assert "Grade it" in packer.page(page)
    ungraded = packer.submit(page, f"{page}/grade/{line}")
    assert ungraded.status_code == 422
    packer.submit(page, f"{page}/grade/{line}", grade="A")
    last = packer.submit(page, f"{page}/grade/{line}", grade="C", note="Scratched")
    assert last.headers["location"] == "/returns"
    assert "its refund is instructed" in packer.page("/returns")
    closed = do(lambda uow: returns.get_return(uow, found.id))
    assert (closed.state, closed.refund_minor) == ("closed", 1_990 + 995)


def test_a_correction_of_the_stock_has_its_reason_in_the_ledger(house: WebHouse, manager: Visitor) -> None:
    item = house.items["LAMP"]
    bin_ = do(lambda uow: inventory.item_stock(uow, item)).bins[0]
    page, path = f"/items/{item}", f"/items/{item}/adjust"
    manager.submit(page, path, location=bin_.location_code, delta="-2", reason="Broken glass")
    assert do(lambda uow: inventory.item_stock(uow, item)).bins[0].quantity == bin_.quantity - 2
    assert "Broken glass" in manager.page(page)
    wrong = manager.submit(page, path, location=bin_.location_code, delta="two", reason="x")
    assert wrong.status_code == 422
    assert "This is not a whole number" in wrong.text
    assert 'value="two"' in wrong.text
    nowhere = manager.submit(page, path, location="Z-99", delta="1", reason="x")
    assert nowhere.status_code == 404
    assert 'value="Z-99"' in nowhere.text


def test_who_may_only_look_gets_no_forms(house: WebHouse, signed_in: SignIn) -> None:
    page = f"/items/{house.items['LAMP']}"
    picker = signed_in("picker")
    assert "Correct the stock" not in picker.page(page)
    assert picker.post(f"{page}/adjust", data={"op_id": "1" * 9}).status_code == 403


def test_a_scanned_barcode_leads_to_its_item(house: WebHouse, manager: Visitor) -> None:
    answer = manager.get("/items", params={"q": "4006381333931"})
    assert answer.headers["location"] == f"/items/{house.items['MUG-BL']}"


def test_a_receiver_is_added_paused_and_resumed(house: WebHouse, manager: Visitor) -> None:
    refused = manager.submit("/webhooks", "/webhooks/add", merchant=house.tenant, url="http://127.0.0.1/x")
    assert refused.status_code == 422
    manager.submit(
        "/webhooks", "/webhooks/add", merchant=house.tenant, url="https://shop.example/hooks", description="Shop"
    )
    endpoint = do(notifications.find_endpoints)[0]
    assert endpoint.description == "Shop"
    manager.submit("/webhooks", f"/webhooks/{endpoint.id}/pause")
    assert do(notifications.find_endpoints)[0].state == "paused"
    manager.submit("/webhooks", f"/webhooks/{endpoint.id}/resume")
    assert do(notifications.find_endpoints)[0].state == "active"
    shown = manager.submit("/webhooks", f"/webhooks/{endpoint.id}/secret")
    assert "whsec_" in shown.text
    assert "whsec_" not in manager.page("/webhooks")
    assert "whsec_" not in do(kept_answers)


def kept_answers(uow: UnitOfWork) -> str:
    """Everything that is kept to answer a repeated form."""
    rows = uow.session.connection().exec_driver_sql("select convert_from(body, 'UTF8') from idempotency_key")
    return " ".join(body for (body,) in rows if body)


def test_a_keys_secret_is_shown_once_and_kept_nowhere(house: WebHouse, signed_in: SignIn, visitor: Visitor) -> None:
    admin = signed_in("admin")
    form = {"merchant": house.tenant, "name": "Shop backend", "scope_orders:read": "yes"}
    answer = admin.submit("/admin/keys", "/admin/keys", **form)
    secret = answer.text.split('<p class="code secret">', 1)[1].split("</p>", 1)[0]
    assert secret.startswith("psk_live_")
    key = do(find_keys)[0]
    assert (key.name, key.scopes) == ("Shop backend", ("orders:read",))
    with_key = {"authorization": f"Bearer {secret}"}
    assert visitor.get("/v1/orders", headers=with_key).status_code == 200
    assert secret not in admin.page("/admin/keys")
    assert secret not in do(kept_answers)
    admin.submit("/admin/keys", f"/admin/keys/{key.id}/revoke")
    assert visitor.get("/v1/orders", headers=with_key).status_code == 401


def test_people_are_added_and_their_access_closed(house: WebHouse, signed_in: SignIn) -> None:
    admin = signed_in("admin")
    form = {"name": "New Person", "email": "new@house.example", "role": "picker", "site": house.site}
    short = admin.submit("/admin/users", "/admin/users", **form, password="short")
    assert short.status_code == 422
    assert "at least 10 characters" in short.text
    assert "short" not in short.text.split("First password", 1)[1].split("</form>", 1)[0]
    admin.submit("/admin/users", "/admin/users", **form, password="a long password")
    user = next(user for user in do(find_users) if user.email == "new@house.example")
    newcomer = signed_in("picker")
    newcomer.post("/sign-in", data={"email": user.email, "password": "a long password"})
    assert newcomer.get("/scan").status_code == 200
    admin.submit("/admin/users", f"/admin/users/{user.id}/deactivate")
    assert newcomer.get("/scan").status_code == 303
    own = next(user for user in do(find_users) if user.email == "admin@house.example")
    assert f"/admin/users/{own.id}/deactivate" not in admin.page("/admin/users")


def test_letters_are_listed_without_the_whole_address(house: WebHouse, signed_in: SignIn) -> None:
    place(house, ("PEN-L", 1))
    project()
    page = signed_in("service").page("/messages")
    assert "We have your order" in page
    assert "a\N{HORIZONTAL ELLIPSIS}a@example.com" in page
    assert "ana@example.com" not in page
    assert masked("") == ""

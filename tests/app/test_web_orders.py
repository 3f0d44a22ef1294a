"""The desk on real orders: find, read the story, act; and nobody sees another merchant's."""

import csv
import io
from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do, pack, pick_everything, place, project, ship, to_floor

from app.web.wording_orders import cancel_preview
from crm import api as crm
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.csv_text import csv_line
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

SignIn = Callable[[str], Visitor]


@pytest.fixture
def agent(signed_in: SignIn) -> Visitor:
    return signed_in("service")


def get(house: WebHouse, order_id: str) -> fulfillment.OrderView:
    return do(lambda uow: fulfillment.get_order(uow, order_id))


def test_an_order_is_found_by_all_that_people_have(house: WebHouse, agent: Visitor) -> None:
    order_id = place(
        house, ("PEN-L", 1), customer=fulfillment.CustomerDraft("c-77", "Bo Lund", "bo@example.net", "+45 3312 4455")
    )
    number = get(house, order_id).external_id
    for words in (number, "bo lund", "bo@example.net", "+45 33 12 44 55", f"#{number}"):
        answer = agent.get("/orders", params={"q": words})
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/orders/{order_id}"), words
    assert "No order matches" in agent.page("/orders?q=nothing+like+this")


def test_an_order_is_found_by_its_parcel(house: WebHouse, agent: Visitor) -> None:
    order_id = delivered(house, ("TOWEL", 1))
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]
    for number in (parcel.tracking_number, parcel.sscc, f"(00){parcel.sscc}"):
        assert agent.get("/orders", params={"q": number}).headers["location"] == f"/orders/{order_id}"


def test_a_scan_and_what_it_makes_of_its_parcel_are_told_once(house: WebHouse, agent: Visitor) -> None:
    order_id = delivered(house, ("TOWEL", 1))
    story = do(lambda uow: crm.order_timeline(uow, order_id)).items
    (scan,) = {entry.summary for entry in story if entry.type == "shipping.parcel_delivered.v1"}
    assert [entry.summary for entry in story].count(scan) == 2, "the log has both"
    assert agent.page(f"/orders/{order_id}").count(scan.rstrip(".")) == 1


def test_a_list_is_filtered_sorted_and_downloaded(house: WebHouse, agent: Visitor) -> None:
    held = place(house, ("PEN-L", 1), customer=fulfillment.CustomerDraft("c-9", "=HYPERLINK(1)", "x@example.net"))
    do(lambda uow: fulfillment.hold_order(uow, tenant_id=house.tenant, order_id=held, kind="fraud", reason="Odd"))
    number = get(house, held).external_id
    page = agent.page("/orders?stage=ON_HOLD&sort=due")
    assert number in page
    assert 'aria-sort="ascending"' in page
    rows = list(csv.DictReader(io.StringIO(agent.get("/orders.csv?stage=ON_HOLD").text)))
    row = next(row for row in rows if row["order"] == number)
    assert (row["customer"], row["state"], row["merchant"]) == ("'=HYPERLINK(1)", "ON_HOLD", "Nordhus & Co")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\N{FULLWIDTH EQUALS SIGN}1", "\r=1"])
def test_no_cell_runs_in_a_spreadsheet(cell: str) -> None:
    assert next(csv.reader(io.StringIO(csv_line([cell, 5]))))[0] == f"'{cell}"
    assert csv_line([-5, "plain"]) == "-5,plain\r\n"


def test_the_page_says_what_an_agent_can_read_aloud(house: WebHouse, agent: Visitor) -> None:
    order_id = delivered(house, ("MUG-BL", 2))
    page = unescape(agent.page(f"/orders/{order_id}"))
    assert "Your order has been delivered. The parcel (NP" in page
    assert "delivered, last seen in Hamburg" in page
    for part in ("Enamel mug, blue", "Ana Kovač", "Hauptstr. 1", "The order was received: 2 items", "Evidence"):
        assert part in page
    only_scale = agent.page(f"/orders/{order_id}?show=weigh")
    assert "expected: passed" in only_scale
    assert "The order was received" not in only_scale


def test_a_parcel_has_its_evidence(house: WebHouse, agent: Visitor) -> None:
    order_id = delivered(house, ("MUG-BL", 1))
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]
    page = agent.page(f"/parcels/{parcel.id}")
    for part in (parcel.sscc, "Weight right", "Out for delivery in Hamburg", "Chosen", "Packer P."):
        assert part in page
    for name in ("label", "packing-slip"):
        document = agent.get(f"/parcels/{parcel.id}/{name}.pdf")
        assert document.content.startswith(b"%PDF-")
        assert document.headers["content-disposition"].startswith("inline")


def test_a_hold_stops_and_its_release_lets_go(house: WebHouse, agent: Visitor) -> None:
    order_id = place(house, ("PEN-L", 2))
    answer = agent.submit(f"/orders/{order_id}", f"/orders/{order_id}/hold", kind="address", reason="Street is missing")
    assert answer.headers["location"] == f"/orders/{order_id}"
    page = agent.page(f"/orders/{order_id}")
    assert "The order is on hold" in page
    assert "On hold: Street is missing" in page
    hold = get(house, order_id).holds[0]
    agent.submit(f"/orders/{order_id}", f"/orders/{order_id}/holds/{hold.id}/release", reason="Called her")
    after = get(house, order_id)
    assert after.holds[0].release_reason == "Called her"
    assert "The hold is released" in agent.page(f"/orders/{order_id}")
    assert "The hold is released" not in agent.page(f"/orders/{order_id}")


def test_a_note_is_in_the_story(house: WebHouse, agent: Visitor) -> None:
    order_id = place(house, ("PEN-L", 1))
    agent.submit(f"/orders/{order_id}", f"/orders/{order_id}/notes", body="Wants <b>blue</b> paper")
    project()
    assert "Wants &lt;b&gt;blue&lt;/b&gt; paper" in agent.page(f"/orders/{order_id}")


def test_a_form_sent_twice_is_one_action(house: WebHouse, agent: Visitor) -> None:
    order_id = place(house, ("PEN-L", 1))
    page = agent.page(f"/orders/{order_id}")
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    form = {"op_id": "one-and-the-same", "csrf_token": token, "kind": "fraud", "reason": "Twice"}
    one, other = (agent.post(f"/orders/{order_id}/hold", data=form) for _ in range(2))
    assert one.status_code == other.status_code == 303
    assert [hold.reason for hold in get(house, order_id).holds] == ["Twice"]
    changed = agent.post(f"/orders/{order_id}/hold", data=form | {"reason": "Other"})
    assert changed.status_code == 422


def test_a_refusal_comes_back_in_the_form_with_what_was_entered(house: WebHouse, agent: Visitor) -> None:
    order_id = place(house, ("PEN-L", 1))
    answer = agent.submit(f"/orders/{order_id}", f"/orders/{order_id}/hold", kind="fraud", reason=" ")
    assert answer.status_code == 422
    assert "Not done." in answer.text
    assert "A reason has 1 to 2000 printable characters" in answer.text
    assert '<option value="fraud" selected>' in answer.text
    assert answer.text.count('<details class="action" open>') == 1
    assert get(house, order_id).holds == ()


def stage(house: WebHouse, name: str) -> str:
    order_id = place(house, ("PEN-L", 2))
    if name == "promised":
        return order_id
    project()
    to_floor(house)
    if name == "released":
        return order_id
    pick_everything(house)
    if name == "picked":
        return order_id
    pack(house, order_id)
    if name == "labelled":
        return order_id
    ship(house, hand_over=name == "shipped")
    return order_id


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["promised", "released", "picked", "labelled", "manifested", "shipped"])
def test_the_preview_of_a_cancellation_tells_the_truth(house: WebHouse, agent: Visitor, name: str) -> None:
    order_id = stage(house, name)
    parcels = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    preview = cancel_preview(get(house, order_id), parcels)
    assert preview in unescape(agent.page(f"/orders/{order_id}"))
    agent.submit(f"/orders/{order_id}", f"/orders/{order_id}/cancel", reason="Changed her mind")
    cancelled = get(house, order_id).units.cancelled
    told = {
        2: "2 units can be cancelled now; none of them will leave.",
        0: "2 units are on the carrier's closed list" if name == "manifested" else "2 units have left",
    }
    assert preview.startswith(told[cancelled])


def test_a_merchant_sees_only_their_own(house: WebHouse, signed_in: SignIn) -> None:
    def foreign(uow: UnitOfWork) -> fulfillment.OrderView:
        draft = fulfillment.OrderDraft(
            external_id="RIVAL-1", placed_at=uow.now, customer=fulfillment.CustomerDraft("r-1", "Secret Person"),
            ship_to=fulfillment.Address("Secret Person", "Geheimweg 1", "Bremen", "28195", "DE"),
            lines=(fulfillment.LineDraft("GNOME", 1, 999),), currency="EUR",
        )  # fmt: skip
        return fulfillment.place_order(uow, tenant_id=house.rival, draft=draft)

    other = do(foreign)
    own = place(house, ("PEN-L", 1))
    merchant, manager = signed_in("merchant"), signed_in("manager")
    assert manager.get(f"/orders/{other.id}").status_code == 200
    assert merchant.get(f"/orders/{own}").status_code == 200
    assert merchant.get(f"/orders/{other.id}").status_code == 404
    for path in ("/orders", "/orders?q=Secret", "/orders.csv", "/items", "/messages", "/returns"):
        text = merchant.get(path).text
        assert "Secret Person" not in text, path
        assert "Garden gnome" not in text, path
    assert "RIVAL-1" not in merchant.get("/orders").text
    item = do(lambda uow: inventory.item_by_sku(uow, tenant_id=house.rival, sku="GNOME"))
    assert item
    assert merchant.get(f"/items/{item.id}").status_code == 404
    refused = merchant.post(f"/orders/{other.id}/hold", data={"kind": "fraud", "reason": "x", "op_id": "1" * 10})
    assert refused.status_code in (403, 404)
    assert get(house, other.id).holds == ()

"""The customer's page: the promise first, nothing personal before the challenge, and every action with its receipt."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
from conftest import Visitor
from web_house import (
    EMAIL,
    POSTCODE,
    WebHouse,
    delivered,
    do,
    pack,
    pick_everything,
    place,
    project,
    scan,
    ship,
    to_floor,
)

from app.web.routes.tracker_visits import knows_order
from crm import api as crm
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from returns import api as returns
from shipping import api as shipping

PERSONAL = ("Kova", "Hauptstr", "170 123", "ana@example", POSTCODE)


@pytest.fixture
def customer(visitor: Visitor, house: WebHouse) -> Iterator[Visitor]:
    """A visitor whose address has all its tries."""
    yield visitor
    do(lambda uow: uow.session.connection().exec_driver_sql("delete from inbox where consumer like 'tracker%%'"))


def link(order_id: str) -> str:
    return f"/t/{fulfillment.tracking_token(order_id)}"


def get(order_id: str) -> fulfillment.OrderView:
    return do(lambda uow: fulfillment.get_order(uow, order_id))


def prove(customer: Visitor, order_id: str) -> None:
    answer = customer.submit(link(order_id), f"{link(order_id)}/verify", postal_code=POSTCODE, email=EMAIL)
    assert answer.headers["location"] == link(order_id), answer.text


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert found
    return unescape(found[1]).strip()


def parcel_of(house: WebHouse, order_id: str) -> shipping.ParcelView:
    return do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]


def test_the_promise_comes_first_at_every_stage(house: WebHouse, customer: Visitor) -> None:
    order_id = place(house, ("MUG-BL", 1), promised_on=date(2030, 11, 26))
    project()
    assert headline(customer.page(link(order_id))) == "Arriving Tuesday 26 November"
    to_floor(house)
    pick_everything(house)
    pack(house, order_id)
    ship(house)
    page = customer.page(link(order_id))
    assert "The carrier has your parcel, but has not scanned it yet" in page, "our own hand-over is proof enough"
    assert re.search(r'aria-current="step"[^>]*>(\s|<[^>]+>)*Shipped', page)
    scan(house, parcel_of(house, order_id), "out")
    page = customer.page(link(order_id))
    assert headline(page).startswith("Arriving ")
    assert "Your parcel is on the van that delivers to you." in page
    scan(house, parcel_of(house, order_id), "delivered", hours_ago=0.1)
    page = unescape(customer.page(link(order_id)))
    assert headline(page).startswith("Delivered ")
    for part in ("Enamel mug, blue", "Northpost", "checked", "Delivered in Hamburg", "The order was received: 1 item"):
        assert part in page, part


def test_nothing_personal_is_told_before_the_challenge(house: WebHouse, customer: Visitor) -> None:
    order_id = delivered(house, ("TOWEL", 1))
    for path in ("", "/return", "/cancel", "/problem"):
        page = unescape(customer.page(f"{link(order_id)}{path}"))
        assert [part for part in PERSONAL if part in page] == [], path
    prove(customer, order_id)
    page = customer.page(link(order_id))
    assert "Ana Kovač<br>Hauptstr. 1<br>20095 Hamburg" in page
    assert "Is this your order?" not in page


def test_the_proof_is_good_for_this_order_only(house: WebHouse, customer: Visitor) -> None:
    mine, other = place(house, ("PEN-L", 1)), place(house, ("PEN-L", 1))
    prove(customer, mine)
    cookie = customer.cookies["pickstream_recipient"]
    stolen = Visitor(customer.base_url, headers={"cookie": f"pickstream_recipient={cookie}"})
    assert "Kovač" in stolen.page(link(mine))
    assert "Kovač" not in stolen.page(link(other))
    stolen.close()


def test_no_answer_is_kept_indexed_or_told_to_others(house: WebHouse, customer: Visitor) -> None:
    order_id = place(house, ("PEN-L", 1))
    for path in (link(order_id), f"{link(order_id)}/problem", "/t/" + "0" * 40):
        headers = customer.get(path).headers
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "private, no-store"
        assert headers["x-robots-tag"] == "noindex, nofollow, noarchive"


def test_unknown_revoked_and_expired_links_are_the_same(house: WebHouse, customer: Visitor) -> None:
    revoked, expired = place(house, ("PEN-L", 1)), place(house, ("PEN-L", 1))
    change = "update tracking_link set {} where order_id = '{}'"
    for column, order_id in (("revoked_at = now()", revoked), ("expires_at = now() - interval '1 hour'", expired)):
        statement = change.format(column, order_id)
        do(lambda uow, s=statement: uow.session.connection().exec_driver_sql(s))
    answers = [customer.get(path) for path in (link(revoked), link(expired), "/t/" + "0" * 40, "/t/short")]
    assert {answer.status_code for answer in answers} == {404}
    texts = {re.sub(r"req_\w+", "", answer.text) for answer in answers}
    assert len(texts) == 1
    assert "This link opens no order" in texts.pop()


@pytest.mark.thorough
def test_the_challenge_has_five_tries_an_hour(house: WebHouse, customer: Visitor) -> None:
    order_id = place(house, ("PEN-L", 1))
    wrong = [
        customer.submit(link(order_id), f"{link(order_id)}/verify", postal_code=code, email=email)
        for code, email in ((POSTCODE, "b@example.com"), ("99999", EMAIL), ("", ""), ("x", "y@z"), ("1", "1@1"))
    ]
    assert {answer.status_code for answer in wrong} == {422}
    told = {re.search(r'role="alert">.*?</div></div>', answer.text, re.DOTALL)[0] for answer in wrong}  # type: ignore[index]
    assert len(told) == 1
    sixth = customer.submit(link(order_id), f"{link(order_id)}/verify", postal_code=POSTCODE, email=EMAIL)
    assert sixth.status_code == 429
    assert int(sixth.headers["retry-after"]) > 0
    assert "pickstream_recipient" not in customer.cookies
    other = place(house, ("PEN-L", 1))
    elsewhere = customer.submit(link(other), f"{link(other)}/verify", postal_code=POSTCODE, email=EMAIL)
    assert elsewhere.status_code == 429, "the address has no tries left either"


@pytest.mark.parametrize(
    ("code", "email", "known"),
    [
        ("20095", "ana@example.com", True),
        (" 2 0095 ", "ANA@Example.com ", True),
        ("20095", "", False),
        ("", "ana@example.com", False),
        ("20095", "ana@example.co", False),
    ],
)
def test_postcode_and_e_mail_prove_the_recipient(house: WebHouse, code: str, email: str, known: bool) -> None:  # noqa: FBT001
    order = get(place(house, ("PEN-L", 1)))
    assert knows_order(order, postal_code=code, email=email) is known


def test_an_unchanged_page_is_not_sent_again(house: WebHouse, customer: Visitor) -> None:
    order_id = place(house, ("PEN-L", 1))
    first = customer.get(link(order_id))
    same = customer.get(link(order_id), headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    do(lambda uow: fulfillment.cancel_order(uow, tenant_id=house.tenant, order_id=order_id, reason="x"))
    changed = customer.get(link(order_id), headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert headline(changed.text) == "This order is cancelled"


def test_a_long_story_is_all_there_without_a_script(house: WebHouse, customer: Visitor) -> None:
    order = get(place(house, ("PEN-L", 1)))
    project()

    def many(uow: UnitOfWork) -> None:
        for number in range(130):
            about = {"tenant_id": order.tenant_id, "order_id": order.id, "customer_id": order.customer.id}
            uow.emit(returns.ReturnDenied(**about, return_id="rma_x", why=f"reason {number}"))

    do(many)
    project()
    page = customer.page(link(order.id))
    at_once, _, behind = page.partition('<details class="earlier">')
    assert "Return not possible: reason 129" in at_once
    assert "reason 109" not in at_once
    shown = behind.partition("</details>")[0]
    assert f"Show {shown.count('<li>')} earlier steps" in shown
    assert all(f"reason {number}<" in shown for number in range(100))


@pytest.mark.thorough
def test_a_return_is_asked_for_and_its_label_printed(house: WebHouse, customer: Visitor) -> None:
    order_id = delivered(house, ("MUG-BL", 2))
    line = get(order_id).lines[0].id
    prove(customer, order_id)
    page = f"{link(order_id)}/return"
    nothing = customer.submit(page, page, reason="unwanted")
    assert nothing.status_code == 422
    assert "Choose at least one item" in nothing.text
    receipt = customer.submit(page, page, **{f"qty_{line}": "2", "reason": "unwanted", "note": "Too blue"})
    assert headline(receipt.text) == "Your return is authorized"
    found = do(lambda uow: returns.returns_of_order(uow, order_id))
    assert [(each.state, each.lines[0].announced, each.note) for each in found] == [("label_issued", 2, "Too blue")]
    path = f"{link(order_id)}/returns/{found[0].id}/label.pdf"
    assert path in receipt.text
    assert customer.get(path).content.startswith(b"%PDF-")
    assert "Its return was asked for already" in customer.page(page)
    assert "Print your return label" in customer.page(link(order_id))
    stranger = Visitor(customer.base_url)
    assert "Is this your order?" in stranger.get(path).text
    stranger.close()


def test_a_customer_cancels_and_reads_what_became_of_it(house: WebHouse, customer: Visitor) -> None:
    order_id = place(house, ("PEN-L", 3))
    path = f"{link(order_id)}/cancel"
    assert "Is this your order?" in customer.page(path)
    refused = customer.post(path, data={"op_id": "x" * 10, "reason": "x"})
    assert "Is this your order?" in refused.text
    assert get(order_id).state == "PROMISED"
    prove(customer, order_id)
    assert "3 units can be cancelled now; none of them will leave." in customer.page(path)
    receipt = customer.submit(path, path, reason="Found it elsewhere")
    assert headline(receipt.text) == "Your order is cancelled"
    case = re.search(r"C-[0-9A-F]{8}", receipt.text)
    assert case
    assert get(order_id).state == "CANCELLED"
    project()
    story = do(lambda uow: crm.order_timeline(uow, order_id)).items
    assert any(case[0] in entry.note for entry in story)


def test_a_wrong_address_stops_an_order_in_the_house(house: WebHouse, customer: Visitor) -> None:
    order_id = place(house, ("PEN-L", 1))
    path = f"{link(order_id)}/problem"
    receipt = customer.submit(path, path, kind="address", text="It is number 2")
    assert "We have stopped your order until the address is clear." in receipt.text
    assert get(order_id).state == "ON_HOLD"
    again = customer.submit(path, path, kind="no such kind")
    assert again.status_code == 422


def test_a_receipt_sent_again_is_the_same_receipt(house: WebHouse, customer: Visitor) -> None:
    order_id = place(house, ("PEN-L", 1))
    form = {"op_id": "0123456789abcdef", "kind": "other", "text": "Hello"}
    one, other = (customer.post(f"{link(order_id)}/problem", data=form) for _ in range(2))
    assert one.status_code == 200
    assert one.text == other.text
    project()
    page = do(lambda uow: crm.order_timeline(uow, order_id, kinds=["note"]))
    assert len(page.items) == 1


def test_damage_is_told_in_four_parts(house: WebHouse, customer: Visitor) -> None:
    order_id = place(house, ("TOWEL", 2))
    project()
    to_floor(house)
    pick_everything(house)
    pack(house, order_id)
    ship(house)
    scan(house, parcel_of(house, order_id), "damaged")
    page = customer.page(link(order_id))
    assert "Your parcel was damaged on the way" in page
    assert 'class="problem"' in page


def test_the_merchants_color_is_served_and_nothing_else(customer: Visitor) -> None:
    sheet = customer.get("/brand/0B6E69.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "--brand:" in sheet.text
    assert customer.get("/brand/x}body{.css").status_code == 404

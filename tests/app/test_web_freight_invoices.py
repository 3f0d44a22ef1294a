"""A carrier's invoice is taken by a form, told line by line, decided on, and handed out as PDF and CSV."""

import csv
import re
from collections.abc import Callable
from csv import DictReader
from html import unescape
from uuid import uuid4

import pytest
from conftest import Visitor
from httpx import Response
from sqlalchemy import text
from web_house import WebHouse, delivered, do

from app.importers.freight.intake import AT_ONCE_BYTES
from app.importers.waiting_files import import_waiting_files
from kernel.access.commands import issue_key

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]
HEAD = "Invoice number,Tracking number,Service,Billed weight,Total,Currency\n"


@pytest.fixture
def label(house: WebHouse) -> tuple[str, str, str, int]:
    """Carrier, number, service and price of a parcel that was delivered."""
    order_id = delivered(house, ("MUG-BL", 2))
    query = text(
        "select l.carrier, l.tracking_number, l.service, l.price_minor from label l join parcel p on p.tenant_id ="
        " l.tenant_id and p.id = l.parcel_id where p.reference = :order"
    )
    row = do(lambda uow: uow.session.execute(query, {"order": order_id}).one())
    return row.carrier, row.tracking_number, row.service, row.price_minor


def send(client: Visitor, carrier: str, content: str, **more: str) -> Response:
    page = client.page("/freight-invoices")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "op_id": str(uuid4()), "carrier": carrier} | more
    return client.post("/freight-invoices", data=fields, files={"file": ("bill.csv", content.encode(), "text/csv")})


def test_an_invoice_is_taken_decided_and_handed_out(
    signed_in: SignIn, house: WebHouse, label: tuple[str, str, str, int]
) -> None:
    carrier, number, service, price = label
    lead, bill = signed_in("manager"), f"H-{uuid4().hex[:6]}"
    rows = f"{bill},{number},{service},,{(price + 250) / 100:.2f},EUR\n{bill},NOBODY-1,{service},,4.00,EUR\n"
    answer = send(lead, carrier, f"{HEAD}{rows}{bill},,,,soon,EUR\n", contract=house.site)
    assert answer.status_code == 303, answer.text
    here = answer.headers["location"]
    page = unescape(lead.page(here))
    for words in (bill, number, "Amount off", "Not ours", "Not readable", "Total: soon can be read", "Evidence"):
        assert words in page
    assert "€6.50" in page
    assert send(lead, carrier, f"{HEAD}{rows}{bill},,,,soon,EUR\n", contract=house.site).headers["location"] == here
    assert "1 here already" in unescape(lead.page(here))

    refused = lead.submit(here, f"{here}/lines/3", decision="accept", note="")
    assert refused.status_code == 422
    assert "Say why the charge is accepted." in unescape(refused.text)
    assert lead.submit(here, f"{here}/lines/3", decision="accept", note="A sample of ours").status_code == 303
    assert "Dispute 1" in lead.page(f"{here}?cause=amount")
    everywhere = lead.submit(here, f"{here}/lines", decision="dispute", cause="amount", q="", sort="")
    assert everywhere.status_code == 303, everywhere.text
    assert "1 line is disputed." in lead.page(everywhere.headers["location"])
    assert "Open 2 again" in lead.page(here)
    (row,) = DictReader(lead.get(f"{here}/dispute.csv").text.splitlines())
    assert (row["tracking_number"], row["disputed_minor"], row["cause"]) == (number, "250", "amount")
    assert "Scale: PACK-1" in row["evidence"]
    pack = lead.get(f"{here}/dispute.pdf")
    assert (pack.headers["content-type"], pack.content[:5]) == ("application/pdf", b"%PDF-")
    lines = list(csv.reader(lead.get(f"{here}/lines.csv?sort=line").text.splitlines()))
    assert [row[1] for row in lines[1:]] == ["2", "3", "4"]
    assert "No line matches." in lead.page(f"{here}?q=nothing-like-it")
    assert 'aria-sort="descending"' in lead.page(f"{here}?sort=-billed&cause=amount")
    assert bill in lead.page(f"/freight-invoices?q={bill}")
    assert "No invoice matches." in lead.page("/freight-invoices?q=nothing-like-it")


def test_a_merchant_takes_its_own_and_sees_no_other(
    signed_in: SignIn, house: WebHouse, label: tuple[str, str, str, int]
) -> None:
    carrier, number, service, price = label
    of_the_house, own = f"H-{uuid4().hex[:6]}", f"M-{uuid4().hex[:6]}"
    row = f"{number},{service},,{price / 100:.2f},EUR\n"
    there = send(signed_in("manager"), carrier, f"{HEAD}{of_the_house},{row}", contract=house.site).headers["location"]
    merchant = signed_in("merchant")
    here = send(merchant, carrier, f"{HEAD}{own},{row}").headers["location"]

    listed = merchant.page("/freight-invoices")
    assert own in listed
    assert of_the_house not in listed
    assert "As expected" in merchant.page(here)
    for path in (
        there,
        f"{there}/dispute.pdf",
        f"{there}/dispute.csv",
        f"{there}/lines.csv",
        f"/v1/freight{there[8:]}",
    ):
        assert merchant.get(path).status_code == 404, path
    service_desk = signed_in("service")
    assert "Take an invoice" not in service_desk.page("/freight-invoices")
    assert send(service_desk, carrier, HEAD).status_code == 403


def test_what_is_wrong_with_a_file_is_told_in_its_form(signed_in: SignIn, label: tuple[str, str, str, int]) -> None:
    lead = signed_in("manager")
    for carrier, content, words in (
        (label[0], "Invoice number,Total\n1,2\n", "lacks the columns Tracking number, Currency"),
        ("nobody", HEAD, "No such carrier takes these parcels."),
        (label[0], "", "is empty"),
    ):
        answer = send(lead, carrier, content)
        assert answer.status_code == 422, answer.text
        assert words in unescape(answer.text)


def test_a_large_file_is_compared_by_the_worker_and_the_interface_tells_it(
    signed_in: SignIn, house: WebHouse, visitor: Visitor, label: tuple[str, str, str, int]
) -> None:
    carrier, number, service, price = label
    bill = f"L-{uuid4().hex[:6]}"
    rows = [f"{bill},{number},{service},,{price / 100:.2f},EUR\n"]
    rows += [f"{bill},{'N' * 90}{n},{service},,4.00,EUR\n" for n in range(1_020)]
    content = (HEAD + "".join(rows)).encode()
    assert len(content) > AT_ONCE_BYTES
    key = do(
        lambda uow: issue_key(uow, tenant_id=house.tenant, name=str(uuid4()), scopes=["orders:read", "stock:write"])
    )
    headers = {"Authorization": f"Bearer {key.secret}"}
    answer = visitor.post(
        "/v1/freight/invoices", params={"carrier": carrier, "file": f"{bill}.csv"}, content=content,
        headers=headers | {"Idempotency-Key": str(uuid4())},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["results"]) == (202, [])
    assert "It waits for its turn." in signed_in("merchant").page("/freight-invoices")
    assert import_waiting_files(turn_seconds=0) == 1
    assert "500 of 1,021 rows compared." in signed_in("merchant").page("/freight-invoices")
    (begun,) = visitor.get("/v1/freight/invoices", params={"search": bill}, headers=headers).json()["items"]
    assert (begun["state"], begun["lines"]) == ("reading", 500)
    while import_waiting_files():
        pass

    here = f"/v1/freight/invoices/{begun['id']}"
    done = visitor.get(here, params={"sort": "line", "limit": 3}, headers=headers).json()
    assert (done["invoice"]["state"], done["invoice"]["lines"]) == ("ready", 1_021)
    assert [each["cause"] for each in done["lines"]] == ["agreed", "not_ours", "not_ours"]
    assert done["invoice"]["disputed_minor"] == 1_020 * 400
    body = {"decision": "accept", "note": "Found in another system"}
    decided = visitor.put(f"{here}/lines/3/decision", json=body, headers=headers | {"Idempotency-Key": str(uuid4())})
    assert decided.json() == body | {"invoice_id": begun["id"], "line": 3}
    assert visitor.get("/v1/freight/invoices", params={"site_id": "sit_no"}, headers=headers).status_code == 404
    pack = visitor.get(f"{here}/dispute.pdf", headers=headers)
    assert pack.content[:5] == b"%PDF-"

"""A file of orders comes in by a form; its page tells order by order what became of it, and hands back what to mend."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from conftest import Visitor
from httpx import Response
from web_house import WebHouse, do

from app.importers import stored_runs
from app.importers.models import ImportRun
from app.importers.waiting_files import LARGEST_BYTES
from fulfillment import api as fulfillment
from kernel.ids import new_id

SignIn = Callable[[str], Visitor]
COLUMNS = (
    "Name", "Email", "Financial Status", "Currency", "Shipping", "Created at", "Lineitem quantity", "Lineitem name",
    "Lineitem price", "Lineitem sku", "Shipping Name", "Shipping Street", "Shipping City", "Shipping Zip",
    "Shipping Country", "Notes",
)  # fmt: skip


def row(number: str, **changes: str) -> dict[str, str]:
    """A row of an export; `changes` name columns with _ for spaces."""
    values = (
        number, "ann@example.com", "paid", "EUR", "4.90", "2026-11-20 10:15:00 +0100", "2", "Mug", "12.50", "MUG-BL",
        "Ann Lee", "Main St 1", "Berlin", "'10115", "DE", "",
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True)) | {name.replace("_", " "): text for name, text in changes.items()}


def export(*rows: dict[str, str]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def send(client: Visitor, house: WebHouse, content: bytes, *, name: str = "shop.csv", op_id: str = "") -> Response:
    """Send the form of the list of imports with a file."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.page("/imports"))
    assert token
    fields = {"merchant": house.tenant, "csrf_token": token[1], "op_id": op_id or str(uuid4())}
    return client.post("/imports/shopify", data=fields, files={"file": (name, content, "text/csv")})


def taken(number: str) -> list[str]:
    found = do(lambda uow: fulfillment.find_orders(uow, fulfillment.OrderFilter(search=number)))
    return [each.id for each in found.items if each.external_id == number]


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_good_orders_go_in_and_the_page_tells_of_every_order(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    content = export(
        row("#7001"),
        row("#7002", Lineitem_sku="NOSUCH", Notes="=2+5"),
        row("#7002", Lineitem_sku="TOWEL"),
        row("#7003", Lineitem_quantity="none"),
    )
    answer = send(manager, house, content)
    assert answer.status_code == 303
    assert re.fullmatch(r"/imports/imp_\w+\?show=refused", answer.headers["location"])
    told = text_of(manager.page(answer.headers["location"]))
    assert "3 orders in the file: 1 taken, 2 refused." in told
    assert "Line 3, Lineitem sku: There is no item NOSUCH." in told
    whole = manager.page(answer.headers["location"].partition("?")[0])
    assert f'href="/orders/{taken("#7001")[0]}"' in whole
    assert re.search(r"Value of the goods €75\.00 €25\.00 \+ €50\.00 set aside .?Equal", text_of(whole)), text_of(whole)
    assert taken("#7002") == taken("#7003") == []


def test_refused_rows_come_back_to_be_mended_and_sent_again(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    content = export(row("#7101"), row("#7102", Lineitem_sku="NOSUCH", Notes="=2+5"), row("#7102"))
    page = send(manager, house, content, name="mend.csv").headers["location"].partition("?")[0]
    refused = manager.get(f"{page}/refused.csv")
    assert refused.headers["content-disposition"] == 'attachment; filename="refused-orders.csv"'
    rows = list(csv.DictReader(io.StringIO(refused.text)))
    assert [(each["Name"], each["Lineitem sku"]) for each in rows] == [("#7102", "NOSUCH"), ("#7102", "MUG-BL")]
    assert rows[0]["Notes"] == "'=2+5", "a spreadsheet must not run it"
    assert "There is no item NOSUCH." in rows[0]["What to mend"]
    mended = refused.content.replace(b"NOSUCH", b"PEN-L")
    answer = send(manager, house, mended, name="mended.csv")
    assert "show=refused" not in answer.headers["location"]
    assert len(taken("#7102")) == 1


@pytest.mark.thorough
def test_the_same_form_twice_is_one_import(house: WebHouse, signed_in: SignIn) -> None:
    manager, op_id = signed_in("manager"), str(uuid4())
    first = send(manager, house, export(row("#7201")), op_id=op_id)
    again = send(manager, house, export(row("#7201")), op_id=op_id)
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    other = send(manager, house, export(row("#7202")), op_id=op_id)
    assert other.status_code == 422
    assert taken("#7202") == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "shop.csv is empty. Export the orders again, and choose that file."),
        (b"Name,Email\n#7301,a@example.com\n", "shop.csv lacks the columns Created at"),
        (export(row("#7301")).replace(b"Ann Lee", b"Ann L\xe9e"), "Save it as “CSV UTF-8” and send it again."),
        (b"PK\x03\x04 and so on", "shop.csv is a spreadsheet or a ZIP archive, not a CSV file in UTF-8."),
        (export(row("#7301")).replace(b",", b";"), "save it with commas"),
        (export(row("#7301")) + b'"#7302,never closed', "Mend the quotes of that row."),
        (export(), "shop.csv holds no order."),
    ],
)
def test_a_bad_file_is_told_on_its_form_and_leaves_nothing(
    house: WebHouse, signed_in: SignIn, content: bytes, words: str
) -> None:
    manager = signed_in("manager")
    answer = send(manager, house, content)
    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert '<details class="action" open>' in answer.text
    assert f'<option value="{house.tenant}" selected>' in answer.text
    assert taken("#7301") == []


def test_a_file_that_is_too_large_is_told_on_a_page(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    token = re.search(r'name="csrf_token" value="([^"]+)"', manager.page("/imports"))
    assert token
    content = b"x" * (LARGEST_BYTES + 1)
    answer = manager.post(
        "/imports/shopify", data={"merchant": house.tenant, "csrf_token": token[1], "op_id": str(uuid4())},
        files={"file": ("huge.csv", content, "text/csv")}, headers={"accept": "text/html"},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "At most 50,000,000 bytes are read." in text_of(answer.text)


def test_a_form_without_a_file_or_a_merchant_says_so(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    assert "Choose a file." in text_of(manager.submit("/imports", "/imports/shopify", merchant=house.tenant).text)
    assert "Choose whose orders these are." in text_of(manager.submit("/imports", "/imports/shopify").text)


def test_imports_are_listed_with_the_newest_first(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    send(manager, house, export(row("#7401")), name="first.csv")
    send(manager, house, export(row("#7402")), name="second.csv")
    listed = re.findall(r'href="/imports/imp_\w+">([^<]+)</a>', manager.page("/imports"))
    assert listed[:2] == ["second.csv", "first.csv"]
    send(manager, house, export(row("#7401")), name="first.csv")
    listed = re.findall(r'href="/imports/imp_\w+">([^<]+)</a>', manager.page("/imports"))
    assert listed[:2] == ["first.csv", "second.csv"]


def test_the_list_of_imports_leads_on_without_repeating_any(house: WebHouse) -> None:
    now = datetime.now(UTC)
    runs = [
        ImportRun(
            id=new_id("imp"), source=f"paged-{n}", kind="shopify", first_at=now, last_at=now - timedelta(days=n // 2),
            totals={}, merchant_id=house.tenant,
        )
        for n in range(2 * stored_runs.SHOWN + 3)
    ]  # fmt: skip
    wanted = {run.id for run in runs}
    do(lambda uow: uow.session.add_all(runs))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = do(lambda uow, after=cursor: stored_runs.find_runs(uow, cursor=after))
        seen += [run.id for run in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert wanted <= set(seen)
    assert len(seen) == len(set(seen))

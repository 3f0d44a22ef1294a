"""Files that no shop should send, and sends: nothing is doubled, halved or guessed, and every row is accounted for."""

import csv
import io

import pytest
from shopify_house import FOLLOWING, ROW, SYSTEM, balance, export, order, outcomes, set_up_merchant, take
from sqlalchemy import Connection

from app.importers.orders.intake import ORDERS
from app.importers.totals import Totals
from kernel.errors import Invalid

pytestmark = pytest.mark.thorough


@pytest.fixture
def merchant(database: Connection) -> str:
    return set_up_merchant()


def second(**changes: str) -> dict[str, str]:
    """Return a further row of the order #1001, as the shop exports it."""
    line = {"Name": "#1001", "Lineitem quantity": "1", "Lineitem price": "7.00", "Lineitem sku": "INK"}
    return FOLLOWING | line | {name.replace("_", " "): value for name, value in changes.items()}


def faults(tenant: str, content: bytes) -> list[tuple[int, str, str]]:
    """Import a file; return its faults as line, column and code, after a look at the sums."""
    report = take(tenant, content)
    source, here, set_aside = balance(report)
    assert source == here + set_aside
    again = take(tenant, content)
    assert (again.totals, again.faults) == (Totals(), report.faults)
    return [(fault.line, fault.column, fault.code) for fault in report.faults]


@pytest.mark.parametrize(
    "price", ["1_000", "1e2", "٣", "\uff11\uff12", "1.234,56", "$12.00", "1,5", "NaN", "Infinity", "", "1.234"]
)
def test_an_amount_that_nobody_means_is_none(merchant: str, price: str) -> None:
    assert faults(merchant, export(ROW | {"Lineitem price": price})) == [(2, "Lineitem price", "not_an_amount")]
    assert order(merchant, "#1001") is None


@pytest.mark.parametrize("quantity", ["1.0", "1,5", "-1", "0", "1e9", "٣", "³", "", "9" * 400, "1 000"])
def test_a_quantity_that_is_no_whole_number_is_none(merchant: str, quantity: str) -> None:
    assert faults(merchant, export(ROW | {"Lineitem quantity": quantity})) == [
        (2, "Lineitem quantity", "not_a_quantity")
    ]


@pytest.mark.parametrize(
    "at", ["2026-11-20 10:15:00", "11/20/2026", "0001-01-01 00:00:00 +0100", "9999-12-31 23:59:59 -0100", "", "46346"]
)
def test_a_time_without_its_offset_or_its_sense_is_none(merchant: str, at: str) -> None:
    assert faults(merchant, export(ROW | {"Created at": at})) == [(2, "Created at", "not_a_time")]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"Currency": "XXX"}, (2, "Currency", "wrong_currency")),
        ({"Cancelled at": "no"}, (2, "Cancelled at", "not_a_time")),
        ({"Financial Status": "bezahlt"}, (2, "Financial Status", "unknown")),
        ({"Financial Status": "Partially Refunded"}, (2, "Financial Status", "partially_refunded")),
        ({"Fulfillment Status": "partial"}, (2, "Fulfillment Status", "partly_fulfilled")),
        ({"Fulfillment Status": "somewhere"}, (2, "Fulfillment Status", "unknown")),
        ({"Lineitem sku": ""}, (2, "Lineitem sku", "missing")),
        ({"Lineitem sku": "P EN"}, (2, "Lineitem sku", "unknown_sku")),
        ({"Lineitem name": "x" * 3_000}, (2, "Lineitem name", "too_long")),
        ({"Shipping Street": "Main\nSt"}, (2, "Shipping Street", "control_character")),
        ({"Name": "#" * 300}, (2, "Name", "too_long")),
        ({"Lineitem name": "nul\x00"}, (2, "", "malformed_row")),
    ],
)
def test_a_value_that_cannot_be_right_is_named_where_it_stands(
    merchant: str, changes: dict[str, str], fault: tuple[int, str, str]
) -> None:
    assert faults(merchant, export(ROW | changes, ROW | {"Name": "#2"})) == [fault]
    assert order(merchant, "#2") is not None


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"Financial Status": "refunded"}, "skipped"),
        ({"Fulfillment Status": "Fulfilled"}, "skipped"),
        ({"Fulfillment Status": "restocked"}, "skipped"),
        ({"Financial Status": "Paid", "Fulfillment Status": "Unfulfilled"}, "taken"),
        ({"Currency": "eur", "Lineitem sku": " PEN\N{NO-BREAK SPACE}"}, "taken"),
    ],
)
def test_the_words_of_the_shop_count_in_any_case(merchant: str, changes: dict[str, str], outcome: str) -> None:
    assert outcomes(take(merchant, export(ROW | changes))) == {"#1001": outcome}


def test_an_unpaid_order_is_held_however_the_shop_writes_it(merchant: str) -> None:
    take(merchant, export(ROW | {"Financial Status": "PENDING"}))
    taken = order(merchant, "#1001")
    assert taken
    assert taken.state == "ON_HOLD"


def test_a_test_order_of_the_shop_is_left_out(merchant: str) -> None:
    content = (
        export(ROW).replace(b"Notes", b"Payment Method").replace(b",,,5001", b",(for testing) Bogus Gateway,,5001")
    )
    assert b"Bogus" in content
    assert outcomes(take(merchant, content)) == {"#1001": "skipped"}


@pytest.mark.parametrize(
    ("again", "column", "code"),
    [
        ({}, "Name", "repeated_row"),
        ({"Lineitem quantity": "5", "Subtotal": "6.00"}, "Subtotal", "contradiction"),
        ({"Id": "5002"}, "Id", "contradiction"),
        ({"Shipping Name": "Bob"}, "Shipping Name", "contradiction"),
    ],
)
def test_an_order_told_twice_is_not_sent_twice(merchant: str, again: dict[str, str], column: str, code: str) -> None:
    content = export(ROW, second(), ROW | {"Name": "#2"}, ROW | again, second())
    assert faults(merchant, content) == [(5, column, code)]
    assert order(merchant, "#1001") is None


def test_rows_of_one_order_may_stand_apart_and_in_any_order(merchant: str) -> None:
    assert faults(merchant, export(second(), ROW | {"Name": "#2"}, ROW, second(Lineitem_quantity="2"))) == []
    taken = order(merchant, "#1001")
    assert taken
    assert [(line.sku, line.units.ordered) for line in taken.lines] == [("INK", 1), ("PEN", 3), ("INK", 2)]
    assert taken.ship_to.city == "Berlin"


def test_a_row_without_a_number_spoils_the_order_above_it(merchant: str) -> None:
    assert faults(merchant, export(ROW, second(Name=""), ROW | {"Name": "#2"})) == [(3, "Name", "missing")]
    assert order(merchant, "#1001") is None
    assert order(merchant, "#2") is not None


def test_a_broken_row_spoils_its_order_wherever_the_number_stands(merchant: str) -> None:
    columns = [*(column for column in ROW if column != "Name"), "Name"]
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=columns)
    writer.writeheader()
    writer.writerows([ROW, ROW | {"Name": "#2"}])
    assert faults(merchant, file.getvalue().encode() + b"x,INK,1,#1001\r\n") == [(4, "", "malformed_row")]
    assert order(merchant, "#1001") is None
    assert order(merchant, "#2") is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b"\r\n", b"\n"),
        lambda content: content.replace(b"\r\n", b"\r"),
        lambda content: content + b"\r\n\r\n" + b"," * (len(ROW) - 1) + b"\r\n,,\r\n  \r\n",
        lambda content: content.replace(b"Lineitem sku", b"LINEITEM  SKU").replace(b"Name,", b"name,", 1),
    ],
    ids=["byte order mark", "LF", "CR", "empty rows", "other case"],
)
def test_a_file_that_is_only_written_otherwise_is_taken(merchant: str, change: object) -> None:
    assert callable(change)
    assert faults(merchant, change(export(ROW))) == []
    assert order(merchant, "#1001") is not None


def test_a_discount_is_taken_off_to_the_last_cent(merchant: str) -> None:
    columns = [*ROW, "Lineitem discount"]
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=columns)
    writer.writeheader()
    writer.writerow(ROW | {"Lineitem discount": "1.00"})
    writer.writerow(ROW | {"Name": "#2", "Lineitem discount": "3.61"})
    writer.writerow(ROW | {"Name": "#3", "Lineitem discount": "-1"})
    writer.writerow(ROW | {"Name": "#4", "Lineitem price": "0", "Lineitem discount": "1"})
    assert faults(merchant, file.getvalue().encode()) == [
        (3, "Lineitem discount", "out_of_range"),
        (4, "Lineitem discount", "not_an_amount"),
        (5, "Lineitem discount", "out_of_range"),
    ]
    taken = order(merchant, "#1001")
    assert taken
    assert taken.goods_minor == 260
    assert [(line.units.ordered, line.unit_price_minor) for line in taken.lines] == [(1, 86), (2, 87)]


def test_names_of_all_the_world_and_formulas_stay_what_they_are(merchant: str) -> None:
    names = {
        "Shipping Name": "محمد الأحمد",
        "Shipping City": "'s-Hertogenbosch",
        "Shipping Street": "北京市朝阳区 1 🏠",
    }
    assert faults(merchant, export(ROW | names | {"Notes": "'=cmd|' /C calc'!A0"})) == []
    taken = order(merchant, "#1001")
    assert taken
    assert (taken.ship_to.name, taken.ship_to.city, taken.ship_to.street) == tuple(names.values())
    assert taken.note == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (export(ROW).decode().encode("utf-16"), "is UTF-16"),
        (export(ROW).decode().encode("utf-16-le"), "Line 1 of orders.csv holds a NUL"),
        (b"%PDF-1.7 \x00", "is a PDF document"),
        (export(ROW).replace(b"Ann Lee", "Zoë €".encode("cp1252")), "line 2 holds the byte 0xeb"),
        (export(ROW).replace(b"\r\n", b"\r").replace(b"Ann Lee", b"\xe9"), "line 2 holds the byte 0xe9"),
        (export(ROW | {"Notes": "x" * 5_000_000}), "the row that begins on line 2"),
        (export(ROW).replace(b",Notes,", b",Email,"), "several columns with the name Email"),
        (export(ROW).replace(b",Notes,", b",EMAIL,"), "several columns with the name Email"),
        (export(ROW).replace(b"Notes", b"No\x00tes"), "holds a NUL"),
        (export(ROW).replace(b",", b"\t"), "lacks the columns"),
        (b"\r\n\r\n", "is empty"),
    ],
)
def test_a_file_that_cannot_be_read_for_sure_is_refused_as_a_whole(
    merchant: str, content: bytes, complaint: str
) -> None:
    with pytest.raises(Invalid, match=complaint) as refusal:
        take(merchant, content)
    assert refusal.value.remedy
    assert order(merchant, "#1001") is None


def test_a_message_does_not_repeat_a_whole_novel(merchant: str) -> None:
    report = take(merchant, export(ROW | {"Lineitem quantity": "x" * 90_000, "Lineitem price": "y" * 90_000}))
    assert max(len(fault.message) for fault in report.faults) < 200


@pytest.mark.thorough
def test_every_faulty_row_of_a_long_file_is_told(merchant: str) -> None:
    many = export(*(ROW | {"Name": f"#{number}", "Lineitem quantity": "?"} for number in range(20_000)))
    assert len(take(merchant, many).faults) == 20_000


@pytest.mark.thorough
def test_a_file_of_any_size_is_taken_in_parts_as_if_at_once(merchant: str) -> None:
    rows = [ROW | {"Name": f"#{number}", "Lineitem quantity": "1"} for number in range(250)]
    content = export(*rows, ROW | {"Name": "#x", "Lineitem quantity": "?"}, ROW | {"Name": "#y", "Lineitem sku": "NO"})
    told: list[tuple[str, int, int]] = []
    report = ORDERS.import_in_parts(
        SYSTEM, tenant_id=merchant, content=content, file="orders.csv", progress=lambda *step: told.append(step)
    )
    assert told == [("orders", 100, 251), ("orders", 200, 251), ("orders", 251, 251)]
    assert (report.count("taken"), report.totals.orders) == (250, 250)
    assert [(fault.line, fault.order) for fault in report.faults] == [(252, "#x"), (253, "#y")]
    source, here, set_aside = balance(report)
    assert source == here + set_aside
    again = take(merchant, content)
    assert (again.count("known"), again.faults, balance(again)[0]) == (250, report.faults, source)

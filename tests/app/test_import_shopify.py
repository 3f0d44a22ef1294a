import asyncio
from datetime import timedelta

import httpx
import pytest
from shopify_house import FOLLOWING, ROW, SYSTEM, balance, export, order, outcomes, set_up_merchant, take
from sqlalchemy import Connection, text

from app.importers.orders.intake import ORDERS
from app.importers.stored_runs import count_outcomes, find_runs, get_run, refused_rows, results_of
from app.importers.totals import Totals
from kernel import clock
from kernel.access.commands import create_merchant, issue_key
from kernel.actors import Actor, Role
from kernel.db.transactions import transaction
from kernel.errors import Invalid, NotFound
from tests.application import application


@pytest.fixture
def merchant(database: Connection) -> str:
    return set_up_merchant()


def test_an_order_of_several_rows_becomes_one_order(merchant: str) -> None:
    second = FOLLOWING | {
        "Name": "#1001", "Lineitem quantity": "1", "Lineitem price": "7.00", "Lineitem sku": "INK",
        "Lineitem name": "Ink",
    }  # fmt: skip
    report = take(merchant, export(ROW, second))
    assert outcomes(report) == {"#1001": "taken"}
    assert report.totals == Totals(orders=1, pieces=4, goods_minor=1060, freight_minor=490)
    taken = order(merchant, "#1001")
    assert taken
    assert [(line.sku, line.units.ordered, line.unit_price_minor) for line in taken.lines] == [
        ("PEN", 3, 120),
        ("INK", 1, 700),
    ]
    assert taken.placed_at.isoformat() == "2026-11-20T09:15:00+00:00"
    assert (taken.ship_to.postal_code, taken.ship_to.phone, taken.state) == ("10115", "+4930123456", "PROMISED")


def test_good_orders_go_in_and_every_bad_row_is_named_with_line_and_column(merchant: str) -> None:
    content = export(
        ROW,
        ROW | {"Name": "#1002", "Lineitem quantity": "0"},
        ROW | {"Name": "#1003", "Lineitem quantity": "-2", "Lineitem price": "cheap"},
        ROW | {"Name": "#1004"},
        FOLLOWING | {"Name": "#1004", "Lineitem quantity": "1", "Lineitem price": "1.00", "Lineitem sku": "NOSUCH"},
        ROW | {"Name": "#1005", "Created at": "last week", "Shipping": "?"},
        ROW | {"Name": "#1006", "Shipping Country": "Germany"},
        ROW | {"Name": "#1007", "Currency": "USD"},
        ROW | {"Name": ""},
        ROW | {"Name": "#1008", "Lineitem sku": ""},
        ROW | {"Name": "#1009"},
    )
    report = take(merchant, content)
    assert [(fault.line, fault.order, fault.column, fault.code) for fault in report.faults] == [
        (3, "#1002", "Lineitem quantity", "not_a_quantity"),
        (4, "#1003", "Lineitem quantity", "not_a_quantity"),
        (4, "#1003", "Lineitem price", "not_an_amount"),
        (6, "#1004", "Lineitem sku", "unknown_sku"),
        (7, "#1005", "Created at", "not_a_time"),
        (7, "#1005", "Shipping", "not_an_amount"),
        (8, "#1006", "Shipping Country", "not_a_country"),
        (9, "#1007", "Currency", "wrong_currency"),
        (10, "", "Name", "missing"),
        (11, "#1008", "Lineitem sku", "missing"),
    ]
    assert {name for name, outcome in outcomes(report).items() if outcome == "taken"} == {"#1001", "#1009"}
    assert order(merchant, "#1004") is None
    assert report.totals.orders == 2


def test_a_malformed_row_spoils_its_own_order_only(merchant: str) -> None:
    good = export(ROW).decode().splitlines()
    content = "\r\n".join([*good, "#1002,too,few", good[1].replace("#1001", "#1003")]).encode()
    report = take(merchant, content)
    assert outcomes(report) == {"#1001": "taken", "#1002": "refused", "#1003": "taken"}
    (fault,) = report.faults
    assert (fault.line, fault.code) == (3, "malformed_row")


def test_the_same_file_again_changes_nothing(merchant: str, database: Connection) -> None:
    take(merchant, export(ROW))
    count = text("select count(*) from event")
    before = database.execute(count).scalar_one()
    assert outcomes(take(merchant, export(ROW))) == {"#1001": "known"}
    assert database.execute(count).scalar_one() == before
    assert database.execute(text("select count(*) from import_run")).scalar_one() == 1


def test_another_order_under_a_known_number_is_refused(merchant: str) -> None:
    take(merchant, export(ROW))
    report = take(merchant, export(ROW | {"Lineitem quantity": "9"}))
    assert [(fault.column, fault.code) for fault in report.faults] == [("Name", "duplicate_order")]
    kept = order(merchant, "#1001")
    assert kept
    assert kept.units.ordered == 3


def test_the_shops_own_states_are_followed(merchant: str) -> None:
    content = export(
        ROW | {"Financial Status": "pending"},
        ROW | {"Name": "#1002", "Cancelled at": "2026-11-20 11:00:00 +0100"},
        ROW | {"Name": "#1003", "Fulfillment Status": "fulfilled"},
    )
    assert outcomes(take(merchant, content)) == {"#1001": "taken", "#1002": "taken", "#1003": "skipped"}
    unpaid, cancelled = order(merchant, "#1001"), order(merchant, "#1002")
    assert unpaid
    assert cancelled
    assert (unpaid.state, unpaid.holds[0].kind, cancelled.state) == ("ON_HOLD", "payment", "CANCELLED")
    assert order(merchant, "#1003") is None


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "lacks the columns Name"),
        (b"PK\x03\x04\x14", "is a spreadsheet"),
        (export(), "holds no order"),
        (export(ROW).replace(b",", b";"), "lacks the columns Name"),
        (b"Name,Email\n#1,a\n", "lacks the columns Created at"),
        (export(ROW).replace(b"Ann Lee", b"Ann L\xe9e"), "is not UTF-8: line 2 holds the byte 0xe9"),
        (export(ROW) + b'"#1002,never closed', "line 3"),
    ],
)
def test_a_file_that_is_no_export_is_refused_as_a_whole(merchant: str, content: bytes, complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint):
        take(merchant, content)
    assert order(merchant, "#1001") is None


def test_a_file_with_other_separators_is_told_what_to_change(merchant: str) -> None:
    with pytest.raises(Invalid) as refusal:
        take(merchant, export(ROW).replace(b",", b";"))
    assert refusal.value.remedy == "Its columns are separated by semicolons or tabs: save it with commas."


def test_the_control_totals_of_a_file_balance_with_the_database(merchant: str) -> None:
    content = export(
        ROW,
        ROW | {"Name": "#1002", "Lineitem quantity": "0"},
        ROW | {"Name": "#1003", "Lineitem sku": "NOSUCH"},
        ROW | {"Name": "#1004", "Fulfillment Status": "fulfilled"},
        ROW | {"Name": "#1005", "Lineitem price": "1E999999"},
        ROW | {"Name": "#1006", "Lineitem quantity": "9" * 5000},
        ROW | {"Name": "", "Lineitem quantity": "7"},
    )
    for taken in (1, 0):
        report = take(merchant, content)
        assert report.totals.orders == taken
        source, here, set_aside = balance(report)
        assert source == Totals(orders=7, pieces=12, goods_minor=1080, freight_minor=2940)
        assert here == Totals(orders=1, pieces=3, goods_minor=360, freight_minor=490)
        assert source == here + set_aside


def test_results_and_the_rows_to_mend_are_kept_until_the_file_comes_again(merchant: str) -> None:
    second = FOLLOWING | {"Name": "#1002", "Lineitem quantity": "1", "Lineitem price": "1.00", "Lineitem sku": "NO"}
    report = take(merchant, export(ROW, ROW | {"Name": "#1002"}, second, ROW | {"Name": ""}))
    with transaction(SYSTEM) as uow:
        assert [(r.line, r.number, r.outcome) for r in results_of(uow, report.run_id)] == [
            (2, "#1001", "taken"),
            (3, "#1002", "refused"),
            (5, "", "refused"),
        ]
        rows = list(refused_rows(uow, report.run_id))
    assert [(row["Name"], row["Lineitem sku"]) for row, _ in rows[:2]] == [("#1002", "PEN"), ("#1002", "NO")]
    assert {why for _, why in rows[:2]} == {"Line 4, Lineitem sku: There is no item NO."}
    assert rows[2][1] == "Line 5, Name: Every row names its order. Write the number of the order that this row is of."
    mended = take(merchant, export(ROW, ROW | {"Name": "#1002"}, second | {"Lineitem sku": "INK"}))
    assert mended.run_id == report.run_id
    with transaction(SYSTEM) as uow:
        assert count_outcomes(uow, report.run_id) == {"known": 1, "taken": 1}
        assert list(refused_rows(uow, report.run_id)) == []


def test_rows_of_refused_orders_are_forgotten_after_a_month(merchant: str) -> None:
    bad = export(ROW | {"Lineitem quantity": "0"})
    with transaction(SYSTEM, now=clock.now() - timedelta(days=31)) as uow:
        old = ORDERS.import_file(uow, tenant_id=merchant, content=bad, file="old.csv")
    with transaction(SYSTEM) as uow:
        assert len(list(refused_rows(uow, old.run_id))) == 1
    take(merchant, bad)
    with transaction(SYSTEM) as uow:
        assert list(refused_rows(uow, old.run_id)) == []
        assert [result.number for result in results_of(uow, old.run_id)] == ["#1001"]


def test_imports_are_listed_newest_first_for_those_who_see_the_merchant(merchant: str) -> None:
    for days, file in ((2, "a.csv"), (1, "b.csv"), (3, "c.csv")):
        with transaction(SYSTEM, now=clock.now() - timedelta(days=days)) as uow:
            ORDERS.import_file(uow, tenant_id=merchant, content=export(ROW), file=file)
    with transaction(SYSTEM) as uow:
        found = find_runs(uow)
        assert [run.name for run in found.items] == ["b.csv", "a.csv", "c.csv"]
        assert found.next is None
        rival = create_merchant(uow, code="rival", name="Rival", currency="EUR")
    with transaction(Actor("usr_r", Role.MERCHANT, "R", rival)) as uow:
        assert find_runs(uow).items == ()
        with pytest.raises(NotFound):
            get_run(uow, found.items[0].id)
        assert results_of(uow, found.items[0].id) == []


def post(content: bytes, secret: str, key: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=application())
        async with httpx.AsyncClient(transport=transport, base_url="http://house.test") as client:
            headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key, "Content-Type": "text/csv"}
            return await client.post("/v1/imports/shopify", content=content, headers=headers)

    return asyncio.run(send())


@pytest.mark.thorough
def test_the_route_takes_a_file_from_the_merchants_own_key(merchant: str) -> None:
    with transaction(SYSTEM) as uow:
        writer = issue_key(uow, tenant_id=merchant, name="shop", scopes=["orders:write"]).secret
        reader = issue_key(uow, tenant_id=merchant, name="look", scopes=["orders:read"]).secret
    answer = post(export(ROW, ROW | {"Name": "#1002", "Lineitem quantity": "x"}), writer, "k1")
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"][0]["outcome"] == "taken"
    assert answer.json()["faults"][0]["column"] == "Lineitem quantity"
    assert post(export(ROW, ROW | {"Name": "#1002", "Lineitem quantity": "x"}), writer, "k1").json() == answer.json()
    assert post(export(ROW), reader, "k2").status_code == 403
    assert post(b"\xff\xfe", writer, "k3").json()["code"] == "invalid"

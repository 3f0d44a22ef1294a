from datetime import UTC, datetime
from pathlib import Path

import pytest
from olist_folder import OlistFolder, defective_folder, sound_folder
from sqlalchemy import text

from app.importers.olist.intake import OlistReport, import_olist
from app.importers.totals import Totals
from app.verification import verify_house
from fulfillment.api import OrderFilter, OrderView, find_orders, get_order
from inventory.api import availability
from kernel import actors
from kernel.access.queries import merchant_by_code
from kernel.db.transactions import transaction
from kernel.errors import Invalid
from tests.plugin.databases import FreshDatabase

pytestmark = pytest.mark.thorough

SYSTEM = actors.system("test")


def events() -> int:
    with transaction(SYSTEM) as uow:
        return uow.session.execute(text("select count(*) from event")).scalar_one()


def order(number: str) -> list[OrderView]:
    with transaction(SYSTEM) as uow:
        found = find_orders(uow, OrderFilter(search=number)).items
        return [get_order(uow, each.id) for each in found if each.external_id == number]


@pytest.fixture
def report(fresh_database: FreshDatabase, tmp_path: Path) -> OlistReport:
    return import_olist(defective_folder().write(tmp_path / "olist"))


def test_control_totals_equal_the_source_and_every_defect_is_named(report: OlistReport) -> None:
    assert report.balances
    assert report.set_aside == Totals(orders=3, pieces=3, goods_minor=1100, freight_minor=250)
    assert report.source.orders == 20
    assert report.imported.orders == 17
    assert report.defects_by_kind == {
        "repeated_review_id": 1, "malformed_row": 1, "repeated_key": 1, "empty_key": 2, "size_unknown": 1,
        "unknown_order": 1, "amount_unreadable": 1, "unknown_seller": 1, "unknown_product": 1,
        "handed_over_before_approval": 1, "delivered_before_handed_over": 1, "approved_before_placed": 1,
        "placed_at_unreadable": 1, "unknown_customer": 1, "no_lines": 1,
    }  # fmt: skip
    with transaction(SYSTEM) as uow:
        (run,) = uow.session.execute(text("select id, totals from import_run")).all()
        kept = uow.session.execute(text("select raw from import_defect where run_id = :run"), {"run": run.id})
        assert len(kept.all()) == len(report.defects) == 16
    assert run.totals["source"]["goods_minor"] == report.source.goods_minor
    assert {finding.invariant.name for finding in verify_house() if finding.violated} == set()


def test_orders_become_what_the_source_says(report: OlistReport) -> None:
    (grouped,) = order("order-grouped")
    assert [(line.sku, line.units.ordered, line.unit_price_minor) for line in grouped.lines] == [
        ("product-0", 2, 1000),
        ("product-0", 1, 900),
    ]
    assert (grouped.goods_minor, grouped.shipping_minor) == (2900, 750)
    assert grouped.placed_at == grouped.received_at == datetime(2018, 3, 5, 13, 0, tzinfo=UTC)
    assert str(grouped.promised_on) == "2018-03-29"
    assert grouped.state == "PROMISED"
    assert len(order("order-two-sellers")) == 2
    (canceled,) = order("order-canceled")
    assert canceled.state == "CANCELLED"
    (empty,) = order("order-no-lines")
    assert (empty.state, empty.lines, empty.flags) == ("ON_HOLD", (), ("no_lines",))
    (early,) = order("order-early")
    assert (early.state, early.flags) == ("ON_HOLD", ("handed_over_before_approval",))


def test_opening_stock_covers_the_demand_and_lies_on_the_floor(report: OlistReport) -> None:
    with transaction(SYSTEM) as uow:
        seller = merchant_by_code(uow, "seller-a")
        assert seller
        (found,) = availability(uow, tenant_id=seller.id, skus=["product-0"])
        bins = uow.session.execute(
            text("select count(*) from bin_stock where item_id = :item and quantity > 0"), {"item": found.item_id}
        ).scalar_one()
    assert found.on_hand - found.reserved >= 2
    assert bins == 2


def test_a_second_import_changes_nothing(report: OlistReport, tmp_path: Path) -> None:
    before = events()
    again = import_olist(tmp_path / "olist")
    assert (again.taken, again.imported, again.set_aside) == (0, report.imported, report.set_aside)
    assert again.run_id == report.run_id
    assert events() == before


def test_an_order_that_changed_in_the_source_is_reported_and_left_alone(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    folder = sound_folder(orders=2)
    import_olist(folder.write(tmp_path / "olist"))
    folder.items[0] = (*folder.items[0][:5], "99.00", folder.items[0][6])
    report = import_olist(folder.write(tmp_path / "olist"))
    assert report.defects_by_kind == {"duplicate_order": 1}
    assert report.defects[0].key == "order-000"
    (kept,) = order("order-000")
    assert kept.goods_minor == 1990
    assert not report.balances


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("orders.csv", None, "orders.csv is missing"),
        ("sellers.csv", b"", "sellers.csv is empty"),
        ("customers.csv", b"customer_id,customer_unique_id\na,S\xe3o\n", "customers.csv is not UTF-8: line 2"),
        ("products.csv", b'product_id,"oops\n', "products.csv, in the row that begins on line 1"),
        ("sellers.csv", b'seller_id\na\n"b\nc\nd\n', "sellers.csv, in the row that begins on line 3"),
        ("sellers.csv", b"seller_id,seller_city,seller_id\na,b,c\n", "several columns with the name seller_id"),
        ("orders.csv", b"\x1f\x8b\x08\x00", "orders.csv is packed with gzip"),
    ],
)
def test_a_folder_that_cannot_be_read_is_refused_and_leaves_nothing(
    tmp_path: Path, file: str, content: bytes | None, complaint: str
) -> None:
    folder = sound_folder(orders=1).write(tmp_path / "olist")
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(Invalid, match=complaint):
        import_olist(folder)
    assert events() == 0


def test_an_empty_source_is_an_empty_import(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    report = import_olist(OlistFolder().write(tmp_path / "olist"))
    assert (report.source, report.taken, report.balances) == (Totals(), 0, True)


def test_what_cannot_be_read_or_printed_is_set_aside_and_the_rest_comes_in(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    folder = sound_folder(orders=8)
    folder.orders[0] = (*folder.orders[0][:3], "0001-01-01 00:00:00", *folder.orders[0][4:])
    folder.orders[1] = (*folder.orders[1][:3], "9999-12-31 23:59:59", *folder.orders[1][4:])
    folder.orders[2] = (*folder.orders[2][:3], "2018-03-05T10:00:00Z", *folder.orders[2][4:])
    folder.items[-1] = (*folder.items[-1][:2], "bell\a", *folder.items[-1][3:])
    folder.items[-2] = (*folder.items[-2][:5], "1E+999999", folder.items[-2][6])
    folder.items.append(folder.items[0])
    folder.products.append(folder.products[0])
    folder.products[1] = ("product-1", "a" * 500, *folder.products[1][2:])
    folder.sellers.append(folder.sellers[0])
    report = import_olist(folder.write(tmp_path / "olist"))
    assert report.balances
    assert report.source.orders == report.imported.orders == 8
    assert report.set_aside.pieces == 3
    assert report.defects_by_kind == {
        "repeated_key": 3, "placed_at_unreadable": 2, "no_lines": 1, "unprintable_key": 1,
        "amount_unreadable": 1, "name_unprintable": 1,
    }  # fmt: skip
    (undated,) = order("order-000")
    assert undated.placed_at == datetime(2018, 3, 5, 10, 0, tzinfo=UTC), "it was approved then"
    (offset,) = order("order-002")
    assert offset.placed_at == datetime(2018, 3, 5, 10, 0, tzinfo=UTC)


def test_every_refused_part_of_an_order_is_on_record(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    folder = sound_folder(orders=2)
    pieces = (("product-0", "seller-a", "10.00", "2.50"), ("product-1", "seller-b", "20.00", "3.00"))
    folder.add_order("order-" + "9" * 300, pieces)
    report = import_olist(folder.write(tmp_path / "olist"))
    assert report.balances
    assert report.set_aside == Totals(orders=1, pieces=2, goods_minor=3000, freight_minor=550)
    (defect,) = report.defects
    assert (defect.code, defect.raw) == ("invalid", {"merchants": "seller-a seller-b"})
    with transaction(SYSTEM) as uow:
        kept = uow.session.execute(text("select count(*) from import_defect")).scalar_one()
    assert kept == len(report.defects)


@pytest.mark.thorough
def test_a_larger_file_adds_its_new_orders_and_the_stock_that_they_need(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    import_olist(sound_folder(orders=3).write(tmp_path / "small"))
    report = import_olist(sound_folder(orders=40).write(tmp_path / "large"))
    assert (report.taken, report.balances) == (37, True)
    with transaction(SYSTEM) as uow:
        states = uow.session.execute(text("select distinct state from sales_order")).scalars().all()
    assert states == ["PROMISED"]
    before = events()
    assert import_olist(tmp_path / "large").taken == import_olist(tmp_path / "small").taken == 0
    assert events() == before

from datetime import UTC, datetime
from pathlib import Path

import pytest
from olist_folder import OlistFolder, defective_folder, sound_folder
from sqlalchemy import text

from app.importers.olist_import import OlistReport, import_olist
from app.importers.totals import Totals
from app.verification import verify_house
from fulfillment.api import OrderFilter, OrderView, find_orders, get_order
from inventory.api import availability
from kernel import actors
from kernel.access.queries import merchant_by_code
from kernel.db.transactions import transaction
from kernel.errors import Invalid
from tests.plugin.databases import FreshDatabase

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
        ("products.csv", b'product_id,"oops\n', "products.csv, line"),
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

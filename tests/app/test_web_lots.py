"""Lots in the staff's pages: received by scan, picked by what expires first, recalled."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from conftest import Visitor
from web_house import WebHouse, do

from inventory import api as inventory

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]
_numbers = count(1)
GTIN = "4006381333016"


@pytest.fixture
def cream(house: WebHouse) -> inventory.ItemView:
    draft = inventory.ItemDraft(
        f"CREAM-{next(_numbers)}", "Hand cream", 90, 40, 40, 120, (GTIN,), lot_tracked=True, min_shelf_days=10
    )
    ids = do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft]))
    return do(lambda uow: inventory.get_item(uow, ids[draft.sku]))


def announced(house: WebHouse, item: inventory.ItemView, units: int) -> str:
    day = datetime.now(UTC).date() + timedelta(days=1)
    draft = inventory.ArrivalDraft(f"LOT-{next(_numbers)}", day, (inventory.ArrivalLineDraft(item.sku, units),))
    whose = {"tenant_id": house.tenant, "site_id": house.site, "draft": draft}
    return do(lambda uow: inventory.announce_arrival(uow, **whose)).arrival.id


def element_string(lot: str, expires_on: date) -> str:
    return f"]C101{GTIN.zfill(14)}17{expires_on:%y%m%d}10{lot}"


def test_a_lot_is_received_by_one_scan_and_recalled(
    house: WebHouse, cream: inventory.ItemView, signed_in: SignIn
) -> None:
    picker, path = signed_in("picker"), f"/arrivals/{announced(house, cream, 10)}"
    later = datetime.now(UTC).date() + timedelta(days=200)
    box = {"quantity": "6", "location_code": "DOCK", "condition": "good"}
    refused = picker.submit(path, f"{path}/receive", barcode=cream.sku, **box)
    assert refused.status_code == 409
    assert "is tracked by lot" in refused.text
    picker.submit(path, f"{path}/receive", barcode=element_string("L-7", later), **box)
    assert "Into DOCK, lot L-7" in picker.page(path)
    old = datetime.now(UTC).date() + timedelta(days=3)
    refused = picker.submit(path, f"{path}/receive", barcode=element_string("L-8", old), **box)
    assert refused.status_code == 409
    assert "sold with 10 days left" in refused.text
    assert "L-7" in picker.page("/lots?q=hand")
    manager, page = signed_in("manager"), f"/items/{cream.id}/lots?lot=L-7"
    assert "Sold for" in manager.page(page)
    done = manager.submit(page, f"/items/{cream.id}/lots/block", reason="recalled by the maker")
    assert done.status_code == 303
    told = manager.page(done.headers["location"])
    assert "6 units left what can be sold" in told
    assert "recalled by the maker" in told
    stock = do(lambda uow: inventory.item_stock(uow, cream.id))
    assert (stock.levels[0].on_hand, [(b.bucket, b.quantity) for b in stock.buckets]) == (0, [("QUARANTINE", 6)])
    assert f"{page.replace('?lot=L-7', '')}/block" not in picker.page(page)

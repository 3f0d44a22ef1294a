"""The page of what weighing shows, and the board's figures of the scale."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from conftest import Visitor
from web_house import WebHouse, do, pack, pick_everything, place, project, to_floor

from kernel.db.transactions import UnitOfWork
from shipping.site_terms import terms_of
from shipping.weights.fits import fit_site, record_fit
from shipping.weights.history import confirmed_parcels

pytestmark = pytest.mark.thorough

SignIn = Callable[[str], Visitor]


def on_bench(house: WebHouse, *wanted: tuple[str, int]) -> str:
    order_id = place(house, *wanted)
    project()
    to_floor(house)
    pick_everything(house)
    return order_id


def fit(house: WebHouse) -> None:
    def work(uow: UnitOfWork) -> None:
        parcels = confirmed_parcels(uow, site_id=house.site)
        learned = fit_site(parcels, terms_of(uow, house.site).sheet)
        record_fit(uow, site_id=house.site, fit=learned, parcels=parcels)

    do(work)


def test_a_wrong_catalog_weight_is_counted_shown_and_settled(house: WebHouse, signed_in: SignIn) -> None:
    manager = signed_in("manager")
    assert "Nothing stands out." in manager.page("/weights")
    assert "At the scale in 30 days" not in manager.page("/board")
    parcel = pack(house, on_bench(house, ("TOWEL", 1)), wrong_by_g=1_080)
    board = manager.page("/board")
    assert "At the scale in 30 days" in board
    assert "0 (0 %)" in board, "nobody let it go on yet"
    counted = manager.submit(
        "/holds", f"/parcels/{parcel.id}/release", reason="Counted.", evidence="Opened.", contents_confirmed="yes"
    )
    assert counted.status_code == 303
    assert "1 (100 %)" in manager.page("/board")
    fit(house)
    assert "Findings of the scales" in manager.page("/board")
    page = unescape(manager.page("/weights"))
    assert "The catalog's 120 g look wrong: a digit missing." in page
    assert f'href="/items/{house.items["TOWEL"]}"' in page
    (path,) = re.findall(r'action="(/weights/wfi_\w+/settle)"', page)
    assert manager.submit("/weights", path, outcome="corrected", note=" ").status_code == 422
    done = manager.submit("/weights", path, outcome="corrected", note="It is 1,200 g: typed it anew.")
    assert done.headers["location"] == "/weights"
    assert "Nothing stands out." in manager.page("/weights")
    assert "Findings of the scales" not in manager.page("/board")

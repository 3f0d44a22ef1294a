"""A loader with a phone chooses the truck, is stopped at what does not go, and takes the last one off again."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect
from test_scan_offline import new_packer, sign_in, wedge
from test_scan_walk import on_screen
from web_house import WebHouse, clear_floor, collected, do, labelled

from shipping import api as shipping

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CODE = "DOCK-1"


@pytest.fixture
def page(browser: Browser, address: str, house: WebHouse) -> Iterator[Page]:
    """The phone of a loader in a house in which nothing else waits, and whose trucks come today."""
    clear_floor(house)
    context = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True)
    with collected(house, "23:59"):
        yield sign_in(context, address, new_packer(house, "Lou L."))
    context.close()


def stage(house: WebHouse, parcel: shipping.ParcelView, target: str) -> None:
    do(partial(shipping.stage_parcel, site_id=house.site, parcel=parcel.sscc, target=target), house["packer"])


def loaded(house: WebHouse) -> list[tuple[int, int]]:
    """How far each truck is by the books: loaded parcels of all."""
    return [(truck.loaded, truck.parcels) for truck in do(partial(shipping.dock, site_id=house.site)).trucks]


def test_a_loader_fills_a_truck_and_is_stopped_at_what_does_not_go(page: Page, address: str, house: WebHouse) -> None:
    parcels = [labelled(house, f"ord_dock_{n}") for n in range(5)]
    draft = shipping.LaneDraft(parcels[0].carrier, loads_by_scan=True)
    lane = do(partial(shipping.open_lane, site_id=house.site, code=CODE, draft=draft), house["manager"])
    box = do(partial(shipping.open_container, lane_id=lane.id, kind="pallet"), house["packer"])
    for parcel, target in zip(parcels, (box.sscc, box.sscc, CODE, CODE), strict=False):
        stage(house, parcel, target)

    page.get_by_role("button", name="More").tap()
    page.get_by_role("link", name="Load a truck").tap()
    on_screen(page, "Which truck?")
    wedge(page, CODE)
    on_screen(page, "Scan onto truck")
    expect(page.locator(".loaded")).to_have_text("0 of 4 loaded")

    wedge(page, box.sscc)
    on_screen(page, re.compile("Not closed yet"))
    expect(page.get_by_role("alert")).to_contain_text("Close it, then scan it again.")
    do(partial(shipping.close_container, container_id=box.id), house["packer"])
    page.get_by_role("button", name="Go on").tap()
    on_screen(page, "Scan onto truck")
    expect(page.locator(".lines")).to_contain_text("Pallet")
    wedge(page, parcels[0].sscc)
    on_screen(page, re.compile("Scan its container"))
    wedge(page, f"(00){parcels[4].sscc}")
    on_screen(page, re.compile("It stands on no lane"))
    expect(page.get_by_role("alert")).to_contain_text(f"Scan it onto {CODE} first.")

    wedge(page, f"(00){box.sscc}")
    on_screen(page, "Scan onto truck")
    expect(page.locator(".loaded")).to_have_text("2 of 4 loaded")
    wedge(page, parcels[2].sscc)
    expect(page.locator(".loaded")).to_have_text("3 of 4 loaded")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert loaded(house) == [(3, 4)]
    page.get_by_role("button", name="Take off").tap()
    expect(page.locator(".loaded")).to_have_text("2 of 4 loaded")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert loaded(house) == [(2, 4)]

    page.context.set_offline(True)
    wedge(page, parcels[2].sscc, parcels[3].sscc)
    on_screen(page, "All loaded")
    expect(page.locator(".offline")).to_contain_text("2 scans waiting", timeout=15_000)
    gone = {"tenant_id": house.tenant, "parcel_id": parcels[3].id, "reason": "cancelled"}
    do(partial(shipping.void_parcel, **gone), house["manager"])
    page.context.set_offline(False)
    on_screen(page, re.compile("this parcel does not go"))
    expect(page.get_by_role("alert")).to_contain_text("Take it to the packing bench")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert loaded(house) == [(3, 3)]
    page.get_by_role("button", name="Go on").tap()
    on_screen(page, "All loaded")
    expect(page.locator(".loaded")).to_have_text("3 of 3 loaded")

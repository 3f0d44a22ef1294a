"""A sorter with a phone: a parcel, the sign of a wrong lane, and that of the right one."""

from collections.abc import Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect
from test_scan_offline import new_packer, sign_in, wedge
from test_scan_walk import on_screen, stopped
from test_web_sorting import CODE, LYON
from web_house import WebHouse, clear_floor, do, labelled

from shipping import api as shipping

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def page(browser: Browser, address: str, house: WebHouse) -> Iterator[Page]:
    """The phone of a sorter in a house in which nothing else waits."""
    clear_floor(house)
    context = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True)
    yield sign_in(context, address, new_packer(house, "Sol S."))
    context.close()


def test_a_parcel_stops_at_a_wrong_lane_and_goes_onto_its_own(page: Page, address: str, house: WebHouse) -> None:
    first, second = (labelled(house, f"ord_phone_{n}", LYON) for n in (1, 2))
    for code, route in ((CODE, "FR"), ("LANE-AT", "AT")):
        draft = shipping.LaneDraft(first.carrier, routes=(route,))
        do(partial(shipping.open_lane, site_id=house.site, code=code, draft=draft), house["manager"])
    page.goto(f"{address}/scan?job=sort")
    on_screen(page, "Scan a parcel")
    wedge(page, f"(00){second.sscc}")
    on_screen(page, CODE)
    wedge(page, "LANE-AT")
    stopped(page, "Wrong lane", "Lane LANE-AT", f"Lane {CODE}", f"Put it on {CODE}, and scan the sign there.")
    assert standing(house) == {CODE: 0, "LANE-AT": 0}
    wedge(page, CODE)
    on_screen(page, "Scan a parcel")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert standing(house) == {CODE: 1, "LANE-AT": 0}
    wedge(page, first.sscc, CODE)
    on_screen(page, "Nothing to sort")
    assert standing(house) == {CODE: 2, "LANE-AT": 0}


def standing(house: WebHouse) -> dict[str, int]:
    """How many parcels stand on each lane by the books."""
    return {lane.code: lane.parcels for lane in do(lambda uow: shipping.sort_lanes(uow, site_id=house.site))}

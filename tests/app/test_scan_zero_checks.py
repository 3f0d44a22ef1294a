"""A gloved picker is asked at the bin that should be empty now, with and without a network."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from test_scan_offline import begin_batch, new_packer, sign_in, until_kept, wedge
from test_scan_walk import on_screen
from test_web_zero_checks import stock_last
from web_house import WebHouse, clear_floor, do, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PLACES = ("A-01-02-2", "A-01-06-2", "B-02-04-2", "C-03-05-1")


@pytest.fixture
def context(browser: Browser, house: WebHouse) -> Iterator[BrowserContext]:
    clear_floor(house)
    context = browser.new_context(viewport={"width": 320, "height": 568}, has_touch=True)
    yield context
    context.close()


def pick(page: Page, task: fulfillment.WorkTask) -> None:
    on_screen(page, task.location_code)
    wedge(page, task.location_code, task.sku, task.tote)


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).tap()


def asked(page: Page, task: fulfillment.WorkTask) -> None:
    on_screen(page, f"Is {task.location_code} empty now?")


def test_each_answer_is_a_tap_and_none_is_in_the_way(context: BrowserContext, address: str, house: WebHouse) -> None:
    for number, code in enumerate(PLACES):
        stock_last(house, f"LAST-{number}", code, 1)
    place(house, *((f"LAST-{number}", 1) for number in range(len(PLACES))))
    project()
    to_floor(house)
    packer = new_packer(house, "Zita Z.")
    page = sign_in(context, address, packer)
    until_kept(page)
    first, second, third, fourth = begin_batch(page, house, packer)

    pick(page, first)
    asked(page, first)
    tap(page, "Later")
    pick(page, second)
    asked(page, second)
    wedge(page, third.location_code, third.sku, third.tote)
    asked(page, third)
    context.set_offline(True)
    tap(page, "Not empty")
    on_screen(page, f"How many are in {third.location_code}?")
    tap(page, "1")
    tap(page, "2")
    page.get_by_role("button", name="Delete a digit").tap()
    expect(page.get_by_label("Units seen")).to_have_text("1")
    tap(page, "Save")
    pick(page, fourth)
    asked(page, fourth)
    page.reload()
    asked(page, fourth)
    tap(page, "Empty")
    asked(page, first)
    tap(page, "Empty")
    asked(page, second)
    tap(page, "Later")
    context.set_offline(False)
    expect(page.locator(".strip")).to_contain_text("all sent", timeout=30_000)
    expect(page.locator("h1")).to_contain_text("Tote ", timeout=30_000)

    waiting = do(lambda uow: inventory.find_counts(uow, site_id=house.site, cause="zero_check")).items
    assert [each.location_code for each in waiting] == [third.location_code]
    booked = do(
        lambda uow: inventory.find_counts(uow, site_id=house.site, states=("approved",), cause="zero_check")
    ).items
    assert {each.location_code for each in booked} == {first.location_code, fourth.location_code}

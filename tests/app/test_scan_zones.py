"""A walk through two zones goes from one picker's handheld to the other's, the first of them without a network."""

import pytest
from handhelds import any_tote
from playwright.sync_api import Browser, Page, Route, expect
from test_scan_offline import new_packer, sign_in, wedge, work_of
from web_house import WebHouse, clear_floor, do, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
GTIN = "4000417025005"


def _set_up(uow: UnitOfWork, house: WebHouse) -> None:
    drafts = [inventory.ItemDraft("FAR", "Garden bell", 300, 50, 50, 50, (GTIN,))]
    item_id = inventory.create_items(uow, tenant_id=house.tenant, items=drafts)["FAR"]
    receipt = inventory.Receipt(item_id, "C-03-06-1", 9, "ASN")
    inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt])
    fulfillment.set_pick_and_pass(uow, site_id=house.site, on=True)


def pick_here(page: Page, task: fulfillment.WorkTask, tote: str) -> None:
    expect(page.locator("h1")).to_have_text(task.location_code)
    wedge(page, task.location_code, task.gtins[0].lstrip("0"), tote)
    expect(page.locator("h1")).not_to_have_text(task.location_code)


def take_zone(page: Page, zone: str) -> None:
    # A page that is read anew before the server was told would ask for work in any zone.
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        page.get_by_label("Where you pick").select_option(zone)
    expect(page.get_by_label("Where you pick")).to_have_value(zone)
    expect(page.locator(".strip")).to_contain_text("all sent")


def test_totes_go_from_one_picker_to_the_next(browser: Browser, address: str, house: WebHouse) -> None:
    clear_floor(house)
    do(lambda uow: _set_up(uow, house))
    emails = {zone: new_packer(house, f"Picker {zone}") for zone in ("A", "C")}
    contexts = {zone: browser.new_context(viewport={"width": 320, "height": 560}, has_touch=True) for zone in emails}
    pages = {zone: sign_in(contexts[zone], address, email) for zone, email in emails.items()}
    for zone, page in pages.items():
        expect(page.locator("h1")).to_have_text("Nothing to pick")
        take_zone(page, zone)
    place(house, ("MUG-BL", 1), ("FAR", 2))
    project()
    to_floor(house)
    (batch,) = do(lambda uow: fulfillment.find_batches(uow, site_id=house.site, states=("DRAFT",)))
    first, second = batch.zones
    for page in pages.values():
        page.reload()
    expect(pages[second].locator("h1")).to_have_text("Nothing to pick")

    page = pages[first]
    page.get_by_role("button", name="Next batch").click()
    expect(page.locator("h1")).to_have_text("Slot 1")
    tote = any_tote()
    wedge(page, tote)
    tasks = {task.zone: task for task in work_of(house, emails[first]).tasks}
    expect(page.locator("h1")).to_have_text(tasks[first].location_code)
    expect(page.locator(".strip")).to_contain_text("all sent")
    contexts[first].set_offline(True)
    pick_here(page, tasks[first], tote)
    expect(page.locator("h1")).to_have_text("Hand over")
    wedge(page, "T-99999999")
    expect(page.locator("h1")).to_contain_text("Wrong tote")
    wedge(page, tote)
    contexts[first].set_offline(False)
    expect(page.locator("h1")).to_have_text("Nothing to pick", timeout=30_000)

    other = pages[second]
    other.reload()
    expect(other.locator("h1")).to_have_text("Your next batch")
    expect(other.locator("main")).to_contain_text(f"where zone {first} hands over")
    wedge(other, tote)
    pick_here(other, tasks[second], tote)
    expect(other.locator("h1")).not_to_have_text("Hand over")
    expect(other.locator("h1")).to_contain_text(tote, timeout=15_000)
    for context in contexts.values():
        context.close()


def test_zone_chosen_before_the_script_is_ready_counts(browser: Browser, address: str, house: WebHouse) -> None:
    clear_floor(house)
    do(lambda uow: fulfillment.set_pick_and_pass(uow, site_id=house.site, on=True))
    context = browser.new_context(viewport={"width": 320, "height": 560}, has_touch=True)
    page = sign_in(context, address, new_packer(house, "Quick picker"))
    expect(page.get_by_role("button", name="Pick there")).to_have_count(0)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    context.route("**/scan/api/work*", hold)
    with page.expect_request("**/scan/api/work*"):
        page.reload()
    expect(page.get_by_role("button", name="Pick there")).to_be_visible()
    page.get_by_label("Where you pick").select_option("C")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        for route in held:
            route.continue_()
        context.unroute("**/scan/api/work*")
    expect(page.get_by_role("button", name="Pick there")).to_have_count(0)
    expect(page.get_by_label("Where you pick")).to_have_value("C")
    page.reload()
    expect(page.get_by_role("button", name="Pick there")).to_have_count(0)
    expect(page.get_by_label("Where you pick")).to_have_value("C")
    context.close()

"""The live faces in a real browser: one batch by keyboard wedge, a tracker without script, no violation of any kind."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Visitor, visiting
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect
from sqlalchemy import text
from test_web_access import EVERYBODY
from walks import follow, pages
from web_house import (
    EMAIL,
    PASSWORD,
    POSTCODE,
    WebHouse,
    clear_floor,
    delivered,
    do,
    pack,
    pick_everything,
    place,
    project,
    to_floor,
)

from fulfillment import api as fulfillment
from inventory import api as inventory
from notifications import api as notifications
from returns import api as returns
from shipping import api as shipping

LONG_ADDRESS = "https://hooks.example.com/a/rather/long/path/that/does/not/fit/on/a/small/phone/in/one/line"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def lived_in(house: WebHouse) -> dict[str, str]:
    """A house with something on every page; ids by what they are."""
    ids = {"delivered": delivered(house, ("MUG-BL", 2), ("TOWEL", 1))}
    ids["labelled"], ids["held"] = place(house, ("PEN-L", 1)), place(house, ("TOWEL", 4))
    project()
    to_floor(house)
    pick_everything(house)
    pack(house, ids["labelled"])
    ids["parcel"] = pack(house, ids["held"], wrong_by_g=-120).id
    ids["on_hold"] = place(house, ("PEN-L", 1))
    do(lambda uow: fulfillment.hold_order(
        uow, tenant_id=house.tenant, order_id=ids["on_hold"], kind="payment", reason="Card declined"))  # fmt: skip
    line = do(lambda uow: fulfillment.get_order(uow, ids["delivered"])).lines[0].id
    draft = returns.ReturnLineDraft(line, 1, "unwanted")
    ids["return"] = do(lambda uow: returns.request_return(uow, order_id=ids["delivered"], lines=[draft])).id
    ids["item"] = house.items["MUG-BL"]
    place(house, ("PEN-L", 2))
    stock_work(house)
    project()
    to_floor(house)
    return ids


def stock_work(house: WebHouse) -> None:
    """Make work for the stock's pages: goods announced, tracked by lot and serial number, to move and to count."""
    here = {"tenant_id": house.tenant, "site_id": house.site}
    tracked = [
        inventory.ItemDraft("CREAM", "Hand cream", 90, 40, 40, 120, lot_tracked=True),
        inventory.ItemDraft("CAM", "Field camera", 650, 140, 90, 80, serial_tracked=True),
    ]
    ids = do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=tracked))
    good_until = datetime.now(UTC).date() + timedelta(days=90)
    receipts = [
        inventory.Receipt(ids["CREAM"], "A-01-01-1", 6, "PO-1", lot="L-7", expires_on=good_until),
        inventory.Receipt(ids["CAM"], "A-01-01-1", 2, "PO-1", serials=("FC-1", "FC-2")),
        inventory.Receipt(house.items["LAMP"], "DOCK", 3, "PO-1"),
    ]
    do(lambda uow: inventory.receive_many(uow, **here, receipts=receipts))
    lines = (inventory.ArrivalLineDraft("CREAM", 12), inventory.ArrivalLineDraft("CAM", 2))
    do(lambda uow: inventory.announce_arrival(uow, **here, draft=inventory.ArrivalDraft("PO-2", good_until, lines)))
    for step in inventory.MOVE_PLANNING:
        do(step)
    asked = here | {"item_id": ids["CREAM"], "location_code": "A-01-01-1", "reason": "Looks off"}
    do(lambda uow: inventory.ask_counts(uow, **asked))
    for code, on_hand in (("XL", 0), ("L20", 40), ("S4", 900)):
        count_cartons(house, code, on_hand)
    do(lambda uow: notifications.register_endpoint(uow, tenant_id=house.tenant, url=LONG_ADDRESS))
    do(lambda uow: uow.session.execute(text("update webhook_endpoint set failing_since = now(), warned_at = now()")))


def count_cartons(house: WebHouse, code: str, on_hand: int) -> None:
    told = {"on_hand": on_hand, "reorder_point": 50, "tell": "Purchasing, extension 12"}
    do(lambda uow: shipping.count_cartons(uow, site_id=house.site, carton_code=code, **told))


@pytest.fixture
def trouble() -> Iterator[list[str]]:
    """What the browser complained about; it must stay empty."""
    found: list[str] = []
    yield found
    assert found == []


def watch(page: Page, trouble: list[str]) -> Page:
    page.on("console", lambda message: trouble.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "response", lambda answer: trouble.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
    )
    return page


def sign_in(context: BrowserContext, address: str, role: str, trouble: list[str]) -> Page:
    page = watch(context.new_page(), trouble)
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill(f"{role}@house.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def tracker_pages(ids: dict[str, str]) -> list[str]:
    links = {name: f"/t/{fulfillment.tracking_token(ids[name])}" for name in ("delivered", "held", "on_hold")}
    return [*links.values(), *(f"{links['delivered']}/{page}" for page in ("return", "problem", "cancel"))]


@pytest.fixture(scope="module")
def all_pages(lived_in: dict[str, str], address: str) -> list[str]:
    """Every page that the administrator reaches, and the customers' own."""
    with visiting(address, "admin") as admin:
        found = pages(admin, "admin")
    return [*dict.fromkeys([*found, *tracker_pages(lived_in), "/docs", "/orders?q=nothing+fits"])]


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_every_link_that_a_role_is_shown_opens(lived_in: dict[str, str], address: str, role: str) -> None:
    with visiting(address, role) as visitor:
        opened = follow(visitor, role)
    assert len(opened) > 10
    assert {path: status for path, status in opened.items() if status != 200} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_live_page_has_an_accessibility_violation(
    browser: Browser, address: str, all_pages: list[str], trouble: list[str], scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two names above
    page = sign_in(context, address, "admin", trouble)
    found = {}
    for path in all_pages:
        page.goto(f"{address}{path}")
        if violations := Axe().run(page).response["violations"]:
            found[path] = [(each["id"], each["nodes"][0]["target"]) for each in violations]
    context.close()
    assert found == {}


def test_no_live_page_is_wider_than_a_small_phone(
    browser: Browser, address: str, all_pages: list[str], trouble: list[str]
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 480})
    page = sign_in(context, address, "admin", trouble)
    wide = []
    for path in all_pages:
        page.goto(f"{address}{path}")
        for action in page.locator("details.action > summary").all():
            action.click()
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    context.close()
    assert wide == []


def clear_bench(house: WebHouse) -> None:
    """Do all work that waits, and stick the labels on that other tests left to the packer."""
    clear_floor(house)
    packer = house["packer"].id
    for parcel in do(lambda uow: shipping.parcels_to_label(uow, site_id=house.site, packer=packer)):
        do(lambda uow, p=parcel: shipping.verify_label(uow, parcel_id=p.id, scanned=p.sscc))


def test_one_batch_goes_from_pick_to_label_by_wedge(
    browser: Browser, address: str, house: WebHouse, trouble: list[str]
) -> None:
    clear_bench(house)
    order_id = place(house, ("MUG-BL", 2), ("TOWEL", 1))
    project()
    to_floor(house)
    context = browser.new_context(viewport={"width": 320, "height": 480})
    page = sign_in(context, address, "packer", trouble)
    expect(page.locator("h1")).to_have_text("Your next batch")
    page.get_by_role("button", name="Next batch").click()
    expect(page.locator("h1")).to_have_text("Slot 1")
    wedge(page, "T-0701")
    for place_, code, left in walk(house, "T-0701"):
        expect(page.locator("h1")).to_have_text(place_)
        wedge(page, place_, "4000417025005" if code != "4000417025005" else "4006381333931")
        expect(page.get_by_role("alert")).to_contain_text("Wrong item")
        wedge(page, code, "T-0701")
        expect(page.locator("h1")).not_to_have_text(place_ if left else "")
    expect(page.locator("h1")).to_have_text("Tote T-0701")
    wedge(page, "T-0701", "4006381333931", "4006381333931", "4000417025005")
    expect(page.locator("h1")).to_have_text("Choose a carton")
    page.locator(".choices button").first.click()
    expect(page.locator("h1")).to_have_text("Put it on the scale")
    expect(page.locator(".strip")).to_contain_text("all sent")
    parcel = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]
    wedge(page, f"{parcel.expected_g} g")
    expect(page.locator("h1")).to_have_text("Stick the label on")
    label = page.get_by_role("link", name="Print the label").get_attribute("href")
    assert page.request.get(f"{address}{label}").body().startswith(b"%PDF-")
    wedge(page, f"]C100{parcel.sscc}")
    expect(page.locator("h1")).not_to_have_text("Stick the label on")
    expect(page.locator(".strip")).to_contain_text("all sent")
    project()
    assert do(lambda uow: fulfillment.get_order(uow, order_id)).state == "READY_TO_MANIFEST"
    context.close()


def test_a_scan_before_there_is_work_is_not_swallowed(
    browser: Browser, address: str, house: WebHouse, trouble: list[str]
) -> None:
    clear_bench(house)
    place(house, ("MUG-BL", 1))
    project()
    to_floor(house)
    context = browser.new_context(viewport={"width": 320, "height": 480})
    page = sign_in(context, address, "picker", trouble)
    expect(page.locator("h1")).to_have_text("Your next batch")
    expect(page.locator(".wedge")).to_be_focused()
    wedge(page, "T-0799")
    expect(page.get_by_role("alert")).to_contain_text("Nothing to scan yet")
    expect(page.get_by_role("alert")).to_contain_text("T-0799")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1")).to_have_text("Your next batch")
    context.close()


def test_what_is_done_while_the_script_makes_ready_is_not_lost(
    browser: Browser, address: str, house: WebHouse, trouble: list[str]
) -> None:
    clear_bench(house)
    place(house, ("MUG-BL", 1))
    project()
    to_floor(house)
    context = browser.new_context(viewport={"width": 320, "height": 480})
    page = sign_in(context, address, "picker", trouble)
    with work_withheld(context, page):
        page.reload(wait_until="domcontentloaded")
        shown = [page.url]
        page.on("framenavigated", lambda frame: shown.append(frame.url))
        page.get_by_role("button", name="Next batch").click()
    expect(page.locator("h1")).to_have_text("Slot 1")
    assert len(shown) == 1, "the page did not change under the picker's hands"

    with work_withheld(context, page):
        page.reload(wait_until="domcontentloaded")
        expect(page.get_by_label("Tote")).to_be_focused()
        page.keyboard.type("T-07")
    expect(page.locator(".wedge")).to_be_focused()
    wedge(page, "03")
    for place_, code, _ in walk(house, "T-0703"):
        expect(page.locator("h1")).to_have_text(place_)
        wedge(page, place_, code, "T-0703")
    expect(page.locator("h1")).to_have_text("Nothing to pick")
    expect(page.locator(".strip")).to_contain_text("all sent")
    context.close()


@contextmanager
def work_withheld(context: BrowserContext, page: Page) -> Iterator[None]:
    """The work that the script asks for does not come before the end of the block, where it has been asked for."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    context.route("**/scan/api/work", hold)
    yield
    until(page, lambda: bool(held))
    context.route("**/scan/api/work", lambda route: route.continue_())
    for route in held:
        route.continue_()


def test_a_scanned_case_counts_for_its_units(
    browser: Browser, address: str, house: WebHouse, trouble: list[str]
) -> None:
    clear_bench(house)
    case = inventory.Pack("14006381333938", 2)
    mug = do(lambda uow: inventory.get_item(uow, house.items["MUG-BL"]))
    draft = inventory.ItemDraft(
        mug.sku, mug.name, mug.weight_g, mug.length_mm, mug.width_mm, mug.height_mm, mug.gtins, packs=(case,)
    )
    do(lambda uow: inventory.create_items(uow, tenant_id=house.tenant, items=[draft]))
    place(house, ("MUG-BL", 3))
    project()
    to_floor(house)
    context = browser.new_context(viewport={"width": 320, "height": 480})
    page = sign_in(context, address, "picker", trouble)
    page.get_by_role("button", name="Next batch").click()
    expect(page.locator("h1")).to_have_text("Slot 1")
    wedge(page, "T-0704")
    ((place_, _, _),) = walk(house, "T-0704")
    expect(page.locator("h1")).to_have_text(place_)
    wedge(page, place_, case.gtin)
    expect(page.get_by_text("2 of 3")).to_be_visible()
    wedge(page, case.gtin)
    expect(page.get_by_role("alert")).to_contain_text("Too many")
    expect(page.get_by_role("alert")).to_contain_text("Case of 2 Enamel mug, blue")
    wedge(page, mug.gtins[0], "T-0704")
    expect(page.locator("h1")).to_have_text("Nothing to pick")
    expect(page.locator(".strip")).to_contain_text("all sent")
    context.close()


def until(page: Page, happened: Callable[[], bool]) -> None:
    """Let the browser go on until something has happened; the test's time limit ends it."""
    while not happened():
        page.wait_for_timeout(20)


def test_a_view_that_was_asked_for_before_the_claim_does_not_undo_it(
    browser: Browser, address: str, house: WebHouse, trouble: list[str]
) -> None:
    clear_bench(house)
    place(house, ("MUG-BL", 1))
    project()
    to_floor(house)
    context = browser.new_context(viewport={"width": 320, "height": 480})
    late: list[tuple[Route, APIResponse]] = []
    asked = count(1)

    def hold_the_second(route: Route) -> None:
        if next(asked) == 2:
            late.append((route, route.fetch()))
        else:
            route.continue_()

    context.route("**/scan/api/work", hold_the_second)
    page = sign_in(context, address, "picker", trouble)
    expect(page.locator("h1")).to_have_text("Your next batch")
    until(page, lambda: bool(late))
    page.get_by_role("button", name="Next batch").click()
    expect(page.locator("h1")).to_have_text("Slot 1")
    ((route, answer),) = late
    with page.expect_response("**/scan/api/work"):
        route.fulfill(response=answer)
    wedge(page, "T-0702")
    for place_, code, _ in walk(house, "T-0702"):
        expect(page.locator("h1")).to_have_text(place_)
        wedge(page, place_, code, "T-0702")
    expect(page.locator("h1")).to_have_text("Nothing to pick")
    expect(page.locator(".strip")).to_contain_text("all sent")
    context.close()


def wedge(page: Page, *codes: str) -> None:
    """Type each code and Enter, as a scanner does."""
    for code in codes:
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def walk(house: WebHouse, tote: str) -> Iterator[tuple[str, str, int]]:
    """The stops of the packer's batch: location, the item's barcode, and how many stops follow."""
    live = do(lambda uow: fulfillment.find_batches(uow, site_id=house.site, states=("ASSIGNED", "IN_PROGRESS")))
    tasks = do(lambda uow: fulfillment.work_package(uow, live[0].id)).tasks
    for number, task in enumerate(tasks, start=1):
        yield task.location_code, task.gtins[0].lstrip("0"), len(tasks) - number


def test_a_tracker_does_everything_without_script(
    browser: Browser, address: str, lived_in: dict[str, str], trouble: list[str]
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 640})
    page = watch(context.new_page(), trouble)
    page.goto(f"{address}/t/{fulfillment.tracking_token(lived_in['delivered'])}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("We are expecting your return")
    expect(page.get_by_text("Ana Kovač")).to_have_count(0)
    page.get_by_role("link", name="Return something").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this your order?")
    page.get_by_label("Postcode").fill(POSTCODE)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Tea towel").select_option("1")
    page.get_by_label("Why?").select_option("damaged")
    page.get_by_role("button", name="Ask for the return").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your return is authorized")
    expect(page.get_by_text(re.compile("Your case number is R-"))).to_be_visible()
    expect(page.get_by_role("link", name="Print the label")).to_be_visible()
    page.get_by_role("link", name="Back to your order").click()
    expect(page.get_by_text("Ana Kovač")).to_be_visible()
    context.close()


def test_an_agent_finds_an_order_with_one_key_and_writes_a_note(
    browser: Browser, address: str, lived_in: dict[str, str], trouble: list[str]
) -> None:
    number = do(lambda uow: fulfillment.get_order(uow, lived_in["held"])).external_id
    context = browser.new_context()
    page = sign_in(context, address, "service", trouble)
    page.keyboard.press("/")
    wedge(page, number)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {number}")
    page.locator("summary", has_text="Note").click()
    page.get_by_label("Note").fill("She will call again")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_role("status").filter(has_text="The note is saved")).to_be_visible()
    project()
    page.reload()
    expect(page.get_by_text("She will call again")).to_be_visible()
    expect(page.get_by_text("The note is saved")).to_have_count(0)
    context.close()


def test_the_board_refreshes_itself(
    browser: Browser, address: str, lived_in: dict[str, str], house: WebHouse, trouble: list[str]
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.close()
    page = sign_in(context, address, "manager", trouble)
    before = page.get_by_role("row", name=re.compile("On hold")).get_by_role("link").inner_text()
    another = place(house, ("PEN-L", 1))
    do(lambda uow: fulfillment.hold_order(uow, tenant_id=house.tenant, order_id=another, kind="fraud", reason="Odd"))
    page.clock.fast_forward(20_000)
    expect(page.get_by_role("row", name=re.compile("On hold")).get_by_role("link")).to_have_text(str(int(before) + 1))
    context.close()


def test_the_sign_in_page_works_without_script_too(browser: Browser, address: str, visitor: Visitor) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = sign_in(context, address, "merchant", [])
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
    context.close()

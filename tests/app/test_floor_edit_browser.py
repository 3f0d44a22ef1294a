"""The drawing board of the floor in a real browser: a floor drawn from nothing, and walked on."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from web_house import PASSWORD, WebHouse, clear_floor, do, place, project, to_floor

from fulfillment import api as fulfillment
from inventory import api as inventory

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
_CORNER = """([x, y]) => {
  const svg = document.querySelector("svg.plan-sheet");
  const at = new DOMPoint(x, -y).matrixTransform(svg.getScreenCTM());
  return [at.x, at.y];
}"""


@pytest.fixture
def board(browser: Browser, address: str, house: WebHouse) -> Iterator[Page]:
    """A lead's browser; what a page reports as an error fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text) if "Content Security" in message.text else None)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("manager@house.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    yield page
    context.close()
    assert trouble == []


def opened(page: Page, address: str, version: int = 0) -> Page:
    """The board with a version on it, once it was drawn and checked."""
    page.goto(f"{address}/floor/edit" + (f"?version={version}" if version else ""))
    expect(page.locator("[data-said]")).to_have_text("Ready.")
    expect(page.locator("svg.plan-sheet .part-floor")).to_be_attached()
    return page


def choose(page: Page, tool: str) -> None:
    page.get_by_role("group", name="Tools").get_by_role("button", name=tool, exact=True).click()


def drag(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw from one place of the floor to another, in mm."""
    x, y = page.evaluate(_CORNER, start)
    to_x, to_y = page.evaluate(_CORNER, end)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
    page.mouse.move(to_x, to_y)
    page.mouse.up()


def told(page: Page) -> Any:
    return expect(page.locator("[data-faults] [role=status]"))


def in_force(house: WebHouse) -> fulfillment.WarehousePlan:
    plan = do(lambda uow: fulfillment.floor_plan(uow, house.site))
    assert plan
    return plan


def test_a_floor_is_drawn_from_nothing_and_an_order_is_walked_on_it(board: Page, address: str, house: WebHouse) -> None:
    clear_floor(house)
    opened(board, address)
    choose(board, "Aisle")
    drag(board, (10_000, 3_000), (10_000, 14_000))
    expect(board.locator(".part-aisle")).to_have_count(1)
    choose(board, "Rack row")
    board.get_by_label("Levels").fill("2")
    expect(board.get_by_text("20 locations: A-01-1 to A-10-2")).to_be_visible()
    drag(board, (8_600, 4_000), (9_200, 10_000))
    drag(board, (10_800, 4_000), (11_400, 10_000))
    expect(board.locator(".part-rack")).to_have_count(2)
    choose(board, "Obstacle")
    board.get_by_label("Why it is there").fill("Pillar")
    drag(board, (9_300, 5_200), (10_700, 5_800))
    told(board).to_contain_text("fault")
    expect(board.locator(".floor-fault").first).to_be_attached()
    board.locator("[data-faults]").get_by_role("button", name="O1").click()
    expect(board.get_by_role("heading", name="Obstacle O1")).to_be_visible()
    board.locator("svg.plan-sheet").focus()
    board.keyboard.press("Delete")
    expect(board.locator(".part-obstacle")).to_have_count(0)
    choose(board, "Depot")
    board.get_by_role("button", name="Whole floor").click()
    drag(board, (10_000, 1_500), (10_000, 1_500))
    told(board).to_contain_text("No faults")

    board.get_by_label("Note").fill("Drawn anew")
    board.get_by_role("button", name="Put in force").click()
    expect(board.locator("[data-saving] [role=status]")).to_contain_text("Stock lies in")
    board.get_by_label("Leave out").check()
    board.get_by_label("Add 20 locations").check()
    board.get_by_role("button", name="Put in force").click()
    expect(board.locator("[data-saving] [role=status]")).to_contain_text("is in force")

    plan = in_force(house)
    assert (plan.depot, len(plan.racks), plan.aisles[0].x_mm) == ((10_000, 1_500), 2, 10_000)
    assert {each.aisle for each in plan.bins} == {"01"}
    assert [each.side for each in plan.bins if each.code in ("A-01-1", "B-01-1")] == ["L", "R"]
    assert walked(house, "A-05-1") == walk_of(plan, "A-05-1")


def walked(house: WebHouse, code: str) -> int:
    """Put a new item into a location, order it, and return how far its picker is led, in mm."""

    def stock(uow: Any) -> None:
        draft = inventory.ItemDraft("DRAWN", "Drawing pin", 10, 10, 10, 10)
        item = inventory.create_items(uow, tenant_id=house.tenant, items=[draft])["DRAWN"]
        receipt = inventory.Receipt(item, code, 5, "ASN-D")
        inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt])

    do(stock)
    place(house, ("DRAWN", 1))
    project()
    (batch,) = to_floor(house)
    work = do(lambda uow: fulfillment.work_package(uow, batch))
    assert [task.location_code for task in work.tasks if task.kind == "pick"] == [code]
    return work.length_mm


def walk_of(plan: fulfillment.WarehousePlan, code: str) -> int:
    """There and back, straight up the one aisle."""
    (y,) = (each.y_mm for each in plan.bins if each.code == code)
    return 2 * (y - plan.depot[1])


def saving(page: Page) -> Any:
    return expect(page.locator("[data-saving] [role=status]"))


def document(house: WebHouse, version: int) -> dict[str, Any]:
    found: dict[str, Any] = do(
        lambda uow: fulfillment.get_floor_plan(uow, site_id=house.site, version=version)
    ).document
    return found


def latest(house: WebHouse) -> int:
    number: int = do(lambda uow: fulfillment.find_floor_plans(uow, site_id=house.site)).items[0].version
    return number


def test_a_version_opened_and_saved_is_the_same(board: Page, address: str, house: WebHouse) -> None:
    opened(board, address, 1)
    board.get_by_role("button", name="Save as draft").click()
    saving(board).to_contain_text("Kept as version")
    assert latest(house) > 1
    assert document(house, latest(house)) == document(house, 1)


def test_a_plan_changed_meanwhile_is_not_overwritten(board: Page, address: str, house: WebHouse) -> None:
    opened(board, address, 1)
    told(board).to_contain_text("No faults")
    plan = in_force(house)
    other = do(lambda uow: fulfillment.store_floor_plan(uow, site_id=house.site, plan=plan, note="Faster"))
    board.get_by_label("All parts").select_option("rack:0")
    board.get_by_label("Code").fill("RENAMED")
    board.keyboard.press("Tab")
    for name in ("Leave out", "Add "):
        box = board.get_by_label(name)
        if box.count():
            box.check()
    board.get_by_role("button", name="Put in force", exact=True).click()
    saving(board).to_contain_text(f"Version {other} came into force since you opened this.")
    assert do(lambda uow: fulfillment.floor_version(uow, house.site)) == other
    board.get_by_role("button", name="Put mine in force instead").click()
    saving(board).to_contain_text("is in force")
    assert in_force(house).racks[0].code == "RENAMED"


def test_a_lost_page_gives_its_drawing_back(board: Page, address: str, house: WebHouse) -> None:
    opened(board, address, 1)
    before = latest(house)
    board.get_by_label("All parts").select_option("aisle:0")
    board.get_by_label("Direction").select_option("One way, away from the docks")
    told(board).to_contain_text("one-way or bent ways")
    asked: list[str] = []
    board.on("dialog", lambda dialog: asked.append(dialog.type))
    board.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('pickstream.floor.'))")
    opened(board, address, 1)
    assert asked == ["beforeunload"]
    expect(board.locator("[data-waiting]")).to_contain_text("was not saved")
    board.get_by_role("button", name="Go on with it").click()
    board.get_by_label("All parts").select_option("aisle:0")
    expect(board.get_by_label("Direction")).to_have_value("1")
    board.get_by_role("button", name="Save as draft").click()
    saving(board).to_contain_text("Kept as version")
    assert latest(house) == before + 1
    assert document(house, latest(house))["aisles"][0]["one_way"] == 1
    opened(board, address, 1)
    expect(board.locator("[data-waiting]")).to_be_hidden()


def test_everything_is_drawn_by_keyboard_too(board: Page, address: str) -> None:
    opened(board, address)
    choose(board, "Aisle")
    for label, value in (("X of its middle, m", "5"), ("Y from, m", "3"), ("Y to, m", "15")):
        board.get_by_label(label).fill(value)
    board.get_by_label("Y to, m").press("Enter")
    choose(board, "Rack row")
    board.get_by_label("X, m").fill("3.6")
    board.get_by_label("Y, m").fill("4")
    board.get_by_label("Y, m").press("Enter")
    choose(board, "Select")
    board.get_by_label("All parts").select_option("aisle:0")
    board.locator("summary", has_text="Repeat").click()
    board.get_by_label("More times").fill("2")
    board.get_by_label("Every, m").fill("4")
    board.get_by_label("Every, m").press("Enter")
    expect(board.locator(".part-aisle")).to_have_count(3)
    expect(board.locator(".part-rack")).to_have_count(3)
    expect(board.locator("[data-said]")).to_contain_text("60 locations")
    board.get_by_label("All parts").select_option("aisle:2")
    expect(board.get_by_label("X of its middle, m")).to_have_value("13.0")
    board.locator("svg.plan-sheet").focus()
    board.keyboard.press("ArrowRight")
    board.keyboard.press("Shift+ArrowRight")
    expect(board.get_by_label("X of its middle, m")).to_have_value("14.1")
    board.keyboard.press("Control+z")
    board.keyboard.press("Control+z")
    expect(board.get_by_label("X of its middle, m")).to_have_value("13.0")
    board.keyboard.press("Control+y")
    expect(board.get_by_label("X of its middle, m")).to_have_value("13.1")
    board.get_by_label("X of its middle, m").fill("wide")
    board.keyboard.press("Tab")
    expect(board.get_by_role("alert").filter(has_text="Enter a length in meters")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_is_sound_on_the_smallest_phone_too(board: Page, address: str, scheme: Any) -> None:
    board.emulate_media(color_scheme=scheme)
    opened(board, address, 1)
    found = {}
    for width in (320, 1280):
        board.set_viewport_size({"width": width, "height": 800})
        for tool in ("Rack row", "Walkway", "Select"):
            choose(board, tool)
            if tool == "Select":
                board.get_by_label("All parts").select_option("rack:0")
                board.locator("[data-fold=locations] summary").click()
            wrong = [each["id"] for each in Axe().run(board).response["violations"]]
            wrong += ["too wide"] * board.evaluate("document.documentElement.scrollWidth > innerWidth")
            found[width, tool] = wrong
    heights = "[...document.querySelectorAll('#plan-editor button')].map((each) => each.offsetHeight)"
    assert {key: wrong for key, wrong in found.items() if wrong} == {}
    assert [height for height in board.evaluate(heights) if 0 < height < 44] == []

"""A gloved picker with a wedge scanner and a phone goes through everything that can happen to a batch."""

import re
from collections.abc import Iterator

import pytest
from handhelds import any_tote, packer_at
from playwright.sync_api import Browser, Page, expect
from test_scan_offline import new_packer, sign_in, wedge, work_of
from web_house import WebHouse, clear_floor, do, pick_everything, place, project, to_floor

from fulfillment import api as fulfillment
from shipping import api as shipping

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SMALLEST_TARGET_PX = 48


@pytest.fixture
def packer(house: WebHouse) -> str:
    """The e-mail address of a packer in a house in which nothing waits."""
    clear_floor(house)
    return new_packer(house, "Pia P.")


@pytest.fixture
def page(browser: Browser, address: str, packer: str) -> Iterator[Page]:
    """The packer's phone."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True)
    page = sign_in(context, address, packer)
    expect(page.locator("h1")).to_have_text("Nothing to pick")
    yield page
    context.close()


def on_screen(page: Page, title: str | re.Pattern[str]) -> None:
    """The screen has this title, nothing to scroll for, and no target too small for a glove."""
    expect(page.locator("h1")).to_have_text(title, timeout=15_000)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), title
    boxes = [(each.inner_text(), each.bounding_box()) for each in page.locator("button:visible, a:visible").all()]
    small = [name for name, box in boxes if box and min(box["width"], box["height"]) < SMALLEST_TARGET_PX]
    assert [name for name in small if name != "Skip to the content"] == [], title


def stopped(page: Page, title: str, scanned: str, needed: str, advice: str) -> None:
    """The scan was wrong: what was scanned, what is needed, and what to do."""
    on_screen(page, re.compile(title))
    verdict = page.get_by_role("alert")
    for words in (scanned, needed, advice):
        expect(verdict).to_contain_text(words)


def work_at(page: Page, house: WebHouse, packer: str) -> fulfillment.WorkTask:
    """The stop that the screen shows."""
    expect(page.locator(".strip")).to_contain_text("all sent")
    place_ = page.locator("h1").inner_text()
    return next(task for task in work_of(house, packer).tasks if task.location_code == place_)


def pick(page: Page, task: fulfillment.WorkTask) -> None:
    wedge(page, task.location_code, task.gtins[0].lstrip("0"), task.tote)
    expect(page.locator("h1")).not_to_have_text(task.location_code)


def test_picking_says_at_every_mistake_what_to_do(page: Page, house: WebHouse, packer: str) -> None:
    place(house, ("MUG-BL", 2), ("TOWEL", 1))
    place(house, ("LAMP", 2), ("PEN-L", 3))
    project()
    to_floor(house)
    page.reload()
    on_screen(page, "Your next batch")
    page.get_by_role("button", name="Next batch").tap()
    on_screen(page, "Slot 1")
    wedge(page, "A-01-01-1")
    stopped(page, "Wrong tote", "Location A-01-01-1, not of this work", "Any free tote", "Take an empty tote")
    totes = [any_tote() for _ in work_of(house, packer).slots]
    wedge(page, *totes)
    on_screen(page, work_of(house, packer).tasks[0].location_code)
    tasks = {task.location_code: task for task in work_of(house, packer).tasks}
    first = work_at(page, house, packer)
    following = list(tasks)[1]
    expect(page.locator(".upcoming")).to_have_text(f"then {following}")

    wedge(page, following)
    here = f"Location {first.location_code}"
    stopped(page, "Wrong location", f"Location {following}", here, f"Go to {first.location_code}")
    wedge(page, first.location_code, tasks[following].gtins[0].lstrip("0"))
    stopped(page, "Wrong item", tasks[following].name, first.name, f"Put it back. Take {first.name}.")
    wedge(page, first.gtins[0].lstrip("0"), next(tote for tote in totes if tote != first.tote))
    stopped(page, "Wrong tote", "slot 2", f"Tote {first.tote}, slot 1", "Put the goods into the tote that is named")
    wedge(page, first.tote)
    on_screen(page, following)

    page.get_by_role("button", name="Skip").tap()
    expect(page.locator("h1")).not_to_have_text(following)
    pick(page, work_at(page, house, packer))
    lacking = work_at(page, house, packer)
    wedge(page, lacking.location_code)
    page.get_by_role("button", name="Short", exact=True).tap()
    on_screen(page, "How many are there?")
    page.get_by_role("button", name="One more").tap()
    page.get_by_role("button", name="Damaged").tap()
    on_screen(page, following)
    expect(page.locator(".upcoming")).to_have_count(0)
    pick(page, work_at(page, house, packer))
    on_screen(page, re.compile("^Tote "))
    states = {task.location_code: task.state for task in work_of(house, packer).tasks}
    assert states == dict.fromkeys(tasks, "PICKED") | {lacking.location_code: "SHORT"}


def test_packing_stops_wrong_goods_weights_and_labels(page: Page, house: WebHouse, packer: str, address: str) -> None:
    first, second = at_bench(house, ("MUG-BL", 2), ("TOWEL", 1)), at_bench(house, ("PEN-L", 20))
    page.reload()
    on_screen(page, re.compile("^Tote "))
    wedge(page, "T-0000")
    stopped(page, "Wrong tote", "Tote T-0000, not of this work", "Tote T-", "or another that waits here")

    parcel = packed(page, house, second, carton="M8", reason="Item is fragile")
    wedge(page, "heavy")
    stopped(page, "Not a weight", "heavy", "Grams, such as 1920", "Wait until the scale stands still")
    wedge(page, f"{parcel.expected_g} g")
    on_screen(page, "Stick the label on")
    link = page.get_by_role("link", name="Print the label")
    assert page.request.get(f"{address}{link.get_attribute('href')}").body().startswith(b"%PDF-")
    wedge(page, "T-0000")
    mine = f"The label of parcel \N{HORIZONTAL ELLIPSIS}{parcel.sscc[-6:]}"
    stopped(page, "Wrong label", "Tote T-0000", mine, "Scan the label that was printed")
    wedge(page, "]C100340123450000000017")
    stopped(page, "Wrong label", "340123450000000017, not of this work", mine, "Scan the label that was printed")
    page.reload()
    on_screen(page, "Stick the label on")
    expect(page.locator(".where")).to_have_text(re.compile(f"{parcel.sscc[-6:]}, from tote T-"))
    expect(page.get_by_role("link", name="Print the label")).to_be_visible()
    wedge(page, f"00{parcel.sscc}")

    on_screen(page, re.compile("^Tote "))
    parcel = packed(page, house, first)
    wedge(page, f"{parcel.expected_g - 340} g")
    expect(page.get_by_role("alert")).to_contain_text("340 g too little", timeout=15_000)
    if page.locator("#main.attention").count():
        expect(page.get_by_role("alert")).to_contain_text("Take it off, wait for zero, and put it on again.")
        wedge(page, f"{parcel.expected_g - 340} g")
    on_screen(page, re.compile(r"Held: 340\sg too little"))
    expect(page.get_by_role("alert")).to_contain_text("Put it on the hold shelf. The floor office opens it.")
    page.get_by_role("button", name="Go on").tap()
    on_screen(page, "Nothing to pick")


def at_bench(house: WebHouse, *wanted: tuple[str, int]) -> str:
    order_id = place(house, *wanted)
    project()
    to_floor(house)
    pick_everything(house)
    return order_id


def packed(page: Page, house: WebHouse, order_id: str, *, carton: str = "", reason: str = "") -> shipping.ParcelView:
    """Scan the order's tote and its items, and take a carton."""
    work = do(lambda uow: fulfillment.pack_work(uow, order_id))
    wedge(page, work.totes[0])
    expect(page.locator(".parts .current")).to_have_text("item", timeout=15_000)
    wedge(page, *(line.gtins[0].lstrip("0") for line in work.lines for _ in range(line.picked)))
    on_screen(page, "Choose a carton")
    if carton:
        wedge(page, carton)
        on_screen(page, "⚠Another carton: why?")
        page.get_by_role("button", name=reason).tap()
    else:
        page.locator(".choices .best").tap()
    on_screen(page, "Put it on the scale")
    expect(page.locator(".strip")).to_contain_text("all sent")
    return do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))[0]


def test_an_order_that_a_colleague_packs_says_so_and_may_be_taken_over(
    page: Page, house: WebHouse, address: str
) -> None:
    order_id = at_bench(house, ("PEN-L", 1))
    with packer_at(house, address, "Anna A.") as anna:
        task = anna.read()["tasks"][0]
        tote = task["steps"][0]["expect"][0]
        anna.send(anna.op(task, "tote", code=tote))
    page.reload()
    on_screen(page, f"Tote {tote}")
    expect(page.locator(".claim")).to_have_text(re.compile(r"Anna A\. packs this since \d\d:\d\d"))
    wedge(page, tote)
    on_screen(page, re.compile(r"Anna A\. packs this since"))
    page.get_by_role("button", name="Take over").tap()
    on_screen(page, f"Tote {tote}")
    expect(page.locator(".parts .current")).to_have_text("item")
    claims = do(lambda uow: fulfillment.pack_claims(uow, site_id=house.site))
    assert claims[order_id].packer not in ("", anna.work["person"]["id"])

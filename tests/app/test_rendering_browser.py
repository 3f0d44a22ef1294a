"""The faces in a real browser: no accessibility violation, nothing cut off, and a handheld that loses no scan."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from face_server import BLUE, ScanHouse, bind, pack, pick, serving
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sample_pages import SAMPLES, board, emptied, scan

from app.web.faces.desk import PackerAtScale
from app.web.rendering import render_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
DOCUMENTS = {
    **{f"/{name}": render_page(build()) for name, build in SAMPLES.items()},
    **{
        f"/empty_{name}": render_page(emptied(SAMPLES[name]()))
        for name in ("board", "orders", "order", "webhooks", "tracker")
    },
}
Begin = Callable[..., tuple[Page, ScanHouse]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_an_accessibility_violation(browser: Browser, scheme: str) -> None:
    found = {}
    with serving(DOCUMENTS, ScanHouse(down=True)) as base:
        page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type] - one of the two names above
        for path in DOCUMENTS:
            page.goto(f"{base}{path}")
            violations = Axe().run(page).response["violations"]
            if violations:
                found[path] = [(each["id"], each["nodes"][0]["target"]) for each in violations]
        page.close()
    assert found == {}


def test_no_page_is_wider_than_a_small_phone_or_breaks_the_policy(browser: Browser) -> None:
    trouble: list[str] = []
    with serving(DOCUMENTS, ScanHouse(down=True)) as base:
        page = browser.new_page(viewport={"width": 320, "height": 480})
        page.on("console", lambda message: trouble.append(message.text) if "Content Security" in message.text else None)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        for path in DOCUMENTS:
            page.goto(f"{base}{path}")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                trouble.append(f"{path} is too wide")
            if page.evaluate(
                "[...document.querySelectorAll('.wide')].some((each) => each.scrollWidth > each.clientWidth)"
            ):
                trouble.append(f"{path} hides a part of its table beyond the edge")
        page.close()
    assert trouble == []


def test_the_board_shows_the_scale_s_table_whole_on_a_desk(browser: Browser) -> None:
    at_scale = replace(board(), scales=(PackerAtScale("Packer 1", 1_250, 31, 12, 9, 17),))
    with serving({"/board": render_page(at_scale)}) as base:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{base}/board")
        table = page.get_by_role("region", name="Held parcels by packer")
        assert table.evaluate("each => each.scrollWidth - each.clientWidth") == 0
        page.close()


def test_slash_finds_the_search_box(browser: Browser) -> None:
    with serving(DOCUMENTS) as base:
        page = browser.new_page()
        page.goto(f"{base}/orders")
        page.keyboard.press("/")
        expect(page.locator("#find")).to_be_focused()
        page.keyboard.type("a/b")
        expect(page.locator("#find")).to_have_value("a/b")
        page.close()


@pytest.fixture
def begin(browser: Browser) -> Iterator[Begin]:
    """Open the handheld on a house with the given tasks."""
    contexts: list[BrowserContext] = []
    servers = []

    def start(*tasks: object, **changes: object) -> tuple[Page, ScanHouse]:
        house = ScanHouse(tasks=list(tasks), **changes)  # type: ignore[arg-type] - the tests name real fields
        server = serving({"/scan": render_page(scan())}, house)
        servers.append(server)
        base = server.__enter__()
        context = browser.new_context(viewport={"width": 320, "height": 480}, has_touch=True)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{base}/scan")
        expect(page.locator(".verb")).to_be_visible()
        expect(page.locator(".wedge")).to_be_focused()
        return page, house

    yield start
    for context in contexts:
        context.close()
    for server in servers:
        server.__exit__(None, None, None)


def wedge(page: Page, *codes: str) -> None:
    """Type each code and Enter, as a scanner does."""
    for code in codes:
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def kinds(house: ScanHouse) -> list[tuple[str, str, int]]:
    """What the server heard: step, kind, quantity."""
    return [(op["step"], op["kind"], op["qty"]) for op in house.ops]


def test_a_line_takes_three_scans_and_no_touch(begin: Begin) -> None:
    page, house = begin(pick(7, "A-07-03-2", "T-0004"))
    expect(page.locator("h1")).to_have_text("A-07-03-2")
    wedge(page, "A-07-03-2", "4006381333931", "T-0004")
    expect(page.locator("h1")).to_have_text("Nothing to pick")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert kinds(house) == [("loc", "scan", 1), ("item", "scan", 2), ("tote", "scan", 1)]
    assert [op["seq"] for op in house.ops] == [1, 2, 3]
    assert house.ops[1]["code"] == BLUE


def test_the_same_location_is_not_asked_twice(begin: Begin) -> None:
    page, house = begin(pick(7, "A-07-03-2", "T-0004"), pick(8, "A-07-03-2", "T-0005"))
    wedge(page, "A-07-03-2", "4006381333931", "T-0004", "4006381333931", "T-0005")
    expect(page.locator("h1")).to_have_text("Nothing to pick")
    assert [op["step"] for op in house.ops] == ["loc", "item", "tote", "item", "tote"]


def test_a_wrong_scan_stops_and_stays_until_the_right_one(begin: Begin) -> None:
    page, house = begin(pick(7, "A-07-03-2", "T-0004"))
    wedge(page, "A-07-03-2", "4006381333948")
    verdict = page.get_by_role("alert")
    expect(verdict).to_contain_text("Wrong item")
    expect(verdict).to_contain_text("Pen, black, L (SKU 13)")
    expect(verdict).to_contain_text("Pen, blue, L (SKU 12)")
    wedge(page, "99999")
    expect(verdict).to_contain_text("Unknown code 99999")
    wedge(page, "4006381333931")
    expect(verdict).to_have_count(0)
    expect(page.locator(".verb")).to_have_text("Scan tote")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert kinds(house) == [("loc", "scan", 1), ("item", "scan", 2)]


def test_counting_takes_one_scan_for_each_and_refuses_too_many(begin: Begin) -> None:
    page, house = begin(pick(7, "A-07-03-2", "T-0004", each_scan=True, qty=3))
    wedge(page, "A-07-03-2", "4006381333931", "4006381333931")
    expect(page.locator(".good")).to_contain_text("2 of 3")
    wedge(page, "14006381333938")
    expect(page.get_by_role("alert")).to_contain_text("Too many")
    wedge(page, "4006381333931")
    expect(page.locator(".verb")).to_have_text("Scan tote")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert kinds(house)[-1] == ("item", "scan", 3)


def test_a_short_pick_takes_two_taps_and_at_most_three_with_a_count(begin: Begin) -> None:
    page, house = begin(pick(7, "A-07-03-2", "T-0004"), pick(8, "A-07-05-1", "T-0004"))
    wedge(page, "A-07-03-2")
    page.get_by_role("button", name="Short", exact=True).tap()
    page.get_by_role("button", name="One more").tap()
    page.get_by_role("button", name="Damaged").tap()
    expect(page.locator("h1")).to_have_text("A-07-05-1")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert kinds(house)[-1] == ("item", "short", 1)
    assert house.ops[-1]["reason"] == "DAMAGED"


def test_skipping_moves_a_line_behind_the_others(begin: Begin) -> None:
    page, house = begin(pick(7, "A-07-03-2", "T-0004"), pick(8, "A-07-05-1", "T-0004"))
    page.get_by_role("button", name="Skip").tap()
    expect(page.locator("h1")).to_have_text("A-07-05-1")
    wedge(page, "A-07-05-1", "4006381333931", "T-0004")
    expect(page.locator("h1")).to_have_text("A-07-03-2")
    expect(page.locator(".strip")).to_contain_text("all sent")
    assert [op["kind"] for op in house.ops] == ["skip", "scan", "scan", "scan"]


def test_packing_verifies_each_item_and_waits_for_the_weight(begin: Begin) -> None:
    label = {"codes": ["RX123456785GB"], "name": "The label of parcel 6785"}
    paper = {"label": "label", "href": "/label.pdf"}
    right = {"tone": "ok", "title": "Weight right", "document": paper, "label": label}
    page, house = begin(pack(), verdict={"weight": right})
    wedge(page, "T-0004", "4006381333948", "4006381333931", "4006381333948")
    expect(page.get_by_role("alert")).to_contain_text("Too many")
    wedge(page, "4006381333931")
    page.get_by_role("button", name="Small box").tap()
    wedge(page, "heavy")
    expect(page.get_by_role("alert")).to_contain_text("Not a weight")
    wedge(page, "1.92 kg")
    expect(page.get_by_role("link", name="Print label")).to_be_visible()
    assert house.ops[-1]["weight_g"] == 1920
    wedge(page, "RX123456799GB")
    expect(page.get_by_role("alert")).to_contain_text("The label of parcel 6785")
    wedge(page, "RX123456785GB")
    expect(page.locator("h1")).to_have_text("Nothing to pick")


def test_a_held_weight_stops_the_parcel(begin: Begin) -> None:
    held = {"status": "held", "tone": "stop", "title": "Held: 212 g too little", "text": "Put it on the hold shelf."}
    page, _house = begin(pack(), verdict={"weight": held})
    wedge(page, "T-0004", "4006381333948", "4006381333931", "4006381333931", "BOX-S", "1708")
    page.get_by_role("button", name="More").wait_for()
    expect(page.get_by_role("alert")).to_contain_text("Held: 212 g too little")


def test_the_next_batch_is_one_button(begin: Begin) -> None:
    page, _house = begin(offer={"orders": 4, "lines": 18, "stops": 12, "meters": 240, "cut_off_at": None})
    expect(page.locator(".offer")).to_contain_text("240 m")
    page.get_by_role("button", name="Next batch").tap()
    expect(page.locator("h1")).to_have_text("Slot 4")
    wedge(page, "T-0004")
    expect(page.locator("h1")).to_have_text("A-07-03-2")


def test_scans_survive_a_dead_server_lost_answers_and_a_reload(begin: Begin) -> None:
    tasks = [pick(number, f"A-07-{number:02}-1", "T-0004") for number in range(20)]
    page, house = begin(bind(), *tasks)
    house.down = True
    wedge(page, "T-0004")
    for number in range(10):
        wedge(page, f"A-07-{number:02}-1", "4006381333931", "T-0004")
    expect(page.locator(".strip")).to_contain_text("31 waiting")
    page.reload()
    expect(page.locator("h1")).to_have_text("A-07-10-1")
    house.lose_answers, house.fail_next, house.down = 2, 2, False
    for number in range(10, 20):
        wedge(page, f"A-07-{number:02}-1", "4006381333931", "T-0004")
    expect(page.locator("h1")).to_have_text("Nothing to pick", timeout=30_000)
    expect(page.locator(".strip")).to_contain_text("all sent", timeout=30_000)
    assert [op["seq"] for op in house.ops] == list(range(1, 62))
    assert len({op["op_id"] for op in house.ops}) == 61


def test_two_tabs_send_each_scan_once(begin: Begin) -> None:
    page, house = begin(pick(7, "A-07-03-2", "T-0004"), pick(8, "A-07-05-1", "T-0004"))
    house.down = True
    wedge(page, "A-07-03-2", "4006381333931", "T-0004")
    expect(page.locator(".strip")).to_contain_text("3 waiting")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("h1")).to_have_text("A-07-05-1")
    house.down = False
    expect(page.locator(".strip")).to_contain_text("all sent", timeout=30_000)
    expect(other.locator(".strip")).to_contain_text("all sent", timeout=30_000)
    assert [op["seq"] for op in house.ops] == [1, 2, 3]


def test_text_committed_by_an_input_method_counts_as_a_scan(begin: Begin) -> None:
    page, _house = begin(pick(7, "A-07-03-2", "T-0004"))
    page.keyboard.insert_text("A-07-03-2")
    page.keyboard.press("Enter")
    expect(page.locator(".verb")).to_have_text("Scan item")
    page.keyboard.insert_text("4006381333931\n")
    expect(page.locator(".verb")).to_have_text("Scan tote")


@pytest.mark.parametrize(
    ("raw", "code", "count"),
    [
        ("4006381333931", "04006381333931", None),
        ("]E04006381333931", "04006381333931", None),
        ("96385074", "00000096385074", None),
        ("]C1010400638133393110LOT7\x1d3712", "04006381333931", 12),
        ("(01)04006381333931(17)271231(37)6", "04006381333931", 6),
        ("01040063813339313712", "04006381333931", 12),
        ("4006381333930", "4006381333930", None),
        ("a-07-03-2", "A-07-03-2", None),
    ],
)
def test_codes_are_read_alike_from_every_symbology(begin: Begin, raw: str, code: str, count: int | None) -> None:
    page, _house = begin()
    entry = page.evaluate("document.querySelector('script[type=module]').src")
    read = page.evaluate(
        "async ([entry, raw]) => (await import(entry.replace('main.js', 'codes.js'))).readCode(raw)", [entry, raw]
    )
    assert (read["code"], read["count"], read["problem"]) == (code, count, None)


def test_every_target_is_large_enough_for_gloves(begin: Begin) -> None:
    page, _house = begin(pick(7, "A-07-03-2", "T-0004"))
    for name in ("Short", "Skip", "Type", "More"):
        key = page.get_by_role("button", name=name, exact=True)
        expect(key).to_be_visible()
        box = key.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 56
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_axe_finds_nothing_on_the_running_handheld(begin: Begin) -> None:
    page, _house = begin(pick(7, "A-07-03-2", "T-0004"))
    assert Axe().run(page).response["violations"] == []
    wedge(page, "T-0009")
    expect(page.get_by_role("alert")).to_be_visible()
    assert Axe().run(page).response["violations"] == []

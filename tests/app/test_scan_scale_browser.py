"""A scale on the bench's own wire: frames are cut, only a steady weight counts, and once; and it weighs a parcel."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from face_server import serving
from playwright.sync_api import Browser, BrowserContext, expect
from test_scan_offline import new_packer, sign_in, wedge
from test_scan_walk import at_bench, on_screen, packed
from web_house import WebHouse, clear_floor, do

from app.web.rendering import static_url
from shipping import api as shipping
from shipping.domain.scale_lines import ScaleState, read_scale_line

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
Ask = Callable[..., Any]
# The wire ends here: what a scale on it would send is sent by the test.
WIRE = """
Object.defineProperty(navigator, "serial", {value: {
  getPorts: async () => [],
  requestPort: async () => ({
    open: async () => {},
    readable: new ReadableStream({start: (wire) => {
      const bytes = (text) => new TextEncoder().encode(text);
      window.say = (text, times) => { for (let n = 0; n < times; n += 1) wire.enqueue(bytes(text)); };
    }}),
    writable: new WritableStream({write: (bytes) => {
      document.documentElement.dataset.asked = new TextDecoder().decode(bytes);
    }}),
  }),
}});
"""


@pytest.fixture(scope="module")
def ask(browser: Browser) -> Iterator[Ask]:
    """Call a function of the module about frames; `body` sees the module as `m` and what is given as `a`."""
    with serving({"/": "<!doctype html><title>Frames</title>"}) as base:
        page = browser.new_page()
        page.goto(f"{base}/")

        def call(body: str, *given: Any) -> Any:
            asked = f"async ([address, a]) => {{ const m = await import(address); return {body}; }}"
            return page.evaluate(asked, [static_url("js/scan/scale_frames.js"), list(given)])

        yield call
        page.close()


@pytest.mark.parametrize(
    ("sent", "frames", "rest"),
    [
        ("S S 1.234 kg\r\nS D 1.2 kg\r\n", ["S S 1.234 kg", "\nS D 1.2 kg"], ""),
        ("S S 1.2", [], "S S 1.2"),
        ("\n1.234kg\r\nS10\r\x03", ["\n1.234kg\r\nS10\r"], ""),
        ("\n1.234kg\r\nS1", [], "\n1.234kg\r\nS1"), ("\n1.234kg\r\n1.234kg\r\n", ["\n1.234kg"], "\n1.234kg\r\n"),
        ("\n 1G    7.650kg \r", ["\n 1G    7.650kg "], ""),
        ("\x0201.234\r\x02?A\r", ["\x0201.234", "\x02?A"], ""),
        ("\x02-0 001234000000\r", ["\x02-0 001234000000"], ""),
    ],
)  # fmt: skip
def test_frames_end_where_the_scale_ends_them(ask: Ask, sent: str, frames: list[str], rest: str) -> None:
    assert ask("m.cut(a[0])", sent) == {"frames": frames, "rest": rest}
    assert ScaleState.UNREADABLE not in {read_scale_line(frame).state for frame in frames}


def test_a_weight_counts_once_it_stands_still_and_not_again_until_the_scale_was_empty(ask: Ask) -> None:
    said = ["0.000kg", "0.400kg", "0.702kg", "0.702kg", "0.702kg", "0.702kg", "0.703kg", "0.000kg"]
    body = "(() => { const is = m.steady(); return a[0].map((frame) => is(frame)); })()"
    assert ask(body, said + ["0.702kg"] * 3) == [False] * 4 + [True] + [False] * 5 + [True]


@pytest.mark.parametrize(
    ("report", "line"),
    [
        ([4, 3, 253, 210, 4], "S S 1.234 kg"), ([4, 2, 0, 190, 2], "S S 702 g"), ([3, 12, 254, 5, 0], "S D 0.05 lb"),
        ([2, 3, 253, 0, 0], "S S 0.000 kg"), ([4, 2, 1, 70, 0], "S S 700 g"), ([5, 2, 0, 0, 0], "S -"),
        ([6, 2, 0, 0, 0], "S +"), ([1, 2, 0, 0, 0], "ES"), ([4, 9, 0, 1, 0], "ES"),
    ],
)  # fmt: skip
def test_a_usb_scales_report_becomes_a_line(ask: Ask, report: list[int], line: str) -> None:
    assert ask("m.hidLine(new DataView(new Uint8Array(a[0]).buffer))", report) == line
    assert read_scale_line(line).state is not ScaleState.UNREADABLE


@pytest.fixture
def bench(browser: Browser) -> Iterator[BrowserContext]:
    """A packer's phone with a wire for a scale."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True)
    context.add_init_script(WIRE)
    yield context
    context.close()


def test_a_parcel_is_weighed_by_the_scale_on_the_wire(bench: BrowserContext, house: WebHouse, address: str) -> None:
    clear_floor(house)
    page = sign_in(bench, address, new_packer(house, "Wim W."))
    order_id = at_bench(house, ("PEN-L", 20))
    page.reload()
    on_screen(page, re.compile("^Tote "))
    parcel = packed(page, house, order_id)
    page.get_by_role("button", name="Serial scale").tap()
    expect(page.get_by_role("button", name="Serial scale")).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("data-asked", re.compile("^S|W"))
    page.evaluate("say('S D      0.400 kg\\r\\n', 3)")
    expect(page.get_by_role("alert")).to_contain_text("The scale was still moving.", timeout=15_000)
    (seen,) = do(lambda uow: shipping.parcels_of(uow, tenant_id=house.tenant, reference=order_id))
    assert seen.weight_g is None, "nothing is stored that is no weight"
    page.evaluate("say('S S      0.000 kg\\r\\n', 1)")
    page.evaluate(f"say('S S      {parcel.expected_g / 1000:.3f} kg\\r\\n', 3)")
    on_screen(page, "Stick the label on")
    page.evaluate(f"say('S S      {parcel.expected_g / 1000:.3f} kg\\r\\n', 9)")
    wedge(page, f"]C100{parcel.sscc}")
    on_screen(page, "Nothing to pick")


def test_a_typed_weight_asks_why_before_it_is_stored(bench: BrowserContext, house: WebHouse, address: str) -> None:
    clear_floor(house)
    page = sign_in(bench, address, new_packer(house, "Tia T."))
    orders = [at_bench(house, ("MUG-BL", 1)), at_bench(house, ("TOWEL", 2))]
    page.reload()
    on_screen(page, re.compile("^Tote "))
    parcel = packed(page, house, orders[0])
    page.get_by_role("button", name="Type", exact=True).tap()
    wedge(page, str(parcel.expected_g))
    on_screen(page, "⚠Typed by hand: why?")
    page.get_by_role("button", name="Something else").tap()
    on_screen(page, "⚠Why is it typed?")
    page.get_by_role("button", name="Type it").tap()
    wedge(page, "dark since 9 kg")
    on_screen(page, "Stick the label on")
    wedge(page, f"]C100{parcel.sscc}")
    on_screen(page, re.compile("^Tote "))
    assert typed(house, parcel) == ["Something else: dark since 9 kg"]
    parcel = packed(page, house, orders[1])
    page.get_by_role("button", name="Type", exact=True).tap()
    wedge(page, "1")
    on_screen(page, "⚠Typed by hand: why?")
    wedge(page, str(parcel.expected_g))
    on_screen(page, "Stick the label on")
    assert typed(house, parcel) == [""], "what the scale types takes the place of what was typed"


def typed(house: WebHouse, parcel: shipping.ParcelView) -> list[str]:
    found = do(lambda uow: shipping.audits_of(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    return [audit.typed for audit in found]

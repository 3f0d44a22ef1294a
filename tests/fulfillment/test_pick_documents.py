import re
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
import zxingcpp

from fulfillment.domain.layout import location_check_digits
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.routing.routes import Route, find_route
from fulfillment.domain.sample_layout import sample_warehouse
from fulfillment.pick_documents import PickListHeader, PickListLine, pick_list_pdf
from fulfillment.pick_map import map_stops, pick_map_svg
from tests.fulfillment.grids import scattered

LAYOUT = compile_layout(sample_warehouse(aisles=6, bays=8, levels=2))
HEADER = PickListHeader(batch="B-000123", cart="Cart 7", cut_off="today 16:30")
SVG = "{http://www.w3.org/2000/svg}"
FIRST_EAST_ASIAN = 0x2E80


def picked(count: int, name: str = "Steel bottle 750 ml") -> tuple[Route, list[PickListLine]]:
    bins = scattered(LAYOUT.stands, count, seed=5)
    lines = [PickListLine(code, f"SKU-{n:03d}", name, 1 + n % 3, 1 + n % 4) for n, code in enumerate(bins)]
    return find_route(LAYOUT, bins), lines


def printed(name: str = "Steel bottle 750 ml", count: int = 3) -> bytes:
    route, lines = picked(count, name)
    return pick_list_pdf(HEADER, lines, layout=LAYOUT, route=route)


def text_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def test_lines_stand_in_walking_order_with_check_digits_over_all_pages() -> None:
    route, lines = picked(40)

    pages = text_of(pick_list_pdf(HEADER, lines, layout=LAYOUT, route=route))

    assert re.findall(r"[ABC]-\d\d-\d\d-\d", "\n".join(pages)) == list(route.stops)
    assert all(f"{code} {location_check_digits(code)}" in " ".join("\n".join(pages).split()) for code in route.stops)
    assert [f"page {n + 1} of {len(pages)}" in text for n, text in enumerate(pages)] == [True] * len(pages)
    assert len(pages) == 3


def test_header_says_cut_off_cart_and_walk() -> None:
    route, lines = picked(3)
    text = text_of(pick_list_pdf(HEADER, lines, layout=LAYOUT, route=route))[0]

    assert "Leaves today 16:30 · Cart 7" in text
    assert f"3 stops · 6 units · 3 totes · {route.length_mm / 1000:.0f} m walk" in text


@pytest.mark.parametrize("batch", ["B-000123", "WAVE-2026-11-22-EXPRESS-0000042-NORTH"])
def test_batch_barcode_scans(batch: str) -> None:
    route, lines = picked(3)
    pdf = pick_list_pdf(PickListHeader(batch, "Cart 7", "today"), lines, layout=LAYOUT, route=route)

    document = pypdfium2.PdfDocument(pdf)
    image = document[0].render(scale=4).to_pil()
    document.close()

    found = zxingcpp.read_barcodes(image)
    assert [(code.text, code.format) for code in found] == [(batch, zxingcpp.BarcodeFormat.Code128)]


def test_the_symbol_may_say_more_than_the_title() -> None:
    route, lines = picked(3)
    header = PickListHeader("B-DB0942", "1 tote", "today", code="bat_01m81789w7fm5a6x4aadvb0942")
    document = pypdfium2.PdfDocument(pick_list_pdf(header, lines, layout=LAYOUT, route=route))
    image = document[0].render(scale=4).to_pil()
    text = document[0].get_textpage().get_text_bounded()
    document.close()

    assert [code.text for code in zxingcpp.read_barcodes(image)] == [header.code]
    assert "B-DB0942" in text
    assert header.code not in text


def test_names_of_zones_stay_inside_them_and_those_of_lanes_stand_upright() -> None:
    route, _ = picked(3)
    drawn = ET.fromstring(pick_map_svg(LAYOUT, route))  # noqa: S314 - our own drawing
    texts = [each for each in drawn.iter(f"{SVG}text") if each.attrib["class"] == "pick-map-zone-name"]
    turned = {text.text for text in texts if "transform" in text.attrib}
    assert turned == {zone.code for zone in LAYOUT.plan.zones if zone.kind == "lane"}
    for text in texts:
        zone = next(zone for zone in LAYOUT.plan.zones if zone.code == text.text)
        left, front, right, back = zone.polygon.bounds
        room_mm = back - front if text.text in turned else right - left
        assert 10 * 0.65 * float(text.attrib["font-size"]) * len(zone.code) <= room_mm


def test_the_same_list_prints_the_same_bytes() -> None:
    assert printed() == printed()
    assert printed() != printed("Another name")


def test_an_empty_list_is_one_page() -> None:
    pdf = pick_list_pdf(HEADER, [], layout=LAYOUT, route=find_route(LAYOUT, []))
    assert len(text_of(pdf)) == 1


def test_a_line_off_the_route_is_an_error() -> None:
    route, lines = picked(3)
    with pytest.raises(ValueError, match="does not stop at Q-1"):
        pick_list_pdf(HEADER, [*lines, PickListLine("Q-1", "S", "N", 1, 1)], layout=LAYOUT, route=route)


@pytest.mark.parametrize(
    "name", ["沙发靠垫 45 x 45", "ソーラーライト", "상품", "מחשבון 12", "قميص", "🙂", "", "W" * 900]
)
def test_names_of_any_script_print(name: str) -> None:
    assert "Pick list" in text_of(printed(name))[0]


@pytest.mark.parametrize("name", ["沙发靠垫", "ソーラーライト", "상품", "מחשבון", "قميص"])
def test_names_of_any_script_leave_ink_and_can_be_found(name: str) -> None:
    plain, told = printed("", count=1), printed(name, count=1)
    assert ink_of(told) > ink_of(plain) + 20
    if ord(name[0]) >= FIRST_EAST_ASIAN:
        assert name in text_of(told)[0]


def ink_of(pdf: bytes) -> int:
    """How many dots of the first page are dark."""
    document = pypdfium2.PdfDocument(pdf)
    image = document[0].render(scale=2).to_pil().convert("L")
    document.close()
    return sum(image.histogram()[:128])


def test_map_shows_the_walk_and_every_stop_without_inline_style() -> None:
    route, _ = picked(12)
    drawn = pick_map_svg(LAYOUT, route)
    svg = ET.fromstring(drawn)  # noqa: S314 - our own drawing

    assert svg.attrib["role"] == "img"
    assert svg.findtext(f"{SVG}title") == f"Pick route: 12 stops, {route.length_mm / 1000:.0f} m"
    assert not [part for part in svg.iter() if "style" in part.attrib or part.tag in {f"{SVG}style", f"{SVG}script"}]
    assert len(svg.findall(f"{SVG}path[@class='pick-map-bins']")) == 1
    walk = svg.find(f"{SVG}polyline[@class='pick-map-route']")
    assert walk is not None
    assert len(walk.attrib["points"].split()) == len(route.walk)
    labels = [mark.text for mark in svg.findall(f"{SVG}text[@class='pick-map-stop-number']")]
    assert labels == [stop.label for stop in map_stops(LAYOUT, route)]


def test_bins_above_each_other_share_one_mark() -> None:
    route = find_route(LAYOUT, ["A-01-03-1", "A-01-03-2", "A-02-01-1"])
    assert sorted(stop.label for stop in map_stops(LAYOUT, route)) in (["1", "2-3"], ["1-2", "3"])

"""Labels in ZPL, as the printer of the benchmarks draws them from their text alone."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import ImageOps
from test_documents import ARABIC, CJK, LABEL, LONG, ODD, RIO, SSCC, WAREHOUSE

from shipping.documents.bitmaps import NoFontForLabel, draw_run
from shipping.documents.fonts import has_font_for_every_script
from shipping.documents.labels import return_label, shipping_label
from shipping.documents.pages import Page
from shipping.documents.pdf_pages import page_pdf
from shipping.documents.scripts import visual_order
from shipping.documents.values import PostalAddress
from shipping.documents.zpl_pages import page_zpl

POLISH = PostalAddress("Małgorzata Brzęczyszczykiewicz", ("ulica Żółta 5",), "Łódź", "90-001", "PL")
CHINESE = PostalAddress(
    "王小明", ("朝阳区建国门外大街1号院 12-3室",), "北京市", "100004", "CN", company="北京测试有限公司"
)
HALF = 128
KOREAN = PostalAddress("김민준", ("서울특별시 강남구 테헤란로 152",), "서울", "06236", "KR")
JAPANESE = PostalAddress("髙橋さくら", ("千代田区丸の内1-9-1 ｸﾞﾗﾝﾄｳｷｮｳ 12階",), "東京都", "100-0005", "JP")


@pytest.fixture(scope="module")
def printer() -> ModuleType:
    file = Path(__file__).parents[2] / "benchmarks/_zpl.py"
    spec = importlib.util.spec_from_file_location("zpl_printer", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def ink(printed: Any) -> int:
    return int.from_bytes(printed.image.tobytes()).bit_count()


def pdf_words(page: Page) -> str:
    return "".join(pypdfium2.PdfDocument(page_pdf(page))[0].get_textpage().get_text_bounded().split())


@pytest.mark.parametrize("to", [RIO, LONG, ARABIC, POLISH], ids=["plain", "long", "arabic", "polish"])
def test_label_prints_the_symbols_and_the_words_of_the_pdf(printer: ModuleType, to: PostalAddress) -> None:
    page = shipping_label(replace(LABEL, ship_to=to, ship_from=to))

    printed = printer.print_zpl(page_zpl(page))

    postal = "".join(c for c in to.postal_code if c.isalnum())
    codes = zxingcpp.read_barcodes(ImageOps.invert(printed.image.convert("L")))
    found = {(code.symbology_identifier, code.bytes.decode()) for code in codes}
    assert found == {("]C1", f"420{postal}"), ("]C0", LABEL.tracking_number), ("]C1", f"00{SSCC}")}
    assert printed.image.size == (812, 1218)
    assert printed.overflows == ()
    assert f"(00) {SSCC}" in printed.texts
    assert all("".join(text.split()) in pdf_words(page) for text in printed.texts)


def test_a_name_is_no_command_for_the_printer(printer: ModuleType) -> None:
    name = r"^XA^FD ~JR _5E \& \(x) 100% | > >8"
    page = return_label(replace(LABEL, ship_to=replace(WAREHOUSE, name=name)), rma_number=r"R\&^XZ~HS_41")

    printed = printer.print_zpl(page_zpl(page))

    assert name in printed.texts
    assert r"R\&^XZ~HS_41" in printed.texts
    assert "RETURN" in printed.texts


@pytest.mark.parametrize("reference", ["W" * 30, "(420) TY88PT", "i" * 60, "ORD 7", "%@&" * 9])
def test_what_ends_at_the_edge_stays_in_its_line(printer: ModuleType, reference: str) -> None:
    page = return_label(replace(LABEL, service_name=reference, reference=reference), rma_number=reference)

    assert printer.print_zpl(page_zpl(page)).overflows == ()
    assert printer.print_zpl(page_zpl(shipping_label(replace(LABEL, service_name=reference)))).overflows == ()


def test_a_script_of_its_own_comes_as_dots(printer: ModuleType) -> None:
    blank = replace(RIO, name="-", lines=())
    inked = [
        ink(printer.print_zpl(page_zpl(shipping_label(replace(LABEL, ship_to=to)))))
        for to in (blank, replace(blank, name="محمد عبد الله"))
    ]

    assert inked[1] > inked[0] + 500


def test_what_no_font_has_is_a_question_mark_and_a_postal_code_that_is_none_is_no_symbol(printer: ModuleType) -> None:
    printed = printer.print_zpl(page_zpl(shipping_label(replace(LABEL, ship_to=ODD))))

    assert printed.overflows == ()
    assert "??é" in printed.texts


def test_equal_pages_give_equal_bytes_in_ascii() -> None:
    page = shipping_label(replace(LABEL, ship_to=ARABIC))

    assert page_zpl(page) == page_zpl(page)
    assert page_zpl(page).isascii()


@pytest.mark.parametrize(
    "to", [CJK, CHINESE, KOREAN, JAPANESE], ids=["mixed and long", "chinese", "korean", "japanese"]
)
def test_east_asian_addresses_print_on_a_machine_without_such_fonts(printer: ModuleType, to: PostalAddress) -> None:
    page = shipping_label(replace(LABEL, ship_to=to))

    printed = printer.print_zpl(page_zpl(page))
    words = pdf_words(page)
    blank = printer.print_zpl(page_zpl(shipping_label(replace(LABEL, ship_to=replace(to, name="-", lines=())))))

    assert printed.overflows == ()
    assert ink(printed) > ink(blank) + 1_000
    assert all("".join(text.split()) in words for text in printed.texts)
    assert "".join(visual_order(to.name).split())[:12] in words


@pytest.mark.skipif(has_font_for_every_script(), reason="this machine has its own font for these scripts")
def test_the_pdf_needs_no_fonts_of_its_reader_either() -> None:
    inked = [
        pypdfium2.PdfDocument(page_pdf(shipping_label(replace(LABEL, ship_to=replace(RIO, name=name, lines=())))))[0]
        .render(scale=2)
        .to_pil()
        .convert("L")
        .point(lambda level: level < HALF and 255)
        .histogram()[255]
        for name in ("-", "王小明")
    ]

    assert inked[1] > inked[0] + 200


@pytest.mark.skipif(has_font_for_every_script(), reason="this machine has its own font for these scripts")
def test_each_language_has_its_own_forms() -> None:
    drawn = {font: draw_run("直骨", font, 40) for font in ("HeiseiKakuGo-W5", "HYGothic-Medium", "STSong-Light")}

    assert len({bitmap.rows for bitmap in drawn.values() if bitmap}) > 1
    assert {bitmap.height for bitmap in drawn.values() if bitmap} <= set(range(30, 42))


@pytest.mark.skipif(has_font_for_every_script(), reason="this machine has its own font for these scripts")
def test_a_label_with_a_character_that_no_font_has_is_refused() -> None:
    unknown = "中鿰"

    with pytest.raises(NoFontForLabel) as refused:
        page_zpl(shipping_label(replace(LABEL, ship_to=replace(RIO, name=unknown))))

    assert unknown in str(refused.value.detail)

"""The marks of limited quantities and of batteries: on pages behind the label, and in full size on A4."""

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageOps
from test_documents import LABEL, SSCC
from test_zpl_labels import pdf_words, printer

from inventory.trade.domain import BATTERIES
from shipping.documents.labels import shipping_label
from shipping.documents.pages import Page
from shipping.documents.pdf_pages import page_pdf
from shipping.documents.transport_marks import TransportMarks, full_mark_pages, is_large_enough, mark_pages
from shipping.documents.zpl_pages import page_zpl

__all__ = ["printer"]
BOTH = TransportMarks(is_limited=True, battery_numbers=("UN3481",))
SMALL, LARGE = (300, 140, 120), (300, 200, 160)
_PER_MM = 203 / 25.4


def drawn(pdf: bytes, page: int) -> Image.Image:
    """Ink of a page in dots of 203 per inch, as a mask."""
    image = pypdfium2.PdfDocument(pdf)[page].render(scale=203 / 72).to_pil()
    return ImageOps.invert(image.convert("L")).point(lambda grey: 255 if grey > 100 else 0)


def test_the_label_is_followed_by_a_page_for_each_mark_and_stays_readable() -> None:
    pdf = page_pdf(shipping_label(LABEL), *mark_pages(BOTH, caption=LABEL.tracking_number, outer_mm=SMALL))
    pages = pypdfium2.PdfDocument(pdf)
    assert [page.get_size() for page in pages] == [(288, 432)] * 3
    codes = zxingcpp.read_barcodes(pages[0].render(scale=203 / 72).to_pil())
    assert {code.bytes.decode() for code in codes} >= {LABEL.tracking_number, f"00{SSCC}"}
    words = [page.get_textpage().get_text_bounded() for page in pages]
    assert all(LABEL.tracking_number in each for each in words)
    assert "UN3481" in words[2]
    assert len(pdf) < 12_000


def test_without_marks_the_label_is_what_it_was() -> None:
    assert mark_pages(TransportMarks(), caption="X", outer_mm=LARGE) == []
    assert page_pdf(shipping_label(LABEL)) == page_pdf(shipping_label(LABEL), *())


@pytest.mark.parametrize(
    ("page", "side_mm"),
    [(mark_pages(BOTH, caption="NP1", outer_mm=SMALL)[0], 66), (full_mark_pages(BOTH, caption="NP1")[0], 100)],
)
def test_the_limited_quantity_mark_is_a_square_on_its_point_black_above_and_below(page: Page, side_mm: int) -> None:
    ink = drawn(page_pdf(page), 0)
    half = side_mm * 2**0.5 / 2 * _PER_MM
    left, top, right, bottom = ink.crop((0, 0, ink.width, round(ink.height * 0.6))).getbbox() or (0, 0, 0, 0)
    assert (right - left) / 2 == pytest.approx(half, abs=3)
    middle = (left + right) // 2
    center = top + round(half)
    assert bottom >= center
    for above in (-0.9, -0.5):
        assert ink.getpixel((middle, center + round(above * half))) == 255
        assert ink.getpixel((middle, center - round(above * half))) == 255
    assert ink.getpixel((middle, center)) == 0
    # The edge is 2 mm wide, measured across.
    across = [ink.getpixel((x, center)) for x in range(left, middle)]
    assert across.count(255) / 2**0.5 == pytest.approx(2 * _PER_MM, abs=3)


def test_the_battery_mark_is_100_mm_wide_with_a_red_hatched_edge_of_5_mm() -> None:
    page = mark_pages(BOTH, caption="NP1", outer_mm=SMALL)[1]
    image = pypdfium2.PdfDocument(page_pdf(page))[0].render(scale=203 / 72).to_pil().convert("RGB")
    red = ImageChops.subtract(image.getchannel("R"), image.getchannel("G")).point(lambda more: 255 if more > 90 else 0)
    left, top, right, bottom = red.getbbox() or (0, 0, 0, 0)
    assert (right - left, bottom - top) == (pytest.approx(100 * _PER_MM, abs=3), pytest.approx(100 * _PER_MM, abs=3))
    edge = round(5 * _PER_MM)
    assert red.crop((left + edge + 2, top + edge + 2, right - edge - 2, bottom - edge - 2)).getbbox() is None
    assert right <= image.width


def test_printers_print_the_same_marks_and_words(printer) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    pages = mark_pages(BOTH, caption=LABEL.tracking_number, outer_mm=LARGE)
    labels = page_zpl(shipping_label(LABEL), *pages).decode().split("^XZ\n")
    assert len(labels) == 4
    assert labels[-1] == ""
    for page, text in zip(pages, labels[1:], strict=False):
        printed = printer.print_zpl(f"{text}^XZ\n".encode())
        assert printed.image.size == (812, 1218)
        assert printed.overflows == ()
        assert all("".join(each.split()) in pdf_words(page) for each in printed.texts)
        # Only the lines of text are set in different fonts: the mark itself lies above them.
        mark = (0, 0, 812, 840 if page is pages[0] else 500)
        ink = printed.image.convert("L").point(lambda dot: 255 if dot else 0).crop(mark)
        image = pypdfium2.PdfDocument(page_pdf(page))[0].render(scale=203 / 72).to_pil().convert("L")
        shown = image.point(lambda grey: 255 if grey < 160 else 0).crop(mark)
        differing = sum(ImageChops.difference(ink, shown.resize(ink.size)).histogram()[128:])
        assert differing < 0.02 * ink.width * ink.height


def test_a_page_says_where_the_package_has_room_for_the_full_mark() -> None:
    assert (is_large_enough(SMALL), is_large_enough(LARGE)) == (False, True)
    small, large = (pdf_words(mark_pages(BOTH, caption="NP1", outer_mm=each)[0]) for each in (SMALL, LARGE))
    assert "fullmark" in large
    assert "fullmark" not in small


def test_several_battery_numbers_stand_on_one_mark() -> None:
    numbers = ("UN3090", "UN3091", "UN3480", "UN3481")
    page = mark_pages(TransportMarks(battery_numbers=numbers), caption="NP1", outer_mm=SMALL)[0]
    assert all(number in pdf_words(page) for number in numbers)


def test_no_battery_number_is_left_out_however_many_there_are() -> None:
    for count in range(1, len(BATTERIES) + 1):
        page = mark_pages(TransportMarks(battery_numbers=BATTERIES[:count]), caption="NP1", outer_mm=SMALL)[0]
        assert [number for number in BATTERIES if number in pdf_words(page)] == list(BATTERIES[:count])

from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from shipping.documents.barcodes import BarcodeTooWide
from shipping.documents.fonts import text_width
from shipping.documents.labels import return_label, shipping_label
from shipping.documents.manifests import manifest_pdf
from shipping.documents.pdf_pages import page_pdf
from shipping.documents.scripts import visual_order
from shipping.documents.slips import packing_slip_pdf
from shipping.documents.text import Box, fit_block, fit_line, fit_lines
from shipping.documents.values import (
    LabelData,
    ManifestData,
    ManifestParcel,
    PackingSlipData,
    PostalAddress,
    SlipLine,
)
from shipping.domain.gs1 import InvalidGs1Value, build_sscc
from shipping.domain.sample_rates import CARRIER_NAMES
from shipping.domain.tracking_numbers import tracking_number
from tests.plugin.examples import examples

WAREHOUSE = PostalAddress("Pickstream São Paulo", ("Rua das Caixas 120",), "São Paulo", "01310-100", "BR", region="SP")
RIO = PostalAddress("Maria Oliveira", ("Avenida Atlântica 1702",), "Rio de Janeiro", "22021-001", "BR", region="RJ")
LONG = PostalAddress(
    "Wolfeschlegelsteinhausenbergerdorff-Montgomery the Third of Bergen",
    (
        "Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu Road 12345",
        "Building Number Seventeen, Second Courtyard, Third Staircase on the left, behind the green gate",
    ),
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    "LL61 5UJ",
    "GB",
    company="The Extremely Long Company Name of Brothers, Sisters & Sons Limited",
)
ARABIC = PostalAddress("محمد عبد الله الأحمد", ("شارع الملك فهد 12، مبنى (4)",), "الرياض", "11564", "SA")
CJK = PostalAddress(
    "山田太郎" * 12, ("東京都千代田区丸の内グランドタワー" * 4, "서울특별시 강남구"), "東京", "100-0005", "JP"
)
ODD = PostalAddress("🙂 \x00\x07\ufffe Łukasz \U00020000", ("",), "\t", "??é", "")
SSCC = build_sscc(0, "0614141", 1234567)
LABEL = LabelData(
    "Swift Parcel",
    "Express",
    tracking_number("swift_parcel", 123456789),
    SSCC,
    WAREHOUSE,
    RIO,
    2_345,
    date(2026, 11, 22),
    "ORD-2026-000123",
    handling_marks=("Fragile", "This side up"),
)


def shipping_label_pdf(label: LabelData) -> bytes:
    return page_pdf(shipping_label(label))


def return_label_pdf(label: LabelData, *, rma_number: str) -> bytes:
    return page_pdf(return_label(label, rma_number=rma_number))


def decoded(pdf: bytes, dpi: int) -> set[tuple[str, str]]:
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil()
    return {(code.symbology_identifier, code.bytes.decode()) for code in zxingcpp.read_barcodes(image)}


def text_boxes(pdf: bytes) -> list[tuple[float, float, float, float]]:
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    return [page.get_rect(n) for n in range(page.count_rects())]


def page_text(pdf: bytes, page: int = 0) -> str:
    return str(pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_bounded())


@pytest.mark.parametrize("dpi", [150, 203])
@pytest.mark.parametrize("to", [RIO, LONG, ARABIC, CJK], ids=["plain", "long", "arabic", "cjk"])
def test_label_symbols_decode_and_announce_gs1(to: PostalAddress, dpi: int) -> None:
    postal = "".join(c for c in to.postal_code if c.isalnum())

    codes = decoded(shipping_label_pdf(replace(LABEL, ship_to=to)), dpi)

    assert codes == {("]C1", f"420{postal}"), ("]C0", LABEL.tracking_number), ("]C1", f"00{SSCC}")}


@pytest.mark.parametrize("carrier", sorted(CARRIER_NAMES))
def test_every_simulated_carriers_number_decodes(carrier: str) -> None:
    number = tracking_number(carrier, 12345678)

    assert ("]C0", number) in decoded(shipping_label_pdf(replace(LABEL, tracking_number=number)), 203)


@pytest.mark.parametrize("to", [RIO, LONG, ARABIC, CJK, ODD], ids=["plain", "long", "arabic", "cjk", "odd"])
def test_label_is_four_by_six_inches_and_keeps_its_text_inside(to: PostalAddress) -> None:
    marks = ("Fragile", "This side up", "Keep dry and away from heat", "Contains lithium batteries, handle with care")
    label = replace(
        LABEL, ship_to=to, ship_from=to, reference="R" * 90, service_name="Service " * 9, handling_marks=marks
    )

    pdf = shipping_label_pdf(label)

    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    assert document[0].get_size() == (288, 432)
    for left, bottom, right, top in text_boxes(pdf):
        assert left >= 4
        assert right <= 284
        assert bottom >= 4
        assert top <= 428


def test_equal_data_give_equal_bytes() -> None:
    assert shipping_label_pdf(replace(LABEL, ship_to=ARABIC)) == shipping_label_pdf(replace(LABEL, ship_to=ARABIC))


def test_plain_label_is_small() -> None:
    assert len(shipping_label_pdf(LABEL)) < 4_096


def test_postal_code_that_no_symbol_carries_leaves_the_symbol_out() -> None:
    codes = decoded(shipping_label_pdf(replace(LABEL, ship_to=ODD)), 203)

    assert {text[:2] for _, text in codes} == {"SW", "00"}


def test_wrong_sscc_and_endless_number_are_refused() -> None:
    with pytest.raises(InvalidGs1Value):
        shipping_label_pdf(replace(LABEL, sscc=SSCC[:-1] + "0"))
    with pytest.raises(BarcodeTooWide):
        shipping_label_pdf(replace(LABEL, tracking_number="A" * 60))


def test_return_label_names_the_rma_and_goes_to_the_warehouse() -> None:
    pdf = return_label_pdf(replace(LABEL, ship_from=RIO, ship_to=WAREHOUSE), rma_number="RMA-00012345")

    assert "RETURN" in page_text(pdf)
    assert "RMA-00012345" in page_text(pdf)
    assert ("]C1", "42001310100") in decoded(pdf, 203)


def test_packing_slip_shows_what_is_inside_and_no_price() -> None:
    lines = (SlipLine("MUG-BLUE", "Ceramic mug, blue", 2, following=1), SlipLine("CHAIR-1", "Garden chair", 1))
    slip = PackingSlipData(
        "Casa & Jardim", "ORD-7", RIO, date(2026, 11, 22), lines, gift_message="Happy birthday!\nFrom all of us."
    )

    pdf = packing_slip_pdf(slip)

    text = page_text(pdf)
    for part in ("Casa & Jardim", "MUG-BLUE", "Ceramic mug, blue", "1 follow", "CHAIR-1", "Happy birthday!"):
        assert part in text
    assert ("]C0", "ORD-7") in decoded(pdf, 203)
    assert packing_slip_pdf(slip) == pdf


def test_long_packing_slip_turns_pages_and_loses_no_line() -> None:
    lines = tuple(SlipLine(f"SKU-{n:04d}", "A description that goes on " * (n % 12), 1) for n in range(120))
    document = pypdfium2.PdfDocument(
        packing_slip_pdf(PackingSlipData("Shop", "Заказ 5", CJK, date(2026, 11, 22), lines, note="Thank you"))
    )

    text = "".join(document[n].get_textpage().get_text_bounded() for n in range(len(document)))
    assert len(document) > 2
    assert all(line.sku in text for line in lines)
    assert "Thank you" in text


def test_a_note_that_turns_the_page_is_not_put_under_a_table_without_lines() -> None:
    lines = tuple(SlipLine(f"SKU-{n:04d}", "A mug", 1) for n in range(24))
    slip = PackingSlipData("Shop", "ORD-5", RIO, date(2026, 11, 22), lines, note="Thank you")
    document = pypdfium2.PdfDocument(packing_slip_pdf(slip))

    assert len(document) == 2
    text = document[1].get_textpage().get_text_bounded()
    assert "Thank you" in text
    assert "Quantity" not in text


def manifest(count: int) -> ManifestData:
    parcels = tuple(
        ManifestParcel(f"SW{n:09d}", f"ORD-{n:06d}", ("Express", "Ground")[n % 2], "22021-001", "BR", 500)
        for n in range(count)
    )
    return ManifestData("MAN-7", "Swift Parcel", "ACC-1", WAREHOUSE, date(2026, 11, 22), parcels)


@pytest.mark.parametrize("count", [0, 1, 44, 45, 400])
def test_manifest_lists_every_parcel_once(count: int) -> None:
    document = pypdfium2.PdfDocument(manifest_pdf(manifest(count)))

    text = "".join(document[n].get_textpage().get_text_bounded() for n in range(len(document)))
    assert all(text.count(parcel.tracking_number) == 1 for parcel in manifest(count).parcels)
    assert text.count("Signature") == 1
    assert f"{count * 0.5:,.3f} kg" in text


def test_what_was_pulled_is_on_the_list_but_not_among_what_the_driver_takes() -> None:
    closed = manifest(3)
    pulled = replace(closed.parcels[1], is_pulled=True)
    document = pypdfium2.PdfDocument(
        manifest_pdf(replace(closed, parcels=(closed.parcels[0], pulled, closed.parcels[2])))
    )

    text = document[0].get_textpage().get_text_bounded()
    assert "2, 1 pulled" in text
    assert "1.000 kg" in text
    assert text.count(pulled.tracking_number) == 1
    assert "Ground" in text.split("Totals")[0]
    assert "Ground" not in text.split("Totals")[1], "nothing of that service leaves"


@pytest.mark.thorough
def test_manifest_of_five_thousand_parcels() -> None:
    document = pypdfium2.PdfDocument(manifest_pdf(manifest(5_000)))

    assert 80 < len(document) < 120
    last = "".join(document[n].get_textpage().get_text_bounded() for n in range(len(document) - 2, len(document)))
    assert "SW000004999" in last


def test_right_to_left_text_is_joined_and_ordered() -> None:
    # Seen, joined: final meem is drawn leftmost; the number keeps its own direction.
    assert visual_order("سلام") == "\ufee1\ufefc\ufeb3"
    assert visual_order("שלום 123") == "123 םולש"
    assert visual_order("Casa 12") == "Casa 12"
    assert visual_order("(שלום)") == "(םולש)"


def test_block_stays_inside_its_box() -> None:
    box = Box(0, 100, 120, 30)

    size, lines = fit_block(["word " * 60, "x" * 300], box, largest=12, smallest=6)

    assert len(lines) * size * 1.18 <= 30
    assert all(text_width(line, "Helvetica", size) <= 120 for line in lines)
    assert lines[-1].endswith("...")


def test_line_is_cut_only_when_it_must_be() -> None:
    assert fit_line("short", 100, size=8) == "short"
    assert fit_line("a very long line of text", 50, size=8).endswith("...")


@settings(max_examples=examples(200))
@given(text=st.text(max_size=60), width=st.floats(20, 200), most=st.integers(1, 3))
def test_any_text_is_fitted_to_its_lines(text: str, width: float, most: int) -> None:
    lines = fit_lines(text, width, most=most, size=9)
    assert 1 <= len(lines) <= most
    assert all(text_width(line, "Helvetica", 9) <= width + 1e-6 for line in lines)

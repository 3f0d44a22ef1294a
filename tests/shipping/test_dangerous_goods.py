"""The transport document of dangerous goods."""

from dataclasses import replace
from datetime import date

import pypdfium2

from shipping.api import DangerousGoodsDocument, DangerousLine, DangerousPackage, dangerous_goods_pdf
from shipping.documents.values import PostalAddress

SITE = PostalAddress("Leipzig distribution center", ("Am Umschlag 12",), "Leipzig", "04158", "DE", company="Nordhus")
ANA = PostalAddress("Aña Ünlü", ("Weg 1",), "Bern", "3000", "CH")
PAINT = DangerousLine("UN1263", "PAINT", "3", "II", "D/E", 2, 1_500, "ml")
SPRAY = DangerousLine("UN1950", "AEROSOLS", "2.1", "", "D", 6, 2_400, "ml", is_limited=True)
ACID = DangerousLine("UN2922", "CORROSIVE LIQUID, TOXIC, N.O.S.", "8 (6.1)", "II", "", 1, 400, "g")
BATTERY = DangerousLine("UN3481", "LITHIUM ION BATTERIES", "9", "", "E", 1, 210, "g", has_battery_mark=True)
BOX = DangerousPackage("NP000001", "10482", "fiberboard box", 2_350, ANA, (PAINT, SPRAY))
DOCUMENT = DangerousGoodsDocument("10482-000018", SITE, "Northpost", date(2026, 11, 24), (BOX,))


def words(pdf: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf)]


def test_goods_are_described_in_the_order_that_the_rules_give() -> None:
    assert PAINT.description == "UN1263 PAINT, 3, PG II, (D/E)"
    assert SPRAY.description == "UN1950 AEROSOLS, 2.1, (D)"
    assert ACID.description == "UN2922 CORROSIVE LIQUID, TOXIC, N.O.S., 8 (6.1), PG II"
    assert (SPRAY.remark, BATTERY.remark, PAINT.remark) == ("LTD QTY", "Special provision 188", "")


def test_the_document_names_who_sends_what_to_whom_and_its_totals_are_theirs() -> None:
    second = replace(BOX, tracking_number="NP000002", lines=(PAINT, ACID, BATTERY))
    document = replace(DOCUMENT, packages=(BOX, second))
    assert document.totals == (
        (PAINT.description, "3.000 L"), (SPRAY.description, "2.400 L"), (ACID.description, "0.400 kg"),
        (BATTERY.description, "0.210 kg"),
    )  # fmt: skip
    (text,) = words(dangerous_goods_pdf(document))
    told = ("10482-000018", "2026-11-24", "Northpost", "4.700 kg", "Nordhus", "Aña Ünlü", "1 fiberboard box, NP000002")
    for each in (*told, PAINT.description, SPRAY.description, "LTD QTY", "2 units", "1 unit", "2.400 L net", "declare"):
        assert each in text
    assert dangerous_goods_pdf(document) == dangerous_goods_pdf(document)


def test_many_packages_and_long_names_take_more_pages_and_stay_inside() -> None:
    long = replace(PAINT, proper_shipping_name="危険物 very long technical name " * 7)
    package = replace(BOX, lines=(long,) * 3, consignee=replace(ANA, name="Long name " * 20), reference="R" * 90)
    pdf = dangerous_goods_pdf(replace(DOCUMENT, packages=(package,) * 30, number="N" * 90))
    pages = words(pdf)
    assert len(pages) > 5
    assert sum(page.count("1.500 L net") for page in pages) == 90
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        edges = [text.get_rect(n) for n in range(text.count_rects())]
        assert max(edge[2] for edge in edges) <= 595 - 36
        assert min(edge[1] for edge in edges) >= 30

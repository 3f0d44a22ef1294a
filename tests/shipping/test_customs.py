"""Which parcels cross a customs border, and the commercial invoice of one that does."""

from dataclasses import replace
from datetime import date

import pypdfium2
import pytest

from shipping.api import CustomsDeclaration, CustomsLine, commercial_invoice_pdf, leaves_customs_area
from shipping.documents.values import PostalAddress

SENDER = PostalAddress("Leipzig distribution center", ("Am Umschlag 12",), "Leipzig", "04158", "DE")
BERN = PostalAddress("Aña Ünlü", ("Weg 1",), "Bern", "3000", "CH")
MUG = CustomsLine("MUG-BL", "Stoneware mug, blue", "691200", "DE", 2, 700, 1_990, 3_980)
PEN = CustomsLine("PEN-L", "Pen", "96081010", "CN", 1, 20, 500, 500)
DECLARATION = CustomsDeclaration(
    "10482-000018",
    "Nordhus",
    SENDER,
    BERN,
    "+41 31 555 01 02",
    "NP000001",
    date(2026, 11, 24),
    "EUR",
    2,
    950,
    (MUG, PEN),
)


@pytest.mark.parametrize(
    ("here", "there", "leaves"),
    [
        (("DE", "04158"), ("FR", "75011"), False),
        (("DE", "04158"), ("MC", "98000"), False),
        (("DE", "04158"), ("CH", "3000"), True),
        (("DE", "04158"), ("GB", "SW1A 1AA"), True),
        (("DE", "04158"), ("DE", "27498"), True),
        (("DE", "04158"), ("DE", "78266"), True),
        (("FR", "75011"), ("ES", "51001"), True),
        (("IT", "20121"), ("IT", "23041"), True),
        (("IT", "20121"), ("IT", "23030"), False),
        (("DE", "04158"), ("GB", "BT1 5GS"), False),
        (("GB", "SW1A 1AA"), ("GB", "bt1 5gs"), False),
        (("CH", "3000"), ("GB", "BT1 5GS"), True),
        (("ES", "28001"), ("ES", "35001"), False),
        (("CH", "3000"), ("LI", "9490"), False),
        (("US", "89501"), ("PR", "00901"), False),
        (("BR", "01310-100"), ("BR", "22021-001"), False),
        (("BR", "01310-100"), ("AR", "1000"), True),
    ],
)
def test_a_customs_border_is_known(here: tuple[str, str], there: tuple[str, str], leaves: bool) -> None:  # noqa: FBT001
    assert leaves_customs_area(here, there) is leaves
    assert leaves_customs_area(there, here) is leaves


def test_an_invoice_names_the_goods_and_its_totals_are_theirs() -> None:
    assert (DECLARATION.quantity, DECLARATION.net_weight_g, DECLARATION.value_minor) == (3, 720, 4_480)
    (text,) = words(commercial_invoice_pdf(DECLARATION))
    told = ("Nordhus", "Aña Ünlü", "+41 31 555 01 02", "691200", "96081010", "CN", "39.80", "44.80", "0.720", "0.950")
    for each in (*told, "10482-000018", "NP000001", "2026-11-24", "EUR"):
        assert each in text


def test_amounts_have_the_decimals_of_their_currency() -> None:
    (text,) = words(commercial_invoice_pdf(replace(DECLARATION, currency="JPY", decimals=0)))
    assert "4,480" in text
    assert "44.80" not in text


def test_many_lines_and_long_names_take_more_pages_and_stay_inside() -> None:
    line = replace(MUG, description="陶器のマグカップ very long name " * 9, sku="S" * 64)
    pdf = commercial_invoice_pdf(replace(DECLARATION, lines=(line,) * 60, seller="Long seller " * 20))
    pages = words(pdf)
    assert len(pages) > 3
    assert sum(page.count("691200") for page in pages) == 60
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        assert max(text.get_rect(n)[2] for n in range(text.count_rects())) <= 595 - 36


def words(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]

from dataclasses import dataclass
from datetime import date

from shipping.documents.fonts import BOLD
from shipping.documents.labels import LABEL_SIZE
from shipping.documents.pages import Page, Sheet
from shipping.documents.pdf_pages import page_pdf
from shipping.documents.text import Box, fit_line
from shipping.domain.gs1 import element_string, human_readable

_EDGE = 10.0
_WIDTH = LABEL_SIZE[0] - 2 * _EDGE
_RIGHT = LABEL_SIZE[0] - _EDGE
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class PlateLabel:
    """What a license plate's label says: whose goods lie on it, and which, one line each. `title` is what carries them,
    `whose` the words above the name.
    """

    sscc: str
    site_name: str
    merchant_name: str
    lines: tuple[str, ...]
    printed_on: date
    title: str = "LICENSE PLATE"
    whose: str = "GOODS OF"


def plate_label_pdf(label: PlateLabel) -> bytes:
    """Draw `plate_label` as PDF. Equal data give equal bytes.

    Raises:
        InvalidGs1Value: the SSCC is wrong.
    """
    return page_pdf(plate_label(label))


def plate_label(label: PlateLabel) -> Page:
    """Lay out the 4 x 6 inch logistic label of a license plate (GS1 General Specifications, section 6.6): text above,
    its SSCC (00) as GS1-128 below.

    Equal data give equal pages. Texts of any length and script stay inside their boxes.

    Raises:
        InvalidGs1Value: the SSCC is wrong.
    """
    sheet = Sheet(LABEL_SIZE, f"License plate {label.sscc}")
    _draw_text(sheet, label)
    element = ("00", label.sscc)
    sheet.rule(_EDGE, 150, _WIDTH)
    sheet.line(_EDGE, 140, "SSCC", size=6)
    sheet.gs1_128(4, 32, element_string([element]), width=LABEL_SIZE[0] - 8, height=104)
    sheet.line(LABEL_SIZE[0] / 2, 16, human_readable([element]), size=12, anchor="center")
    return sheet.page


def _draw_text(sheet: Sheet, label: PlateLabel) -> None:
    sheet.line(_EDGE, 408, fit_line(label.title, _WIDTH * 0.52, size=15, font=BOLD), size=15, font=BOLD)
    sheet.line(_RIGHT, 408, label.printed_on.isoformat(), size=9, anchor="right")
    sheet.rule(_EDGE, 400, _WIDTH)
    sheet.line(_EDGE, 391, "SITE", size=6)
    sheet.line(_EDGE, 379, fit_line(label.site_name, _WIDTH, size=10), size=10)
    sheet.line(_EDGE, 364, label.whose, size=6)
    sheet.block(Box(_EDGE, 361, _WIDTH, 32), [label.merchant_name], largest=20, smallest=8, font=BOLD)
    sheet.rule(_EDGE, 325, _WIDTH)
    sheet.line(_EDGE, 315, "CONTENT WHEN PRINTED", size=6)
    rest = len(label.lines) - _SHOWN
    shown = [*label.lines[:_SHOWN], *([f"and {rest} more"] if rest > 0 else [])]
    sheet.block(Box(_EDGE, 310, _WIDTH, 152), shown or ["Nothing yet"], largest=11, smallest=6)
    last = f"...{label.sscc[-6:]}"
    sheet.line(_RIGHT, 391, last, size=9, anchor="right")

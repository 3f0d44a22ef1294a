from dataclasses import dataclass
from datetime import date
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.barcodes import draw_gs1_128
from shipping.documents.fonts import BOLD
from shipping.documents.labels import LABEL_SIZE
from shipping.documents.text import Box, draw_block, draw_centered, draw_line, draw_right, fit_line
from shipping.domain.gs1 import element_string, human_readable

_EDGE = 10.0
_WIDTH = LABEL_SIZE[0] - 2 * _EDGE
_RIGHT = LABEL_SIZE[0] - _EDGE
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class PlateLabel:
    """What a license plate's label says: whose goods lie on it, and which, one line each."""

    sscc: str
    site_name: str
    merchant_name: str
    lines: tuple[str, ...]
    printed_on: date


def plate_label_pdf(label: PlateLabel) -> bytes:
    """Draw the 4 x 6 inch logistic label of a license plate (GS1 General Specifications, section 6.6): text above, its
    SSCC (00) as GS1-128 below.

    Equal data give equal bytes. Texts of any length and script stay inside their boxes.

    Raises:
        InvalidGs1Value: the SSCC is wrong.
    """
    output = BytesIO()
    canvas = Canvas(output, pagesize=LABEL_SIZE, invariant=1, pageCompression=1)
    canvas.setTitle(f"License plate {label.sscc}")
    canvas.setLineWidth(0.8)
    _draw_text(canvas, label)
    element = ("00", label.sscc)
    canvas.line(_EDGE, 150, _RIGHT, 150)
    draw_line(canvas, _EDGE, 140, "SSCC", size=6)
    draw_gs1_128(canvas, 4, 32, element_string([element]), width=LABEL_SIZE[0] - 8, height=104)
    draw_centered(canvas, LABEL_SIZE[0] / 2, 16, human_readable([element]), size=12)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_text(canvas: Canvas, label: PlateLabel) -> None:
    draw_line(canvas, _EDGE, 408, fit_line("LICENSE PLATE", _WIDTH * 0.52, size=15, font=BOLD), size=15, font=BOLD)
    draw_right(canvas, _RIGHT, 408, label.printed_on.isoformat(), size=9)
    canvas.line(_EDGE, 400, _RIGHT, 400)
    draw_line(canvas, _EDGE, 391, "SITE", size=6)
    draw_line(canvas, _EDGE, 379, fit_line(label.site_name, _WIDTH, size=10), size=10)
    draw_line(canvas, _EDGE, 364, "GOODS OF", size=6)
    draw_block(canvas, Box(_EDGE, 361, _WIDTH, 32), [label.merchant_name], largest=20, smallest=8, font=BOLD)
    canvas.line(_EDGE, 325, _RIGHT, 325)
    draw_line(canvas, _EDGE, 315, "CONTENT WHEN PRINTED", size=6)
    rest = len(label.lines) - _SHOWN
    shown = [*label.lines[:_SHOWN], *([f"and {rest} more"] if rest > 0 else [])]
    draw_block(canvas, Box(_EDGE, 310, _WIDTH, 152), shown or ["Nothing yet"], largest=11, smallest=6)
    last = f"...{label.sscc[-6:]}"
    draw_right(canvas, _RIGHT, 391, last, size=9)

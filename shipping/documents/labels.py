from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.barcodes import draw_code_128, draw_gs1_128
from shipping.documents.fonts import BOLD
from shipping.documents.text import Box, draw_block, draw_centered, draw_line, draw_right, fit_line
from shipping.documents.values import LabelData
from shipping.domain.gs1 import InvalidGs1Value, element_string, human_readable, ship_to_post_element

# Four by six inches, in points.
LABEL_SIZE = (288.0, 432.0)

_EDGE = 10.0
_WIDTH = LABEL_SIZE[0] - 2 * _EDGE
_RIGHT = LABEL_SIZE[0] - _EDGE
_SSCC_HEIGHT = 92.0


def shipping_label_pdf(label: LabelData) -> bytes:
    """Draw a 4 x 6 inch shipping label: addresses, ship-to postal code (420), tracking number and SSCC (00).

    Equal data give equal bytes. Texts of any length and script stay inside their boxes.

    Raises:
        InvalidGs1Value: the SSCC is wrong.
        BarcodeTooWide: the tracking number does not fit as a readable symbol.
    """
    return _label_pdf(label, label.service_name, f"Ref {label.reference}", title="Shipping label")


def return_label_pdf(label: LabelData, *, rma_number: str) -> bytes:
    """Draw a 4 x 6 inch return label: a shipping label back to the warehouse that carries the RMA number.

    Raises:
        InvalidGs1Value: the SSCC is wrong.
        BarcodeTooWide: the tracking number does not fit as a readable symbol.
    """
    return _label_pdf(label, "RETURN", rma_number, title="Return label")


def _label_pdf(label: LabelData, heading: str, reference: str, *, title: str) -> bytes:
    output = BytesIO()
    canvas = Canvas(output, pagesize=LABEL_SIZE, invariant=1, pageCompression=1)
    canvas.setTitle(f"{title} {label.tracking_number}")
    canvas.setLineWidth(0.8)
    _draw_header(canvas, label, heading)
    _draw_sender(canvas, label, reference)
    _draw_recipient(canvas, label)
    _draw_routing(canvas, label)
    _draw_tracking(canvas, label)
    _draw_sscc(canvas, label)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_header(canvas: Canvas, label: LabelData, heading: str) -> None:
    name = fit_line(label.carrier_name, _WIDTH * 0.52, size=15, font=BOLD)
    draw_line(canvas, _EDGE, 408, name, size=15, font=BOLD)
    draw_right(canvas, _RIGHT, 408, fit_line(heading, _WIDTH * 0.46, size=12, font=BOLD), size=12, font=BOLD)
    _rule(canvas, 400)


def _draw_sender(canvas: Canvas, label: LabelData, reference: str) -> None:
    draw_line(canvas, _EDGE, 391, "FROM", size=6)
    draw_block(canvas, Box(_EDGE, 388, 160, 38), label.ship_from.printed_lines, largest=7, smallest=4.5)
    facts = (
        f"{label.ship_on.isoformat()}",
        f"{label.weight_g / 1000:.3f} kg",
        f"Parcel {label.parcel_index} of {label.parcel_count}",
        fit_line(reference, 104, size=7),
    )
    for row, fact in enumerate(facts):
        draw_right(canvas, _RIGHT, 388 - row * 10, fact, size=7)
    _rule(canvas, 349)


def _draw_recipient(canvas: Canvas, label: LabelData) -> None:
    draw_line(canvas, _EDGE, 340, "TO", size=6)
    box = Box(_EDGE + 20, 346, _WIDTH - 20, 88)
    draw_block(canvas, box, label.ship_to.printed_lines, largest=13, smallest=6, font=BOLD)
    _rule(canvas, 255)


def _draw_routing(canvas: Canvas, label: LabelData) -> None:
    """Draw the postal code as a symbol when it can be one, and large for the eye with the handling marks."""
    try:
        element = ship_to_post_element(label.ship_to.postal_code)
    except InvalidGs1Value:
        element = None
    if element is not None:
        draw_gs1_128(canvas, _EDGE - 6, 217, element_string([element]), width=194, height=33)
        draw_centered(canvas, _EDGE + 91, 208.5, human_readable([element]), size=7)
    area = " ".join(part for part in (label.ship_to.country, label.ship_to.postal_code) if part)
    draw_block(canvas, Box(200, 251, _RIGHT - 200, 24), [area], largest=15, smallest=5, font=BOLD)
    if label.handling_marks:
        draw_block(canvas, Box(200, 226, _RIGHT - 200, 20), [", ".join(label.handling_marks)], largest=7, smallest=4.5)
    _rule(canvas, 204)


def _draw_tracking(canvas: Canvas, label: LabelData) -> None:
    draw_line(canvas, _EDGE, 195.5, "TRACKING", size=6)
    draw_code_128(canvas, 4, 146, label.tracking_number, width=LABEL_SIZE[0] - 8, height=46)
    number = fit_line(label.tracking_number, _WIDTH, size=9, font=BOLD)
    draw_centered(canvas, LABEL_SIZE[0] / 2, 135, number, size=9, font=BOLD)
    _rule(canvas, 130)


def _draw_sscc(canvas: Canvas, label: LabelData) -> None:
    element = ("00", label.sscc)
    draw_line(canvas, _EDGE, 122, "SSCC", size=6)
    draw_gs1_128(canvas, 4, 26, element_string([element]), width=LABEL_SIZE[0] - 8, height=_SSCC_HEIGHT)
    draw_centered(canvas, LABEL_SIZE[0] / 2, 13, human_readable([element]), size=10)


def _rule(canvas: Canvas, y: float) -> None:
    canvas.line(_EDGE, y, _RIGHT, y)

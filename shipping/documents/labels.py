from shipping.documents.barcodes import BarcodeTooWide
from shipping.documents.fonts import BOLD
from shipping.documents.pages import Page, Sheet
from shipping.documents.text import Box, fit_line
from shipping.documents.values import LabelData
from shipping.domain.gs1 import InvalidGs1Value, element_string, human_readable, ship_to_post_element

# Four by six inches, in points.
LABEL_SIZE = (288.0, 432.0)

_EDGE = 10.0
_WIDTH = LABEL_SIZE[0] - 2 * _EDGE
_RIGHT = LABEL_SIZE[0] - _EDGE
_SSCC_HEIGHT = 92.0


def shipping_label(label: LabelData) -> Page:
    """Lay out a 4 x 6 inch shipping label: addresses, ship-to postal code (420), tracking number and SSCC (00).

    Equal data give equal pages. Texts of any length and script stay inside their boxes.

    Raises:
        InvalidGs1Value: the SSCC is wrong.
        BarcodeTooWide: the tracking number does not fit as a readable symbol.
    """
    return _label(label, label.service_name, f"Ref {label.reference}", title="Shipping label")


def return_label(label: LabelData, *, rma_number: str) -> Page:
    """Lay out a 4 x 6 inch return label: a shipping label back to the warehouse that carries the RMA number.

    Raises:
        InvalidGs1Value: the SSCC is wrong.
        BarcodeTooWide: the tracking number does not fit as a readable symbol.
    """
    return _label(label, "RETURN", rma_number, title="Return label")


def _label(label: LabelData, heading: str, reference: str, *, title: str) -> Page:
    sheet = Sheet(LABEL_SIZE, f"{title} {label.tracking_number}")
    _draw_header(sheet, label, heading)
    _draw_sender(sheet, label, reference)
    _draw_recipient(sheet, label)
    _draw_routing(sheet, label)
    _draw_tracking(sheet, label)
    _draw_sscc(sheet, label)
    return sheet.page


def _draw_header(sheet: Sheet, label: LabelData, heading: str) -> None:
    name = fit_line(label.carrier_name, _WIDTH * 0.52, size=15, font=BOLD)
    sheet.line(_EDGE, 408, name, size=15, font=BOLD)
    sheet.line(_RIGHT, 408, fit_line(heading, _WIDTH * 0.46, size=12, font=BOLD), size=12, font=BOLD, anchor="right")
    _rule(sheet, 400)


def _draw_sender(sheet: Sheet, label: LabelData, reference: str) -> None:
    sheet.line(_EDGE, 391, "FROM", size=6)
    sheet.block(Box(_EDGE, 388, 160, 38), label.ship_from.printed_lines, largest=7, smallest=4.5)
    facts = (
        f"{label.ship_on.isoformat()}",
        f"{label.weight_g / 1000:.3f} kg",
        f"Parcel {label.parcel_index} of {label.parcel_count}",
        fit_line(reference, 104, size=7),
    )
    for row, fact in enumerate(facts):
        sheet.line(_RIGHT, 388 - row * 10, fact, size=7, anchor="right")
    _rule(sheet, 349)


def _draw_recipient(sheet: Sheet, label: LabelData) -> None:
    sheet.line(_EDGE, 340, "TO", size=6)
    box = Box(_EDGE + 20, 346, _WIDTH - 20, 88)
    sheet.block(box, label.ship_to.printed_lines, largest=13, smallest=6, font=BOLD)
    _rule(sheet, 255)


def _draw_routing(sheet: Sheet, label: LabelData) -> None:
    """Draw the postal code as a symbol when it can be one, and large for the eye with the handling marks."""
    try:
        element = ship_to_post_element(label.ship_to.postal_code)
        sheet.gs1_128(_EDGE - 6, 217, element_string([element]), width=194, height=33)
        caption = human_readable([element])
    except (InvalidGs1Value, BarcodeTooWide):
        caption = ""
    sheet.line(_EDGE + 91, 208.5, caption, size=7, anchor="center")
    area = " ".join(part for part in (label.ship_to.country, label.ship_to.postal_code) if part)
    sheet.block(Box(200, 251, _RIGHT - 200, 24), [area], largest=15, smallest=5, font=BOLD)
    if label.handling_marks:
        sheet.block(Box(200, 226, _RIGHT - 200, 20), [", ".join(label.handling_marks)], largest=7, smallest=4.5)
    _rule(sheet, 204)


def _draw_tracking(sheet: Sheet, label: LabelData) -> None:
    sheet.line(_EDGE, 195.5, "TRACKING", size=6)
    sheet.code_128(4, 146, label.tracking_number, width=LABEL_SIZE[0] - 8, height=46)
    number = fit_line(label.tracking_number, _WIDTH, size=9, font=BOLD)
    sheet.line(LABEL_SIZE[0] / 2, 135, number, size=9, font=BOLD, anchor="center")
    _rule(sheet, 130)


def _draw_sscc(sheet: Sheet, label: LabelData) -> None:
    element = ("00", label.sscc)
    sheet.line(_EDGE, 122, "SSCC", size=6)
    sheet.gs1_128(4, 26, element_string([element]), width=LABEL_SIZE[0] - 8, height=_SSCC_HEIGHT)
    sheet.line(LABEL_SIZE[0] / 2, 13, human_readable([element]), size=10, anchor="center")


def _rule(sheet: Sheet, y: float) -> None:
    sheet.rule(_EDGE, y, _WIDTH)

from collections.abc import Sequence
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.barcodes import BarcodeTooWide, draw_code_128
from shipping.documents.fonts import BOLD, REGULAR
from shipping.documents.text import Box, draw_block, draw_line, draw_right, fit_line, wrap_line
from shipping.documents.values import PackingSlipData, SlipLine

# A4 in points.
PAGE_SIZE = (595.28, 841.89)

_LEFT = 48.0
_RIGHT = PAGE_SIZE[0] - 48.0
_BOTTOM = 64.0
_SKU_WIDTH = 120.0
_TEXT_LEFT = _LEFT + _SKU_WIDTH + 12
_TEXT_WIDTH = _RIGHT - _TEXT_LEFT - 96
_GRAY = 0.45
_NEXT_TOP = 752.0
_FOOT = 52.0
_TEXT_ROOM = 60.0


def packing_slip_pdf(slip: PackingSlipData) -> bytes:
    """Draw the packing slip of one parcel on A4, over as many pages as its lines need. Equal data give equal bytes."""
    output = BytesIO()
    canvas = Canvas(output, pagesize=PAGE_SIZE, invariant=1, pageCompression=1)
    canvas.setTitle(f"Packing slip {slip.order_reference}")
    y = _draw_head(canvas, slip)
    for line in slip.lines:
        texts = wrap_line(" ".join(line.description.split()) or "-", _TEXT_WIDTH, size=10)[:3]
        if y - 14 * len(texts) < _BOTTOM + 20:
            y = _turn_page(canvas, slip)
        y = _draw_slip_line(canvas, line, texts, y)
    _draw_closing(canvas, slip, y)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_head(canvas: Canvas, slip: PackingSlipData) -> float:
    draw_line(canvas, _LEFT, 778, fit_line(slip.merchant_name, 300, size=18, font=BOLD), size=18, font=BOLD)
    draw_line(canvas, _LEFT, 758, "Packing slip", size=11)
    _draw_order_symbol(canvas, slip.order_reference)
    draw_line(canvas, _LEFT, 716, "Ship to", size=8)
    draw_block(canvas, Box(_LEFT, 712, 250, 84), slip.ship_to.printed_lines, largest=10.5, smallest=6)
    facts = (
        ("Order", slip.order_reference),
        ("Shipped", slip.ship_on.isoformat()),
        ("Parcel", f"{slip.parcel_index} of {slip.parcel_count}"),
        ("Pieces", str(sum(line.quantity for line in slip.lines))),
    )
    for row, (name, value) in enumerate(facts):
        draw_line(canvas, 350, 701 - row * 16, name, size=9)
        draw_right(canvas, _RIGHT, 701 - row * 16, fit_line(value, 130, size=10, font=BOLD), size=10, font=BOLD)
    return _draw_columns(canvas, 608)


def _draw_order_symbol(canvas: Canvas, reference: str) -> None:
    """Draw the order's number as a symbol where it can be one; the printed number serves where it cannot."""
    try:
        draw_code_128(canvas, _RIGHT - 190, 756, reference, width=200, height=30)
    except BarcodeTooWide:
        return


def _draw_columns(canvas: Canvas, y: float) -> float:
    draw_line(canvas, _LEFT, y, "SKU", size=8)
    draw_line(canvas, _TEXT_LEFT, y, "Item", size=8)
    draw_right(canvas, _RIGHT, y, "Quantity", size=8)
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y - 6, _RIGHT, y - 6)
    return y - 22


def _draw_slip_line(canvas: Canvas, line: SlipLine, texts: Sequence[str], y: float) -> float:
    draw_line(canvas, _LEFT, y, fit_line(line.sku, _SKU_WIDTH, size=10), size=10)
    draw_right(canvas, _RIGHT, y, str(line.quantity), size=11, font=BOLD)
    if line.following:
        draw_right(canvas, _RIGHT, y - 11, f"{line.following} follow", size=8, font=REGULAR)
    for row, text in enumerate(texts):
        draw_line(canvas, _TEXT_LEFT, y - row * 13, text, size=10)
    rows = max(len(texts), 2 if line.following else 1)
    end = y - (rows - 1) * 13 - 7
    canvas.setLineWidth(0.3)
    canvas.setStrokeGray(0.8)
    canvas.line(_LEFT, end, _RIGHT, end)
    canvas.setStrokeGray(0)
    return end - 14


def _turn_page(canvas: Canvas, slip: PackingSlipData, *, with_columns: bool = True) -> float:
    _draw_foot(canvas, slip)
    canvas.showPage()
    title = fit_line(f"Packing slip {slip.order_reference}, continued", _RIGHT - _LEFT, size=11)
    draw_line(canvas, _LEFT, 778, title, size=11)
    return _draw_columns(canvas, _NEXT_TOP) if with_columns else _NEXT_TOP


def _draw_closing(canvas: Canvas, slip: PackingSlipData, y: float) -> None:
    texts = [text for text in (slip.gift_message, slip.note) if text.strip()]
    if texts:
        if y - 12 - len(texts) * _TEXT_ROOM < _FOOT:
            y = _turn_page(canvas, slip, with_columns=False)
        for index, text in enumerate(texts):
            box = Box(_LEFT, y - 12 - index * _TEXT_ROOM, _RIGHT - _LEFT, _TEXT_ROOM - 8)
            draw_block(canvas, box, text.splitlines(), largest=11, smallest=6)
    _draw_foot(canvas, slip)


def _draw_foot(canvas: Canvas, slip: PackingSlipData) -> None:
    canvas.setFillGray(_GRAY)
    draw_line(canvas, _LEFT, 40, fit_line(slip.merchant_name, 300, size=8), size=8)
    draw_right(canvas, _RIGHT, 40, f"Page {canvas.getPageNumber()}", size=8)
    canvas.setFillGray(0)

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.barcodes import draw_gs1_128
from shipping.documents.fonts import BOLD
from shipping.documents.slips import PAGE_SIZE
from shipping.documents.text import Box, draw_block, draw_centered, draw_line, draw_right, fit_line, wrap_line
from shipping.documents.values import PostalAddress
from shipping.domain.gs1 import element_string, human_readable

_LEFT = 40.0
_RIGHT = PAGE_SIZE[0] - 40.0
_NEXT_PAGE_TOP = 776.0
_BOTTOM = 56.0
_ROW = 13.0
_CLOSING = 176.0
_GOODS = (_LEFT, _LEFT + 96, _LEFT + 170, _LEFT + 236, _LEFT + 262, _LEFT + 420)
_PARCELS = (_LEFT, _LEFT + 30, _LEFT + 170, _LEFT + 268, _LEFT + 348)
_SHIPPER = (
    "This is to certify that the materials named above are properly classified, packaged, marked and labeled, and are"
    " in proper condition for transportation according to the regulations that apply."
)
_CARRIER = (
    "The carrier acknowledges receipt of the packages named above in apparent good order, except as noted, and of the"
    " emergency response information where dangerous goods are among them."
)


@dataclass(frozen=True, slots=True)
class LadingLine:
    """Goods in one kind of packaging: how many handling units, how many packages in them, gross weight in g."""

    kind: str
    units: int
    packages: int
    weight_g: int
    is_dangerous: bool
    commodity: str


@dataclass(frozen=True, slots=True)
class LadingParcel:
    """A package on a bill; gross weight in g. `container` is the SSCC it stands in, empty for a loose one."""

    tracking_number: str
    reference: str
    country: str
    postal_code: str
    weight_g: int
    container: str
    is_dangerous: bool


@dataclass(frozen=True, slots=True)
class BillOfLading:
    """A bill of lading: its 17 digits, who ships by whom and when, and what was handed to the driver."""

    number: str
    manifest_number: str
    origin: PostalAddress
    carrier_name: str
    scac: str
    pro_number: str
    trailer: str
    seal: str
    ship_on: date
    lines: tuple[LadingLine, ...]
    parcels: tuple[LadingParcel, ...]

    @property
    def units(self) -> int:
        """How many handling units the driver takes: containers, and packages that stand in none."""
        return sum(line.units for line in self.lines)

    @property
    def packages(self) -> int:
        """How many packages the driver takes."""
        return sum(line.packages for line in self.lines)

    @property
    def weight_g(self) -> int:
        """Their gross weight in g."""
        return sum(line.weight_g for line in self.lines)


def bill_of_lading_pdf(bill: BillOfLading) -> bytes:
    """Draw a bill of lading on A4: its number as GS1-128 symbol (AI 402), the goods by packaging, the signatures, then
    every package. Equal data give equal bytes.

    Raises:
        InvalidGs1Value: the number is wrong.
    """
    output = BytesIO()
    canvas = Canvas(output, pagesize=PAGE_SIZE, invariant=1, pageCompression=1)
    canvas.setTitle(f"Bill of lading {bill.number}")
    _draw_head(canvas, bill)
    y = _draw_goods(canvas, bill, 596)
    if y - _CLOSING < _BOTTOM:
        y = _turn_page(canvas, bill)
    y = _draw_signatures(canvas, y - 12)
    _draw_parcels(canvas, bill, y - 24)
    _draw_foot(canvas, bill)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_head(canvas: Canvas, bill: BillOfLading) -> None:
    draw_line(canvas, _LEFT, 786, "Bill of lading", size=18, font=BOLD)
    draw_line(canvas, _LEFT, 768, fit_line(bill.carrier_name, 250, size=12), size=12)
    element = ("402", bill.number)
    draw_gs1_128(canvas, _RIGHT - 240, 764, element_string([element]), width=244, height=38)
    draw_centered(canvas, _RIGHT - 118, 752, human_readable([element]), size=9)
    draw_line(canvas, _LEFT, 738, "Ship from", size=8)
    draw_block(canvas, Box(_LEFT, 735, 240, 60), bill.origin.printed_lines, largest=9.5, smallest=6)
    draw_line(canvas, _LEFT, 664, "Ship to", size=8)
    consignees = ("The consignees of the packages below", f"as on manifest {bill.manifest_number}")
    draw_block(canvas, Box(_LEFT, 661, 240, 40), consignees, largest=9.5, smallest=6)
    facts = (
        ("Ship date", bill.ship_on.isoformat()),
        ("Manifest", bill.manifest_number),
        ("SCAC", bill.scac),
        ("PRO number", bill.pro_number),
        ("Trailer", bill.trailer),
        ("Seal", bill.seal),
    )
    for row, (name, value) in enumerate(facts):
        y = 726 - row * 16
        draw_line(canvas, 340, y, name, size=9)
        if value:
            draw_right(canvas, _RIGHT, y, fit_line(value, 150, size=9.5, font=BOLD), size=9.5, font=BOLD)
        else:
            canvas.setLineWidth(0.4)
            canvas.line(_RIGHT - 130, y - 2, _RIGHT, y - 2)


def _draw_goods(canvas: Canvas, bill: BillOfLading, top: float) -> float:
    y = _draw_goods_columns(canvas, top)
    for line in bill.lines:
        commodity = wrap_line(line.commodity, _GOODS[5] - _GOODS[4] - 8, size=8.5)
        if y - 11 * len(commodity) < _BOTTOM + _ROW:
            y = _draw_goods_columns(canvas, _turn_page(canvas, bill))
        _draw_goods_line(canvas, line, commodity, y)
        y -= 11 * max(len(commodity) - 1, 0) + _ROW + 3
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y + 9, _RIGHT, y + 9)
    draw_line(canvas, _GOODS[0], y - 3, "Total", size=9, font=BOLD)
    draw_right(canvas, _GOODS[1] + 50, y - 3, f"{bill.units:,}", size=9, font=BOLD)
    draw_right(canvas, _GOODS[2] + 50, y - 3, f"{bill.packages:,}", size=9, font=BOLD)
    draw_right(canvas, _RIGHT, y - 3, f"{bill.weight_g / 1000:,.3f}", size=9, font=BOLD)
    return y - 18


def _draw_goods_columns(canvas: Canvas, y: float) -> float:
    names = ("Handling unit", "", "", "H.M.", "Commodity", "NMFC, class")
    for x, name in zip(_GOODS, names, strict=True):
        draw_line(canvas, x, y, name, size=8)
    draw_right(canvas, _GOODS[1] + 50, y, "Units", size=8)
    draw_right(canvas, _GOODS[2] + 50, y, "Packages", size=8)
    draw_right(canvas, _RIGHT, y, "Weight, kg", size=8)
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y - 5, _RIGHT, y - 5)
    return y - 18


def _draw_goods_line(canvas: Canvas, line: LadingLine, commodity: Sequence[str], y: float) -> None:
    draw_line(canvas, _GOODS[0], y, line.kind, size=9)
    draw_right(canvas, _GOODS[1] + 50, y, f"{line.units:,}", size=9)
    draw_right(canvas, _GOODS[2] + 50, y, f"{line.packages:,}", size=9)
    draw_line(canvas, _GOODS[3] + 6, y, "X" if line.is_dangerous else "", size=9, font=BOLD)
    for row, text in enumerate(commodity):
        draw_line(canvas, _GOODS[4], y - 11 * row, text, size=8.5)
    draw_right(canvas, _RIGHT, y, f"{line.weight_g / 1000:,.3f}", size=9)


def _draw_signatures(canvas: Canvas, y: float) -> float:
    for x, title, words in ((_LEFT, "Shipper", _SHIPPER), (_LEFT + 266, "Carrier", _CARRIER)):
        draw_line(canvas, x, y, title, size=10, font=BOLD)
        draw_block(canvas, Box(x, y - 4, 240, 52), (words,), largest=7.5, smallest=6)
        canvas.setLineWidth(0.6)
        canvas.line(x, y - 86, x + 240, y - 86)
        draw_line(canvas, x, y - 96, "Name, signature, date and time", size=8)
    draw_line(canvas, _LEFT + 266, y - 116, "Packages counted by the driver:", size=9)
    canvas.line(_LEFT + 404, y - 118, _LEFT + 480, y - 118)
    return y - 120


def _draw_parcels(canvas: Canvas, bill: BillOfLading, y: float) -> None:
    y = _draw_parcel_columns(canvas, y if y - 60 > _BOTTOM else _turn_page(canvas, bill))
    for index, parcel in enumerate(bill.parcels, start=1):
        if y < _BOTTOM:
            y = _draw_parcel_columns(canvas, _turn_page(canvas, bill))
        place = f"{parcel.country} {parcel.postal_code}".strip()
        texts = (str(index), parcel.tracking_number, parcel.reference, place, parcel.container)
        for x, edge, text in zip(_PARCELS, (*_PARCELS[1:], _RIGHT - 72), texts, strict=True):
            draw_line(canvas, x, y, fit_line(text, edge - x - 6, size=8.5), size=8.5)
        draw_line(canvas, _RIGHT - 68, y, "X" if parcel.is_dangerous else "", size=8.5, font=BOLD)
        draw_right(canvas, _RIGHT, y, f"{parcel.weight_g / 1000:.3f}", size=8.5)
        y -= _ROW


def _draw_parcel_columns(canvas: Canvas, y: float) -> float:
    for x, name in zip(_PARCELS, ("#", "Tracking number", "Order", "To", "Container, SSCC"), strict=True):
        draw_line(canvas, x, y, name, size=8)
    draw_line(canvas, _RIGHT - 72, y, "H.M.", size=8)
    draw_right(canvas, _RIGHT, y, "Weight, kg", size=8)
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y - 5, _RIGHT, y - 5)
    return y - 18


def _turn_page(canvas: Canvas, bill: BillOfLading) -> float:
    _draw_foot(canvas, bill)
    canvas.showPage()
    return _NEXT_PAGE_TOP


def _draw_foot(canvas: Canvas, bill: BillOfLading) -> None:
    draw_line(canvas, _LEFT, 32, fit_line(f"{bill.carrier_name}, bill of lading {bill.number}", 380, size=8), size=8)
    draw_right(canvas, _RIGHT, 32, f"Page {canvas.getPageNumber()}", size=8)

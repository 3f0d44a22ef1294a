from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from kernel.quantity import counted
from shipping.documents.fonts import BOLD
from shipping.documents.slips import PAGE_SIZE
from shipping.documents.text import Box, draw_block, draw_line, draw_right, fit_line, wrap_line
from shipping.documents.values import PostalAddress

_LEFT = 40.0
_RIGHT = PAGE_SIZE[0] - 40.0
_BOTTOM = 64.0
_NEXT_PAGE_TOP = 776.0
_CLOSING = 124.0
_GOODS_WIDTH = 330.0
_LITER_OR_KILOGRAM: Final = 1000
_UNITS: Final = {"g": "kg", "ml": "L"}
_DECLARED: Final = (
    "I hereby declare that the contents of this consignment are fully and accurately described above by the proper"
    " shipping name, and are classified, packaged, marked and labelled or placarded, and are in all respects in proper"
    " condition for transport according to the applicable international and national governmental regulations."
)


@dataclass(frozen=True, slots=True)
class DangerousLine:
    """Dangerous goods of one kind in a package: `quantity` units, and how much net altogether, in g or ml (`unit`).

    `hazards` are the class and in brackets the further ones; `tunnel_code` is "" where nobody told it.
    """

    un_number: str
    proper_shipping_name: str
    hazards: str
    packing_group: str
    tunnel_code: str
    quantity: int
    net_quantity: int
    unit: str
    is_limited: bool = False
    has_battery_mark: bool = False

    @property
    def description(self) -> str:
        """The description in the order of ADR 5.4.1.1.1 (a) to (d) and (k): UN number, name, class, group, tunnels."""
        group = f"PG {self.packing_group}" if self.packing_group else ""
        tunnels = f"({self.tunnel_code})" if self.tunnel_code else ""
        return ", ".join(filter(None, (f"{self.un_number} {self.proper_shipping_name}", self.hazards, group, tunnels)))

    @property
    def remark(self) -> str:
        """What frees the goods from parts of the rules."""
        return "LTD QTY" if self.is_limited else "Special provision 188" if self.has_battery_mark else ""


@dataclass(frozen=True, slots=True)
class DangerousPackage:
    """A package with dangerous goods: its number for the carrier, what kind of package it is, gross weight in g."""

    tracking_number: str
    reference: str
    kind: str
    gross_weight_g: int
    consignee: PostalAddress
    lines: tuple[DangerousLine, ...]


@dataclass(frozen=True, slots=True)
class DangerousGoodsDocument:
    """The transport document of dangerous goods after ADR 5.4.1, of one package or of all of a manifest."""

    number: str
    consignor: PostalAddress
    carrier_name: str
    issued_on: date
    packages: tuple[DangerousPackage, ...]

    @property
    def gross_weight_g(self) -> int:
        """What the packages weigh, in g."""
        return sum(package.gross_weight_g for package in self.packages)

    @property
    def totals(self) -> tuple[tuple[str, str], ...]:
        """The net quantity of each description altogether, ADR 5.4.1.1.1 (f)."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for package in self.packages:
            for line in package.lines:
                found[line.description, line.unit] += line.net_quantity
        return tuple((name, amount_of(total, unit)) for (name, unit), total in sorted(found.items()))


def amount_of(quantity: int, unit: str) -> str:
    """Return g or ml as kg or liters."""
    return f"{quantity / _LITER_OR_KILOGRAM:,.3f} {_UNITS[unit]}"


def dangerous_goods_pdf(document: DangerousGoodsDocument) -> bytes:
    """Draw the transport document on A4: consignor, each package with its consignee and its goods in the order that ADR
    5.4.1.1 gives, the totals, and the declaration to sign. Equal data give equal bytes.
    """
    output = BytesIO()
    canvas = Canvas(output, pagesize=PAGE_SIZE, invariant=1, pageCompression=1)
    canvas.setTitle(f"Dangerous goods {document.number}")
    _draw_head(canvas, document)
    y = 626.0
    for number, package in enumerate(document.packages, start=1):
        y = _draw_package(canvas, document, package, number, y)
    _draw_closing(canvas, document, y)
    _draw_foot(canvas, document)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_head(canvas: Canvas, told: DangerousGoodsDocument) -> None:
    draw_line(canvas, _LEFT, 786, "Dangerous goods", size=18, font=BOLD)
    draw_line(canvas, _LEFT, 768, "Transport document, ADR 5.4.1", size=12)
    facts = (
        ("Number", told.number),
        ("Date", told.issued_on.isoformat()),
        ("Carrier", told.carrier_name),
        ("Packages", f"{len(told.packages):,}"),
        ("Gross weight", f"{told.gross_weight_g / 1000:,.3f} kg"),
    )
    for row, (name, value) in enumerate(facts):
        draw_line(canvas, 340, 786 - row * 15, name, size=9)
        draw_right(canvas, _RIGHT, 786 - row * 15, fit_line(value, 150, size=9.5, font=BOLD), size=9.5, font=BOLD)
    draw_line(canvas, _LEFT, 738, "Consignor", size=8)
    draw_block(canvas, Box(_LEFT, 735, 250, 76), told.consignor.printed_lines, largest=10, smallest=6)


def _draw_package(
    canvas: Canvas, told: DangerousGoodsDocument, package: DangerousPackage, number: int, y: float
) -> float:
    consignee = wrap_line(", ".join(package.consignee.printed_lines), _RIGHT - _LEFT - 62, size=9)[:3]
    if y - 11 * len(consignee) - 70 < _BOTTOM:
        y = _turn_page(canvas, told)
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y + 13, _RIGHT, y + 13)
    heading = f"{number}. 1 {package.kind}, {package.tracking_number}"
    draw_line(canvas, _LEFT, y, fit_line(heading, 360, size=10, font=BOLD), size=10, font=BOLD)
    draw_right(canvas, _RIGHT, y, f"Gross {package.gross_weight_g / 1000:,.3f} kg", size=9)
    draw_line(canvas, _LEFT, y - 14, "Consignee", size=8)
    for row, text in enumerate(consignee):
        draw_line(canvas, _LEFT + 62, y - 14 - 11 * row, text, size=9)
    y -= 14 + 11 * len(consignee)
    draw_line(canvas, _LEFT, y, "Order", size=8)
    draw_line(canvas, _LEFT + 62, y, fit_line(package.reference, 300, size=9), size=9)
    y -= 18
    for line in package.lines:
        texts = wrap_line(line.description, _GOODS_WIDTH, size=10, font=BOLD)[:4]
        if y - 13 * len(texts) - 12 < _BOTTOM:
            y = _turn_page(canvas, told)
        y = _draw_line(canvas, line, texts, y)
    return y - 12


def _draw_line(canvas: Canvas, line: DangerousLine, texts: Sequence[str], y: float) -> float:
    for row, text in enumerate(texts):
        draw_line(canvas, _LEFT, y - 13 * row, text, size=10, font=BOLD)
    draw_right(canvas, _RIGHT - 92, y, counted(line.quantity, "unit"), size=9)
    draw_right(canvas, _RIGHT, y, f"{amount_of(line.net_quantity, line.unit)} net", size=9.5, font=BOLD)
    if not line.remark:
        return y - 13 * len(texts) - 2
    draw_line(canvas, _LEFT, y - 13 * len(texts) + 1, line.remark, size=9)
    return y - 13 * len(texts) - 14


def _draw_closing(canvas: Canvas, told: DangerousGoodsDocument, y: float) -> None:
    if y - 13 * min(len(told.totals), 20) - _CLOSING < _BOTTOM:
        y = _turn_page(canvas, told)
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y + 13, _RIGHT, y + 13)
    draw_line(canvas, _LEFT, y, "Total", size=10, font=BOLD)
    for name, amount in told.totals:
        if y - 13 < _BOTTOM:
            y = _turn_page(canvas, told)
        draw_line(canvas, _LEFT + 62, y, fit_line(name, 360, size=9), size=9)
        draw_right(canvas, _RIGHT, y, amount, size=9.5, font=BOLD)
        y -= 13
    if y - _CLOSING < _BOTTOM:
        y = _turn_page(canvas, told)
    draw_block(canvas, Box(_LEFT, y - 8, _RIGHT - _LEFT, 44), (_DECLARED,), largest=9, smallest=7)
    canvas.setLineWidth(0.6)
    canvas.line(_LEFT, y - 92, _LEFT + 240, y - 92)
    draw_line(canvas, _LEFT, y - 102, "Place, date, name and signature of the consignor", size=8)
    canvas.line(_RIGHT - 220, y - 92, _RIGHT, y - 92)
    draw_line(canvas, _RIGHT - 220, y - 102, "Received by the carrier: name and signature", size=8)


def _turn_page(canvas: Canvas, told: DangerousGoodsDocument) -> float:
    _draw_foot(canvas, told)
    canvas.showPage()
    return _NEXT_PAGE_TOP


def _draw_foot(canvas: Canvas, told: DangerousGoodsDocument) -> None:
    draw_line(canvas, _LEFT, 40, fit_line(f"Dangerous goods, {told.number}", 380, size=8), size=8)
    draw_right(canvas, _RIGHT, 40, f"Page {canvas.getPageNumber()}", size=8)

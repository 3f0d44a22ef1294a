from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.fonts import BOLD
from shipping.documents.slips import PAGE_SIZE
from shipping.documents.text import Box, draw_block, draw_line, draw_right, fit_line, wrap_line
from shipping.documents.values import PostalAddress

_LEFT = 40.0
_RIGHT = PAGE_SIZE[0] - 40.0
_BOTTOM = 64.0
_NEXT_PAGE_TOP = 776.0
_CLOSING = 130.0
_NOTE = 12.0
_TEXTS = (_LEFT, _LEFT + 200, _LEFT + 264)
_ENDS = (_LEFT + 334, _LEFT + 396, _LEFT + 456, _RIGHT)


@dataclass(frozen=True, slots=True)
class CustomsLine:
    """Units of one article that cross a border: net weight in g and value in minor units, both of all units."""

    sku: str
    description: str
    hs_code: str
    country_of_origin: str
    quantity: int
    net_weight_g: int
    unit_value_minor: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class CustomsDeclaration:
    """What customs is told of a parcel, with the fields of a CN 23; weights in g, values in minor units of `currency`.

    `number` is that of the commercial invoice. Goods that come back have a pro forma invoice: `seller` is their
    importer then, and `notes` say with what they were exported and what is asked of customs.
    """

    number: str
    seller: str
    sender: PostalAddress
    recipient: PostalAddress
    phone: str
    tracking_number: str
    issued_on: date
    currency: str
    decimals: int
    gross_weight_g: int
    lines: tuple[CustomsLine, ...]
    is_return: bool = False
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the paper is called."""
        return "Pro forma invoice" if self.is_return else "Commercial invoice"

    @property
    def quantity(self) -> int:
        """How many units are in the parcel."""
        return sum(line.quantity for line in self.lines)

    @property
    def net_weight_g(self) -> int:
        """Their weight without packaging, in g."""
        return sum(line.net_weight_g for line in self.lines)

    @property
    def value_minor(self) -> int:
        """Their value in minor units."""
        return sum(line.value_minor for line in self.lines)


def commercial_invoice_pdf(declaration: CustomsDeclaration) -> bytes:
    """Draw the commercial invoice of a parcel on A4, or the pro forma invoice of one that comes back: sender,
    recipient, its goods with HS code and origin, totals and the declaration to sign. Equal data give equal bytes.
    """
    output = BytesIO()
    canvas = Canvas(output, pagesize=PAGE_SIZE, invariant=1, pageCompression=1)
    canvas.setTitle(f"{declaration.title} {declaration.number}")
    _draw_head(canvas, declaration)
    y = _draw_columns(canvas, declaration, 570)
    for line in declaration.lines:
        texts = wrap_line(" ".join(line.description.split()) or line.sku, 190, size=9)[:3]
        if y - 11 * len(texts) - 12 < _BOTTOM:
            y = _draw_columns(canvas, declaration, _turn_page(canvas, declaration))
        y = _draw_line(canvas, declaration, line, texts, y)
    notes = [row for note in declaration.notes for row in wrap_line(note, _RIGHT - _LEFT, size=9)]
    if y - _CLOSING - _NOTE * len(notes) < _BOTTOM:
        y = _turn_page(canvas, declaration)
    _draw_closing(canvas, declaration, notes, y)
    _draw_foot(canvas, declaration)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_head(canvas: Canvas, told: CustomsDeclaration) -> None:
    draw_line(canvas, _LEFT, 786, told.title, size=18, font=BOLD)
    facts = (
        ("Invoice", told.number),
        ("Date", told.issued_on.isoformat()),
        ("Parcel", told.tracking_number),
        ("Currency", told.currency),
        ("Reason", "Returned goods, no sale" if told.is_return else "Sale of goods"),
    )
    for row, (name, value) in enumerate(facts):
        draw_line(canvas, 340, 786 - row * 15, name, size=9)
        draw_right(canvas, _RIGHT, 786 - row * 15, fit_line(value, 150, size=9.5, font=BOLD), size=9.5, font=BOLD)
    ends = ("Sender, a private person", "Importer") if told.is_return else ("Seller and sender", "Recipient")
    here, there = told.sender.printed_lines, (*told.recipient.printed_lines, told.phone)
    sender, recipient = (here, (told.seller, *there)) if told.is_return else ((told.seller, *here), there)
    draw_line(canvas, _LEFT, 706, ends[0], size=8)
    draw_block(canvas, Box(_LEFT, 703, 240, 96), sender, largest=10, smallest=6)
    draw_line(canvas, 316, 706, ends[1], size=8)
    draw_block(canvas, Box(316, 703, 240, 96), recipient, largest=10, smallest=6)


def _draw_columns(canvas: Canvas, told: CustomsDeclaration, y: float) -> float:
    for x, name in zip(_TEXTS, ("Goods", "HS code", "Origin"), strict=True):
        draw_line(canvas, x, y, name, size=8)
    names = ("Quantity", "Net, kg", "Unit value", f"Value, {told.currency}")
    for x, name in zip(_ENDS, names, strict=True):
        draw_right(canvas, x, y, name, size=8)
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y - 5, _RIGHT, y - 5)
    return y - 18


def _draw_line(
    canvas: Canvas, told: CustomsDeclaration, line: CustomsLine, texts: Sequence[str], y: float
) -> float:  # fmt: skip
    for row, text in enumerate(texts):
        draw_line(canvas, _LEFT, y - 11 * row, text, size=9)
    end = y - 11 * len(texts)
    draw_line(canvas, _LEFT, end, fit_line(line.sku, 190, size=7), size=7)
    draw_line(canvas, _TEXTS[1], y, line.hs_code, size=9)
    draw_line(canvas, _TEXTS[2], y, line.country_of_origin, size=9)
    values = (
        f"{line.quantity:,}", _kilograms(line.net_weight_g), _amount(told, line.unit_value_minor),
        _amount(told, line.value_minor),
    )  # fmt: skip
    for x, value in zip(_ENDS, values, strict=True):
        draw_right(canvas, x, y, value, size=9)
    return end - 14


def _draw_closing(canvas: Canvas, told: CustomsDeclaration, notes: Sequence[str], y: float) -> None:
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y + 8, _RIGHT, y + 8)
    draw_line(canvas, _LEFT, y - 5, "Total", size=10, font=BOLD)
    for x, value in ((_ENDS[0], f"{told.quantity:,}"), (_ENDS[1], _kilograms(told.net_weight_g))):
        draw_right(canvas, x, y - 5, value, size=10, font=BOLD)
    draw_right(canvas, _RIGHT, y - 5, _amount(told, told.value_minor), size=10, font=BOLD)
    draw_line(canvas, _LEFT, y - 21, f"Gross weight {_kilograms(told.gross_weight_g)} kg", size=9)
    for row, note in enumerate(notes):
        draw_line(canvas, _LEFT, y - 39 - _NOTE * row, note, size=9)
    y -= _NOTE * len(notes)
    words = "The particulars on this invoice are true and correct, and the origin of the goods is as stated."
    draw_line(canvas, _LEFT, y - 45, words, size=9)
    canvas.setLineWidth(0.6)
    canvas.line(_LEFT, y - 100, _LEFT + 240, y - 100)
    draw_line(canvas, _LEFT, y - 110, "Place, date, name and signature", size=8)


def _turn_page(canvas: Canvas, told: CustomsDeclaration) -> float:
    _draw_foot(canvas, told)
    canvas.showPage()
    return _NEXT_PAGE_TOP


def _draw_foot(canvas: Canvas, told: CustomsDeclaration) -> None:
    draw_line(canvas, _LEFT, 40, fit_line(f"{told.seller}, {told.title.lower()} {told.number}", 380, size=8), size=8)
    draw_right(canvas, _RIGHT, 40, f"Page {canvas.getPageNumber()}", size=8)


def _kilograms(grams: int) -> str:
    return f"{grams / 1000:,.3f}"


def _amount(told: CustomsDeclaration, minor: int) -> str:
    return f"{minor / 10**told.decimals:,.{told.decimals}f}"

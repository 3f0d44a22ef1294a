from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.fonts import BOLD
from shipping.documents.slips import PAGE_SIZE
from shipping.documents.text import draw_line, draw_right, fit_line, wrap_line

Facts = tuple[tuple[str, str], ...]
_LEFT = 40.0
_RIGHT = PAGE_SIZE[0] - 40.0
_MIDDLE = _LEFT + 206
_TOP = 786.0
_BOTTOM = 56.0
_ROW = 12.0


@dataclass(frozen=True, slots=True)
class DisputedCause:
    """A row of the cover: a cause, how many lines, what they were billed and what is asked back, in words."""

    name: str
    lines: str
    billed: str
    disputed: str


@dataclass(frozen=True, slots=True)
class DisputedLine:
    """A billed line that is asked back: what the carrier said, what we have, and why they differ."""

    title: str
    cause: str
    amount: str
    billed: Facts
    evidence: Facts
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisputePack:
    """Everything in a dispute: what it is about, the sums, the causes on the cover, then line by line."""

    title: str
    facts: Facts
    totals: Facts
    causes: tuple[DisputedCause, ...]
    lines: tuple[DisputedLine, ...]


def dispute_pack_document(pack: DisputePack) -> bytes:
    """Draw a dispute on A4: a cover with the sums by cause, then the evidence of each line. Equal data give equal
    bytes.
    """
    output = BytesIO()
    canvas = Canvas(output, pagesize=PAGE_SIZE, invariant=1, pageCompression=1)
    canvas.setTitle(pack.title)
    _draw_cover(canvas, pack)
    y = _turn_page(canvas, pack) if pack.lines else _TOP
    for line in pack.lines:
        rows = _rows(line)
        height = 34 + _ROW * len(rows) + 10 * sum(len(words) for words in _wrapped(line))
        if y - height < _BOTTOM and y < _TOP:
            y = _turn_page(canvas, pack)
        y = _draw_disputed(canvas, pack, line, rows, y)
    _draw_foot(canvas, pack)
    canvas.save()
    return output.getvalue()


def _draw_cover(canvas: Canvas, pack: DisputePack) -> None:
    draw_line(canvas, _LEFT, 760, fit_line(pack.title, _RIGHT - _LEFT, size=20, font=BOLD), size=20, font=BOLD)
    y = _draw_facts(canvas, pack.facts, _LEFT, _RIGHT, 728, size=10)
    y -= 14
    for name, value in pack.totals:
        draw_line(canvas, _LEFT, y, name, size=12, font=BOLD)
        draw_right(canvas, _LEFT + 300, y, value, size=12, font=BOLD)
        y -= 18
    y -= 14
    draw_line(canvas, _LEFT, y, "By cause", size=12, font=BOLD)
    y -= 18
    ends = (_LEFT + 290, _LEFT + 400, _RIGHT)
    draw_line(canvas, _LEFT, y, "Cause", size=8)
    for x, name in zip(ends, ("Lines", "Billed", "Disputed"), strict=True):
        draw_right(canvas, x, y, name, size=8)
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y - 5, _RIGHT, y - 5)
    for cause in pack.causes:
        y -= 18
        draw_line(canvas, _LEFT, y, fit_line(cause.name, 240, size=10), size=10)
        for x, value in zip(ends, (cause.lines, cause.billed, cause.disputed), strict=True):
            draw_right(canvas, x, y, value, size=10)
    if not pack.causes:
        draw_line(canvas, _LEFT, y - 22, "Nothing on this invoice is disputed.", size=10)


def _draw_facts(canvas: Canvas, facts: Facts, left: float, right: float, y: float, *, size: float) -> float:
    for name, value in facts:
        draw_line(canvas, left, y, name, size=size)
        draw_line(canvas, left + 84, y, fit_line(value, right - left - 88, size=size), size=size)
        y -= size + 4
    return y


Row = tuple[tuple[str, str], tuple[str, str]]


def _rows(line: DisputedLine) -> list[Row]:
    """Return billed and evidence side by side."""
    count = max(len(line.billed), len(line.evidence))
    blank = ("", "")
    left = [*line.billed, *[blank] * (count - len(line.billed))]
    right = [*line.evidence, *[blank] * (count - len(line.evidence))]
    return list(zip(left, right, strict=True))


def _wrapped(line: DisputedLine) -> list[list[str]]:
    return [wrap_line(words, _RIGHT - _LEFT, size=8.5) for words in line.findings]


def _draw_disputed(canvas: Canvas, pack: DisputePack, line: DisputedLine, rows: Sequence[Row], y: float) -> float:
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y + 12, _RIGHT, y + 12)
    draw_line(canvas, _LEFT, y - 2, fit_line(line.title, 300, size=10, font=BOLD), size=10, font=BOLD)
    amount = f"{line.cause}: {line.amount}"
    draw_right(canvas, _RIGHT, y - 2, fit_line(amount, 210, size=10, font=BOLD), size=10, font=BOLD)
    y -= 18
    for part in (part for words in _wrapped(line) for part in words):
        draw_line(canvas, _LEFT, y, part, size=8.5)
        y -= 10
    y -= 2
    for (name, value), (fact, told) in rows:
        if y < _BOTTOM:
            y = _turn_page(canvas, pack)
        for x, end, label, words in ((_LEFT, _MIDDLE, name, value), (_MIDDLE, _RIGHT, fact, told)):
            draw_line(canvas, x, y, label, size=8)
            draw_line(canvas, x + 72, y, fit_line(words, end - x - 78, size=8), size=8)
        y -= _ROW
    return y - 14


def _turn_page(canvas: Canvas, pack: DisputePack) -> float:
    _draw_foot(canvas, pack)
    canvas.showPage()
    return _TOP


def _draw_foot(canvas: Canvas, pack: DisputePack) -> None:
    draw_line(canvas, _LEFT, 32, fit_line(pack.title, 380, size=8), size=8)
    draw_right(canvas, _RIGHT, 32, f"Page {canvas.getPageNumber()}", size=8)

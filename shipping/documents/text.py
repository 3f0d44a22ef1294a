from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from PIL import Image, ImageOps
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from shipping.documents.bitmaps import draw_run
from shipping.documents.east_asian_faces import face_for
from shipping.documents.fonts import REGULAR, advances, font_file, shaped, text_runs, text_width
from shipping.documents.scripts import has_right_to_left

_ELLIPSIS = "..."
_LEADING = 1.18
# Arabic and Hebrew letters reach further down and their marks further up than Latin ones.
_RIGHT_TO_LEFT_LEADING = 1.3
# Sums of widths differ in their last bits with the order of adding.
_TOLERANCE = 1e-9
_DOT = 72 / 600
_INVISIBLE: Final = 3


@dataclass(frozen=True, slots=True)
class Box:
    """An area of the page in points: left, top edge (from the bottom of the page), width and height."""

    left: float
    top: float
    width: float
    height: float


def draw_line(canvas: Canvas, x: float, y: float, text: str, *, size: float, font: str = REGULAR) -> float:
    """Draw one line at its baseline with whatever fonts it needs; returns the width drawn in points."""
    at = x
    for name, part in text_runs(text, font):
        canvas.setFont(name, size)
        canvas.drawString(
            at, y, part, mode=_INVISIBLE if _draw_dots(canvas, at, y, part, font=name, size=size) else None
        )
        at += canvas.stringWidth(part, name, size)
    return at - x


def _draw_dots(canvas: Canvas, x: float, y: float, part: str, *, font: str, size: float) -> bool:
    """Draw letters that the reader of the PDF may not have; returns whether that was done. The text itself lies
    invisible upon them, to be found and copied.
    """
    if font_file(font) or face_for(font, part) is None:
        return False
    dots = draw_run(part, font, size / _DOT)
    if dots is not None:
        ink = ImageOps.invert(Image.frombytes("1", (dots.width, dots.height), dots.rows).convert("L"))
        left, bottom = x + dots.left * _DOT, y + (dots.above - dots.height) * _DOT
        canvas.drawImage(ImageReader(ink), left, bottom, dots.width * _DOT, dots.height * _DOT)
    return dots is not None


def draw_right(canvas: Canvas, x: float, y: float, text: str, *, size: float, font: str = REGULAR) -> None:
    """Draw one line that ends at `x`."""
    draw_line(canvas, x - text_width(text, font, size), y, text, size=size, font=font)


def draw_centered(canvas: Canvas, x: float, y: float, text: str, *, size: float, font: str = REGULAR) -> None:
    """Draw one line around `x`."""
    draw_line(canvas, x - text_width(text, font, size) / 2, y, text, size=size, font=font)


def draw_block(
    canvas: Canvas, box: Box, lines: Sequence[str], *, largest: float, smallest: float, font: str = REGULAR
) -> None:
    """Draw lines in a box at the largest size at which all of them fit, wrapped; at the smallest, cut with dots."""
    size, fitted = fit_block(lines, box, largest=largest, smallest=smallest, font=font)
    step = size * leading(fitted)
    for row, line in enumerate(fitted):
        draw_line(canvas, box.left, box.top - size - row * step, line, size=size, font=font)


def leading(lines: Sequence[str]) -> float:
    """Return the height of a line in a block of these, in its size."""
    return _RIGHT_TO_LEFT_LEADING if any(has_right_to_left(line) for line in lines) else _LEADING


def fit_block(
    lines: Sequence[str], box: Box, *, largest: float, smallest: float, font: str = REGULAR
) -> tuple[float, tuple[str, ...]]:
    """Choose the size in points and the wrapped lines that stay inside a box, in steps of half a point."""
    wanted = [_measured(line, font) for line in lines if line.strip()]
    size, step = largest, leading([line.text for line in wanted])
    while True:
        wrapped = [part for line in wanted for part in _wrapped(line, box.width / size)]
        room = max(int((box.height - size * 0.25) / (size * step) + 1e-6), 1)
        # Wrapping a line that could stand whole at a slightly smaller size reads worse than the smaller size.
        is_calm = len(wrapped) == len(wanted) or size <= (largest + smallest) / 2
        if len(wrapped) <= room and is_calm:
            return size, tuple(wrapped)
        if size - 0.5 < smallest:
            return size, _cut(wrapped, room, box.width, size, font)
        size -= 0.5


def fit_line(text: str, width: float, *, size: float, font: str = REGULAR) -> str:
    """Shorten a line with dots until it fits a width in points."""
    line = _measured(text, font)
    limit = width / size + _TOLERANCE
    if line.edges[-1] <= limit:
        return line.text
    dots = sum(advances(line.text + _ELLIPSIS, font)[-len(_ELLIPSIS) :])
    kept = max(bisect_right(line.edges, limit - dots) - 1, 0)
    return line.text[:kept].rstrip() + _ELLIPSIS


def wrap_line(line: str, width: float, *, size: float, font: str = REGULAR) -> list[str]:
    """Break a line between words, and inside a word only when the word alone is too wide."""
    return _wrapped(_measured(line, font), width / size)


def fit_lines(text: str, width: float, *, most: int, size: float, font: str = REGULAR) -> tuple[str, ...]:
    """Break a text into at most so many lines of a width in points, the last of them cut with dots."""
    return _cut(wrap_line(text, width, size=size, font=font), most, width, size, font)


@dataclass(frozen=True, slots=True)
class _Line:
    """A shaped line, and where each of its characters starts, in em; the last edge is its end."""

    text: str
    edges: tuple[float, ...]


@lru_cache(maxsize=2_048)
def _measured(line: str, font: str) -> _Line:
    text = shaped(" ".join(line.split()))
    return _Line(text, tuple(accumulate(advances(text, font), initial=0.0)))


def _wrapped(line: _Line, width: float) -> list[str]:
    """Break a line into parts that are no wider than `width`, in em."""
    text, edges = line.text, line.edges
    parts: list[str] = []
    start = 0
    while edges[-1] - edges[start] > width + _TOLERANCE:
        end = max(bisect_right(edges, edges[start] + width + _TOLERANCE) - 1, start + 1)
        space = text.rfind(" ", start, end + 1)
        if space > start:
            parts.append(text[start:space])
            start = space + 1
        else:
            parts.append(text[start:end])
            start = end
    return [*parts, text[start:]] if start < len(text) or not parts else parts


def _cut(lines: Sequence[str], room: int, width: float, size: float, font: str) -> tuple[str, ...]:
    if len(lines) <= room:
        return tuple(lines)
    last = fit_line(lines[room - 1] + _ELLIPSIS, width, size=size, font=font)
    return (*lines[: room - 1], last)

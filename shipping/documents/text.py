from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.fonts import REGULAR, text_runs, text_width

_ELLIPSIS = "..."
_LEADING = 1.18


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
        canvas.drawString(at, y, part)
        at += canvas.stringWidth(part, name, size)
    return at - x


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
    y = box.top - size
    for line in fitted:
        draw_line(canvas, box.left, y, line, size=size, font=font)
        y -= size * _LEADING


def fit_block(
    lines: Sequence[str], box: Box, *, largest: float, smallest: float, font: str = REGULAR
) -> tuple[float, tuple[str, ...]]:
    """Choose the size in points and the wrapped lines that stay inside a box, in steps of half a point."""
    wanted = [" ".join(line.split()) for line in lines if line.strip()]
    size = largest
    while True:
        wrapped = [part for line in wanted for part in wrap_line(line, box.width, size=size, font=font)]
        room = max(int((box.height - size * 0.25) / (size * _LEADING) + 1e-6), 1)
        # Wrapping a line that could stand whole at a slightly smaller size reads worse than the smaller size.
        is_calm = len(wrapped) == len(wanted) or size <= (largest + smallest) / 2
        if len(wrapped) <= room and is_calm:
            return size, tuple(wrapped)
        if size - 0.5 < smallest:
            return size, _cut(wrapped, room, box.width, size, font)
        size -= 0.5


def fit_line(text: str, width: float, *, size: float, font: str = REGULAR) -> str:
    """Shorten a line with dots until it fits a width in points."""
    line = " ".join(text.split())
    if text_width(line, font, size) <= width:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(line[:middle].rstrip() + _ELLIPSIS, font, size) <= width:
            low = middle
        else:
            high = middle - 1
    return line[:low].rstrip() + _ELLIPSIS


def wrap_line(line: str, width: float, *, size: float, font: str = REGULAR) -> list[str]:
    """Break a line between words, and inside a word only when the word alone is too wide."""
    if text_width(line, font, size) <= width:
        return [line]
    parts: list[str] = []
    current = ""
    for word in line.split(" "):
        joined = f"{current} {word}" if current else word
        if text_width(joined, font, size) <= width:
            current = joined
            continue
        if current:
            parts.append(current)
        *full, current = _break_word(word, width, size, font)
        parts.extend(full)
    return [*parts, current] if current else parts


def _break_word(word: str, width: float, size: float, font: str) -> list[str]:
    parts: list[str] = []
    current = ""
    for char in word:
        if current and text_width(current + char, font, size) > width:
            parts.append(current)
            current = ""
        current += char
    return [*parts, current]


def _cut(lines: Sequence[str], room: int, width: float, size: float, font: str) -> tuple[str, ...]:
    if len(lines) <= room:
        return tuple(lines)
    last = fit_line(lines[room - 1] + _ELLIPSIS, width, size=size, font=font)
    return (*lines[: room - 1], last)

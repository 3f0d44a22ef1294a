"""What goods need, on paper: a drawn sign and a word for each, so that neither color nor a font has to tell."""

from collections.abc import Callable, Mapping
from math import cos, pi, sin
from types import MappingProxyType

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shipping.api import draw_line, text_width

_INK = HexColor("#14242C")
_BOLD = "Helvetica-Bold"
_SIZE = 8
_RADIUS = 1.5 * mm
_GAP = 1.2 * mm


def draw_care(canvas: Canvas, kept_apart: str, *, right: float, base: float) -> float:
    """Draw why goods are kept apart from others, from `right` to the left, and return the width that it took."""
    left = right
    canvas.saveState()
    for reason in reversed(kept_apart.split()):
        sign, word = _SIGNS[reason]
        left -= text_width(word, _BOLD, _SIZE)
        canvas.setFillColor(_INK)
        draw_line(canvas, left, base, word, size=_SIZE, font=_BOLD)
        left -= _GAP + _RADIUS
        canvas.setStrokeColor(_INK)
        canvas.setLineWidth(0.8)
        sign(canvas, left, base + _RADIUS * 0.6)
        left -= _RADIUS + 2 * _GAP
    canvas.restoreState()
    return right - left


def _flake(canvas: Canvas, x: float, y: float) -> None:
    for turn in range(3):
        angle = pi / 2 + turn * pi / 3
        dx, dy = _RADIUS * cos(angle), _RADIUS * sin(angle)
        canvas.line(x - dx, y - dy, x + dx, y + dy)


def _thermometer(canvas: Canvas, x: float, y: float) -> None:
    canvas.roundRect(x - _RADIUS * 0.3, y - _RADIUS * 0.5, _RADIUS * 0.6, _RADIUS * 1.5, _RADIUS * 0.3)
    canvas.circle(x, y - _RADIUS * 0.6, _RADIUS * 0.4)


def _triangle(canvas: Canvas, x: float, y: float) -> None:
    path = canvas.beginPath()
    path.moveTo(x, y + _RADIUS)
    path.lineTo(x + _RADIUS, y - _RADIUS * 0.8)
    path.lineTo(x - _RADIUS, y - _RADIUS * 0.8)
    path.close()
    canvas.drawPath(path)
    canvas.line(x, y + _RADIUS * 0.3, x, y - _RADIUS * 0.4)


_SIGNS: Mapping[str, tuple[Callable[[Canvas, float, float], None], str]] = MappingProxyType(
    {"chilled": (_thermometer, "Chilled"), "frozen": (_flake, "Frozen"), "hazmat": (_triangle, "Hazardous")}
)

from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from shipping.domain.gs1 import FNC1

# Whole dots of a 203 dpi thermal printer keep every bar edge sharp; four dots are 0.5005 mm, above the 0.495 mm that
# GS1 asks of a logistic label.
_DOT = 72 / 203
_MOST_DOTS = 4
_QUIET_MODULES = 10
_REPORTLAB_FNC1 = "\xf1"


class BarcodeTooWide(ValueError):
    """A code does not fit its place at a width that scanners read."""


def draw_gs1_128(canvas: Canvas, x: float, y: float, elements: str, *, width: float, height: float) -> float:
    """Draw a GS1-128 symbol of an element string: FNC1 first, so that scanners announce it as ]C1.

    Centered in `width` including its quiet zones; returns the width of the bars in points.

    Raises:
        BarcodeTooWide: the symbol does not fit at two printer dots a module.
    """
    return _draw(canvas, x, y, _REPORTLAB_FNC1 + elements.replace(FNC1, _REPORTLAB_FNC1), width=width, height=height)


def draw_code_128(canvas: Canvas, x: float, y: float, text: str, *, width: float, height: float) -> float:
    """Draw a plain Code 128 symbol, as carriers use for tracking numbers, centered in `width` with its quiet zones.

    Raises:
        BarcodeTooWide: the symbol does not fit at two printer dots a module, or holds characters it cannot carry.
    """
    if not text or not text.isascii() or not text.isprintable():
        raise BarcodeTooWide("a Code 128 symbol carries printable ASCII characters only")
    return _draw(canvas, x, y, text, width=width, height=height)


def _draw(canvas: Canvas, x: float, y: float, value: str, *, width: float, height: float) -> float:
    for dots in range(_MOST_DOTS, 1, -1):
        module = dots * _DOT
        symbol = Code128(value, barWidth=module, barHeight=height, quiet=False)
        if symbol.width + 2 * _QUIET_MODULES * module <= width:
            left = round((x + (width - symbol.width) / 2) / _DOT) * _DOT
            symbol.drawOn(canvas, left, y)
            return float(symbol.width)
    raise BarcodeTooWide(f"a code of {len(value)} characters does not fit {width:.0f} points")

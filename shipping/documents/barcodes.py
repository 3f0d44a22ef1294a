from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from shipping.domain.code128 import module_widths, modules_of, symbol_characters
from shipping.domain.gs1 import FNC1

# Whole dots of a 203 dpi thermal printer keep every bar edge sharp; four dots are 0.5005 mm, above the 0.495 mm that
# GS1 asks of a logistic label.
DOTS_PER_INCH = 203
DOT = 72 / DOTS_PER_INCH
_MOST_DOTS = 4
_QUIET_MODULES = 10


class BarcodeTooWide(ValueError):
    """A code does not fit its place at a width that scanners read."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A Code 128 symbol on a page: left edge in printer dots, bottom and height in points, dots a module, characters
    from the start character to the last of the data.
    """

    left_dots: int
    y: float
    height: float
    dots: int
    characters: tuple[int, ...]

    @property
    def width(self) -> float:
        """Width of the bars in points."""
        return modules_of(len(self.characters)) * self.dots * DOT


def gs1_128(x: float, y: float, elements: str, *, width: float, height: float) -> Symbol:
    """Place a GS1-128 symbol of an element string: FNC1 first, so that scanners announce it as ]C1. Centered in `width`
    including its quiet zones.

    Raises:
        BarcodeTooWide: the symbol does not fit at two printer dots a module, or holds characters it cannot carry.
    """
    return _placed(x, y, FNC1 + elements, width=width, height=height)


def code_128(x: float, y: float, text: str, *, width: float, height: float) -> Symbol:
    """Place a plain Code 128 symbol, as carriers use for tracking numbers, centered in `width` with its quiet zones.

    Raises:
        BarcodeTooWide: the symbol does not fit at two printer dots a module, or holds characters it cannot carry.
    """
    if FNC1 in text:
        raise BarcodeTooWide("a Code 128 symbol carries printable ASCII characters only")
    return _placed(x, y, text, width=width, height=height)


def draw_symbol(canvas: Canvas, symbol: Symbol) -> None:
    """Draw a symbol's bars: whole dots under one scale, which is a third of the text that points would take."""
    at, is_bar = 0, True
    bars = [f"q {DOT * symbol.dots:.6f} 0 0 {symbol.height:.4f} {symbol.left_dots * DOT:.4f} {symbol.y:.4f} cm"]
    for modules in module_widths(symbol.characters):
        wide = int(modules)
        if is_bar:
            bars.append(f"{at} 0 {wide} 1 re")
        at, is_bar = at + wide, not is_bar
    canvas.addLiteral(" ".join([*bars, "f Q"]))


def draw_gs1_128(canvas: Canvas, x: float, y: float, elements: str, *, width: float, height: float) -> None:
    """Draw a GS1-128 symbol where `gs1_128` places it.

    Raises:
        BarcodeTooWide: the symbol does not fit.
    """
    draw_symbol(canvas, gs1_128(x, y, elements, width=width, height=height))


def draw_code_128(canvas: Canvas, x: float, y: float, text: str, *, width: float, height: float) -> None:
    """Draw a Code 128 symbol where `code_128` places it.

    Raises:
        BarcodeTooWide: the symbol does not fit.
    """
    draw_symbol(canvas, code_128(x, y, text, width=width, height=height))


def _placed(x: float, y: float, text: str, *, width: float, height: float) -> Symbol:
    try:
        characters = symbol_characters(text)
    except ValueError as error:
        raise BarcodeTooWide(str(error)) from error
    modules = modules_of(len(characters))
    for dots in range(_MOST_DOTS, 1, -1):
        module = dots * DOT
        if (modules + 2 * _QUIET_MODULES) * module <= width:
            left = round((x + (width - modules * module) / 2) / DOT)
            return Symbol(left, y, height, dots, characters)
    raise BarcodeTooWide(f"a code of {len(text)} characters does not fit {width:.0f} points")

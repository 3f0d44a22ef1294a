"""A label as what stands where, so that every printer language draws the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shipping.documents.barcodes import Symbol, code_128, gs1_128
from shipping.documents.fonts import REGULAR
from shipping.documents.text import Box, fit_block, leading

Anchor = Literal["left", "center", "right"]
Color = Literal["black", "white", "red"]
BLACK: Final = "black"
WHITE: Final = "white"
RED: Final = "red"
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One line that was fitted to its place: where its baseline starts, lies around or ends, and its size in points."""

    x: float
    y: float
    text: str
    size: float
    font: str = REGULAR
    anchor: Anchor = "left"


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line around `y`, in points."""

    x: float
    y: float
    width: float
    thickness: float


@dataclass(frozen=True, slots=True)
class Painted:
    """A filled polygon by its corners, in points. Thermal printers print red in black."""

    points: Points
    color: Color


@dataclass(frozen=True, slots=True)
class Drawing:
    """Polygons that are painted one over the other."""

    shapes: tuple[Painted, ...]


Mark = Text | Rule | Symbol | Drawing


@dataclass(frozen=True, slots=True)
class Page:
    """A label: its size in points, its title, and its marks."""

    width: float
    height: float
    title: str
    marks: tuple[Mark, ...]


class Sheet:
    """Collects the marks of a page. Points from the lower left corner."""

    def __init__(self, size: tuple[float, float], title: str) -> None:
        self._size = size
        self._title = title
        self._marks: list[Mark] = []

    @property
    def page(self) -> Page:
        """What was collected."""
        return Page(*self._size, self._title, tuple(self._marks))

    def line(self, x: float, y: float, text: str, *, size: float, font: str = REGULAR, anchor: Anchor = "left") -> None:
        """Add one line that fits its place."""
        self._marks.append(Text(x, y, text, size, font, anchor))

    def block(self, box: Box, lines: Sequence[str], *, largest: float, smallest: float, font: str = REGULAR) -> None:
        """Add lines in a box at the largest size at which all of them fit, wrapped; at the smallest, cut with dots."""
        size, fitted = fit_block(lines, box, largest=largest, smallest=smallest, font=font)
        step = size * leading(fitted)
        for row, text in enumerate(fitted):
            self.line(box.left, box.top - size - row * step, text, size=size, font=font)

    def rule(self, x: float, y: float, width: float, *, thickness: float = 0.8) -> None:
        """Add a horizontal line."""
        self._marks.append(Rule(x, y, width, thickness))

    def drawing(self, shapes: Sequence[Painted]) -> None:
        """Add polygons, the first of them lowest."""
        self._marks.append(Drawing(tuple(shapes)))

    def gs1_128(self, x: float, y: float, elements: str, *, width: float, height: float) -> None:
        """Add a GS1-128 symbol of an element string, centered in `width`.

        Raises:
            BarcodeTooWide: the symbol does not fit.
        """
        self._marks.append(gs1_128(x, y, elements, width=width, height=height))

    def code_128(self, x: float, y: float, text: str, *, width: float, height: float) -> None:
        """Add a Code 128 symbol, centered in `width`.

        Raises:
            BarcodeTooWide: the symbol does not fit.
        """
        self._marks.append(code_128(x, y, text, width=width, height=height))

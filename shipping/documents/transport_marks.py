"""The marks that packages with dangerous goods carry: of limited quantities, and of small batteries."""

from dataclasses import dataclass
from typing import Final

from shipping.documents.fonts import BOLD
from shipping.documents.pages import BLACK, RED, WHITE, Page, Painted, Points, Sheet
from shipping.documents.text import fit_line

MM: Final = 72 / 25.4
FULL_SIDE_MM: Final = 100
"""How long the sides of both marks are, unless the package is too small for them."""
LABEL_SIDE_MM: Final = 66
"""The side of the mark of limited quantities on a label of four inches, where it stands on its point."""
_FULL_ACROSS_MM: Final = 142
_LABEL: Final = (288.0, 432.0)
_A4: Final = (595.28, 841.89)
_EDGE_MM: Final = 2.0
_BLACK_SHARE: Final = 0.28
_HATCH_MM: Final = 5.0
_LINES: Final = 3
_SIZES: Final = {1: 47.0, 2: 34.0}
_SMALLEST: Final = 20.0


@dataclass(frozen=True, slots=True)
class TransportMarks:
    """Which marks a package carries: that of limited quantities, and that of batteries with their UN numbers."""

    is_limited: bool = False
    battery_numbers: tuple[str, ...] = ()

    @property
    def are_any(self) -> bool:
        """Whether it carries any."""
        return self.is_limited or bool(self.battery_numbers)


def is_large_enough(outer_mm: tuple[int, int, int]) -> bool:
    """Say whether a face of a package of these outer sides has room for a full mark that stands on its point."""
    return sorted(outer_mm)[1] >= _FULL_ACROSS_MM


def mark_pages(marks: TransportMarks, *, caption: str, outer_mm: tuple[int, int, int]) -> list[Page]:
    """Lay out one 4 x 6 inch page for each mark, to be stuck on beside the label, which has no room for it.

    The mark of limited quantities (ADR 3.4.7, IMDG 3.4.5) has sides of 66 mm there: 50 is the least where the package
    is too small for 100, and the page says so where it is not. That of batteries (ADR 5.2.1.9) has its full 100 mm.
    """
    pages = []
    if marks.is_limited:
        sheet = Sheet(_LABEL, f"Limited quantity {caption}")
        _draw_limited(sheet, (144.0, 268.0), LABEL_SIDE_MM * MM)
        words = "This package has room for the full mark: print the marks on A4." if is_large_enough(outer_mm) else ""
        sheet.line(144, 96, words, size=8, anchor="center")
        pages.append(_captioned(sheet, "Limited quantity", caption))
    if marks.battery_numbers:
        sheet = Sheet(_LABEL, f"Battery mark {caption}")
        _draw_battery(sheet, (144.0 - 50 * MM, 118.0), marks.battery_numbers)
        words = "The hatched edge has to be red: print it in color, or on red-edged stock."
        sheet.line(144, 96, words, size=8, anchor="center")
        pages.append(_captioned(sheet, "Battery mark", caption))
    return pages


def full_mark_pages(marks: TransportMarks, *, caption: str) -> list[Page]:
    """Lay out one A4 page for each mark in its full size."""
    pages = []
    middle = _A4[0] / 2
    if marks.is_limited:
        sheet = Sheet(_A4, f"Limited quantity {caption}")
        _draw_limited(sheet, (middle, 520.0), FULL_SIDE_MM * MM)
        sheet.line(middle, 250, fit_line(caption, 400, size=11), size=11, anchor="center")
        pages.append(sheet.page)
    if marks.battery_numbers:
        sheet = Sheet(_A4, f"Battery mark {caption}")
        _draw_battery(sheet, (middle - 50 * MM, 400.0), marks.battery_numbers)
        sheet.line(middle, 250, fit_line(caption, 400, size=11), size=11, anchor="center")
        pages.append(sheet.page)
    return pages


def _captioned(sheet: Sheet, title: str, caption: str) -> Page:
    sheet.rule(10, 60, 268)
    sheet.line(144, 42, fit_line(caption, 268, size=12, font=BOLD), size=12, font=BOLD, anchor="center")
    sheet.line(144, 26, title, size=9, anchor="center")
    return sheet.page


def _draw_limited(sheet: Sheet, center: tuple[float, float], side: float) -> None:
    """Draw a square on its point, with its top and its bottom black (ADR figure 3.4.7.1)."""
    x, y = center
    half = side * 2**0.5 / 2
    inner = half - _EDGE_MM * MM * 2**0.5
    tip = 2 * half * _BLACK_SHARE
    shapes = [Painted(_diamond(x, y, half), BLACK), Painted(_diamond(x, y, inner), WHITE)]
    for up in (1, -1):
        points = ((x, y + up * half), (x - tip, y + up * (half - tip)), (x + tip, y + up * (half - tip)))
        shapes.append(Painted(points, BLACK))
    sheet.drawing(shapes)


def _diamond(x: float, y: float, half: float) -> Points:
    return (x, y + half), (x + half, y), (x, y - half), (x - half, y)


def _draw_battery(sheet: Sheet, corner: tuple[float, float], numbers: tuple[str, ...]) -> None:
    """Draw a square with hatched edge, a group of batteries of which one is damaged and burns, and the UN numbers
    (ADR figure 5.2.1.9.2).
    """
    left, bottom = corner
    side, edge = FULL_SIDE_MM * MM, _HATCH_MM * MM
    shapes = [Painted(_rectangle(left, bottom, side, side), WHITE)]
    shapes += _hatches(left, bottom, side, edge)
    shapes.append(Painted(_rectangle(left + edge, bottom + edge, side - 2 * edge, side - 2 * edge), WHITE))
    foot = bottom + side * 0.44
    for n in range(3):
        shapes += _battery(left + side * (0.16 + 0.15 * n), foot, side * 0.1, side * 0.3)
    shapes += _burning(left + side * 0.62, foot, side)
    sheet.drawing(shapes)
    # Three lines fit below the batteries: more numbers stand two on a line.
    in_line = -(-len(numbers) // _LINES)
    lines = [" ".join(numbers[at : at + in_line]) for at in range(0, len(numbers), in_line)]
    size = _SIZES.get(len(numbers), _SMALLEST)
    for row, words in enumerate(lines):
        y = bottom + side * 0.33 - size * 0.75 - row * size * 1.05
        sheet.line(left + side / 2, y, words, size=size, font=BOLD, anchor="center")


def _hatches(left: float, bottom: float, side: float, edge: float) -> list[Painted]:
    """Return slanted stripes over the whole square; what is inside its edge is painted over."""
    stripes = []
    step = 2 * edge
    for n in range(round(2 * side / step) + 1):
        start = n * step
        stripes.append(Painted(_clipped_stripe(left, bottom, side, start, edge), RED))
    return [stripe for stripe in stripes if stripe.points]


def _clipped_stripe(left: float, bottom: float, side: float, start: float, width: float) -> Points:
    """Return the part of a stripe x + y = start .. start + width that lies in a square."""
    first, last = _cut(side, start), _cut(side, min(start + width, 2 * side))
    if not first or not last:
        return ()
    corners = [first[0], first[1], last[1], last[0]]
    if start < side < start + width:
        corners = [first[0], first[1], (side, 0.0), last[1], last[0], (0.0, side)]
    return tuple((left + x, bottom + y) for x, y in corners)


def _cut(side: float, total: float) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return where the line x + y = total enters and leaves a square, from its upper to its lower end."""
    if not 0 <= total <= 2 * side:
        return None
    return (max(0.0, total - side), min(side, total)), (min(side, total), max(0.0, total - side))


def _battery(left: float, bottom: float, width: float, height: float) -> list[Painted]:
    pole = width * 0.4
    return [
        Painted(_rectangle(left, bottom, width, height), BLACK),
        Painted(_rectangle(left + (width - pole) / 2, bottom + height, pole, height * 0.09), BLACK),
    ]


def _burning(left: float, bottom: float, side: float) -> list[Painted]:
    """Return a battery with a broken side and a flame beside it."""
    width, height = side * 0.1, side * 0.3
    crack = tuple(
        (left + width * x, bottom + height * y)
        for x, y in ((0.45, 1.1), (0.75, 0.72), (0.45, 0.62), (0.85, 0.2), (0.62, 0.58), (0.92, 0.68), (0.7, 1.1))
    )
    flame = tuple(
        (left + width * 1.25 + side * 0.13 * x, bottom + height * y)
        for x, y in (
            (0.25, 0.0), (0.0, 0.28), (0.12, 0.55), (0.3, 0.4), (0.34, 0.72), (0.62, 1.0), (0.6, 0.72), (0.8, 0.58),
            (0.82, 0.74), (1.0, 0.4), (0.78, 0.0),
        )
    )  # fmt: skip
    heart = tuple(
        (left + width * 1.25 + side * 0.13 * x, bottom + height * y)
        for x, y in ((0.38, 0.05), (0.3, 0.22), (0.5, 0.5), (0.56, 0.3), (0.7, 0.25), (0.66, 0.05))
    )
    return [
        *_battery(left, bottom, width, height),
        Painted(crack, WHITE), Painted(flame, BLACK), Painted(heart, WHITE),
    ]  # fmt: skip


def _rectangle(left: float, bottom: float, width: float, height: float) -> Points:
    right, top = left + width, bottom + height
    return (left, bottom), (right, bottom), (right, top), (left, top)

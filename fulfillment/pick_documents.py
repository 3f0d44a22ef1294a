from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.colors import Color, HexColor, black, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from fulfillment.domain.layout import location_check_digits
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.routing.routes import Route
from fulfillment.pick_care import draw_care
from fulfillment.pick_map import MARKER_RADIUS_MM, SHELF_MM, fit_zone_name, map_stops
from shipping.api import draw_line, fit_lines, text_width

INK, MUTED, LINE, BRAND = HexColor("#14242C"), HexColor("#4F626B"), HexColor("#D5DCDA"), HexColor("#0B6E69")
_FONTS = {False: "Helvetica", True: "Helvetica-Bold"}
_WIDTH, _HEIGHT = A4
_MARGIN = 15 * mm
_ROW = 12 * mm
_MAP_HEIGHT = 100 * mm
_HEADER_HEIGHT = 32 * mm
_LATER_HEADER_HEIGHT = 14 * mm
_TITLES = 6 * mm
_SMALLEST_MARK = 4.4
_ZONE_NAME_MM = 900
_WORTH_TELLING_MM = 1_000
_COLUMNS = {"stop": 0.0, "location": 12 * mm, "item": 58 * mm, "quantity": 150 * mm, "tote": 166 * mm}


@dataclass(frozen=True, slots=True)
class PickListLine:
    """Units of one item to take from one location into one tote; `slot` is the tote's place on the cart, `kept_apart`
    why its goods ride with no others.
    """

    bin: str
    sku: str
    name: str
    quantity: int
    slot: int
    kept_apart: str = ""


@dataclass(frozen=True, slots=True)
class PickListHeader:
    """What the picker must know before the first step; `cut_off` is already in the warehouse's words and time.

    `batch` is what people call it, `code` what its symbol says (by default the same).
    """

    batch: str
    cart: str
    cut_off: str
    code: str = ""


def pick_list_pdf(header: PickListHeader, lines: Sequence[PickListLine], *, layout: FloorLayout, route: Route) -> bytes:
    """Return the paper pick list of one batch: barcode, floor map, and the lines in walking order.

    The same input gives the same bytes on the same machine, so that a stored hash proves a print.

    Raises:
        ValueError: if a line's location is not a stop of the route.
    """
    stop_of = {code: number for number, code in enumerate(route.stops, start=1)}
    strays = sorted({line.bin for line in lines} - stop_of.keys())
    if strays:
        raise ValueError(f"The route does not stop at {', '.join(strays)}.")
    ordered = sorted(lines, key=lambda line: (stop_of[line.bin], line.sku, line.slot))
    output = BytesIO()
    canvas = Canvas(output, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(f"Pick list {header.batch}")
    pages = _pages(ordered)
    for number, page in enumerate(pages, start=1):
        top = _first_header(canvas, header, ordered, route) if number == 1 else _later_header(canvas, header)
        if number == 1:
            top = _map(canvas, layout, route, top)
        _table(canvas, page, stop_of, top)
        _write(canvas, _MARGIN, 8 * mm, f"{header.batch} · page {number} of {len(pages)}", 8, color=MUTED)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def _pages(lines: Sequence[PickListLine]) -> list[Sequence[PickListLine]]:
    room = _HEIGHT - 2 * _MARGIN - _TITLES
    first = int((room - _HEADER_HEIGHT - _MAP_HEIGHT) / _ROW)
    later = int((room - _LATER_HEADER_HEIGHT) / _ROW)
    return [lines[:first], *(lines[start : start + later] for start in range(first, len(lines), later))]


def _first_header(canvas: Canvas, header: PickListHeader, lines: Sequence[PickListLine], route: Route) -> float:
    top = _HEIGHT - _MARGIN
    _write(canvas, _MARGIN, top - 5 * mm, "Pick list", 10, color=MUTED)
    title = fit_lines(header.batch, _WIDTH / 2 - _MARGIN - 4 * mm, most=1, size=20)[0]
    _write(canvas, _MARGIN, top - 13 * mm, title, 20, bold=True)
    _write(canvas, _MARGIN, top - 20 * mm, f"Leaves {header.cut_off} · {header.cart}", 11, bold=True)
    totes = len({line.slot for line in lines})
    units = sum(line.quantity for line in lines)
    saved = route.length_by_name_order_mm - route.length_mm
    told = f"{_count(len(route.stops), 'stop')} · {_count(units, 'unit')} · {_count(totes, 'tote')}"
    told += f" · {route.length_mm / 1000:.0f} m walk"
    if saved >= _WORTH_TELLING_MM:
        told += f", {saved / 1000:.0f} m less than by location name"
    _write(canvas, _MARGIN, top - 26 * mm, told, 10, color=MUTED)
    _barcode(canvas, header.code or header.batch, top)
    return top - _HEADER_HEIGHT


def _barcode(canvas: Canvas, text: str, top: float) -> None:
    """Draw the batch as Code 128 with its quiet zones, at the right edge, as wide as half the page at most."""
    printable = text.encode("ascii", errors="replace").decode()
    widest = _WIDTH / 2 - _MARGIN
    symbol = Code128(printable, barWidth=0.38 * mm, barHeight=13 * mm, quiet=1)
    if symbol.width > widest:
        symbol = Code128(printable, barWidth=0.38 * mm * widest / symbol.width, barHeight=13 * mm, quiet=1)
    canvas.setFillColor(black)
    symbol.drawOn(canvas, _WIDTH - _MARGIN - symbol.width, top - 14 * mm)


def _later_header(canvas: Canvas, header: PickListHeader) -> float:
    top = _HEIGHT - _MARGIN
    _write(canvas, _MARGIN, top - 6 * mm, f"Pick list {header.batch} · leaves {header.cut_off}", 11, bold=True)
    return top - _LATER_HEADER_HEIGHT


def _map(canvas: Canvas, layout: FloorLayout, route: Route, top: float) -> float:
    """Draw the floor with racks, shelves, walk and numbered stops, fitted into the map's part of the page."""
    left, front, right, back = layout.plan.floor.bounds
    height = _MAP_HEIGHT - 6 * mm
    scale = min((_WIDTH - 2 * _MARGIN) / (right - left), height / (back - front))
    canvas.saveState()
    canvas.translate(_MARGIN + (_WIDTH - 2 * _MARGIN - (right - left) * scale) / 2, top - (back - front) * scale)
    canvas.scale(scale, scale)
    canvas.translate(-left, -front)
    _floor(canvas, layout, scale)
    canvas.setStrokeColor(BRAND)
    canvas.setLineWidth(0.9 / scale)
    canvas.setLineJoin(1)
    walk = canvas.beginPath()
    walk.moveTo(*route.walk[0])
    for point in route.walk[1:]:
        walk.lineTo(*point)
    canvas.drawPath(walk)
    for stop in map_stops(layout, route):
        _mark(canvas, stop.label, *stop.at, radius=max(MARKER_RADIUS_MM, _SMALLEST_MARK / scale))
    canvas.restoreState()
    return top - _MAP_HEIGHT


def _floor(canvas: Canvas, layout: FloorLayout, scale: float) -> None:
    canvas.setFillColor(LINE)
    racks = canvas.beginPath()
    for rack in layout.plan.racks:
        corners = list(rack.polygon.exterior.coords)
        racks.moveTo(*corners[0])
        for corner in corners[1:]:
            racks.lineTo(*corner)
        racks.close()
    canvas.drawPath(racks, stroke=0, fill=1)
    canvas.setFillColor(white)
    shelves = canvas.beginPath()
    for x, y in sorted({(place.x_mm, place.y_mm) for place in layout.plan.bins}):
        shelves.rect(x - SHELF_MM[0] / 2, y - SHELF_MM[1] / 2, *SHELF_MM)
    canvas.drawPath(shelves, stroke=0, fill=1)
    for zone in layout.plan.zones:
        if zone.kind != "storage":
            middle = zone.polygon.representative_point()
            share, is_turned = fit_zone_name(zone, text_width(zone.code, _FONTS[False], _ZONE_NAME_MM))
            canvas.saveState()
            canvas.translate(middle.x, middle.y)
            canvas.rotate(90 if is_turned else 0)
            canvas.scale(1 / scale, 1 / scale)
            _write(canvas, 0, 0, zone.code, _ZONE_NAME_MM * share * scale, color=MUTED, center=True)
            canvas.restoreState()


def _mark(canvas: Canvas, label: str, x: float, y: float, *, radius: float) -> None:
    size = radius * 1.3
    half = max(radius, text_width(label, _FONTS[True], size) / 2 + radius * 0.3)
    canvas.setFillColor(BRAND)
    canvas.roundRect(x - half, y - radius, 2 * half, 2 * radius, radius, stroke=0, fill=1)
    _write(canvas, x, y - size * 0.36, label, size, bold=True, color=white, center=True)


def _table(canvas: Canvas, lines: Iterable[PickListLine], stop_of: dict[str, int], top: float) -> None:
    titles = {"stop": "Stop", "location": "Location · check", "item": "Item", "quantity": "Take", "tote": "Tote"}
    for column, title in titles.items():
        _write(canvas, _MARGIN + _COLUMNS[column], top - 4 * mm, title, 8, color=MUTED)
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.7)
    y = top - _TITLES
    canvas.line(_MARGIN, y, _WIDTH - _MARGIN, y)
    for line in lines:
        _row(canvas, line, stop_of[line.bin], y)
        y -= _ROW
        canvas.line(_MARGIN, y, _WIDTH - _MARGIN, y)


def _row(canvas: Canvas, line: PickListLine, stop: int, top: float) -> None:
    middle = top - _ROW / 2 - 2 * mm
    _write(canvas, _MARGIN, middle, str(stop), 11, color=MUTED)
    place = _MARGIN + _COLUMNS["location"]
    _write(canvas, place, middle, line.bin, 15, bold=True)
    beside = place + text_width(line.bin, _FONTS[True], 15) + 2 * mm
    _write(canvas, beside, middle, location_check_digits(line.bin), 9, color=MUTED)
    item = _MARGIN + _COLUMNS["item"]
    room = _COLUMNS["quantity"] - _COLUMNS["item"] - 3 * mm
    marked = room - draw_care(canvas, line.kept_apart, right=item + room, base=top - 3.8 * mm)
    _write(canvas, item, top - 3.6 * mm, fit_lines(line.sku, marked, most=1, size=8)[0], 8, color=MUTED)
    for number, text in enumerate(fit_lines(line.name, room, most=2, size=9)):
        _write(canvas, item, top - (7.2 + 3.6 * number) * mm, text, 9)
    _write(canvas, _MARGIN + _COLUMNS["quantity"], middle, f"{line.quantity} \N{MULTIPLICATION SIGN}", 15, bold=True)
    _write(canvas, _MARGIN + _COLUMNS["tote"], middle, str(line.slot), 15, bold=True)


def _write(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    bold: bool = False,
    color: Color = INK,
    center: bool = False,
) -> None:
    canvas.setFillColor(color)
    if center:
        x -= text_width(text, _FONTS[bold], size) / 2
    draw_line(canvas, x, y, text, size=size, font=_FONTS[bold])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

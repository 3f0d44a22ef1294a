from collections import Counter
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.barcodes import BarcodeTooWide, draw_code_128
from shipping.documents.fonts import BOLD
from shipping.documents.slips import PAGE_SIZE
from shipping.documents.text import Box, draw_block, draw_line, draw_right, fit_line
from shipping.documents.values import ManifestData, ManifestParcel

_LEFT = 40.0
_RIGHT = PAGE_SIZE[0] - 40.0
_ROW = 13.0
_FIRST_PAGE_TOP = 640.0
_NEXT_PAGE_TOP = 776.0
_BOTTOM = 56.0
_CLOSING_HEIGHT = 150.0
_COLUMNS = (_LEFT, _LEFT + 30, _LEFT + 172, _LEFT + 290, _LEFT + 382)


def manifest_pdf(manifest: ManifestData) -> bytes:
    """Draw a closed manifest on A4: every parcel once, totals by service of what is loaded, and the lines
    for the driver's signature.

    Equal data give equal bytes; five thousand parcels take about a hundred pages.
    """
    output = BytesIO()
    canvas = Canvas(output, pagesize=PAGE_SIZE, invariant=1, pageCompression=1)
    canvas.setTitle(f"Manifest {manifest.number}")
    _draw_head(canvas, manifest)
    y = _draw_columns(canvas, _FIRST_PAGE_TOP)
    for index, parcel in enumerate(manifest.parcels, start=1):
        if y < _BOTTOM:
            y = _turn_page(canvas, manifest)
        _draw_row(canvas, index, parcel, y)
        y -= _ROW
    if y - _closing_height(manifest) < _BOTTOM:
        y = _turn_page(canvas, manifest)
    _draw_closing(canvas, manifest, y - 10)
    _draw_foot(canvas, manifest)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_head(canvas: Canvas, manifest: ManifestData) -> None:
    draw_line(canvas, _LEFT, 786, "Manifest", size=18, font=BOLD)
    draw_line(canvas, _LEFT, 768, fit_line(manifest.carrier_name, 260, size=12), size=12)
    _draw_number_symbol(canvas, manifest.number)
    draw_line(canvas, _LEFT, 738, "From", size=8)
    draw_block(canvas, Box(_LEFT, 735, 240, 68), manifest.origin.printed_lines, largest=9.5, smallest=6)
    loaded, pulled = manifest.loaded, len(manifest.parcels) - len(manifest.loaded)
    weight = sum(parcel.weight_g for parcel in loaded)
    facts = (
        ("Manifest", manifest.number),
        ("Account", manifest.account),
        ("Ship date", manifest.ship_on.isoformat()),
        ("Parcels", f"{len(loaded):,}" + (f", {pulled:,} pulled" if pulled else "")),
        ("Weight", f"{weight / 1000:,.3f} kg"),
    )
    for row, (name, value) in enumerate(facts):
        draw_line(canvas, 340, 726 - row * 14, name, size=9)
        draw_right(canvas, _RIGHT, 726 - row * 14, fit_line(value, 150, size=9.5, font=BOLD), size=9.5, font=BOLD)


def _draw_number_symbol(canvas: Canvas, number: str) -> None:
    """Draw the manifest's number as a symbol where it can be one; the printed number serves where it cannot."""
    try:
        draw_code_128(canvas, _RIGHT - 230, 766, number, width=240, height=34)
    except BarcodeTooWide:
        return


def _draw_columns(canvas: Canvas, y: float) -> float:
    for x, name in zip(_COLUMNS, ("#", "Tracking number", "Reference", "Service", "To"), strict=True):
        draw_line(canvas, x, y, name, size=8)
    draw_right(canvas, _RIGHT, y, "Weight, kg", size=8)
    canvas.setLineWidth(0.8)
    canvas.line(_LEFT, y - 5, _RIGHT, y - 5)
    return y - 18


def _draw_row(canvas: Canvas, index: int, parcel: ManifestParcel, y: float) -> None:
    texts = (
        str(index),
        parcel.tracking_number,
        parcel.reference,
        parcel.service_name,
        f"{parcel.country} {parcel.postal_code}".strip(),
    )
    edges = (*_COLUMNS[1:], _RIGHT - 48)
    for x, edge, text in zip(_COLUMNS, edges, texts, strict=True):
        draw_line(canvas, x, y, fit_line(text, edge - x - 6, size=8.5), size=8.5)
    weight = "pulled" if parcel.is_pulled else f"{parcel.weight_g / 1000:.3f}"
    draw_right(canvas, _RIGHT, y, weight, size=8.5)


def _turn_page(canvas: Canvas, manifest: ManifestData) -> float:
    _draw_foot(canvas, manifest)
    canvas.showPage()
    return _draw_columns(canvas, _NEXT_PAGE_TOP)


def _closing_height(manifest: ManifestData) -> float:
    return _CLOSING_HEIGHT + 13 * len({parcel.service_name for parcel in manifest.parcels})


def _draw_closing(canvas: Canvas, manifest: ManifestData, y: float) -> None:
    counts = Counter(parcel.service_name for parcel in manifest.loaded)
    draw_line(canvas, _LEFT, y, "Totals", size=10, font=BOLD)
    for row, (service, count) in enumerate(sorted(counts.items()), start=1):
        grams = sum(p.weight_g for p in manifest.loaded if p.service_name == service)
        draw_line(canvas, _LEFT, y - row * 13, fit_line(service, 180, size=9), size=9)
        draw_right(canvas, _LEFT + 270, y - row * 13, f"{count:,} {'parcel' if count == 1 else 'parcels'}", size=9)
        draw_right(canvas, _LEFT + 370, y - row * 13, f"{grams / 1000:,.3f} kg", size=9)
    base = y - len(counts) * 13 - 56
    canvas.setLineWidth(0.6)
    for x, caption in ((_LEFT, "Handed over by, time"), (_LEFT + 180, "Driver, name"), (_LEFT + 360, "Signature")):
        canvas.line(x, base, x + 150, base)
        draw_line(canvas, x, base - 11, caption, size=8)
    draw_line(canvas, _LEFT, base - 36, "Parcels loaded:", size=9)
    draw_line(canvas, _LEFT + 180, base - 36, "Parcels left behind:", size=9)
    canvas.line(_LEFT + 72, base - 38, _LEFT + 150, base - 38)
    canvas.line(_LEFT + 272, base - 38, _LEFT + 330, base - 38)


def _draw_foot(canvas: Canvas, manifest: ManifestData) -> None:
    text = fit_line(f"{manifest.carrier_name}, manifest {manifest.number}", 380, size=8)
    draw_line(canvas, _LEFT, 32, text, size=8)
    draw_right(canvas, _RIGHT, 32, f"Page {canvas.getPageNumber()}", size=8)

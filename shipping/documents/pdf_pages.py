from io import BytesIO
from typing import Final

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.barcodes import draw_symbol
from shipping.documents.pages import Drawing, Page, Rule, Text
from shipping.documents.text import draw_centered, draw_line, draw_right

_COLORS: Final = {"black": (0.0, 0.0, 0.0), "white": (1.0, 1.0, 1.0), "red": (0.84, 0.0, 0.06)}


def page_pdf(page: Page, *more: Page) -> bytes:
    """Draw a page, and more of them behind it, as PDF. Equal pages give equal bytes."""
    output = BytesIO()
    canvas = Canvas(output, pagesize=(page.width, page.height), invariant=1, pageCompression=1)
    canvas.setTitle(page.title)
    for each in (page, *more):
        canvas.setPageSize((each.width, each.height))
        _draw(canvas, each)
    canvas.save()
    return output.getvalue()


def _draw(canvas: Canvas, page: Page) -> None:
    for mark in page.marks:
        if isinstance(mark, Text):
            _draw_text(canvas, mark)
        elif isinstance(mark, Rule):
            canvas.setLineWidth(mark.thickness)
            canvas.line(mark.x, mark.y, mark.x + mark.width, mark.y)
        elif isinstance(mark, Drawing):
            _draw_shapes(canvas, mark)
        else:
            draw_symbol(canvas, mark)
    canvas.showPage()


def _draw_shapes(canvas: Canvas, drawing: Drawing) -> None:
    canvas.saveState()
    for shape in drawing.shapes:
        canvas.setFillColorRGB(*_COLORS[shape.color])
        path = canvas.beginPath()
        path.moveTo(*shape.points[0])
        for point in shape.points[1:]:
            path.lineTo(*point)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def _draw_text(canvas: Canvas, mark: Text) -> None:
    if mark.anchor == "right":
        draw_right(canvas, mark.x, mark.y, mark.text, size=mark.size, font=mark.font)
    elif mark.anchor == "center":
        draw_centered(canvas, mark.x, mark.y, mark.text, size=mark.size, font=mark.font)
    else:
        draw_line(canvas, mark.x, mark.y, mark.text, size=mark.size, font=mark.font)

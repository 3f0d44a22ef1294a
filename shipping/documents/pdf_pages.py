from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from shipping.documents.barcodes import draw_symbol
from shipping.documents.pages import Page, Rule, Text
from shipping.documents.text import draw_centered, draw_line, draw_right


def page_pdf(page: Page) -> bytes:
    """Draw a page as PDF. Equal pages give equal bytes."""
    output = BytesIO()
    canvas = Canvas(output, pagesize=(page.width, page.height), invariant=1, pageCompression=1)
    canvas.setTitle(page.title)
    for mark in page.marks:
        if isinstance(mark, Text):
            _draw_text(canvas, mark)
        elif isinstance(mark, Rule):
            canvas.setLineWidth(mark.thickness)
            canvas.line(mark.x, mark.y, mark.x + mark.width, mark.y)
        else:
            draw_symbol(canvas, mark)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_text(canvas: Canvas, mark: Text) -> None:
    if mark.anchor == "right":
        draw_right(canvas, mark.x, mark.y, mark.text, size=mark.size, font=mark.font)
    elif mark.anchor == "center":
        draw_centered(canvas, mark.x, mark.y, mark.text, size=mark.size, font=mark.font)
    else:
        draw_line(canvas, mark.x, mark.y, mark.text, size=mark.size, font=mark.font)

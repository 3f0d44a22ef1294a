"""What the room lends: papers and labels as bytes, and the values that they are made of."""

from shipping.documents.bills_of_lading import BillOfLading, LadingLine, LadingParcel, bill_of_lading_pdf
from shipping.documents.bitmaps import NoFontForLabel
from shipping.documents.customs import CustomsDeclaration, CustomsLine, commercial_invoice_pdf
from shipping.documents.dangerous_goods import (
    DangerousGoodsDocument,
    DangerousLine,
    DangerousPackage,
    dangerous_goods_pdf,
)
from shipping.documents.fonts import text_width
from shipping.documents.plates import PlateLabel, plate_label_pdf
from shipping.documents.text import draw_line, fit_lines
from shipping.documents.transport_marks import TransportMarks

__all__ = [
    "BillOfLading",
    "CustomsDeclaration",
    "CustomsLine",
    "DangerousGoodsDocument",
    "DangerousLine",
    "DangerousPackage",
    "LadingLine",
    "LadingParcel",
    "NoFontForLabel",
    "PlateLabel",
    "TransportMarks",
    "bill_of_lading_pdf",
    "commercial_invoice_pdf",
    "dangerous_goods_pdf",
    "draw_line",
    "fit_lines",
    "plate_label_pdf",
    "text_width",
]

from collections.abc import Iterator

from shipping.documents.barcodes import DOT, Symbol
from shipping.documents.bitmaps import draw_polygons, draw_run
from shipping.documents.fonts import BOLD, REGULAR, advance_of, text_runs, text_width
from shipping.documents.pages import WHITE, Drawing, Mark, Page, Rule, Text
from shipping.domain.code128 import CODE_B, CODE_C, FUNCTION_1, START_C

_BASE_FONTS = frozenset({REGULAR, BOLD})
# Characters that ^BC takes for a command or an invocation are written as their symbol character.
_INVOKED = {">": ">0", "^": "><", "~": ">="}
_JUSTIFIED = {"center": "C", "right": "R"}


def page_zpl(page: Page, *more: Page) -> bytes:
    """Write a page, and more of them behind it, as ZPL II for a printer of 203 dpi, in plain ASCII. Equal pages give
    equal bytes.

    Western text is set in the printer's own font 0 (CG Triumvirate Bold Condensed), squeezed where it was measured
    narrower than Helvetica Bold, so that it cannot be wider than on the PDF; other scripts come as bitmaps of the same
    fonts that the PDF embeds, and of Noto Sans CJK where it leaves Chinese, Japanese and Korean to its reader.

    Raises:
        NoFontForLabel: no font has one of the characters.
    """
    return b"".join(_label(each) for each in (page, *more))


def _label(page: Page) -> bytes:
    head = f"^XA^CI28^PW{round(page.width / DOT)}^LL{round(page.height / DOT)}^LH0,0"
    fields = (field for mark in page.marks for field in _fields(page, mark))
    return "\n".join([head, *fields, "^PQ1^XZ", ""]).encode("ascii")


def _fields(page: Page, mark: Mark) -> Iterator[str]:
    if isinstance(mark, Text):
        yield from _text(page, mark)
    elif isinstance(mark, Rule):
        thickness = max(round(mark.thickness / DOT), 1)
        top = round((page.height - mark.y) / DOT - thickness / 2)
        yield f"^FO{round(mark.x / DOT)},{top}^GB{round(mark.width / DOT)},{thickness},{thickness}^FS"
    elif isinstance(mark, Drawing):
        yield _drawing(page, mark)
    else:
        yield _symbol(page, mark)


def _drawing(page: Page, mark: Drawing) -> str:
    shapes = [
        (tuple((x / DOT, (page.height - y) / DOT) for x, y in shape.points), shape.color != WHITE)
        for shape in mark.shapes
    ]
    bitmap = draw_polygons(shapes)
    total = bitmap.row_bytes * bitmap.height
    return f"^FO{bitmap.left},{-bitmap.above}^GFA,{total},{total},{bitmap.row_bytes},{bitmap.compressed}^FS"


def _symbol(page: Page, mark: Symbol) -> str:
    top, bottom = (round((page.height - y) / DOT) for y in (mark.y + mark.height, mark.y))
    return (
        f"^FO{mark.left_dots},{top}^BY{mark.dots},2.0,{bottom - top}^BCN,{bottom - top},N,N,N,N"
        f"^FD{_invocations(mark.characters)}^FS"
    )


def _invocations(characters: tuple[int, ...]) -> str:
    """Write symbol characters as the data of ^BC: the start, each change of the subset and FNC1 by their codes."""
    is_paired = characters[0] == START_C
    parts = [">;" if is_paired else ">:"]
    for value in characters[1:]:
        if value == FUNCTION_1:
            parts.append(">8")
        elif value == (CODE_B if is_paired else CODE_C):
            parts.append(">6" if is_paired else ">5")
            is_paired = not is_paired
        elif is_paired:
            parts.append(f"{value:02d}")
        else:
            char = chr(value + 32)
            parts.append(_INVOKED.get(char, char))
    return "".join(parts)


def _text(page: Page, mark: Text) -> Iterator[str]:
    runs = text_runs(mark.text, mark.font)
    baseline = round((page.height - mark.y) / DOT)
    if len(runs) == 1 and runs[0][0] in _BASE_FONTS:
        if runs[0][1].strip():
            yield _native(mark, runs[0][1], baseline)
        return
    shift = {"left": 0.0, "center": 0.5, "right": 1.0}[mark.anchor]
    at = mark.x - shift * text_width(mark.text, mark.font, mark.size)
    for font, part in runs:
        yield from _run(part, font, at, mark.size, baseline)
        at += mark.size * sum(advance_of(char, font) for char in part)


def _run(part: str, font: str, at: float, size: float, baseline: int) -> Iterator[str]:
    if font in _BASE_FONTS:
        yield _native(Text(at, 0, part, size, font), part, baseline)
        return
    bitmap = draw_run(part, font, size / DOT)
    if bitmap is not None:
        total = bitmap.row_bytes * bitmap.height
        yield (
            f"^FO{round(at / DOT) + bitmap.left},{baseline - bitmap.above}"
            f"^GFA,{total},{total},{bitmap.row_bytes},{bitmap.compressed}^FS"
        )


def _native(mark: Text, part: str, baseline: int) -> str:
    """Set a text in the printer's own font; centered and flush right in a block as wide as the text was measured."""
    high = round(mark.size / DOT)
    measured = text_width(part, mark.font, mark.size)
    wide = int(min(measured / text_width(part, BOLD, 1), mark.size) / DOT)
    if mark.anchor == "left":
        return f"^FT{round(mark.x / DOT)},{baseline}^A0N,{high},{wide}^FH_^FD{_escaped(part)}^FS"
    block = int(measured / DOT) + 2
    left = round(mark.x / DOT) - (block // 2 if mark.anchor == "center" else block)
    # In a block a backslash starts a command; two of them print one.
    text = _escaped(part.replace("\\", "\\\\"))
    return f"^FT{left},{baseline}^A0N,{high},{wide}^FB{block},1,0,{_JUSTIFIED[mark.anchor]}^FH_^FD{text}^FS"


def _escaped(text: str) -> str:
    """Write what is a command or no ASCII as the hexadecimal values of its UTF-8 bytes."""
    if text.isascii() and not any(char in text for char in "^~_"):
        return text
    return "".join(
        char if char.isascii() and char not in "^~_" else "".join(f"_{byte:02X}" for byte in char.encode())
        for char in text
    )

from functools import lru_cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from shipping.documents.scripts import visual_order

REGULAR = "Helvetica"
BOLD = "Helvetica-Bold"

_MISSING = "?"
_FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu"),
    Path("/usr/share/fonts/TTF"),
    Path("/usr/local/share/fonts"),
)
# Fonts with Chinese, Japanese and Korean glyphs in TrueType outlines, the only ones that can be embedded here.
_EAST_ASIAN_FILES = (
    Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/unifont/unifont.ttf"),
)
_KOREAN = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))
_KANA = ((0x3040, 0x30FF), (0x31F0, 0x31FF))
_HAN = ((0x2E80, 0x303F), (0x3100, 0x312F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF))
_EAST_ASIAN = (*_KOREAN, *_KANA, *_HAN)


def text_runs(text: str, font: str) -> tuple[tuple[str, str], ...]:
    """Split a line into (font, text) runs in drawing order, each drawable without an error.

    Western text keeps the base font, which needs no embedding. Other alphabets take DejaVu Sans where the system has
    it (else the Vera that ReportLab carries); Chinese, Japanese and Korean take an embedded font where the system has
    one that can be embedded, else the standard CID fonts, which the PDF reader has to supply. A character no font
    has becomes a question mark, never an exception.
    """
    clean = visual_order("".join(c if c.isprintable() else " " for c in text))
    if _is_western(clean):
        return ((font, clean),)
    pairs = [_font_of(char, clean, font) for char in clean]
    return tuple((name, "".join(c for _, c in run)) for name, run in groupby(pairs, key=lambda pair: pair[0]))


def text_width(text: str, font: str, size: float) -> float:
    """Width of a line in points as it will be drawn."""
    return sum(pdfmetrics.stringWidth(part, name, size) for name, part in text_runs(text, font))


def _font_of(char: str, line: str, font: str) -> tuple[str, str]:
    code = ord(char)
    is_east_asian = _within(code, _EAST_ASIAN)
    for name, glyphs in _east_asian_fonts() if is_east_asian else _unicode_fonts(font):
        if code in glyphs:
            return name, char
    if is_east_asian:
        return _cid(_cid_name(code, line)), char
    return font, char if _is_western(char) else _MISSING


def _cid_name(code: int, line: str) -> str:
    """Choose the CID font by script; Chinese characters beside kana are Japanese."""
    if _within(code, _KOREAN):
        return "HYGothic-Medium"
    is_japanese = any(_within(ord(c), _KANA) for c in line)
    return "HeiseiKakuGo-W5" if is_japanese else "STSong-Light"


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _is_western(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=8)
def _cid(name: str) -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name


@lru_cache(maxsize=2)
def _unicode_fonts(font: str) -> tuple[tuple[str, frozenset[int]], ...]:
    is_bold = font == BOLD
    file = "DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf"
    found = next((folder / file for folder in _FOLDERS if (folder / file).is_file()), None)
    bundled = "VeraBd.ttf" if is_bold else "Vera.ttf"
    files = ([str(found)] if found is not None else []) + [bundled]
    return tuple(_register(f"Pickstream-{Path(name).stem}", name) for name in files)


@lru_cache(maxsize=1)
def _east_asian_fonts() -> tuple[tuple[str, frozenset[int]], ...]:
    files = [file for file in _EAST_ASIAN_FILES if file.is_file()][:1]
    return tuple(_register(f"Pickstream-{file.stem}", str(file)) for file in files)


def _register(name: str, file: str) -> tuple[str, frozenset[int]]:
    """Make a TrueType font known to ReportLab; returns its name with the code points it draws."""
    font = TTFont(name, file)
    pdfmetrics.registerFont(font)
    return name, frozenset(font.face.charToGlyph)

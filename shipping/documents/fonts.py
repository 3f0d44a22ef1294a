import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import reportlab
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from shipping.documents.outlines import bare_font
from shipping.documents.scripts import joined, visual_order

# Streams need not be ASCII for any printer or reader of today; without that notation they are a fifth smaller.
rl_config.useA85 = 0

REGULAR = "Helvetica"
BOLD = "Helvetica-Bold"

_MISSING = "?"
_EAST_ASIAN_SAMPLES = ("\u4e2d", "\u3042", "\ud55c")
_BUNDLED = Path(reportlab.__file__).parent / "fonts"
_files: dict[str, str] = {}
_FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu"),
    Path("/usr/share/fonts/TTF"),
    Path("/usr/local/share/fonts"),
)
# Fonts with Chinese, Japanese and Korean glyphs in TrueType outlines, the only ones that can be embedded here.
_EAST_ASIAN_FILES = (
    *(Path.home() / ".local/share/fonts" / name for name in ("DroidSansFallbackFull.ttf", "wqy-microhei.ttc")),
    Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/unifont/unifont.ttf"),
)
_KOREAN = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))
_KANA = ((0x3040, 0x30FF), (0x31F0, 0x31FF))
_ANY_KANA = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _KANA) + "]")
_HAN = ((0x2E80, 0x303F), (0x3100, 0x312F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF))
_EAST_ASIAN = (*_KOREAN, *_KANA, *_HAN)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character as it is drawn: the font that has it, what stands in its place, and how far the pen moves, in em."""

    font: str
    char: str
    advance: float


@lru_cache(maxsize=4_096)
def text_runs(text: str, font: str) -> tuple[tuple[str, str], ...]:
    """Split a line into (font, text) runs in drawing order, each drawable without an error.

    Western text keeps the base font, which needs no embedding. Other alphabets take DejaVu Sans where the system has
    it (else the Vera that ReportLab carries); Chinese, Japanese and Korean take an embedded font where the system has
    one that can be embedded, else the standard CID fonts, in whose place dots of Noto Sans CJK are drawn. A
    character no font has becomes a question mark, never an exception.
    """
    clean = visual_order(shaped(text))
    if is_western(clean):
        return ((font, clean),)
    glyphs = [_glyph(char, font, _han_font(clean)) for char in clean]
    return tuple((name, "".join(g.char for g in run)) for name, run in groupby(glyphs, key=lambda glyph: glyph.font))


def text_width(text: str, font: str, size: float) -> float:
    """Width of a line in points as it will be drawn."""
    return size * sum(advances(shaped(text), font))


def shaped(text: str) -> str:
    """Bring a line into the characters that are drawn, in reading order: joined Arabic, blanks for what is no text."""
    return joined(text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text))


def advances(line: str, font: str) -> list[float]:
    """Return how far the pen moves for each character of a shaped line, in em: part of it is never wider alone."""
    if is_western(line):
        table = _western_advances(font)
        return [table[char] for char in line]
    han = _han_font(line)
    return [_glyph(char, font, han).advance for char in line]


def has_font_for_every_script() -> bool:
    """Say whether this machine has a font to embed for Chinese, Japanese and Korean; without one they are drawn as
    dots.
    """
    fonts = [font for sample in _EAST_ASIAN_SAMPLES for font, _ in text_runs(sample, REGULAR)]
    return all(font.startswith("Pickstream-") for font in fonts)


def font_file(name: str) -> str | None:
    """Return the file of a font that `text_runs` names; None for those that a printer or a PDF reader supplies."""
    return _files.get(name)


def is_western(text: str) -> bool:
    """Say whether a text has only characters of Windows-1252, which the base fonts and printers have."""
    if text.isascii():
        return True
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=16_384)
def advance_of(char: str, font: str) -> float:
    """Return how far the pen moves for a character of a font that `text_runs` names, in em."""
    return float(pdfmetrics.stringWidth(char, font, 1))


@lru_cache(maxsize=4)
def _western_advances(font: str) -> dict[str, float]:
    chars = [bytes([code]).decode("cp1252", "ignore") for code in range(32, 256)]
    return {char: pdfmetrics.stringWidth(char, font, 1) for char in chars if char}


@lru_cache(maxsize=16_384)
def _glyph(char: str, font: str, han_font: str) -> Glyph:
    name, drawn = _font_of(char, font, han_font)
    return Glyph(name, drawn, advance_of(drawn, name))


def _font_of(char: str, font: str, han_font: str) -> tuple[str, str]:
    code = ord(char)
    is_east_asian = _within(code, _EAST_ASIAN)
    for name, glyphs in _east_asian_fonts() if is_east_asian else _unicode_fonts(font):
        if code in glyphs:
            return name, char
    if is_east_asian:
        return _cid("HYGothic-Medium" if _within(code, _KOREAN) else han_font), char
    return font, char if is_western(char) else _MISSING


def _han_font(line: str) -> str:
    """Choose the CID font of a line's Chinese characters; beside kana they are Japanese."""
    return "HeiseiKakuGo-W5" if _ANY_KANA.search(line) else "STSong-Light"


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


@lru_cache(maxsize=8)
def _cid(name: str) -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name


@lru_cache(maxsize=2)
def _unicode_fonts(font: str) -> tuple[tuple[str, frozenset[int]], ...]:
    is_bold = font == BOLD
    file = "DejaVuSans-Bold.ttf" if is_bold else "DejaVuSans.ttf"
    found = next((folder / file for folder in _FOLDERS if (folder / file).is_file()), None)
    bundled = _BUNDLED / ("VeraBd.ttf" if is_bold else "Vera.ttf")
    files = [file for file in (found, bundled) if file is not None]
    return tuple(_register(f"Pickstream-{file.stem}", str(file)) for file in files)


@lru_cache(maxsize=1)
def _east_asian_fonts() -> tuple[tuple[str, frozenset[int]], ...]:
    files = [file for file in _EAST_ASIAN_FILES if file.is_file()]
    return tuple(_register(f"Pickstream-{file.stem}", str(file)) for file in files)


def _register(name: str, file: str) -> tuple[str, frozenset[int]]:
    """Make a TrueType font known to ReportLab; returns its name with the code points it draws."""
    font = TTFont(name, bare_font(file), asciiReadable=False)
    pdfmetrics.registerFont(font)
    _files[name] = file
    return name, frozenset(font.face.charToGlyph)

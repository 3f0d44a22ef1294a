import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

FONT_FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu-sans-fonts"),
    Path("/usr/share/fonts/TTF"),
    Path("/usr/local/share/fonts"),
    Path("/Library/Fonts"),
)
"""Where Debian, Fedora, Arch, local installations and macOS keep DejaVu Sans."""

_FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_BUILT_IN = {False: "Helvetica", True: "Helvetica-Bold"}
_HANGUL, _JAPANESE, _CHINESE = "HYSMyeongJo-Medium", "HeiseiMin-W3", "STSong-Light"
_LAST_OF_PLANE_0 = 0xFFFF
_UNPRINTABLE = "?"


def text_runs(text: str, *, bold: bool = False) -> tuple[tuple[str, str], ...]:
    """Return `text` as (font name, piece) in the order in which it is drawn, from the left.

    DejaVu Sans where the machine has it, else Helvetica; Chinese, Japanese and Korean in the fonts that PDF readers
    bring along; a question mark where none has the character. Right-to-left words are turned into drawing order.
    """
    drawn = "".join(_left_to_right(unicodedata.normalize("NFC", " ".join(text.split()))))
    is_japanese = any("HIRAGANA" in _name(char) or "KATAKANA" in _name(char) for char in drawn)
    marked = [(_font_for(char, bold, is_japanese), char) for char in drawn]
    known = [(font or _base_font(bold)[0], char if font else _UNPRINTABLE) for font, char in marked]
    return tuple((font, "".join(c for _, c in run)) for font, run in groupby(known, key=lambda pair: pair[0]))


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width in points of `text` drawn at `size`."""
    return sum(float(stringWidth(piece, font, size)) for font, piece in text_runs(text, bold=bold))


def fitted_lines(text: str, width: float, size: float, *, most: int) -> list[str]:
    """Return `text` broken into at most `most` lines of `width` points, at spaces where possible, cut off with "…"."""
    rest, lines = " ".join(text.split()), list[str]()
    while rest and len(lines) < most:
        taken = _longest_fit(rest, width, size)
        if taken == len(rest):
            return [*lines, rest]
        if len(lines) == most - 1:
            return [*lines, rest[: max(1, _longest_fit(rest, width - text_width("…", size), size))].rstrip() + "…"]
        space = rest.rfind(" ", 1, taken + 1)
        cut = space if space > 0 else max(1, taken)
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return lines


def _longest_fit(text: str, width: float, size: float) -> int:
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle], size) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def _font_for(char: str, bold: bool, is_japanese: bool) -> str | None:  # noqa: FBT001 - private, called once
    font, covered = _base_font(bold)
    if (covered is not None and ord(char) in covered) or (covered is None and _is_western(char)):
        return font
    name = _name(char)
    if ord(char) > _LAST_OF_PLANE_0:
        return None
    if "HANGUL" in name:
        return _reader_font(_HANGUL)
    if name.startswith(("HIRAGANA", "KATAKANA")):
        return _reader_font(_JAPANESE)
    if name.startswith(("CJK", "IDEOGRAPHIC", "FULLWIDTH")):
        return _reader_font(_JAPANESE if is_japanese else _CHINESE)
    return None


@cache
def _base_font(bold: bool) -> tuple[str, frozenset[int] | None]:  # noqa: FBT001 - a cache key
    """Return the font for ordinary text and the characters it has, `None` meaning the Western ones of Helvetica."""
    for folder in FONT_FOLDERS:
        path = folder / _FILES[bold]
        if path.is_file():
            font = TTFont(path.stem, str(path))
            registerFont(font)
            return path.stem, frozenset(font.face.charToGlyph)
    return _BUILT_IN[bold], None


@cache
def _reader_font(name: str) -> str:
    registerFont(UnicodeCIDFont(name))
    return name


def _is_western(char: str) -> bool:
    return bool(char.encode("cp1252", errors="ignore"))


def _name(char: str) -> str:
    return unicodedata.name(char, "")


def _left_to_right(text: str) -> Iterator[str]:
    """Yield words of right-to-left letters reversed, and such words next to each other in reversed order.

    This is the Unicode bidirectional algorithm for a left-to-right line with plain words, which product names are.
    """
    for is_rtl, words in groupby(_tokens(text), key=_is_rtl):
        run = list(words)
        yield from ("".join(run)[::-1] if is_rtl else "".join(run))


def _tokens(text: str) -> list[str]:
    """Return words, with a space between two right-to-left words attached to the former, so that runs stay whole."""
    words = text.split(" ")
    spaced = [word + " " for word in words[:-1]] + words[-1:]
    pieces: list[str] = []
    for number, word in enumerate(spaced):
        ends_run = _is_rtl(word) and not (number + 1 < len(words) and _is_rtl(words[number + 1]))
        pieces += [word.rstrip(" "), " " * word.endswith(" ")] if ends_run else [word]
    return pieces


def _is_rtl(word: str) -> bool:
    return any(unicodedata.bidirectional(char) in {"R", "AL"} for char in word)

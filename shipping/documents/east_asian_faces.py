from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from struct import Struct, iter_unpack, unpack

from noto_cjk_sans_otc import FONT_PATH

# The faces of Noto Sans CJK draw each language's forms; a face stands for the font that a PDF reader brings along.
_FACES = {"HeiseiKakuGo-W5": 0, "HYGothic-Medium": 1, "STSong-Light": 2}
_TABLE = Struct(">4s4xLL")
_ALL_OF_UNICODE = (3, 10)


@dataclass(frozen=True, slots=True)
class Face:
    """A font to draw dots with: its file, and its number in a file of several."""

    file: str
    number: int = 0


def face_for(reader_font: str, text: str) -> Face | None:
    """Return what draws a text in the place of a font that PDF readers bring along; None if it lacks a character."""
    number = _FACES.get(reader_font)
    starts, ends = _covered()
    if number is None or any(ord(char) > ends[bisect_right(starts, ord(char)) - 1] for char in text):
        return None
    return Face(str(FONT_PATH), number)


@lru_cache(maxsize=1)
def _covered() -> tuple[list[int], list[int]]:
    """Return the first and the last code points of the ranges that all faces have (ISO/IEC 14496-22, cmap 12)."""
    with Path(str(FONT_PATH)).open("rb") as file:
        file.seek(12)
        first = unpack(">L", file.read(4))[0]
        file.seek(first + 4)
        tables = _TABLE.iter_unpack(file.read(16 * unpack(">H6x", file.read(8))[0]))
        start = next(at for tag, at, _ in tables if tag == b"cmap")
        file.seek(start + 2)
        kinds = list(iter_unpack(">HHL", file.read(8 * unpack(">H", file.read(2))[0])))
        file.seek(start + next(at for *kind, at in kinds if tuple(kind) == _ALL_OF_UNICODE) + 12)
        groups = list(iter_unpack(">LL4x", file.read(12 * unpack(">L", file.read(4))[0])))
    return [0, *(low for low, _ in groups)], [-1, *(high for _, high in groups)]

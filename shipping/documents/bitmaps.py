import binascii
import zlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from PIL import Image, ImageDraw, ImageFont

from kernel.errors import Refusal
from shipping.documents.east_asian_faces import Face, face_for
from shipping.documents.fonts import advance_of, font_file

_REMEDY = "Print the label as PDF, or write what it names in other letters."


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Black dots: where its upper left corner lies from the pen's start on the baseline, its sides in dots, and its
    rows, each filled to whole bytes, the first dot in the highest bit.
    """

    left: int
    above: int
    width: int
    height: int
    rows: bytes

    @property
    def row_bytes(self) -> int:
        """How many bytes a row has."""
        return (self.width + 7) // 8

    @property
    def compressed(self) -> str:
        """The rows in Zebra's Z64 notation: deflated, in base 64, with the CRC-16 of that text."""
        text = b64encode(zlib.compress(self.rows, 9))
        return f":Z64:{text.decode()}:{binascii.crc_hqx(text, 0):04X}"


class NoFontForLabel(Refusal):
    """A script on the label can be drawn neither by the printer nor by us."""

    code = "no_font"
    title = "No font here has all letters of this label"


@lru_cache(maxsize=1_024)
def draw_run(text: str, font: str, height: float) -> Bitmap | None:
    """Draw characters in drawing order with one font, `height` dots high; None for a text without ink.

    Every character stands where its advance says, so that the run is as wide as the text was measured.

    Raises:
        NoFontForLabel: the font is one that PDF readers bring along, and what draws in its place lacks a character.
    """
    file = font_file(font)
    face = Face(file) if file else face_for(font, text)
    if face is None:
        raise NoFontForLabel(f"There is no font here for {text}.", remedy=_REMEDY)
    room = round(height * 2)
    wide = sum(advance_of(char, font) for char in text) * height
    canvas = Image.new("1", (round(wide) + 2 * room, 2 * room))
    at = float(room)
    for char in text:
        glyph = _glyph(char, face, height)
        if glyph is not None:
            left, top, mask = glyph
            canvas.paste(1, (round(at) + left, room + top), mask)
        at += advance_of(char, font) * height
    box = canvas.getbbox()
    if box is None:
        return None
    inked = canvas.crop(box)
    return Bitmap(box[0] - room, room - box[1], inked.width, inked.height, inked.tobytes())


def draw_polygons(shapes: Sequence[tuple[Sequence[tuple[float, float]], bool]]) -> Bitmap:
    """Paint polygons one over the other, each in ink or in none. Corners are in dots from the upper left of the page,
    and so is what the bitmap says of its place: `above` counts upwards.
    """
    right = ceil(max(x for points, _ in shapes for x, _ in points))
    low = ceil(max(y for points, _ in shapes for _, y in points))
    canvas = Image.new("1", (right + 1, low + 1))
    pen = ImageDraw.Draw(canvas)
    for points, is_ink in shapes:
        pen.polygon([(round(x), round(y)) for x, y in points], fill=int(is_ink))
    box = canvas.getbbox() or (0, 0, 1, 1)
    inked = canvas.crop(box)
    return Bitmap(box[0], -box[1], inked.width, inked.height, inked.tobytes())


@lru_cache(maxsize=8_192)
def _glyph(char: str, face: Face, height: float) -> tuple[int, int, Image.Image] | None:
    """Return a character's ink, and where its upper left corner lies from the pen; None for a blank."""
    font = _font(face, height)
    left, top, right, bottom = font.getbbox(char, mode="1", anchor="ls")
    if right <= left or bottom <= top:
        return None
    mask = Image.new("1", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(mask).text((-left, -top), char, fill=1, font=font, anchor="ls")
    return int(left), int(top), mask


@lru_cache(maxsize=256)
def _font(face: Face, height: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face.file, height, face.number, layout_engine=ImageFont.Layout.BASIC)

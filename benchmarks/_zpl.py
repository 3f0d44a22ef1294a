"""A label printer on paper: draws the ZPL II that it is sent, and knows no more of a label than that text.

It knows the commands that our labels have and raises at any other. Symbols are encoded here anew from the data of ^BC
by its invocation codes. The printer's own font 0 is drawn as wide as Helvetica Bold under the width that ^A asks for,
which CG Triumvirate Bold Condensed never reaches.
"""

import binascii
import re
import zlib
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import reportlab
from PIL import Image, ImageChops, ImageDraw, ImageFont
from reportlab.graphics.barcode import code128
from reportlab.pdfbase.pdfmetrics import stringWidth

Rect = tuple[int, int, int, int]

_COMMAND = re.compile(r"\^(XA|XZ|CI|PW|LL|LH|FO|FT|A0N|FB|FH|FD|FS|BY|BCN|GB|GF|PQ)([^^]*)")
_HEX = re.compile(r"((?:_[0-9A-F]{2})+)")
# What may stand after ">" in the data of ^BC (ZPL II Programming Guide, "Code 128 Invocation Characters").
_INVOKED = {"<": 62, "0": 30, "=": 94, "5": 99, "6": 100, "8": 102, ":": 104, ";": 105}
_TO_C, _TO_B = {99, 105}, {100, 104}
_STOP = 106
_PATTERNS = code128._patterns  # noqa: SLF001 - the table of ISO/IEC 15417 from other hands than ours
_DESCENT = 0.24
_FACE = Path(reportlab.__file__).parent / "fonts" / "VeraBd.ttf"


class NotPrinted(ValueError):
    """The printer would refuse or misread the text."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed label: its dots, the texts of font 0, and where ink lay outside the label or on another field's, as
    (left, top, right, bottom). A symbol takes all of its rectangle.
    """

    image: Image.Image
    texts: tuple[str, ...]
    overflows: tuple[Rect, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """What commands before ^FS said of a field."""

    at: tuple[int, int] = (0, 0)
    is_baseline: bool = False
    font: tuple[int, int] | None = None
    block: tuple[int, str] | None = None
    is_hex: bool = False
    modules: tuple[int, int] = (2, 10)
    symbol_height: int | None = None
    data: str = ""


_SAID_OF_A_FIELD: dict[str, Callable[[list[str], str], dict[str, Any]]] = {
    "FO": lambda args, _: {"at": (int(args[0]), int(args[1])), "is_baseline": False},
    "FT": lambda args, _: {"at": (int(args[0]), int(args[1])), "is_baseline": True},
    "A0N": lambda args, _: {"font": (int(args[1]), int(args[2]))},
    "FB": lambda args, _: {"block": (int(args[0]), args[3])},
    "FH": lambda _, __: {"is_hex": True},
    "FD": lambda _, rest: {"data": rest},
    "BY": lambda args, _: {"modules": (int(args[0]), int(args[2]))},
    "BCN": lambda args, _: {"symbol_height": int(args[1])},
}
# Texts are UTF-8, labels start at their corner, and each is printed once.
_FIXED = {"CI": "28", "LH": "0,0", "PQ": "1"}


class _Printer:
    """Paper, and what lies on it already."""

    def __init__(self) -> None:
        self.wide = 0
        self.image = Image.new("1", (1, 1))
        self.texts: list[str] = []
        self.overflows: list[Rect] = []
        self._taken = self.image

    def feed(self, length: int) -> None:
        self.image = Image.new("1", (self.wide, length))
        self._taken = self.image.copy()

    def ink(self, left: int, top: int, mask: Image.Image, *, takes_all: bool = False) -> None:
        """Put dots on the label; tell when they do not fit or meet others."""
        box = mask.getbbox()
        if box is None:
            return
        used = mask.crop(box)
        taking = Image.new("1", used.size, 1) if takes_all else used
        place = (left + box[0], top + box[1], left + box[2], top + box[3])
        wide, high = self.image.size
        is_outside = place[0] < 0 or place[1] < 0 or place[2] > wide or place[3] > high
        if is_outside or ImageChops.logical_and(self._taken.crop(place), taking).getbbox():
            self.overflows.append(place)
        self.image.paste(1, place[:2], used)
        self._taken.paste(1, place[:2], taking)


def print_zpl(zpl: bytes) -> Printed:
    """Print one label.

    Raises:
        NotPrinted: an unknown command, or one that is wrong in itself.
    """
    text = zpl.decode("ascii")
    if not text.startswith("^XA") or not text.rstrip().endswith("^XZ") or _COMMAND.sub("", text).strip():
        raise NotPrinted("there is something that is no command of a label")
    printer, state = _Printer(), _State()
    for name, rest in _COMMAND.findall(text):
        state = _obey(printer, state, name, rest if name == "FD" else rest.strip())
    return Printed(printer.image, tuple(printer.texts), tuple(printer.overflows))


def _obey(printer: _Printer, state: _State, name: str, rest: str) -> _State:
    args = rest.split(",")
    if name in _SAID_OF_A_FIELD:
        return replace(state, **_SAID_OF_A_FIELD[name](args, rest))
    match name:
        case "PW":
            printer.wide = int(rest)
        case "LL":
            printer.feed(int(rest))
        case "GB":
            printer.ink(*state.at, Image.new("1", (int(args[0]), int(args[1])), 1))
        case "GF":
            printer.ink(*state.at, _bitmap(args))
        case "FS":
            _finish(printer, state)
            return _State(modules=state.modules)
        case _ if _FIXED.get(name, rest) != rest:
            raise NotPrinted(f"^{name} is {_FIXED[name]} on our labels")
    return state


def _finish(printer: _Printer, state: _State) -> None:
    if state.symbol_height is not None:
        _draw_symbol(printer, state, state.symbol_height)
    elif state.font is not None:
        _draw_text(printer, state, state.font)


def _bitmap(args: list[str]) -> Image.Image:
    kind, total, used, row, data = args[0], int(args[1]), int(args[2]), int(args[3]), args[4]
    parts = data.split(":")
    if kind != "A" or parts[:2] != ["", "Z64"] or total != used:
        raise NotPrinted("bitmaps come as Z64")
    if int(parts[3], 16) != binascii.crc_hqx(parts[2].encode(), 0):
        raise NotPrinted("a bitmap's checksum is wrong")
    rows = zlib.decompress(b64decode(parts[2]))
    if len(rows) != total or total % row:
        raise NotPrinted("a bitmap is shorter or longer than it says")
    return Image.frombytes("1", (row * 8, total // row), rows)


def _draw_symbol(printer: _Printer, state: _State, height: int) -> None:
    values = _symbol_values(state.data)
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], start=1))) % 103
    pattern = "".join(_PATTERNS[value] for value in (*values, check, _STOP))
    dots = state.modules[0]
    wide = sum("abcd".index(char.lower()) + 1 for char in pattern) * dots
    mask = Image.new("1", (wide, height))
    pen, at = ImageDraw.Draw(mask), 0
    for char in pattern:
        end = at + ("abcd".index(char.lower()) + 1) * dots
        if char.isupper():
            pen.rectangle((at, 0, end - 1, height - 1), fill=1)
        at = end
    printer.ink(*state.at, mask, takes_all=True)


def _symbol_values(data: str) -> list[int]:
    values: list[int] = []
    is_paired, at = False, 0
    while at < len(data):
        if data[at] == ">":
            value = _INVOKED[data[at + 1]]
            is_paired = (is_paired or value in _TO_C) and value not in _TO_B
            values.append(value)
            at += 2
        elif is_paired:
            values.append(int(data[at : at + 2]))
            at += 2
        else:
            values.append(ord(data[at]) - 32)
            at += 1
    if not values or values[0] not in {104, 105}:
        raise NotPrinted("a symbol starts with its subset")
    return values


def _draw_text(printer: _Printer, state: _State, font: tuple[int, int]) -> None:
    high, wide = font
    if not state.is_baseline or high < 10 or wide < 10:
        raise NotPrinted("font 0 stands on a baseline and has at least 10 dots")
    text = _HEX.sub(lambda m: bytes.fromhex(m[1].replace("_", "")).decode(), state.data) if state.is_hex else state.data
    left, baseline = state.at
    if state.block:
        text = text.replace("\\\\", "\\")
    printer.texts.append(text)
    length = max(round(stringWidth(text, "Helvetica-Bold", wide)), 1)
    if state.block:
        room, side = state.block
        if length > room:
            raise NotPrinted(f"{text!r} turns into a second line")
        left += {"L": 0, "C": (room - length) // 2, "R": room - length}[side]
    face = ImageFont.truetype(str(_FACE), high)
    natural = face.getbbox(text, anchor="ls")
    drawn = Image.new("L", (max(int(natural[2]), 1), high + round(high * _DESCENT)))
    ImageDraw.Draw(drawn).text((0, high), text, fill=255, font=face, anchor="ls")
    mask = drawn.resize((length, drawn.height)).point(lambda dot: 255 * (dot > 127), mode="1")
    printer.ink(left, baseline - high, mask)

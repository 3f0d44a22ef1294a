"""TrueType files without what only screens need, so that what of them goes into a PDF is small (ISO/IEC 14496-22)."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path
from struct import Struct, pack, unpack_from

_KEPT = frozenset({b"head", b"hhea", b"hmtx", b"maxp", b"cmap", b"loca", b"glyf", b"OS/2", b"post", b"name"})
# Family, style, full name and PostScript name: the others are notices and descriptions.
_NAMES = frozenset({1, 2, 4, 6})
_SHORT = Struct(">H")
_ENTRY = Struct(">4sLLL")
_RECORD = Struct(">HHHHHH")
_FONT_COLLECTION = b"ttcf"
_LONG_OFFSETS = 50
_GLYPH_HEAD = 10
_COMPOSITE_HINTS = 0x0100
_MORE_PARTS = 0x0020


def bare_font(file: str) -> BytesIO:
    """Return a font file (of a collection, its first font) with its outlines and metrics, no hinting and no notices."""
    data = Path(file).read_bytes()
    start = unpack_from(">L", data, 12)[0] if data[:4] == _FONT_COLLECTION else 0
    count = _SHORT.unpack_from(data, start + 4)[0]
    entries = [_ENTRY.unpack_from(data, start + 12 + 16 * n) for n in range(count)]
    tables = {tag: data[at : at + length] for tag, _, at, length in entries if tag in _KEPT}
    tables[b"name"] = _short_names(tables[b"name"])
    tables[b"glyf"], tables[b"loca"] = _without_hints(tables)
    tables[b"head"] = tables[b"head"][:_LONG_OFFSETS] + pack(">H", 1) + tables[b"head"][_LONG_OFFSETS + 2 :]
    return BytesIO(_written(data[start : start + 4], tables))


def _short_names(table: bytes) -> bytes:
    count, storage = unpack_from(">2xHH", table)
    records = [_RECORD.unpack_from(table, 6 + 12 * n) for n in range(count)]
    kept = [record for record in records if record[3] in _NAMES]
    texts = bytearray()
    rows = bytearray()
    for platform, encoding, language, name, length, offset in kept:
        rows += _RECORD.pack(platform, encoding, language, name, length, len(texts))
        texts += table[storage + offset : storage + offset + length]
    return pack(">HHH", 0, len(kept), 6 + len(rows)) + bytes(rows) + bytes(texts)


def _without_hints(tables: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return the outlines without instructions, and where each starts, in long offsets."""
    loca, glyphs = tables[b"loca"], tables[b"glyf"]
    is_long = _SHORT.unpack_from(tables[b"head"], _LONG_OFFSETS)[0]
    size = len(loca) // (4 if is_long else 2)
    edges = unpack_from(f">{size}{'L' if is_long else 'H'}", loca)
    scale = 1 if is_long else 2
    bare = bytearray()
    starts = [0]
    for first, last in pairwise(edges):
        if last > first:
            bare += _bare_glyph(glyphs[first * scale : last * scale])
            bare += bytes(-len(bare) % 4)
        starts.append(len(bare))
    return bytes(bare), pack(f">{len(starts)}L", *starts)


def _bare_glyph(glyph: bytes) -> bytes:
    contours = unpack_from(">h", glyph)[0]
    if contours < 0:
        return _bare_composite(glyph)
    at = _GLYPH_HEAD + 2 * contours
    hints = _SHORT.unpack_from(glyph, at)[0]
    return glyph[:at] + b"\0\0" + glyph[at + 2 + hints :] if hints else glyph


def _bare_composite(glyph: bytes) -> bytes:
    """Take the instructions off a glyph that is made of others; they follow the last part."""
    bare = bytearray(glyph)
    at = _GLYPH_HEAD
    flags = _MORE_PARTS
    while flags & _MORE_PARTS:
        flags = _SHORT.unpack_from(bare, at)[0]
        _SHORT.pack_into(bare, at, flags & ~_COMPOSITE_HINTS)
        at += 4 + (4 if flags & 0x0001 else 2)
        at += 2 if flags & 0x0008 else 4 if flags & 0x0040 else 8 if flags & 0x0080 else 0
    return bytes(bare[:at])


def _written(version: bytes, tables: dict[bytes, bytes]) -> bytes:
    """Write a font file. Its checksums stay zero: each subset that is taken from it gets its own."""
    at = 12 + 16 * len(tables)
    entries, body = bytearray(), bytearray()
    for tag, table in sorted(tables.items()):
        entries += _ENTRY.pack(tag, 0, at + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return version + pack(">HHHH", len(tables), 0, 0, 0) + bytes(entries) + bytes(body)

"""A floor as DXF: what its layers hold becomes racks, ways and bins. Loaded when the first such file comes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Final

import shapely
from ezdxf import path, recover
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.entities.dxfgfx import DXFGraphic
from ezdxf.entities.insert import Insert
from ezdxf.entities.mtext import MText
from ezdxf.entities.text import Text
from ezdxf.lldxf.const import DXFError
from shapely import LineString, Polygon, STRtree

from fulfillment.domain.floor_files.layers import part_of_layer
from fulfillment.domain.floor_files.parts import (
    LINES,
    MOST_PARTS,
    ONE_PLACE,
    Corner,
    FloorFileError,
    Part,
    refuse_file,
    wrong_corners,
)

_INSUNITS: Final = {1: "in", 2: "ft", 4: "mm", 5: "cm", 6: "m"}
_FINENESS = 0.01
"""How far a drawn curve may be from the line that replaces it, as a share of what it is long."""


def read_dxf(content: bytes, layers: Mapping[str, str]) -> tuple[tuple[Part, ...], str]:
    """Return the parts of a drawing's model space, and the unit that it says of itself, empty if it does not.

    `layers` says of layers what their parts are, as `layers.part_of_layer` takes it. Texts on a layer name the outlines
    that they stand in and the lines that they stand nearest to; on a layer of bins each text is a bin, and so is each
    block, by its attributes CODE, AISLE, SIDE, LEVEL and ZONE.

    Raises:
        FloorFileError: it is no DXF, no layer is known, or parts of known layers cannot be right.
    """
    try:
        drawing, _ = recover.read(BytesIO(content))
    except (DXFError, OSError, ValueError) as error:
        raise FloorFileError(f"This is no DXF file: {error}.", remedy="Save it as DXF.", pointer="/content") from error
    drawn: dict[str, list[DXFGraphic]] = defaultdict(list)
    for entity in drawing.modelspace():
        drawn[entity.dxf.layer].append(entity)
    known = {layer: part_of_layer(layer, layers) for layer in drawn}
    wanted = {layer: kind for layer, kind in known.items() if kind}
    if not wanted:
        raise FloorFileError(
            f"No layer is known: {', '.join(sorted(known)) or 'the drawing is empty'}.",
            remedy="Name them RACKS, AISLES, CROSS_AISLES, BINS and so on, or say what each layer is.",
            pointer="/layers",
        )
    parts = [part for layer, kind in sorted(wanted.items()) for part in _layer(kind, drawn[layer])]
    if len(parts) > MOST_PARTS:
        refuse_file([f"It has more than {MOST_PARTS:,} parts."])
    refuse_file([f"{part.code or part.kind} {wrong_corners(part)}." for part in parts if wrong_corners(part)])
    return _named_once(parts), _INSUNITS.get(int(drawing.header.get("$INSUNITS", 0)), "")


def _layer(layer_kind: str, entities: Sequence[DXFGraphic]) -> Iterator[Part]:
    kind, _, how = layer_kind.partition(":")
    texts = [(_words(each), _at(each)) for each in entities if isinstance(each, Text | MText)]
    if kind in ONE_PLACE:
        yield from _places(kind, entities, texts)
        return
    shapes = [corners for each in entities for corners in _corners(each)]
    one_way = 1 if kind in LINES and how == "one_way" else 0
    zone_kind = how if kind == "zone" else ""
    names = _names(shapes, texts, is_line=kind in LINES)
    for corners, name in zip(shapes, names, strict=True):
        yield Part(kind, name, corners, one_way=one_way, zone_kind=zone_kind)


def _places(kind: str, entities: Sequence[DXFGraphic], texts: Sequence[tuple[str, Corner]]) -> Iterator[Part]:
    blocks = [each for each in entities if isinstance(each, Insert)]
    for block in blocks:
        said = {attribute.dxf.tag.upper(): attribute.dxf.text.strip() for attribute in block.attribs}
        level = said.get("LEVEL", "")
        yield Part(
            kind, said.get("CODE", ""), (_at(block),), said.get("ZONE", ""), said.get("AISLE", ""),
            said.get("SIDE", "")[:1].upper(), int(level) if level.isdecimal() else 0,
        )  # fmt: skip
    if kind == "bin":
        yield from (Part(kind, words, (at,)) for words, at in texts)
        return
    for each in entities:
        if each.dxftype() in ("POINT", "CIRCLE"):
            yield Part(kind, "", (_at(each),))


def _at(entity: DXFEntity) -> Corner:
    for name in ("insert", "location", "center"):
        if entity.dxf.hasattr(name):
            at = entity.dxf.get(name)
            return float(at.x), float(at.y)
    return 0.0, 0.0


def _words(entity: Text | MText) -> str:
    return " ".join(str(entity.plain_text()).split())


def _corners(entity: DXFGraphic) -> Iterator[tuple[Corner, ...]]:
    """Yield what a line, polyline, circle or spline leads along; texts and blocks draw nothing."""
    if entity.dxftype() not in ("LINE", "LWPOLYLINE", "POLYLINE", "CIRCLE", "ARC", "ELLIPSE", "SPLINE"):
        return
    drawn = path.make_path(entity)
    corners = [(float(at.x), float(at.y)) for at in drawn.flattening(_longest(drawn) * _FINENESS, segments=8)]
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    yield tuple(corners)


def _longest(drawn: path.Path) -> float:
    """Return the longer side of what is drawn."""
    corners = drawn.control_vertices()
    xs, ys = [at.x for at in corners], [at.y for at in corners]
    return float(max(max(xs) - min(xs), max(ys) - min(ys), 1e-6))


def _names(shapes: Sequence[tuple[Corner, ...]], texts: Sequence[tuple[str, Corner]], *, is_line: bool) -> list[str]:
    """Return for each shape the text that stands in it, or nearest to it, once each; empty where there is none."""
    names = [""] * len(shapes)
    drawn = [LineString(c) if is_line or len(c) <= len("xy") else Polygon(c) for c in shapes if len(c) > 1]
    if len(drawn) != len(shapes) or not drawn:
        return names
    nearest = STRtree(drawn).nearest(shapely.points([at for _, at in texts])) if texts else []
    for (words, _), number in zip(texts, nearest, strict=True):
        names[int(number)] = names[int(number)] or words
    return names


def _named_once(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Give parts without a name one from their kind, as RACK-1."""
    taken = {part.code for part in parts}
    numbers: dict[str, int] = defaultdict(int)
    named = []
    for part in parts:
        found = part
        while not found.code and part.kind not in ("depot", "drop", "floor"):
            numbers[part.kind] += 1
            code = f"{part.kind.upper().replace('_', '-')}-{numbers[part.kind]}"
            found = replace(part, code=code) if code not in taken else part
        named.append(found)
    return tuple(named)

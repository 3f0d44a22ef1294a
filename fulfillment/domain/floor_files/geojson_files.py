"""A floor as GeoJSON (RFC 7946 in form): features with a property `kind`, coordinates as lengths from a corner."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, Final

import msgspec

from fulfillment.domain.floor_files.parts import (
    KINDS,
    LINES,
    MOST_PARTS,
    ONE_PLACE,
    Corner,
    FloorFileError,
    Part,
    refuse_file,
    wrong_corners,
)

_LARGEST = 1e9
_SIDES: Final = {"l": "L", "left": "L", "r": "R", "right": "R"}


def read_geojson(text: str) -> tuple[tuple[Part, ...], str, str]:
    """Return the parts of a feature collection, and the unit and name that it says of itself, empty if it does not.

    Raises:
        FloorFileError: names the features that cannot be right, by number and code.
    """
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise FloorFileError(f"This is not JSON: {error}.", pointer="/content") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list):
        raise FloorFileError("A feature collection has a list of features.", pointer="/content")
    if len(features) > MOST_PARTS:
        refuse_file([f"It has more than {MOST_PARTS:,} features."])
    parts: list[Part] = []
    faults: list[str] = []
    for number, feature in enumerate(features, start=1):
        try:
            parts.append(_part(feature))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            faults.append(f"Feature {number}{_called(feature)}: {_reason(error)}.")
    refuse_file(faults)
    return tuple(parts), str(found.get("unit") or ""), str(found.get("name") or "")


def write_geojson(parts: Iterable[Part], *, unit: str, name: str) -> bytes:
    """Return a file that `read_geojson` reads."""
    features = [
        {"type": "Feature", "properties": dict(_properties(part)), "geometry": _geometry(part)} for part in parts
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "name": name, "unit": unit, "features": features})


def _properties(part: Part) -> Iterator[tuple[str, Any]]:
    for name in ("kind", "code", "zone", "aisle", "side", "level", "width", "one_way", "zone_kind", "note"):
        value = getattr(part, name)
        if value:
            yield name, value


def _geometry(part: Part) -> dict[str, Any]:
    if part.kind in ONE_PLACE:
        return {"type": "Point", "coordinates": part.corners[0]}
    if part.kind in LINES:
        return {"type": "LineString", "coordinates": part.corners}
    return {"type": "Polygon", "coordinates": [[*part.corners, part.corners[0]]]}


def _part(feature: Mapping[str, Any]) -> Part:
    said, geometry = feature["properties"], feature["geometry"]
    kind = str(said["kind"]).casefold().replace("-", "_")
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of part: {', '.join(KINDS)}")
    part = Part(
        kind, str(said.get("code") or ""), _corners(kind, geometry), str(said.get("zone") or ""),
        str(said.get("aisle") or ""), _SIDES.get(str(said.get("side") or "").casefold(), ""),
        int(said.get("level") or 0), _length(said.get("width") or 0), _way(said.get("one_way")),
        str(said.get("zone_kind") or ""), str(said.get("note") or ""),
    )  # fmt: skip
    wrong = wrong_corners(part)
    if wrong or not (part.code or kind in ("floor", "depot", "drop")):
        raise ValueError(wrong or "it has no code")
    return part


def _corners(kind: str, geometry: Mapping[str, Any]) -> tuple[Corner, ...]:
    wanted = "Point" if kind in ONE_PLACE else "LineString" if kind in LINES else "Polygon"
    if geometry["type"] != wanted:
        raise ValueError(f"its geometry must be a {wanted}, not a {geometry['type']}")
    listed: Sequence[Any] = geometry["coordinates"]
    if wanted == "Point":
        listed = [listed]
    if wanted == "Polygon":
        listed = listed[0][:-1] if listed[0][0] == listed[0][-1] else listed[0]
    return tuple((_length(at[0]), _length(at[1])) for at in listed)


def _length(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or abs(value) > _LARGEST:
        raise ValueError(f"{value} is no length")
    return float(value)


def _way(value: object) -> int:
    return value if isinstance(value, int) and value in (-1, 1) else 1 if value == "yes" else 0


def _called(feature: object) -> str:
    said = feature.get("properties") if isinstance(feature, dict) else None
    code = said.get("code") if isinstance(said, dict) else None
    return f" ({code})" if code else ""


def _reason(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)

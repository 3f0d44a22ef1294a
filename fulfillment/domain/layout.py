from collections.abc import Iterable, KeysView, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from shapely import Polygon

from kernel.errors import Invalid, Refusal

Point: TypeAlias = tuple[int, int]
"""A place on the floor: x and y in mm."""

MOST_TOLD = 500
"""Parts of one fault that an answer names; it says of how many."""


@dataclass(frozen=True, slots=True)
class Rack:
    """A block of shelving that nobody walks through; coordinates in mm."""

    code: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Zone:
    """A named area of the floor: `storage`, `pack`, `receiving` or `lane` (staging for one carrier)."""

    code: str
    kind: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Aisle:
    """A walkway between racks: its center line runs along `x_mm` and its floor is `width_mm` wide.

    `one_way` is 1 where people and carts may only go toward growing y, -1 toward falling y, 0 where both ways.
    """

    code: str
    x_mm: int
    y_from_mm: int
    y_to_mm: int
    width_mm: int
    one_way: int = 0


@dataclass(frozen=True, slots=True)
class CrossAisle:
    """A walkway across all aisles: its center line runs along `y_mm`."""

    code: str
    y_mm: int
    x_from_mm: int
    x_to_mm: int
    width_mm: int


@dataclass(frozen=True, slots=True)
class Walkway:
    """A way drawn as a line of corners, slanted or bent; a `one_way` one leads from the first corner to the last."""

    code: str
    points: tuple[Point, ...]
    width_mm: int
    one_way: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something in the way for a while or for good: a pallet, a pillar, a closed bay. Nobody walks through it.

    `note` says why it is there.
    """

    code: str
    polygon: Polygon
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bin:
    """One stock location. `x_mm`, `y_mm` is its middle on the shelf; `level` counts from 1 at the floor."""

    code: str
    zone: str
    aisle: str
    side: str
    level: int
    x_mm: int
    y_mm: int


@dataclass(frozen=True, slots=True)
class WarehousePlan:
    """One version of a warehouse floor as drawn, not checked yet. Lengths in mm; y grows away from the docks.

    Walks start at `depot`; they end at the best of `drops`, or at the depot if none is drawn. `walkways` are ways that
    no aisle or cross-aisle is; bins may name them as their aisle. `closed_bins` are locations that nobody gets to for
    now, as somebody confirmed: they are drawn, and no walk leads there.
    """

    name: str
    floor: Polygon
    aisles: tuple[Aisle, ...]
    cross_aisles: tuple[CrossAisle, ...]
    racks: tuple[Rack, ...]
    zones: tuple[Zone, ...]
    bins: tuple[Bin, ...]
    depot: Point
    drops: tuple[Point, ...] = ()
    walkways: tuple[Walkway, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    closed_bins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Stand:
    """Where the picker stands to reach a bin: `column` is the position of its aisle, from the left."""

    column: int
    y_mm: int


@dataclass(frozen=True, slots=True)
class Depot:
    """Where tours start or end. `at` is the place itself, `x_mm` and `row` its way onto a cross-aisle."""

    at: Point
    x_mm: int
    row: int
    stub_mm: int


@dataclass(frozen=True, slots=True, order=True)
class Obstruction:
    """A stretch of a walkway where nobody gets through: `line` counts the aisles, or cross-aisles, of its layout."""

    line: int
    from_mm: int
    to_mm: int


@dataclass(frozen=True, slots=True)
class GridLayout:
    """A checked floor on which exact routing is possible: parallel aisles, cross-aisles that span all of them.

    `columns` are the x of the aisles and `rows` the y of the cross-aisles, both ascending, in mm; between two rows lies
    one block. `stands` gives the access point of every bin by location code. Tours start at `depot` and end at the best
    of `drops`, or at the depot if there are none. `blocked_aisles` are stretches along y of the aisle that they name,
    `blocked_cross_aisles` stretches along x of the cross-aisle.
    """

    plan: WarehousePlan
    columns: tuple[int, ...]
    rows: tuple[int, ...]
    stands: Mapping[str, Stand]
    depot: Depot
    drops: tuple[Depot, ...] = ()
    blocked_aisles: tuple[Obstruction, ...] = ()
    blocked_cross_aisles: tuple[Obstruction, ...] = ()

    @property
    def ends(self) -> tuple[Depot, ...]:
        """Return the places where a tour may end."""
        return self.drops or (self.depot,)

    @property
    def codes(self) -> KeysView[str]:
        """Return the codes of all locations on the floor."""
        return self.stands.keys()

    @property
    def is_obstructed(self) -> bool:
        """Return whether some walkway has a stretch where nobody gets through."""
        return bool(self.blocked_aisles or self.blocked_cross_aisles)

    @property
    def blocks(self) -> int:
        """Return the number of rack blocks between the first and the last cross-aisle."""
        return len(self.rows) - 1

    def stands_of(self, bins: Iterable[str]) -> dict[str, Stand]:
        """Return the access points of `bins` in code order, each once.

        Raises:
            UnknownBinsError: for location codes that this layout does not have.
        """
        codes = sorted(set(bins))
        unknown = tuple(code for code in codes if code not in self.stands)
        if unknown:
            raise UnknownBinsError(unknown)
        return {code: self.stands[code] for code in codes}

    def access_point(self, code: str) -> Point:
        """Return the floor point in mm from which `code` is picked."""
        stand = self.stands[code]
        return self.columns[stand.column], stand.y_mm


@dataclass(frozen=True, slots=True)
class FaultPlace:
    """Where on the floor a faulty part is, in mm."""

    name: str
    x_mm: int
    y_mm: int


@dataclass(frozen=True, slots=True)
class LayoutFault:
    """One thing wrong with a floor plan, the codes of the parts that it concerns, and where those are."""

    code: str
    names: tuple[str, ...]
    explanation: str
    places: tuple[FaultPlace, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return the fault as plain values: the first parts and places, and of how many."""
        return {
            "code": self.code,
            "explanation": self.explanation,
            "names": list(self.names[:MOST_TOLD]),
            "places": [asdict(place) for place in self.places[:MOST_TOLD]],
            "count": len(self.names),
        }


class LayoutError(Invalid):
    """The floor plan cannot be walked as drawn; `faults` names every part that is wrong."""

    code = "layout_invalid"
    title = "The floor plan is not valid"

    def __init__(self, faults: tuple[LayoutFault, ...]) -> None:
        told = " ".join(f"{fault.explanation}: {_listed(fault.names)}." for fault in faults)
        listed = [fault.told() for fault in faults]
        super().__init__(told, remedy="Correct the named parts and load the plan again.", faults_found=listed)
        self.faults = faults


class UnknownBinsError(Refusal):
    """Some location codes are not on this layout."""

    code = "unknown_bins"
    status = 422
    title = "Some locations are not on the floor plan"

    def __init__(self, bins: tuple[str, ...]) -> None:
        super().__init__(
            f"The floor plan has no location {_listed(bins)}.",
            remedy="Check the codes, or load the floor plan that has them.",
            bins=list(bins),
        )
        self.bins = bins


class UnreachableBinsError(Refusal):
    """Nobody gets to some locations, or from there to where a walk ends."""

    code = "unreachable_bins"
    status = 422
    title = "Nobody gets to some locations"

    def __init__(self, bins: tuple[str, ...]) -> None:
        super().__init__(
            f"No way leads to {_listed(bins)} and on to the end of the walk.",
            remedy="Open a blocked walkway, or pick elsewhere.",
            bins=list(bins),
        )
        self.bins = bins


def location_check_digits(code: str) -> str:
    """Return the two check digits printed on the label of location `code`, which a picker reads back.

    ISO 7064 MOD 97-10 over the letters and digits of the code (A = 10 ... Z = 35), so that a neighboring or swapped
    character always gives other digits.
    """
    number = int("".join(str(int(char, 36)) for char in code.upper() if char.isascii() and char.isalnum()) or "0")
    return f"{98 - number * 100 % 97:02d}"


def _listed(names: tuple[str, ...], shown: int = 10) -> str:
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")

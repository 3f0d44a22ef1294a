from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from shipping.domain.carton_space import Dims, Unit

Proof = Literal["proven", "none"]
Doubt = tuple[tuple[Unit, ...], Dims]
"""Units that may or may not all fit into inner sides in mm: the search could not decide it."""


class Cared(Protocol):
    """Goods as far as the care goes that they need on their way; see `PackItem`."""

    @property
    def mailer_ok(self) -> bool:
        """Whether somebody said that they may go into a mailer."""

    @property
    def fragile(self) -> bool:
        """Whether they break."""

    @property
    def keep_upright(self) -> bool:
        """Whether they stay as they stand."""

    @property
    def max_load_g(self) -> int | None:
        """What may lie on a piece, in g, None for no limit."""

    @property
    def own_container(self) -> bool:
        """Whether they travel as they are."""

    @property
    def kept_apart(self) -> str:
        """Why they share no carton with others: hazardous, chilled or frozen."""


def needs_box(goods: Cared) -> bool:
    """Say whether goods may not go into a mailer: nobody allowed it, or they need care that only a box gives."""
    needs_care = goods.fragile or goods.keep_upright or goods.max_load_g is not None or goods.own_container
    return not goods.mailer_ok or needs_care or bool(goods.kept_apart)


def most_room_mm3(flat_mm: Dims) -> int:
    """Return the volume in cubic mm of the largest block that a mailer of these flat sides and bulge in mm holds."""
    length, width, bulge = flat_mm
    return max((length - h) * (width - h) * h for h in range(1, bulge + 1))


@dataclass(frozen=True, slots=True)
class CartonType:
    """A carton the warehouse stocks. Sides in mm (length, width, height); weights in g; `max_weight_g` is gross.

    A mailer has `flat_mm`: inner length and width of the empty bag, and how far it may bulge. On the shelf these are
    its inner sides as well; in a plan those are of the room that it opens to, see `shipping.domain.mailers`.
    """

    code: str
    inner_mm: Dims
    outer_mm: Dims
    tare_g: int
    tare_sd_g: float
    max_weight_g: int
    cost_minor: int
    flat_mm: Dims | None = None

    @property
    def is_mailer(self) -> bool:
        """Whether it is a bag, which takes the shape of what is in it and is not filled up."""
        return self.flat_mm is not None

    @property
    def inner_volume_mm3(self) -> int:
        """Room inside, in cubic millimetres; of an empty mailer the most that it can have."""
        if self.flat_mm == self.inner_mm:
            return most_room_mm3(self.inner_mm)
        return self.inner_mm[0] * self.inner_mm[1] * self.inner_mm[2]


@dataclass(frozen=True, slots=True)
class PackItem:
    """A line to pack: an opaque reference, the sides of one piece in mm, its weight in g, and how many.

    On a fragile piece only fragile ones lie, and at most `max_load_g` altogether rests on one piece, None for no limit:
    see `shipping.domain.packing_loads`. `kept_apart` says why it shares no carton with other goods, "" if it may; a
    piece with `own_container` goes into no carton at all. Pieces with the same `pack_with` share one carton wherever
    one holds them all, "" for none. Those that are `mailer_ok` and need no care may go into a mailer.
    """

    ref: str
    l_mm: int
    w_mm: int
    h_mm: int
    weight_g: int
    quantity: int
    keep_upright: bool = False
    fragile: bool = False
    kept_apart: str = ""
    max_load_g: int | None = None
    own_container: bool = False
    pack_with: str = ""
    mailer_ok: bool = False

    @property
    def needs_box(self) -> bool:
        """Whether it may not go into a mailer."""
        return needs_box(self)

    def __post_init__(self) -> None:
        if min(self.l_mm, self.w_mm, self.h_mm) < 1:
            raise ValueError(f"item {self.ref}: every side must be at least 1 mm")
        if self.quantity < 1 or self.weight_g < 0:
            raise ValueError(f"item {self.ref}: quantity must be at least 1 and weight not negative")
        if self.max_load_g is not None and self.max_load_g < 0:
            raise ValueError(f"item {self.ref}: what it bears must not be negative")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one piece of `ref` lies: the corner nearest the origin and the sides along x, y, z, in mm."""

    ref: str
    x_mm: int
    y_mm: int
    z_mm: int
    l_mm: int
    w_mm: int
    h_mm: int


@dataclass(frozen=True, slots=True)
class PackedCarton:
    """One parcel of a plan. `carton` is None for an item that ships in its own container. Outer sides are in mm, those
    of the filled shape for a mailer, which has no void either.
    """

    carton: CartonType | None
    placements: tuple[Placement, ...]
    outer_mm: Dims
    gross_weight_g: int
    void_mm3: int
    price_minor: int

    @property
    def contents(self) -> tuple[tuple[str, int], ...]:
        """Item references with their quantities in this parcel, sorted by reference."""
        return tuple(sorted(Counter(p.ref for p in self.placements).items()))

    @property
    def ships_in_own_container(self) -> bool:
        """Whether the item travels without a carton of ours."""
        return self.carton is None


@dataclass(frozen=True, slots=True)
class Apart:
    """A group of pieces that no carton holds as a whole: its name, why its goods are kept apart from others, and
    whether that is certain, or just no way is known.
    """

    name: str
    kept_apart: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class PackPlan:
    """The parcels of an order, plain sentences for the packer, and whether no cheaper single carton can exist.

    `proof` is "proven" when every cheaper carton was excluded for certain, and "none" when the search
    gave up on at least one of them. `doubts` are the units and inner sides in mm that it gave up on. `apart` are the
    groups that no carton is known to hold as a whole.
    """

    parcels: tuple[PackedCarton, ...]
    statements: tuple[str, ...]
    proof: Proof
    doubts: tuple[Doubt, ...] = ()
    apart: tuple[Apart, ...] = ()

    @property
    def price_minor(self) -> int:
        """Sum of the parcels' prices in minor units."""
        return sum(parcel.price_minor for parcel in self.parcels)


class InvalidPackPlan(ValueError):
    """A plan overlaps, leaves its carton, is too heavy, or does not hold exactly the ordered items."""


Price = Callable[[CartonType, int], int]

"""A plan as a packer carries it out: piece by piece from the bottom up, each step in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shipping.domain.carton_plans import Placement
from shipping.domain.carton_space import Dims
from shipping.domain.packing_words import level_of, orientation_of, place_of


@dataclass(frozen=True, slots=True)
class Piece:
    """What a reference of a plan stands for: its name in a sentence, and its catalog sides in mm."""

    name: str
    sides: Dims


@dataclass(frozen=True, slots=True)
class PackStep:
    """Equal pieces that go in together as one block; `first` and `count` are their places in `in_order`."""

    ref: str
    first: int
    count: int
    sentence: str


def in_order(placements: Sequence[Placement]) -> list[Placement]:
    """Return placements in the order in which they go into an open carton: nothing goes in under what is in, and what
    lies flat goes before what has to be held.
    """
    return sorted(placements, key=lambda p: (p.z_mm, p.h_mm, p.ref, p.l_mm, p.w_mm, p.y_mm, p.x_mm))


def steps_of(
    placements: Sequence[Placement], inner: Dims, pieces: Mapping[str, Piece], *, in_bag: bool = False
) -> list[PackStep]:
    """Return the steps, numbered in their sentences: "1 of 5: put MUG-BLUE upright in the left rear corner". What goes
    into a bag is stacked on it first: "1 of 2: lay TEE-M flat in the middle".
    """
    ordered = in_order(placements)
    blocks = list(_blocks(ordered))
    return [
        PackStep(
            ordered[first].ref, first, count,
            f"{number} of {len(blocks)}: {_told(ordered, first, count, inner, pieces, in_bag=in_bag)}",
        )
        for number, (first, count) in enumerate(blocks, start=1)
    ]  # fmt: skip


def _told(
    ordered: Sequence[Placement], first: int, count: int, inner: Dims, pieces: Mapping[str, Piece], *, in_bag: bool
) -> str:
    block = ordered[first : first + count]
    one, piece = block[0], pieces[block[0].ref]
    many = f"{count} \N{MULTIPLICATION SIGN} {piece.name}" if count > 1 else piece.name
    how: str = orientation_of(piece.sides, (one.l_mm, one.w_mm, one.h_mm))
    if in_bag and one.h_mm == min(piece.sides):
        how = "flat"
    at, dims = _hull(block)
    beneath = [pieces[p.ref].name for p in ordered[:first] if any(_lies_on(upper, p) for upper in block)]
    words = ["lay" if in_bag else "put", many, how, "side by side" if count > 1 else "", place_of(at, dims, inner)]
    if at[2]:
        words.append(level_of(at[2], beneath))
    return " ".join(word for word in words if word)


def _blocks(ordered: Sequence[Placement]) -> Iterator[tuple[int, int]]:
    """Cut the order into the largest solid blocks of equal pieces on one level: first place and count."""
    first = 0
    while first < len(ordered):
        kind = _kind(ordered[first])
        run = 1
        while first + run < len(ordered) and _kind(ordered[first + run]) == kind:
            run += 1
        count = next(n for n in range(run, 0, -1) if _is_solid(ordered[first : first + n]))
        yield first, count
        first += count


def _kind(place: Placement) -> tuple[str, int, int, int, int]:
    return place.ref, place.z_mm, place.l_mm, place.w_mm, place.h_mm


def _is_solid(block: Sequence[Placement]) -> bool:
    _, (length, width, height) = _hull(block)
    return length * width * height == sum(p.l_mm * p.w_mm * p.h_mm for p in block)


def _hull(block: Sequence[Placement]) -> tuple[Dims, Dims]:
    at = min(p.x_mm for p in block), min(p.y_mm for p in block), min(p.z_mm for p in block)
    ends = (
        max(p.x_mm + p.l_mm for p in block), max(p.y_mm + p.w_mm for p in block), max(p.z_mm + p.h_mm for p in block),
    )  # fmt: skip
    return at, (ends[0] - at[0], ends[1] - at[1], ends[2] - at[2])


def _lies_on(upper: Placement, lower: Placement) -> bool:
    touches = lower.z_mm + lower.h_mm == upper.z_mm
    beside_x = lower.x_mm + lower.l_mm <= upper.x_mm or upper.x_mm + upper.l_mm <= lower.x_mm
    beside_y = lower.y_mm + lower.w_mm <= upper.y_mm or upper.y_mm + upper.w_mm <= lower.y_mm
    return touches and not beside_x and not beside_y

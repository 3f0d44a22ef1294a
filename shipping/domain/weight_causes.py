import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

CauseKind = Literal["missing", "extra", "swapped", "wrong_carton", "master_unit", "scale_unit", "none"]

# Rough shares of what was found wrong in opened parcels; they only order causes that explain a reading equally well.
_PRIOR: dict[CauseKind, float] = {
    "none": 0.99,
    "missing": 0.0045,
    "extra": 0.0015,
    "swapped": 0.003,
    "wrong_carton": 0.001,
    "master_unit": 0.0005,
    "scale_unit": 0.0001,
}
# A weight typed in the wrong unit is off by one of these: pound, ounce and kilogram against gram, pound against kg.
_UNIT_SLIPS: tuple[tuple[str, float], ...] = (
    ("pounds taken for grams", 453.59237),
    ("ounces taken for grams", 28.349523),
    ("kilograms taken for grams", 1000.0),
    ("kilograms taken for pounds", 2.2046226),
    ("grams taken for kilograms", 1 / 1000.0),
    ("pounds taken for kilograms", 1 / 2.2046226),
    ("grams taken for ounces", 1 / 28.349523),
    ("grams taken for pounds", 1 / 453.59237),
)
_MOST_PIECES = 3
_MOST_EXPLANATIONS = 5


class CauseItem(Protocol):
    """The part of an expected item that causes are computed from."""

    @property
    def ref(self) -> str:
        """Item reference."""

    @property
    def quantity(self) -> int:
        """Pieces in the parcel."""

    @property
    def mean_g(self) -> float:
        """Mean weight of a piece in g."""

    @property
    def is_learned(self) -> bool:
        """Whether the mean comes from weighed parcels and not from the catalogue."""


class CauseExpectation(Protocol):
    """The part of an expectation that causes are computed from."""

    @property
    def items(self) -> Sequence[CauseItem]:
        """The lines of the parcel."""

    @property
    def tare_g(self) -> float:
        """Weight of the planned carton in g."""

    @property
    def mean_g(self) -> float:
        """Expected reading in g."""

    @property
    def sigma_g(self) -> float:
        """Standard deviation of the reading in g."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A possible cause of a reading: its kind, the items, the sentence for the packer, the shift in g, its share."""

    kind: CauseKind
    refs: tuple[str, ...]
    sentence: str
    shift_g: float
    probability: float


@dataclass(frozen=True, slots=True)
class _Cause:
    kind: CauseKind
    refs: tuple[str, ...]
    sentence: str
    shift_g: float
    weight: float


def rank_causes(
    reading_g: int, expectation: CauseExpectation, other_tares_g: Sequence[tuple[str, float]] = ()
) -> tuple[Explanation, ...]:
    """List the likeliest causes of a reading, best first, at most five, with their posterior shares.

    Posterior = prior share of the cause x normal density of (residual - shift) with the parcel's own sigma; shares
    are taken over every considered cause including "nothing is wrong".
    """
    residual = reading_g - expectation.mean_g
    sigma = max(expectation.sigma_g, 0.1)
    causes = list(_causes(reading_g, expectation, other_tares_g))
    logs = [math.log(c.weight) - 0.5 * ((residual - c.shift_g) / sigma) ** 2 for c in causes]
    top = max(logs)
    shares = [math.exp(value - top) for value in logs]
    total = sum(shares)
    ranked = sorted(zip(shares, causes, strict=True), key=lambda pair: (-pair[0], pair[1].sentence))
    return tuple(
        Explanation(c.kind, c.refs, c.sentence, c.shift_g, share / total)
        for share, c in ranked[:_MOST_EXPLANATIONS]
        if share / total >= 0.001  # noqa: PLR2004 - a cause below one in a thousand only distracts
    )


def _causes(
    reading_g: int, expectation: CauseExpectation, other_tares_g: Sequence[tuple[str, float]]
) -> Iterator[_Cause]:
    yield _Cause("none", (), "Nothing is wrong: an unusual but possible reading.", 0.0, _PRIOR["none"])
    yield from _count_causes(expectation.items)
    yield from _swap_causes(expectation.items)
    for code, tare_g in other_tares_g:
        shift = tare_g - expectation.tare_g
        share = _PRIOR["wrong_carton"] / len(other_tares_g)
        yield _Cause("wrong_carton", (code,), f"Carton {code} was taken instead of the planned one.", shift, share)
    yield from _unit_causes(reading_g, expectation)


def _count_causes(items: Sequence[CauseItem]) -> Iterator[_Cause]:
    for item in items:
        for count in range(1, _MOST_PIECES + 1):
            # Each further piece is a tenth as likely as the one before.
            weight = 0.1 ** (count - 1) / len(items)
            if count <= item.quantity:
                text = f"{count} x {item.ref} is missing."
                yield _Cause("missing", (item.ref,), text, -count * item.mean_g, _PRIOR["missing"] * weight)
            text = f"{count} x {item.ref} too many."
            yield _Cause("extra", (item.ref,), text, count * item.mean_g, _PRIOR["extra"] * weight)


def _swap_causes(items: Sequence[CauseItem]) -> Iterator[_Cause]:
    pairs = [(a, b) for a in items for b in items if a.ref != b.ref]
    for gone, doubled in pairs:
        text = f"1 x {doubled.ref} was packed instead of {gone.ref}."
        shift = doubled.mean_g - gone.mean_g
        yield _Cause("swapped", (gone.ref, doubled.ref), text, shift, _PRIOR["swapped"] / len(pairs))


def _unit_causes(reading_g: int, expectation: CauseExpectation) -> Iterator[_Cause]:
    for item in expectation.items:
        if item.is_learned:
            continue
        for slip, factor in _UNIT_SLIPS:
            shift = item.quantity * item.mean_g * (factor - 1)
            text = f"The catalogue weight of {item.ref} looks like {slip}."
            yield _Cause("master_unit", (item.ref,), text, shift, _PRIOR["master_unit"] / len(_UNIT_SLIPS))
    for slip, factor in _UNIT_SLIPS:
        # A scale set to another unit multiplies the whole reading, so that its shift follows from the mean.
        shift = expectation.mean_g * (1 / factor - 1)
        if reading_g > 0:
            weight = _PRIOR["scale_unit"] / len(_UNIT_SLIPS)
            yield _Cause("scale_unit", (), f"The scale reading looks like {slip}.", shift, weight)

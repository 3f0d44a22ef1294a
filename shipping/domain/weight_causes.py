import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shipping.domain.weight_belief import KG_IN_POUNDS, OUNCE_G, POUND_G, Branch

CauseKind = Literal[
    "missing", "extra", "swapped", "replaced", "wrong_carton", "master_unit", "scale_unit", "undone", "none"
]  # fmt: skip

# Shares of parcels: one in a hundred is packed wrongly, and how. Found by opening parcels.
_PRIOR: dict[CauseKind, float] = {
    "none": 0.99,
    "missing": 0.0045,
    "extra": 0.0025,
    "swapped": 0.0005,
    "replaced": 0.0025,
    "wrong_carton": 0.0005,
    "undone": 0.0025,
    "master_unit": 0.99,
    "scale_unit": 0.00001,
}
_INNOCENT: frozenset[CauseKind] = frozenset({"none", "master_unit"})
"""Causes in which the contents are right."""
_ADVICE: frozenset[CauseKind] = frozenset({"wrong_carton", "scale_unit"})
"""Causes that are only named to whoever looks: they do not count in the odds."""
_MORE = 0.4
"""Each further unit too many or too few is that much less likely than the one before."""
_ROOT = math.sqrt(2 * math.pi)
_MOST_PIECES = 3
_MOST_EXPLANATIONS = 5
# Good parcels scatter wider than the normal law: two in a hundred as if their variance were six times as large.
_TAIL_SHARE, _TAIL_VARIANCE = 0.02, 6.0
_SCALE_UNITS = (
    ("pounds", POUND_G), ("ounces", OUNCE_G), ("kilograms", 1000.0), ("kilograms for pounds", KG_IN_POUNDS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goods:
    """What the house's items weigh, as the normal law of the logarithm of g: what a stray unit may be."""

    log_mean: float = math.log(250.0)
    log_sd: float = 1.0

    def density(self, weight_g: float) -> float:
        """Return the density per g of a stray unit's weight."""
        if weight_g <= 1:
            return 0.0
        z = (math.log(weight_g) - self.log_mean) / self.log_sd
        return math.exp(-0.5 * z * z) / (weight_g * self.log_sd * _ROOT)


GOODS = Goods()
"""What is assumed of a house whose catalog is not known."""


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
    def unit_sd_g(self) -> float:
        """Spread between pieces in g."""

    @property
    def mean_sd_g(self) -> float:
        """How unsure the mean is, in g."""

    @property
    def share(self) -> float:
        """How likely that mean is at all."""

    @property
    def others(self) -> Sequence[Branch]:
        """What else the item may weigh."""


class CauseExtra(Protocol):
    """The part of what was added to a parcel that causes are computed from."""

    @property
    def name(self) -> str:
        """How people call it."""

    @property
    def quantity(self) -> int:
        """How many."""

    @property
    def mean_g(self) -> float:
        """Mean weight of one in g."""

    @property
    def sd_g(self) -> float:
        """Spread between them in g."""


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
    def variance_g2(self) -> float:
        """Variance of the reading in g2."""

    @property
    def extras(self) -> Sequence[CauseExtra]:
        """What was added beside goods and carton."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A possible cause of a reading: its kind, the items, the sentence for the packer, the shift in g, its share."""

    kind: CauseKind
    refs: tuple[str, ...]
    sentence: str
    shift_g: float
    probability: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """What may explain a reading, best first, and the logarithm of the odds that the contents are wrong."""

    log_odds: float
    explanations: tuple[Explanation, ...]

    @property
    def blames_catalog(self) -> bool:
        """Whether the likeliest cause is a wrong entry of the catalog."""
        return bool(self.explanations) and self.explanations[0].kind == "master_unit"


@dataclass(frozen=True, slots=True)
class _Cause:
    kind: CauseKind
    refs: tuple[str, ...]
    sentence: str
    shift_g: float
    likelihood: float


def rank_causes(
    reading_g: float, expectation: CauseExpectation, other_tares_g: Sequence[tuple[str, float]] = (),
    goods: Goods = GOODS,
) -> Ranking:  # fmt: skip
    """Weigh every cause of a reading, right contents among them.

    Posterior of a cause = its prior share x density of (residual - shift) under the parcel's own variance, changed by
    what the cause changes: a unit less is a unit less of doubt. Right contents include the other weights that an
    item may have as long as parcels did not settle it. The odds compare wrong contents with right ones.
    """
    causes = list(_causes(reading_g, expectation, other_tares_g, goods))
    wrong = sum(c.likelihood for c in causes if c.kind not in _INNOCENT | _ADVICE)
    right = sum(c.likelihood for c in causes if c.kind in _INNOCENT)
    total = sum(c.likelihood for c in causes) or 1.0
    ranked = sorted(causes, key=lambda c: (-c.likelihood, c.sentence))
    named = tuple(
        Explanation(c.kind, c.refs, c.sentence, c.shift_g, c.likelihood / total)
        for c in ranked[:_MOST_EXPLANATIONS]
        if c.likelihood / total >= 0.001  # noqa: PLR2004 - a cause below one in a thousand only distracts
    )
    return Ranking(math.log(max(wrong, 1e-300)) - math.log(max(right, 1e-300)), named)


def _density(gap_g: float, variance_g2: float) -> float:
    """Return the density per g of a residual: a normal law with a tail."""
    half = 0.5 * gap_g * gap_g / variance_g2
    body: float = (1 - _TAIL_SHARE) * math.exp(-half) + _TAIL_SHARE * math.exp(-half / _TAIL_VARIANCE) / math.sqrt(
        _TAIL_VARIANCE
    )
    return body / (_ROOT * math.sqrt(variance_g2))


def _causes(
    reading_g: float, expectation: CauseExpectation, other_tares_g: Sequence[tuple[str, float]], goods: Goods
) -> Iterator[_Cause]:
    residual, variance = reading_g - expectation.mean_g, expectation.variance_g2
    nothing = _PRIOR["none"] * _density(residual, variance)
    yield _Cause("none", (), "Nothing is wrong: an unusual but possible reading.", 0.0, nothing)
    yield from _count_causes(expectation, residual)
    yield from _swap_causes(expectation, residual)
    yield from _stray_causes(expectation, residual, goods)
    yield from _catalog_causes(expectation, residual)
    yield from _undone_causes(expectation, residual)
    for code, tare_g in other_tares_g:
        shift = tare_g - expectation.tare_g
        share = _PRIOR["wrong_carton"] / len(other_tares_g)
        text = f"Carton {code} was taken instead of the planned one."
        yield _Cause("wrong_carton", (code,), text, shift, share * _density(residual - shift, variance))
    for unit, factor in _SCALE_UNITS:
        shift = expectation.mean_g / factor - expectation.mean_g
        share = _PRIOR["scale_unit"] / len(_SCALE_UNITS)
        text = f"The scale seems to show {unit}."
        yield _Cause("scale_unit", (), text, shift, share * _density(residual - shift, max(variance / factor**2, 1.0)))


def _without(expectation: CauseExpectation, item: CauseItem, change: int) -> float:
    """Return the variance when the parcel holds `change` more units of an item."""
    q = item.quantity
    return max(
        expectation.variance_g2 + change * item.unit_sd_g**2 + ((q + change) ** 2 - q * q) * item.mean_sd_g**2, 1.0
    )


def _count_causes(expectation: CauseExpectation, residual: float) -> Iterator[_Cause]:
    units = sum(item.quantity for item in expectation.items) or 1
    for item in expectation.items:
        for count in range(1, _MOST_PIECES + 1):
            share = _MORE ** (count - 1) * item.quantity / units
            if count <= item.quantity:
                shift, variance = -count * item.mean_g, _without(expectation, item, -count)
                value = _PRIOR["missing"] * share * _density(residual - shift, variance)
                yield _Cause("missing", (item.ref,), f"{count} x {item.ref} is missing.", shift, value)
            shift, variance = count * item.mean_g, _without(expectation, item, count)
            value = _PRIOR["extra"] * share * _density(residual - shift, variance)
            yield _Cause("extra", (item.ref,), f"{count} x {item.ref} too many.", shift, value)


def _swap_causes(expectation: CauseExpectation, residual: float) -> Iterator[_Cause]:
    pairs = [(a, b) for a in expectation.items for b in expectation.items if a.ref != b.ref]
    for gone, doubled in pairs:
        text = f"1 x {doubled.ref} was packed instead of {gone.ref}."
        shift = doubled.mean_g - gone.mean_g
        value = _PRIOR["swapped"] / len(pairs) * _density(residual - shift, expectation.variance_g2)
        yield _Cause("swapped", (gone.ref, doubled.ref), text, shift, value)


def _stray_causes(expectation: CauseExpectation, residual: float, goods: Goods) -> Iterator[_Cause]:
    """A unit was taken for another item, any of the house: what it weighs follows from the reading."""
    units = sum(item.quantity for item in expectation.items) or 1
    for item in expectation.items:
        stray = residual + item.mean_g
        text = f"Something of about {max(stray, 0):,.0f} g was packed instead of 1 x {item.ref}."
        value = _PRIOR["replaced"] * item.quantity / units * goods.density(stray)
        yield _Cause("replaced", (item.ref,), text, residual, value)


def _catalog_causes(expectation: CauseExpectation, residual: float) -> Iterator[_Cause]:
    """The contents are right and an item weighs something else than believed: its catalog entry is grossly wrong."""
    for item in expectation.items:
        for branch in item.others:
            shift = item.quantity * (branch.mean_g - item.mean_g)
            doubt = item.quantity**2 * (branch.variance_g2 - item.mean_sd_g**2)
            value = _PRIOR["master_unit"] * branch.share / item.share
            value *= _density(residual - shift, max(expectation.variance_g2 + doubt, 1.0))
            text = f"The catalog weight of {item.ref} looks wrong: {branch.what or 'it is a better guess'}."
            yield _Cause("master_unit", (item.ref,), text, shift, value)


def _undone_causes(expectation: CauseExpectation, residual: float) -> Iterator[_Cause]:
    """The goods are right, and something that was to be done to them was confirmed and forgotten."""
    for extra in expectation.extras:
        shift = -extra.quantity * extra.mean_g
        variance = max(expectation.variance_g2 - extra.quantity * extra.sd_g**2, 1.0)
        value = _PRIOR["undone"] / len(expectation.extras) * _density(residual - shift, variance)
        text = f"{extra.name} is missing: {extra.quantity * extra.mean_g:,.0f} g."
        yield _Cause("undone", (extra.name,), text, shift, value)

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shipping.domain.weight_belief import FINE, SLIPS, UNIT_CV, ItemWeight, prior
from shipping.domain.weight_causes import Goods
from shipping.domain.weight_packaging import DUNNAGE_CV, LABEL_SD_G, TARE_UNIT_CV, Guess, Noise, Packaging

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEWEST: Final = 20_000
"""A fit takes so many of the newest parcels: what a house packed long ago says little of today's goods."""
_ROUNDS: Final = 14
_DAMPING: Final = 0.7
"""Less of it lets messages about items that travel together swing up."""
_CLEAR: Final = 0.8
_ODD: Final = 1e-8
_TAIL: Final = 6.0
_PRIOR_PARCELS: Final = 200.0
_FEW, _NARROW = 10, 0.3
_PARTS: Final = 4
"""Parts of a parcel's noise, in the order of `Noise`."""


@dataclass(frozen=True, slots=True)
class WeighedParcel:
    """A parcel whose contents are confirmed: what stood on which scale, in which carton, and units per item."""

    scale: str
    carton: str
    void_l: float
    reading_g: float
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """What all confirmed parcels together say of the items and of the packaging."""

    items: dict[str, ItemWeight]
    packaging: Packaging


@dataclass(slots=True)
class _Case:
    """The parcels as arrays: per parcel, and per line of a parcel in the order of the parcels."""

    reading: Floats
    design: Floats
    noise: Floats
    parcel: Ints
    first: Ints
    item: Ints
    quantity: Floats
    shares: Floats
    means: Floats
    variances: Floats
    messages: Floats = field(init=False)
    pulls: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.messages, self.pulls = np.zeros(len(self.item)), np.zeros(len(self.item))


@dataclass(frozen=True, slots=True)
class _State:
    """Residual, its variance and its parts, and how surely a parcel's lines are as believed, per parcel."""

    residual: Floats
    variance: Floats
    parts: Floats
    trust: Floats


def refit(parcels: Sequence[WeighedParcel], master_g: Mapping[str, int], packaging: Packaging) -> Fit:
    """Fit item weights, tares, dunnage and offsets to confirmed parcels at once.

    Belief propagation on reading = sum q mu + tare + dunnage x void + offset + noise: every line of a parcel is told
    what the rest of it leaves over, with the rest's own doubt, and never hears its own words again. An item's weight
    is one of the possibilities of `weight_belief`; a parcel in which another line may be grossly wrong, or that is
    odd as a whole, tells nothing until other parcels settled that. `packaging` is the belief of the site's own data
    sheet, not of an earlier fit, so that no parcel counts twice.
    """
    if not parcels:
        return Fit({}, packaging)
    refs = sorted({ref for parcel in parcels for ref, _ in parcel.lines})
    box = _Box(packaging)
    case = _case(parcels, refs, master_g, box)
    belief, doubt, factors = box.mean, np.diag(box.variance), np.ones(_PARTS)
    for turn in range(_ROUNDS):
        boxes = case.design @ belief
        box_doubt = np.einsum("pi,ij,pj->p", case.design, doubt, case.design)
        state = _tell_lines(case, boxes, box_doubt, factors, damping=_DAMPING if turn > 1 else 0.0)
        belief, doubt = _fit_packaging(case, box, state.residual + boxes, state.variance - box_doubt, state.trust)
        factors = _learn_noise(factors, state)
    return Fit(_items(case, refs, master_g), box.learned(belief, doubt, factors))


def goods_of(weights_g: Iterable[float]) -> Goods:
    """Describe what a house's items weigh, from their entries in g; entries below 1 g say nothing."""
    logs = [math.log(weight) for weight in weights_g if weight >= 1]
    if len(logs) < _FEW:
        return Goods()
    return Goods(statistics.fmean(logs), max(statistics.pstdev(logs), _NARROW))


class _Box:
    """The packaging as one vector: tares, dunnage per liter, offsets."""

    def __init__(self, packaging: Packaging) -> None:
        self.packaging = packaging
        self.cartons, self.scales = sorted(packaging.tares), sorted(packaging.scales)
        guesses = [
            *(packaging.tares[code] for code in self.cartons), packaging.dunnage,
            *(packaging.offset(code) for code in self.scales),
        ]  # fmt: skip
        self.mean = np.array([guess.mean for guess in guesses])
        self.variance = np.array([max(guess.sd, 1e-3) ** 2 for guess in guesses])
        self._row = {code: row for row, code in enumerate(self.cartons)}
        self._last = {code: len(self.cartons) + 1 + row for row, code in enumerate(self.scales)}

    def design(self, parcel: WeighedParcel) -> Floats:
        """Return what of the packaging is in this parcel."""
        row = np.zeros(len(self.mean))
        row[self._row[parcel.carton]] = row[self._last[parcel.scale]] = 1.0
        row[len(self.cartons)] = parcel.void_l
        return row

    def noise(self, parcel: WeighedParcel) -> tuple[float, float, float]:
        """Return the variances of scale and label, tare, and dunnage."""
        dunnage = DUNNAGE_CV * self.packaging.dunnage.mean * parcel.void_l
        tare = TARE_UNIT_CV * self.packaging.tares[parcel.carton].mean
        return self.packaging.scales[parcel.scale].variance_g2 + LABEL_SD_G**2, tare**2, dunnage**2

    def learned(self, belief: Floats, doubt: Floats, factors: Floats) -> Packaging:
        """Return the packaging with what was learned of it."""
        guesses = [Guess(float(m), float(np.sqrt(v))) for m, v in zip(belief, np.diag(doubt), strict=True)]
        count = len(self.cartons)
        return Packaging(
            dict(zip(self.cartons, guesses[:count], strict=True)), self.packaging.scales, guesses[count],
            dict(zip(self.scales, guesses[count + 1 :], strict=True)), Noise(*(float(f) for f in factors)),
            self.packaging.nominal_g,
        )  # fmt: skip


def _case(parcels: Sequence[WeighedParcel], refs: Sequence[str], master_g: Mapping[str, int], box: _Box) -> _Case:
    place = {ref: number for number, ref in enumerate(refs)}
    lines = np.array([(p, place[ref], q) for p, parcel in enumerate(parcels) for ref, q in parcel.lines], np.int64)
    laws = [prior(master_g[ref]) for ref in refs]
    # An item without an entry has one law only; the others' columns stay at share nothing.
    empty = [(0.0, 1.0, 1.0)] * len(SLIPS)
    rows = [([(b.share, b.mean_g, b.variance_g2) for b in law] + empty)[: len(SLIPS)] for law in laws]
    law = np.array(rows)
    first = np.concatenate(([0], np.cumsum([len(parcel.lines) for parcel in parcels])[:-1]))
    return _Case(
        reading=np.array([parcel.reading_g for parcel in parcels], np.float64),
        design=np.array([box.design(parcel) for parcel in parcels]),
        noise=np.array([box.noise(parcel) for parcel in parcels]),
        parcel=lines[:, 0], first=first, item=lines[:, 1], quantity=lines[:, 2].astype(np.float64),
        shares=law[:, :, 0], means=law[:, :, 1], variances=law[:, :, 2],
    )  # fmt: skip


def _laws(case: _Case, precision: Floats, pull: Floats) -> tuple[Floats, Floats, Floats]:
    """Return log shares, means and variances of every possibility, given what parcels say: pull = precision x seen."""
    mean, variance = case.means[case.item], case.variances[case.item]
    said = precision[:, None]
    known = 1 / variance
    after = 1 / (known + said)
    blended = after * (known * mean + pull[:, None])
    has = said > 0
    seen = np.where(has, pull[:, None] / np.where(has, said, 1), mean)
    wide = variance + 1 / np.where(has, said, 1)
    with np.errstate(divide="ignore"):
        log = np.log(case.shares[case.item]) - np.where(has, 0.5 * ((seen - mean) ** 2 / wide + np.log(wide)), 0.0)
    log -= log.max(axis=1, keepdims=True)
    share = np.exp(log)
    share /= share.sum(axis=1, keepdims=True)
    return _merged(share, blended, after)


def _merged(share: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    """Take the laws of right entries together as one, in the first column."""
    fine = share[:, :FINE]
    total = np.maximum(fine.sum(axis=1), 1e-300)
    center = (fine * mean[:, :FINE]).sum(axis=1) / total
    spread = (fine * (variance[:, :FINE] + (mean[:, :FINE] - center[:, None]) ** 2)).sum(axis=1) / total
    return (
        np.column_stack((total, share[:, FINE:])),
        np.column_stack((center, mean[:, FINE:])),
        np.column_stack((spread, variance[:, FINE:])),
    )


def _tell_lines(case: _Case, boxes: Floats, box_doubt: Floats, factors: Floats, *, damping: float) -> _State:
    """Send every line what the rest of its parcel leaves for it."""
    count = len(case.means)
    precision = np.bincount(case.item, case.messages, count)[case.item] - case.messages
    pull = np.bincount(case.item, case.pulls, count)[case.item] - case.pulls
    laws = _laws(case, np.maximum(precision, 0.0), pull)
    rows, main = np.arange(len(laws[0])), laws[0].argmax(axis=1)
    m, v, q = laws[1][rows, main], laws[2][rows, main], case.quantity
    units = np.add.reduceat(q * (UNIT_CV * m) ** 2, case.first)
    parts = np.column_stack((case.noise, units)) * factors
    variance = parts.sum(axis=1) + box_doubt + np.add.reduceat(q * q * v, case.first)
    residual = case.reading - boxes - np.add.reduceat(q * m, case.first)
    others, trust = _trust(case, residual, variance, laws, main)
    left = residual[case.parcel] / q + m
    doubt = np.maximum(variance[case.parcel] - q * q * v, 1.0) / (q * q)
    weight = np.where(others > _CLEAR, others, 0.0) / doubt
    case.messages = damping * case.messages + (1 - damping) * weight
    case.pulls = damping * case.pulls + (1 - damping) * weight * left
    return _State(residual, variance, parts, trust)


def _trust(
    case: _Case, residual: Floats, variance: Floats, laws: tuple[Floats, Floats, Floats], main: Ints
) -> tuple[Floats, Floats]:
    """Say per line how likely all the others are as believed, and per parcel how likely all lines are."""
    share, mean, spread = laws
    rows, q = np.arange(len(share)), case.quantity[:, None]
    r, s = residual[case.parcel][:, None], variance[case.parcel][:, None]
    m, v = mean[rows, main][:, None], spread[rows, main][:, None]
    wide = np.maximum(s - q * q * v, 1.0) + q * q * spread
    other = share / share[rows, main][:, None] * np.exp(-0.5 * (r - q * (mean - m)) ** 2 / wide) / np.sqrt(wide)
    other[rows, main] = 0.0
    others = other.sum(axis=1)
    z2 = residual**2 / variance
    # A confirmed parcel may still be odd: a law with a long tail keeps it from shouting.
    plain = np.exp(-0.5 * z2) / np.sqrt(variance)
    odd = 0.02 * np.exp(-0.5 * z2 / _TAIL) / np.sqrt(_TAIL * variance) + _ODD
    whole = plain + odd + np.add.reduceat(others, case.first)
    return (plain[case.parcel] + others) / whole[case.parcel], plain / whole


def _fit_packaging(case: _Case, box: _Box, left: Floats, variance: Floats, trust: Floats) -> tuple[Floats, Floats]:
    """Solve for tares, dunnage and offsets by weighted least squares with their priors."""
    weight = np.where(trust > _CLEAR, trust, 0.0) / np.maximum(variance, 1.0)
    normal = case.design.T @ (case.design * weight[:, None]) + np.diag(1 / box.variance)
    doubt: Floats = np.asarray(np.linalg.inv(normal), np.float64)
    return doubt @ (case.design.T @ (weight * left) + box.mean / box.variance), doubt


def _learn_noise(factors: Floats, state: _State) -> Floats:
    """Scale the parts of the noise to what the residuals show: one step of the multiplicative rule for variance
    components (squared residuals shared among the parts by their size), with a prior worth some parcels at 1.
    """
    good = state.trust > _CLEAR
    share = state.parts[good] / state.variance[good][:, None]
    z2 = np.minimum(state.residual[good] ** 2 / state.variance[good], 9.0)
    shown = (share * z2[:, None]).sum(axis=0) * factors + _PRIOR_PARCELS
    expected = share.sum(axis=0) + _PRIOR_PARCELS
    return np.asarray(np.clip(shown / expected, 0.25, 4.0))


def _items(case: _Case, refs: Sequence[str], master_g: Mapping[str, int]) -> dict[str, ItemWeight]:
    precision = np.bincount(case.item, case.messages, len(refs))
    seen = np.bincount(case.item, case.pulls, len(refs)) / np.where(precision > 0, precision, 1.0)
    counts = np.bincount(case.item, case.messages > 0, len(refs))
    return {
        ref: ItemWeight(ref, master_g[ref], float(seen[i]), float(precision[i]), int(counts[i]))
        for i, ref in enumerate(refs)
    }

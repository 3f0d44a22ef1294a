"""What a parcel is expected to cost with a service: its price, and what may go wrong on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Final

# What is believed of a service before anything was seen, and how many parcels it takes to believe the house instead.
_LATE: Final = Fraction(5, 100)
_ADJUSTED: Final = Fraction(2, 100)
_CLAIMED: Final = Fraction(5, 1000)
_ADJUSTMENT_SHARE: Final = Fraction(1, 4)
_PRIOR_PARCELS: Final = 20
_PRIOR_ADJUSTMENTS: Final = 5
_BASIS_POINTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """What the house has seen of a service: arrivals by days after the day that the carrier named, lines of its
    invoices with those billed too high and by how much in minor units, and parcels that were lost or damaged.
    """

    arrivals: Mapping[int, int] = field(default_factory=dict)
    billed: int = 0
    adjusted: int = 0
    adjusted_minor: int = 0
    claims: int = 0

    @property
    def arrived(self) -> int:
        """The parcels that arrived."""
        return sum(self.arrivals.values())

    def late(self, slack_days: int) -> Fraction:
        """Return the probability of arriving more than `slack_days` after the carrier's day; each further day halves
        what is believed beforehand.
        """
        seen = sum(count for days, count in self.arrivals.items() if days > slack_days)
        return _shrunk(seen, self.arrived, _LATE / 2 ** min(slack_days, 30))

    def adjustment(self, price_minor: int) -> Fraction:
        """Return what is billed above a price on average, in minor units."""
        prior = _ADJUSTMENT_SHARE * price_minor * _PRIOR_ADJUSTMENTS
        mean = (self.adjusted_minor + prior) / (self.adjusted + _PRIOR_ADJUSTMENTS)
        return _shrunk(self.adjusted, self.billed, _ADJUSTED) * mean

    def claim(self) -> Fraction:
        """Return the probability that a parcel is lost or damaged."""
        return _shrunk(self.claims, self.arrived + self.claims, _CLAIMED)


@dataclass(frozen=True, slots=True)
class FreightTerms:
    """What a merchant's contract makes of mishaps: the penalty for a late parcel in minor units of `currency`, and the
    share of a parcel's value that a lost one costs, in basis points.
    """

    currency: str
    late_penalty_minor: int
    value_share_bp: int


@dataclass(frozen=True, slots=True)
class ExpectedCost:
    """A price with what is expected on top of it, in minor units; probabilities in parts per million."""

    price_minor: int
    late_minor: int
    adjustment_minor: int
    claim_minor: int
    late_ppm: int
    claim_ppm: int
    seen: int

    @property
    def total_minor(self) -> int:
        """The whole."""
        return self.price_minor + self.late_minor + self.adjustment_minor + self.claim_minor


@dataclass(frozen=True, slots=True)
class Risks:
    """What a parcel's services are judged by: the contract's terms, its value, and what was seen of each service."""

    terms: FreightTerms
    value_minor: int
    records: Mapping[tuple[str, str], ServiceRecord]

    def expect(self, carrier: str, service: str, price_minor: int, slack_days: int | None) -> ExpectedCost:
        """Return what a service is expected to cost. `slack_days` lie between its day and the promise, None without
        a promise, which cannot be broken.
        """
        record = self.records.get((carrier, service)) or ServiceRecord()
        late = Fraction(0) if slack_days is None else record.late(max(0, slack_days))
        claim, loss = record.claim(), Fraction(self.value_minor * self.terms.value_share_bp, _BASIS_POINTS)
        return ExpectedCost(
            price_minor, _rounded(late * self.terms.late_penalty_minor), _rounded(record.adjustment(price_minor)),
            _rounded(claim * loss), _rounded(late * 1_000_000), _rounded(claim * 1_000_000), record.arrived,
        )  # fmt: skip


def _shrunk(seen: int, of: int, prior: Fraction) -> Fraction:
    return (seen + _PRIOR_PARCELS * prior) / (of + _PRIOR_PARCELS)


def _rounded(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))

"""How fast new people become as fast as the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, log, log2
from statistics import fmean

SETTLED_HOURS = 40.0
"""Who has picked for so many hours is as fast as they get: nobody is new any more."""

PRIOR_EXPONENT = -log2(0.9)
"""Work by hand that is mostly walking and reaching: with twice the hours, 90 % of the time for the same."""

SHIFT_HOURS = 8
_PRIOR_HOURS = 40
_LEAST_HOURS = 0.5
_MOST_EXPONENT = 1.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """An hour or less of work of a new person: the hours that they had worked in its middle, its own, and its lines."""

    after_hours: float
    hours: float
    lines: int


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """The rate of a new person as a share of the settled one: (hours / SETTLED_HOURS) ** exponent, 1 from then on.

    `measured_hours` of new people are what it was fitted on, beside the prior.
    """

    exponent: float = PRIOR_EXPONENT
    measured_hours: float = 0.0

    def share(self, hours: float) -> float:
        """Return the share after so many hours of work; the first half hour counts as one."""
        return float((min(SETTLED_HOURS, max(_LEAST_HOURS, hours)) / SETTLED_HOURS) ** self.exponent)

    @property
    def first_shift(self) -> float:
        """Return the mean share of a first shift."""
        return fmean(self.share(hour + 0.5) for hour in range(SHIFT_HOURS))


def fit_curve(stretches: Iterable[Stretch], settled_rate: float) -> LearningCurve:
    """Return the curve of a house from the first hours of its new people, at the settled rate in lines an hour.

    The power law of Wright, "Factors affecting the cost of airplanes", J. Aeronautical Sciences 3 (1936), in hours
    worked, which is the curve that Grosse & Glock, "The effect of worker learning on manual order picking processes",
    Int. J. Production Economics 170 (2015), found to describe order picking. Least squares on logarithms through the
    settled rate, hours as weights; the prior counts like the first 40 hours of one person.
    """
    prior = [(log((hour + 0.5) / SETTLED_HOURS), 1.0) for hour in range(_PRIOR_HOURS)]
    below = sum(weight * x * x for x, weight in prior)
    above = PRIOR_EXPONENT * below
    measured = 0.0
    for each in stretches:
        x = log(max(_LEAST_HOURS, each.after_hours) / SETTLED_HOURS)
        if each.after_hours < SETTLED_HOURS and each.lines and each.hours > 0:
            above += each.hours * x * log(each.lines / each.hours / settled_rate)
            below += each.hours * x * x
            measured += each.hours
    return LearningCurve(min(_MOST_EXPONENT, max(0.0, above / below)), measured)


@dataclass(frozen=True, slots=True)
class Crew:
    """The people that a house can call: at `rate` lines an hour when settled, and the share of it that each reaches.

    Whoever is needed beyond them is new, and has their `first_shift`.
    """

    rate: float
    shares: tuple[float, ...] = ()
    first_shift: float = 1.0

    def heads(self, load: Sequence[float]) -> list[int]:
        """Return the people needed in each hour of a load."""
        return [self._head(amount) for amount in load]

    def new_among(self, people: int) -> int:
        """Return how many of so many people are hired for it."""
        return max(0, people - len(self.shares)) if self.shares else 0

    def rate_of(self, people: int) -> float:
        """Return the lines an hour of each of so many people, in the mean."""
        if not people or not self.shares:
            return self.rate
        known = min(people, len(self.shares))
        return self.rate * (known * fmean(self.shares) + (people - known) * self.first_shift) / people

    def _head(self, amount: float) -> int:
        each = self.rate * (fmean(self.shares) if self.shares else 1.0)
        people = ceil(round(amount / each, 6))
        if not self.new_among(people):
            return people
        rest = amount - len(self.shares) * each
        return len(self.shares) + ceil(round(rest / (self.rate * self.first_shift), 6))

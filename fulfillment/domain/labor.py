"""How many hands a day of orders needs, hour by hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from statistics import fmean, variance

P90 = 1.2816
"""Standard deviations between the mean and the 90th percentile of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Work:
    """An amount of work that can begin with hour `since` and must be done when hour `until` begins; hours from 0."""

    since: int
    until: int
    amount: float


@dataclass(frozen=True, slots=True)
class Expected:
    """How much an hour is expected to bring: the mean, and the 10th and 90th percentile."""

    mean: float
    low: float
    high: float


def level_load(works: Iterable[Work], hours: int) -> list[float]:
    """Return how much to do in each hour so that all is done in time with the least possible peak.

    The busiest stretch is filled evenly, then the busiest of what is left, and so on: the optimal schedule of Yao,
    Demers & Shenker, "A scheduling model for reduced CPU energy" (1995), with people for processor speed. Work that is
    due after the last hour is spread to its end; work that is overdue is due in the first hour.
    """
    left = [_within(work, hours) for work in works if work.amount > 0]
    load = [0.0] * hours
    free = list(range(hours))
    while left:
        begin, end, intensity = _busiest(left, free)
        taken = [hour for hour in free if begin <= hour < end]
        for hour in taken:
            load[hour] = intensity
        free = [hour for hour in free if hour not in set(taken)]
        left = [work for work in left if not (begin <= work.since and work.until <= end)]
        # What reaches into the stretch that is full now has to be done outside of it.
        left = [_outside(work, begin, end) for work in left]
    return load


def heads(load: Sequence[float], rate: float) -> list[int]:
    """Return the people needed in each hour, at a rate for one of them."""
    return [ceil(round(amount / rate, 6)) for amount in load]


def expected(seen: Sequence[float]) -> Expected:
    """Return what an hour brings, from what the same hour brought on other days.

    The spread is at least that of random arrivals (Poisson: variance = mean), since a few equal days prove nothing.
    """
    if not seen:
        return Expected(0.0, 0.0, 0.0)
    mean = fmean(seen)
    spread = sqrt(max(mean, variance(seen) if len(seen) > 1 else 0.0))
    return Expected(mean, max(0.0, mean - P90 * spread), mean + P90 * spread)


def _within(work: Work, hours: int) -> Work:
    since = min(max(work.since, 0), hours - 1)
    return Work(since, min(max(work.until, since + 1), hours), work.amount)


def _busiest(works: Sequence[Work], free: Sequence[int]) -> tuple[int, int, float]:
    """Return the stretch with the most work for each of its free hours, the longest of several."""
    found = []
    for begin in {work.since for work in works}:
        for end in {work.until for work in works if work.until > begin}:
            inside = sum(work.amount for work in works if begin <= work.since and work.until <= end)
            hours = sum(1 for hour in free if begin <= hour < end)
            if inside and hours:
                found.append((inside / hours, end - begin, -begin))
    intensity, length, begin = max(found)
    return -begin, -begin + length, intensity


def _outside(work: Work, begin: int, end: int) -> Work:
    since = end if begin <= work.since < end else work.since
    return replace(work, since=since, until=begin if begin < work.until <= end else work.until)

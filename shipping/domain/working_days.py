"""The one place where working days are counted: of a place, of a journey between places, and of a site."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

from shipping.domain.regions import regions_of

_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Locality:
    """Where people have the same days off: a country (ISO 3166-1) and a region of it, or the regions in question.

    Where it is not known in which region a place lies, a holiday of any of them counts: a day too late is honest, a day
    too early is not. Of an unknown country only Saturday and Sunday are known.
    """

    country: str = ""
    regions: tuple[str, ...] = ("",)

    def holiday(self, day: date) -> str:
        """Return the name of the public holiday, empty on any other day."""
        found = (_days_off(self.country, region, day.year).holidays.get(day, "") for region in self.regions)
        return next(filter(None, found), "")

    def works_on(self, day: date) -> bool:
        """Say whether it is a working day: neither of the country's weekend nor a public holiday."""
        year = _days_off(self.country, self.regions[0], day.year)
        is_free = day.weekday() in year.weekend and day not in year.worked
        return not is_free and not self.holiday(day)


def locality_of(country: str, postal_code: str, region: str = "") -> Locality:
    """Return the locality of an address; a region that is not one of the country's is taken from the postal code."""
    named = region.upper().removeprefix(f"{country.upper()}-")
    if named and _days_off(country.upper(), named, 2000).is_known:
        return Locality(country.upper(), (named,))
    return Locality(country.upper(), regions_of(country, postal_code) or ("",))


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days that are worked in several places at once, as the stations of a journey."""

    localities: tuple[Locality, ...] = (Locality(),)

    def after(self, start: date, count: int) -> date:
        """Return the day that is so many working days after another."""
        return _after(self.localities, start, count)


@dataclass(frozen=True, slots=True)
class SiteCalendar:
    """When a site works: what it said itself of a day (`True`: it works) stands before holidays and weekdays."""

    home: Locality = field(default_factory=Locality)
    days: Mapping[date, bool] = field(default_factory=dict)

    def is_collected(self, day: date, weekdays: Collection[int]) -> bool:
        """Say whether a carrier that comes on some weekdays (0 = Monday) collects on a day.

        On a public holiday it does not; on a day that the site named as an extra one, every carrier does.
        """
        usual = day.weekday() in weekdays and not self.home.holiday(day)
        return self.days.get(day, usual)

    def works_on(self, day: date) -> bool:
        """Say whether the site works on a day, for what is not bound to a carrier."""
        return self.days.get(day, self.home.works_on(day))

    def journey(self, destination: Locality) -> WorkingDays:
        """Return the days on which parcels from here travel to a place and are delivered there.

        A day on which the site alone is closed does not keep back what has left it.
        """
        return WorkingDays(tuple(dict.fromkeys((self.home, destination))))


@dataclass(frozen=True, slots=True)
class _Year:
    weekend: frozenset[int]
    holidays: Mapping[date, str]
    worked: frozenset[date]
    is_known: bool


@lru_cache(maxsize=4096)
def _days_off(country: str, region: str, year: int) -> _Year:
    """Return a year's days off; of a region that is not known those of the whole country."""
    try:
        found = country_holidays(country, subdiv=region or None, years=year, expand=False, language="en_US")
    except NotImplementedError:
        if not region:
            return _Year(frozenset((_SATURDAY, _SUNDAY)), {}, frozenset(), is_known=False)
        whole = _days_off(country, "", year)
        return _Year(whole.weekend, whole.holidays, whole.worked, is_known=False)
    return _Year(frozenset(found.weekend), dict(found), frozenset(found.weekend_workdays), is_known=True)


@lru_cache(maxsize=4096)
def _after(localities: tuple[Locality, ...], start: date, count: int) -> date:
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= all(locality.works_on(day) for locality in localities)
    return day

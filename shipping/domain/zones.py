from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import asin, cos, radians, sin, sqrt
from typing import Literal

ZoneSource = Literal["chart", "formula"]

_EARTH_RADIUS_KM = 6371.0088
_KM_PER_MILE = 1.609344
# Upper bounds in miles of the zones 1 to 7 that a United States parcel zone chart follows by and large.
_ZONE_MILES = (50, 150, 300, 600, 1000, 1400, 1800)
_HOME_COUNTRY_ZONE = "5"
_ABROAD_ZONE = "9"


@dataclass(frozen=True, slots=True)
class Place:
    """An end of a journey: ISO 3166 country, postal code, and coordinates in degrees when known."""

    country: str
    postal_code: str
    latitude: float | None = None
    longitude: float | None = None
    is_residential: bool = True

    @property
    def key(self) -> str:
        """Country and postal code joined without blanks or hyphens, upper case: what chart prefixes match."""
        return self.country.upper() + "".join(c for c in self.postal_code.upper() if c.isalnum())


@dataclass(frozen=True, slots=True)
class ZoneChart:
    """A carrier's zones from a date on, as (origin prefix, destination prefix) -> zone.

    Prefixes start with the country ("US", "US89", "US89501"). The longest destination prefix wins, then the longest
    origin prefix, so that a full postal code is an exception to its region without another mechanism.
    """

    carrier: str
    effective_from: date
    zones: Mapping[tuple[str, str], str]
    _origin_sizes: tuple[int, ...] = field(init=False, repr=False)
    _destination_sizes: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        origins = sorted({len(origin) for origin, _ in self.zones}, reverse=True)
        destinations = sorted({len(destination) for _, destination in self.zones}, reverse=True)
        object.__setattr__(self, "_origin_sizes", tuple(origins))
        object.__setattr__(self, "_destination_sizes", tuple(destinations))

    def find(self, origin: Place, destination: Place) -> str | None:
        """Look the pair up by its longest prefixes; None when the chart is silent."""
        start, end = origin.key, destination.key
        for size in self._destination_sizes:
            for origin_size in self._origin_sizes:
                zone = self.zones.get((start[:origin_size], end[:size]))
                if zone is not None:
                    return zone
        return None


@dataclass(frozen=True, slots=True)
class ZoneLookup:
    """A zone and where it came from. A zone by formula is an estimate and says so."""

    zone: str
    source: ZoneSource

    @property
    def is_estimated(self) -> bool:
        """True when no chart row covered the pair."""
        return self.source == "formula"


def find_zone(origin: Place, destination: Place, chart: ZoneChart | None) -> ZoneLookup:
    """Find the zone in the chart, or estimate it: by great-circle distance, else a middle zone, or 9 abroad."""
    zone = chart.find(origin, destination) if chart else None
    if zone is not None:
        return ZoneLookup(zone, "chart")
    return ZoneLookup(_estimate(origin, destination), "formula")


def great_circle_km(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Distance in km between two (latitude, longitude) pairs in degrees, by the haversine formula."""
    lat_a, lon_a, lat_b, lon_b = (radians(v) for v in (*start, *end))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def _estimate(origin: Place, destination: Place) -> str:
    if origin.country.upper() != destination.country.upper():
        return _ABROAD_ZONE
    if (
        origin.latitude is None
        or origin.longitude is None
        or destination.latitude is None
        or destination.longitude is None
    ):
        return _HOME_COUNTRY_ZONE
    km = great_circle_km((origin.latitude, origin.longitude), (destination.latitude, destination.longitude))
    return str(1 + bisect_left(_ZONE_MILES, km / _KM_PER_MILE))

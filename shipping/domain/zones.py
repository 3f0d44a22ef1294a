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
_ORIGINS_KEPT = 8


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
        code = self.postal_code if self.postal_code.isalnum() else "".join(filter(str.isalnum, self.postal_code))
        return (self.country + code).upper()


Pairs = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class ZoneChart:
    """A carrier's zones from a date on, as (origin prefix, destination prefix) -> zone.

    Prefixes start with the country ("US", "US89", "US89501"). The longest destination prefix wins, then the longest
    origin prefix, so that a full postal code is an exception to its region without another mechanism. Rows that hold
    for one service only stand in `of_service`, and win over a row for all of the same prefixes.
    """

    carrier: str
    effective_from: date
    zones: Pairs
    of_service: Mapping[str, Pairs] = field(default_factory=dict)
    _sizes: tuple[tuple[int, int], ...] = field(init=False, repr=False)
    _seen: dict[tuple[str, str], "ZonesFrom"] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        tables = (self.zones, *self.of_service.values())
        sizes = {(len(destination), len(origin)) for table in tables for origin, destination in table}
        object.__setattr__(self, "_sizes", tuple(sorted(sizes, reverse=True)))

    def find(self, origin: Place, destination: Place, service: str = "") -> str | None:
        """Look the pair up by its longest prefixes; None when the chart is silent."""
        start, end = origin.key, destination.key
        own = self.of_service.get(service)
        for size, origin_size in self._sizes:
            pair = (start[:origin_size], end[:size])
            zone = (own.get(pair) if own else None) or self.zones.get(pair)
            if zone is not None:
                return zone
        return None

    def seen_from(self, origin: Place, service: str = "") -> "ZonesFrom":
        """Return the chart as one origin sees it, for many destinations; the last few origins are remembered."""
        start = origin.key
        if (start, service) not in self._seen:
            if len(self._seen) >= _ORIGINS_KEPT:
                self._seen.clear()
            self._seen[start, service] = self._narrowed(start, service)
        return self._seen[start, service]

    def _narrowed(self, start: str, service: str) -> "ZonesFrom":
        tables = (self.zones, self.of_service.get(service, {}))
        starts = {start[:size] for _, size in self._sizes}
        found: dict[str, tuple[tuple[int, int], str]] = {}
        for rank, table in enumerate(tables):
            for (begin, end), zone in table.items():
                order = (len(begin), rank)
                if begin in starts and (end not in found or order >= found[end][0]):
                    found[end] = (order, zone)
        return ZonesFrom({end: zone for end, (_, zone) in found.items()})


@dataclass(frozen=True, slots=True)
class ZonesFrom:
    """What a chart says from one origin, as destination prefix -> zone."""

    zones: Mapping[str, str]
    _sizes: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_sizes", tuple(sorted({len(end) for end in self.zones}, reverse=True)))

    def find(self, key: str) -> str | None:
        """Look a destination's key up by its longest prefix; None when the chart is silent."""
        for size in self._sizes:
            zone = self.zones.get(key[:size])
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


def find_zone(origin: Place, destination: Place, chart: ZoneChart | None, service: str = "") -> ZoneLookup:
    """Find the zone in the chart, or estimate it: by great-circle distance, else a middle zone, or 9 abroad."""
    zone = chart.find(origin, destination, service) if chart else None
    if zone is not None:
        return ZoneLookup(zone, "chart")
    return ZoneLookup(estimate_zone(origin, destination), "formula")


def great_circle_km(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Distance in km between two (latitude, longitude) pairs in degrees, by the haversine formula."""
    lat_a, lon_a, lat_b, lon_b = (radians(v) for v in (*start, *end))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def estimate_zone(origin: Place, destination: Place) -> str:
    """Estimate a zone without a chart; great-circle distance names that of a real chart for six pairs of seven."""
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

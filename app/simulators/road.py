import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.simulators.carrier_codes import ScanKind
from app.simulators.carrier_model import CarrierModel, CarrierScan, Journey, Place, Push
from app.simulators.house import SYSTEM, House
from app.simulators.zones import zone_of
from kernel.access.queries import SiteView, get_site
from shipping.api import ParcelView, RawScan

_HANDED_TO_SOMEBODY = {ScanKind.DELIVERED, ScanKind.COLLECTED}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A parcel that reached its customer."""

    parcel: ParcelView
    at: datetime


@dataclass(slots=True)
class Road:
    """The carriers: what they scan of the parcels they were given, sent when the model says that they send it."""

    house: House
    model: CarrierModel
    _site: SiteView | None = None
    _pushes: list[tuple[datetime, int, Push]] = field(default_factory=list)
    _under_way: dict[str, ParcelView] = field(default_factory=dict)
    _planned: int = 0

    def take(self, parcels: Iterable[ParcelView], handed_over_at: datetime) -> None:
        """Take parcels along. A parcel that is told of again repeats its course scan by scan."""
        site = self._site = self._site or self.house.do(SYSTEM, lambda uow: get_site(uow, self.house.site_id))
        origin = Place(site.city, site.region, site.country, site.time_zone)
        for parcel in parcels:
            to = parcel.ship_to
            destination = Place(to.city, to.region, to.country, zone_of(to.country, to.region))
            journey = Journey(
                parcel.carrier, parcel.tracking_number, parcel.service, origin, destination, handed_over_at
            )
            self._under_way[parcel.tracking_number] = parcel
            for push in self.model.pushes(self.model.history(journey)):
                self._planned += 1
                heapq.heappush(self._pushes, (push.sent_at.astimezone(UTC), self._planned, push))

    @property
    def next_push_at(self) -> datetime | None:
        """When the next scan is sent, None when no parcel is under way."""
        return self._pushes[0][0] if self._pushes else None

    def push_until(self, until: datetime) -> list[Arrival]:
        """Send all scans that are due by `until`, and return the parcels that reached their customers by them."""
        due: dict[str, list[CarrierScan]] = {}
        while self._pushes and self._pushes[0][0] <= until:
            scan = heapq.heappop(self._pushes)[2].scan
            due.setdefault(scan.carrier, []).append(scan)
        for carrier, scans in sorted(due.items()):
            self._record(carrier, scans)
        return [
            Arrival(self._under_way[scan.tracking_number], scan.occurred_at)
            for scans in due.values()
            for scan in scans
            if scan.kind in _HANDED_TO_SOMEBODY
        ]

    def _record(self, carrier: str, scans: list[CarrierScan]) -> None:
        raw = [
            RawScan(
                s.carrier, s.tracking_number, s.code, s.text, s.occurred_at,
                ", ".join(filter(None, (s.place.city, s.place.region, s.place.country))), s.event_id,
            )
            for s in scans
        ]  # fmt: skip
        self.house.messenger.bring(carrier, raw, self.house.now)

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from app.simulators.house import SYSTEM, House
from app.simulators.sorting import scans, waiting
from fulfillment.api import parcels_to_pull, pull_parcel
from kernel import clock
from kernel.actors import Role
from shipping.api import (
    ManifestView,
    NothingToManifest,
    ParcelView,
    board_counts,
    close_manifest,
    hand_over_manifest,
    manifest_parcels,
    next_cut_offs,
    purchase_pending_labels,
    transmit_manifests,
)

DRIVER_AFTER = timedelta(minutes=15)
FOUND_IN_TIME = 0.5


@dataclass(frozen=True, slots=True)
class Collection:
    """When a carrier's last collection of the day closes."""

    carrier: str
    at: datetime


@dataclass(slots=True)
class Dock:
    """Labels, manifests, and the drivers who fetch them."""

    house: House

    def collections(self, morning: datetime) -> list[Collection]:
        """Return the last collection of each carrier on a day, in order of time; none on a day when nobody comes."""
        house = self.house
        today = morning.date()
        cut_offs = house.do(SYSTEM, lambda uow: next_cut_offs(uow, site_id=house.site_id, now=morning))
        last: dict[str, datetime] = {}
        for cut_off in cut_offs:
            if cut_off.ship_date == today:
                last[cut_off.carrier] = max(cut_off.at_utc, last.get(cut_off.carrier, cut_off.at_utc))
        return sorted((Collection(carrier, at) for carrier, at in last.items()), key=lambda c: (c.at, c.carrier))

    def buy_labels(self) -> None:
        """Buy every label that is wanted."""
        with clock.at(self.house.now):
            while purchase_pending_labels(limit=100, gateway=self.house.gateway):
                self.house.tally.counts["label rounds"] += 1

    def has_parcels(self) -> bool:
        """Say whether parcels wait for a carrier that did not come today."""
        counts = self.house.do(SYSTEM, lambda uow: board_counts(uow, site_id=self.house.site_id))
        return counts.to_manifest > 0

    def close(self, carrier: str) -> ManifestView | None:
        """Close a carrier's manifest of today, None when it has no parcel."""
        house = self.house
        today = house.now.astimezone(house.zone).date()
        self._sort()
        try:
            manifest = house.do(
                house.person(Role.MANAGER),
                lambda uow: close_manifest(uow, site_id=house.site_id, carrier=carrier, ship_date=today),
            )
        except NothingToManifest:
            return None
        house.tally.counts["manifests"] += 1
        with clock.at(house.now):
            transmit_manifests(gateway=house.gateway)
        return manifest

    def _sort(self) -> None:
        """Scan onto its lane what waits for it, where the site has lanes."""
        house = self.house
        for scan in scans(house.site_id, house.do(SYSTEM, waiting(house.site_id))):
            house.do(house.person(Role.PACKER), scan)
            house.tally.counts["parcels sorted"] += 1

    def parcels_on(self, manifest: ManifestView) -> list[ParcelView]:
        """Return what is on a manifest."""
        return self.house.do(SYSTEM, lambda uow: manifest_parcels(uow, manifest_id=manifest.id))

    def pull_cancelled(self) -> None:
        """Look for the parcels that were cancelled after their manifest was closed; half of them are found in time."""
        house = self.house
        for wanted in house.do(SYSTEM, lambda uow: parcels_to_pull(uow, site_id=house.site_id)):
            if not house.chance.hits(FOUND_IN_TIME, "pull", wanted.tracking_number):
                continue
            house.do(
                house.person(Role.MANAGER),
                partial(
                    pull_parcel, tenant_id=wanted.tenant_id, parcel_id=wanted.parcel_id, reason="Found before loading"
                ),
            )
            house.tally.counts["parcels pulled"] += 1

    def hand_over(self, manifest: ManifestView) -> Sequence[ParcelView]:
        """Give a manifest's parcels to the driver and return them."""
        house = self.house
        house.spend(DRIVER_AFTER.total_seconds())
        manager = house.person(Role.MANAGER)
        house.do(manager, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id, driver="A driver"))
        parcels = [parcel for parcel in self.parcels_on(manifest) if parcel.state == "handed_over"]
        house.tally.counts["parcels handed over"] += len(parcels)
        return parcels

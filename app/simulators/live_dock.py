from collections.abc import Sequence
from datetime import date
from functools import partial

from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from app.simulators.sorting import scans, waiting
from fulfillment.api import parcels_to_pull, pull_parcel
from kernel.actors import Role
from shipping.api import (
    ManifestView,
    NothingToManifest,
    close_manifest,
    find_manifests,
    hand_over_manifest,
    next_cut_offs,
)

COLLECT_EVERY_SECONDS = 3_600.0
DRIVER_AFTER_SECONDS = 60.0
_LEAST_SECONDS = 15.0
_UNLOADED = ("closed", "transmitted")


def collect(house: LiveHouse) -> Steps:
    """Work at the dock: about once in a simulated hour every carrier's driver comes and takes what is labelled."""
    while True:
        yield max(COLLECT_EVERY_SECONDS, _LEAST_SECONDS * house.speed)
        for scan in scans(house.site_id, house.see(waiting(house.site_id))):
            house.do(house.person(Role.PACKER), scan)
        for carrier, day in _collections(house).items():
            _close(house, carrier, day)
        yield DRIVER_AFTER_SECONDS
        _pull_cancelled(house)
        for manifest in _unloaded(house):
            _hand_over(house, manifest)
            yield DRIVER_AFTER_SECONDS


def _collections(house: LiveHouse) -> dict[str, date]:
    """Return for each carrier the latest day for which labels are printed now: what is ready all leaves together."""
    cut_offs = house.see(lambda uow: next_cut_offs(uow, site_id=house.site_id, now=uow.now))
    days: dict[str, date] = {}
    for cut_off in cut_offs:
        days[cut_off.carrier] = max(cut_off.ship_date, days.get(cut_off.carrier, cut_off.ship_date))
    return days


def _close(house: LiveHouse, carrier: str, day: date) -> None:
    manager = house.person(Role.MANAGER)
    try:
        house.do(manager, lambda uow: close_manifest(uow, site_id=house.site_id, carrier=carrier, ship_date=day))
    except NothingToManifest:
        return


def _unloaded(house: LiveHouse) -> Sequence[ManifestView]:
    """Return the closed manifests that no driver took yet, those of an earlier run included."""
    page = house.see(lambda uow: find_manifests(uow, site_id=house.site_id, limit=50))
    return [manifest for manifest in reversed(page.items) if manifest.state in _UNLOADED]


def _pull_cancelled(house: LiveHouse) -> None:
    """Pull what was cancelled after its manifest was closed; in a calm house all of it is found."""
    for wanted in house.see(lambda uow: parcels_to_pull(uow, site_id=house.site_id)):
        house.do(
            house.person(Role.MANAGER),
            partial(pull_parcel, tenant_id=wanted.tenant_id, parcel_id=wanted.parcel_id, reason="Found before loading"),
        )


def _hand_over(house: LiveHouse, manifest: ManifestView) -> None:
    manager = house.person(Role.MANAGER)
    house.do(manager, lambda uow: hand_over_manifest(uow, manifest_id=manifest.id, driver="A driver"))

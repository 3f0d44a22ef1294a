from collections.abc import Sequence
from datetime import date
from functools import partial

from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from app.simulators.live_labels import stick_labels
from app.simulators.live_loading import load, take_off
from app.simulators.sorting import waiting
from fulfillment.api import parcels_to_pull, pull_parcel
from kernel.actors import Role
from shipping.api import (
    ManifestView,
    NothingToManifest,
    close_manifest,
    find_manifests,
    hand_over_manifest,
    next_cut_offs,
    unloaded_parcels,
)

COLLECT_EVERY_SECONDS = 3_600.0
DRIVER_AFTER_SECONDS = 60.0
SORT_SECONDS = 4.0
_LEAST_SECONDS = 15.0
_UNLOADED = ("closed", "transmitted")


def collect(house: LiveHouse) -> Steps:
    """Work at the dock: about once in a simulated hour every carrier's driver comes and takes what is labelled. It is
    scanned onto its lane, then onto its truck, and only then signed for.
    """
    while True:
        yield max(COLLECT_EVERY_SECONDS, _LEAST_SECONDS * house.speed)
        yield from _sort(house)
        for carrier, day in _collections(house).items():
            _close(house, carrier, day)
        yield DRIVER_AFTER_SECONDS
        for manifest in _unloaded(house):
            _pull_cancelled(house)
            yield from load(house, manifest)
            _hand_over(house, manifest)
            yield DRIVER_AFTER_SECONDS
        yield from take_off(house)


def _sort(house: LiveHouse) -> Steps:
    """Bring to its lane what is labelled, what still lies at the crew's benches included: with its label on."""
    parcels = house.see(waiting(house.site_id))
    for packer in house.staff[Role.PACKER]:
        yield from stick_labels(house, packer)
    for parcel in parcels:
        yield SORT_SECONDS
        house.operate(house.person(Role.PACKER), "stage", parcel_id=parcel.parcel_id, code=parcel.lane)


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
        house.attempt(
            house.person(Role.MANAGER),
            partial(pull_parcel, tenant_id=wanted.tenant_id, parcel_id=wanted.parcel_id, reason="Found before loading"),
        )


def _hand_over(house: LiveHouse, manifest: ManifestView) -> None:
    """Sign for what is on the truck; what is not stays behind, named. With nothing on it the driver comes again."""
    manager = house.person(Role.MANAGER)
    rest = house.see(partial(unloaded_parcels, manifest_ids=[manifest.id])).get(manifest.id, ())
    house.attempt(
        manager,
        partial(
            hand_over_manifest, manifest_id=manifest.id, driver="A driver",
            left_behind=[parcel.parcel_id for parcel in rest],
        ),
    )  # fmt: skip

from collections.abc import Sequence
from functools import partial

from app.simulators.floor import MISTAKE_SECONDS
from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from app.simulators.live_labels import scan_label
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork
from shipping.api import (
    DockUnit,
    ManifestView,
    close_container,
    dock,
    manifest_parcels,
    right_lane,
    stage_parcel,
    unstage_parcel,
)

LOAD_SECONDS = 6.0


def load(house: LiveHouse, manifest: ManifestView) -> Steps:
    """Scan onto the truck what goes with a closed manifest and is not there yet; what a colleague loaded meanwhile is
    loaded already, and what may not go is refused and stays.
    """
    loader = house.person(Role.PACKER)
    yield from _stage_rest(house, loader, manifest)
    found = house.see(partial(dock, site_id=house.site_id))
    others = [truck.id for truck in found.trucks if truck.id != manifest.id]
    for unit in found.units:
        if unit.truck != manifest.id or unit.loaded_at or unit.problem not in ("", "open"):
            continue
        if unit.problem == "open":
            house.attempt(loader, partial(close_container, container_id=unit.id))
        yield LOAD_SECONDS
        yield from _astray(house, loader, unit, [truck for truck in others if truck != unit.carrier])
        _scan(house, loader, unit, manifest.id)


def take_off(house: LiveHouse) -> Steps:
    """Take off the lanes what was given up while it stood there."""
    sorter = house.person(Role.PACKER)
    for unit in house.see(partial(dock, site_id=house.site_id)).units:
        if unit.problem == "voided":
            yield LOAD_SECONDS
            house.attempt(sorter, partial(unstage_parcel, site_id=house.site_id, parcel=unit.sscc))


def _stage_rest(house: LiveHouse, loader: Actor, manifest: ManifestView) -> Steps:
    """Fetch what got its label after the lanes were filled and is on the manifest all the same: with the label on."""
    ours = {parcel.id: parcel for parcel in house.see(partial(manifest_parcels, manifest_id=manifest.id))}
    for unit in house.see(partial(dock, site_id=house.site_id)).units:
        if unit.problem == "not_staged" and unit.id in ours:
            yield LOAD_SECONDS
            scan_label(house, loader, ours[unit.id], unit.sscc)
            house.attempt(loader, partial(_onto_its_lane, site_id=house.site_id, parcel=unit.sscc))


def _onto_its_lane(uow: UnitOfWork, *, site_id: str, parcel: str) -> None:
    stage_parcel(uow, site_id=site_id, parcel=parcel, target=right_lane(uow, site_id=site_id, parcel=parcel))


def _astray(house: LiveHouse, loader: Actor, unit: DockUnit, others: Sequence[str]) -> Steps:
    """Carry a unit to the wrong truck for once, where the scan stops it."""
    if others and house.chance.hits(house.mistakes.wrong_trucks, "truck", unit.sscc):
        _scan(house, loader, unit, house.chance.draws("truck astray", unit.sscc).choice(others))
        yield MISTAKE_SECONDS


def _scan(house: LiveHouse, loader: Actor, unit: DockUnit, truck: str) -> None:
    house.operate(loader, "load", parcel_id=unit.id, code=unit.sscc, location_code=truck)

"""The dock: each parcel and closed container onto the truck that it goes with, and what is still missing on it."""

from collections.abc import Iterable
from typing import Any, Final

from app.web.handheld.codes import comparable
from app.web.handheld.tasks import Task, new_step, new_task
from app.web.labels import carrier_words, manifest_label, parcel_label
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

LOAD: Final = "load"
"""The job of a person who loads: what the address of the handheld names it."""
_MOST: Final = 1_000
_MOST_OTHERS: Final = 2_000


def load_work(uow: UnitOfWork, *, site_id: str, person: str, truck: str) -> dict[str, Any]:
    """Return what the contract says of the dock: the trucks to choose from, and of the chosen one what is on it, one
    task for each unit that one scan loads, what cannot be loaded yet, and for every other code why it stays.

    `truck` is the truck's id, or what was scanned of it: a lane's sign, a manifest's number, the carrier.
    """
    found = shipping.dock(uow, site_id=site_id)
    stopped = shipping.stopped_parcels(uow, site_id=site_id)
    chosen = _chosen(found.trucks, truck)
    told = {"job": LOAD, "trucks": [_choice(each) for each in found.trucks]}
    if chosen is None:
        return told | {"truck": None, "tasks": [], "known": {}, "stops": {}}
    mine = [unit for unit in found.units if unit.truck == chosen.id]
    met = [*mine, *[unit for unit in found.units if unit.truck != chosen.id][:_MOST_OTHERS]]
    waiting = [unit for unit in mine if not unit.problem and not unit.loaded_at][:_MOST]
    return told | {
        "truck": _choice(chosen) | {
            "missing": [{"name": _name(unit), "words": unit.detail} for unit in mine if unit.problem][:_MOST],
            "last": _last(mine, chosen, person),
        },
        "tasks": [_task(unit, chosen) for unit in waiting],
        "known": _known(met, stopped),
        "stops": _stops(met, stopped, found.trucks, chosen),
    }  # fmt: skip


def load_facts(rest: str, *, is_undo: bool) -> dict[str, str]:
    """Return what the floor's op is made of; `rest` is the task behind its noun, the truck and the unit."""
    truck, _, unit = rest.partition(":")
    return {"kind": "unload" if is_undo else "load", "parcel_id": unit, "location_code": truck}


def _chosen(trucks: Iterable[shipping.TruckView], asked: str) -> shipping.TruckView | None:
    """Return the truck that was chosen; a carrier's is that of its manifest as soon as there is one."""
    code = comparable(asked)
    found = [truck for truck in trucks if code and code in (comparable(truck.id), *_codes(truck))]
    return next((truck for truck in found if comparable(truck.id) == code), next(iter(found), None))


def _choice(truck: shipping.TruckView) -> dict[str, Any]:
    paper = f"Manifest {manifest_label(truck.manifest_id)}" if truck.manifest_id else "No manifest yet"
    return {
        "id": truck.id, "name": carrier_words(truck.carrier), "where": ", ".join((paper, *truck.lanes)),
        "loaded": truck.loaded, "parcels": truck.parcels, "codes": _codes(truck),
    }  # fmt: skip


def _codes(truck: shipping.TruckView) -> list[str]:
    """Return what may be scanned to choose a truck."""
    papers = [manifest_label(truck.manifest_id), comparable(truck.manifest_id)] if truck.manifest_id else []
    return [*papers, *truck.lanes, comparable(truck.carrier)]


def _task(unit: shipping.DockUnit, truck: shipping.TruckView) -> Task:
    step = new_step("unit", "scan_unit", "SSCC", unit.codes)
    show = {"where": unit.lane, "qty": unit.parcels}
    return new_task("load", f"load:{truck.id}:{unit.id}", 1, title=_name(unit), steps=[step], show=show)


def _name(unit: shipping.DockUnit) -> str:
    return f"{unit.kind.capitalize()} {parcel_label(unit.sscc)}"


def _last(mine: Iterable[shipping.DockUnit], truck: shipping.TruckView, person: str) -> dict[str, Any] | None:
    """Return what the person loaded last, which they may take off again."""
    own = [(unit.loaded_at, unit) for unit in mine if unit.loaded_at and unit.loaded_by == person]
    return _task(max(own, key=lambda each: (each[0], each[1].id))[1], truck) if own else None


def _known(units: Iterable[shipping.DockUnit], stopped: Iterable[shipping.StoppedParcel]) -> dict[str, str]:
    known = {code: f"Parcel {parcel_label(each.sscc)}" for each in stopped for code in _codes_of(each)}
    return known | {code: _name(unit) for unit in units for code in unit.codes}


def _stops(
    units: Iterable[shipping.DockUnit], stopped: Iterable[shipping.StoppedParcel],
    trucks: Iterable[shipping.TruckView], chosen: shipping.TruckView,
) -> dict[str, dict[str, str]]:  # fmt: skip
    """Return for each code that is not to be loaded what is so, and what to do."""
    names = {truck.id: truck for truck in trucks}
    stops = {code: _stop("It does not go", each.words) for each in stopped for code in _codes_of(each)}
    for unit in units:
        stop = _stop_of(unit, chosen, names)
        if stop:
            stops |= dict.fromkeys(unit.codes, stop)
    return stops


def _stop_of(
    unit: shipping.DockUnit, chosen: shipping.TruckView, names: dict[str, shipping.TruckView]
) -> dict[str, str] | None:
    other = names.get(unit.truck)
    if other and other.id != chosen.id:
        return _stop("Not on this truck", f"It goes with {_other(other, chosen)}. Put it back on {unit.lane}.")
    if unit.loaded_at and unit.problem != "in_container":
        return _stop("Loaded already", "Scan the next one.", tone="attention")
    if unit.problem:
        return _stop(_TITLES.get(unit.problem, "It does not go"), f"{unit.detail} {unit.remedy}")
    return None


_TITLES: Final = {
    "in_container": "Scan its container",
    "open": "Not closed yet",
    "not_staged": "It stands on no lane",
    "later_day": "For a later day",
}


def _other(truck: shipping.TruckView, chosen: shipping.TruckView) -> str:
    if truck.carrier != chosen.carrier:
        return carrier_words(truck.carrier)
    return f"manifest {manifest_label(truck.manifest_id)}" if truck.manifest_id else "the next manifest"


def _stop(title: str, advice: str, *, tone: str = "stop") -> dict[str, str]:
    return {"tone": tone, "title": title, "advice": advice}


def _codes_of(parcel: shipping.StoppedParcel) -> list[str]:
    return [parcel.sscc, *filter(None, [parcel.tracking_number.upper()])]

"""The sort: each labelled parcel onto its lane, or into a container there."""

from typing import Any, Final

from app.web.handheld.bench_tasks import label_codes, plate_forms
from app.web.handheld.tasks import Task, new_step, new_task
from app.web.labels import parcel_label
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

SORT: Final = "sort"
"""The job of a person who sorts: what the address of the handheld names it."""
_ASIDE: Final = "Put it aside, and scan the next one."


def sort_tasks(uow: UnitOfWork, site_id: str) -> tuple[list[Task], dict[str, str]]:
    """Return one task for each parcel that waits to be sorted, and the names of all codes that a sorter may meet: those
    of parcels that do not go say why, and where to take them.
    """
    waiting = shipping.parcels_to_sort(uow, site_id=site_id)
    known = {lane.code: f"Lane {lane.code}" for lane in shipping.sort_lanes(uow, site_id=site_id)}
    for box in shipping.sort_containers(uow, site_id=site_id):
        words = f"{box.kind.capitalize()} {parcel_label(box.sscc)} on {box.lane_code}"
        known |= dict.fromkeys(plate_forms(box.sscc), words)
    for stopped in shipping.stopped_parcels(uow, site_id=site_id):
        words = f"Parcel {parcel_label(stopped.sscc)}. {stopped.words}"
        known |= dict.fromkeys([*plate_forms(stopped.sscc), *filter(None, [stopped.tracking_number])], words)
    for parcel in waiting:
        known |= dict.fromkeys(
            label_codes(parcel.sscc, parcel.tracking_number), f"Parcel {parcel_label(parcel.sscc)} for {parcel.lane}"
        )
    return [_task(parcel) for parcel in waiting], known


def _task(parcel: shipping.WaitingParcel) -> Task:
    places = [parcel.lane, *(form for sscc in parcel.containers for form in plate_forms(sscc))]
    steps = [
        new_step("label", "scan_label", "LABEL", label_codes(parcel.sscc, parcel.tracking_number), advice=_ASIDE),
        new_step("lane", "scan_lane", "LANE", places, advice=f"Put it on {parcel.lane}, and scan the sign there."),
    ]
    show: dict[str, Any] = {"where": parcel.destination}
    return new_task("sort", f"sort:{parcel.parcel_id}", 1, title=parcel.lane, steps=steps, show=show)

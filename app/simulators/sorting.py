"""Sorters at the lanes: what waits for a carrier's collection is scanned onto its lane, as a handheld reports it."""

from collections.abc import Callable, Iterator
from uuid import NAMESPACE_URL, uuid5

from fulfillment.api import OpAck, WorkOp, apply_work_op
from kernel.db.transactions import UnitOfWork
from shipping.api import WaitingParcel, parcels_to_sort

MOST = 5_000
"""More parcels than one collection takes."""


def waiting(site_id: str) -> Callable[[UnitOfWork], list[WaitingParcel]]:
    """Return the question which parcels wait for their lane; none do at a site without lanes."""
    return lambda uow: parcels_to_sort(uow, site_id=site_id, limit=MOST)


def scans(site_id: str, parcels: list[WaitingParcel]) -> Iterator[Callable[[UnitOfWork], OpAck]]:
    """Return one scan for each parcel, with an id that stays the same when it is sent again."""
    for parcel in parcels:
        name = f"stage/{parcel.parcel_id}/{parcel.lane}"
        op = WorkOp(str(uuid5(NAMESPACE_URL, name)), "stage", parcel_id=parcel.parcel_id, code=parcel.lane)
        yield _scan(site_id, op)


def _scan(site_id: str, op: WorkOp) -> Callable[[UnitOfWork], OpAck]:
    return lambda uow: apply_work_op(uow, site_id=site_id, op=op)

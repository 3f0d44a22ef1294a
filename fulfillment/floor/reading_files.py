"""A worker reads a large file of a floor: reading and checking hold no transaction; between them it looks whether the
file was cancelled.
"""

from dataclasses import dataclass
from functools import partial

from fulfillment.domain.floor_files.files import plan_from_file
from fulfillment.domain.floor_files.layers import read_layers
from fulfillment.domain.layout import WarehousePlan
from fulfillment.floor.keeping import CheckedFloor, checked_floor, keep_checked_floor, put_floor_plan_in_force
from fulfillment.floor.models import FloorFile
from kernel import actors, runs
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Refusal

_ACTOR = actors.system("floor-files")


@dataclass(frozen=True, slots=True)
class _File:
    """What is to be read; without content, a version was made of it already."""

    content: bytes | None
    name: str
    form: str
    unit: str
    layers: str


def read_floor_files() -> int:
    """Make a version of the floor of the file that waits longest; return how many files that were."""
    claim = run(_ACTOR, partial(runs.claim, kind=FloorFile))
    file = runs.step(_ACTOR, claim, _read)
    if claim is None or file is None:
        return 0
    try:
        if file.content is not None:
            name = file.name.rpartition(".")[0] or file.name
            layers = read_layers(file.layers)
            plan = plan_from_file(file.content, form=file.form, unit=file.unit, name=name, layers=layers)
            if not run(_ACTOR, partial(runs.tell, claimed=claim, state="checking")):
                return 1
            runs.step(_ACTOR, claim, partial(_keep, plan=plan, floor=checked_floor(plan)))
        runs.step(_ACTOR, claim, _enforce)
    except Refusal as refusal:
        runs.step(_ACTOR, claim, partial(_finish, why=str(refusal.problem()["detail"])))
    return 1


def _read(_: UnitOfWork, row: FloorFile) -> _File:
    return _File(row.content, row.name, row.form, row.unit, row.layers)


def _keep(uow: UnitOfWork, row: FloorFile, *, plan: WarehousePlan, floor: CheckedFloor) -> None:
    row.version = keep_checked_floor(
        uow, site_id=row.site_id, plan=plan, floor=floor, note=row.note, source=row.name or row.form,
        based_on=row.based_on, created_by=row.created_by,
    )  # fmt: skip
    row.faults, row.content = len(floor.faults), None
    if not row.in_force or floor.faults:
        runs.end(uow, row, "ready")


def _enforce(uow: UnitOfWork, row: FloorFile) -> None:
    """Put the version in force: that was wanted, and it has no faults."""
    assert row.version is not None, "it was kept before"
    put_floor_plan_in_force(uow, site_id=row.site_id, version=row.version, confirmed=row.confirmed)
    runs.end(uow, row, "ready")


def _finish(uow: UnitOfWork, row: FloorFile, *, why: str) -> None:
    """Note why a file became no version, or its version did not come into force."""
    row.why, row.content = why, None
    runs.end(uow, row, "ready" if row.version else "failed")

"""A worker reads a large file of a floor: reading and checking hold no transaction; between them it looks whether the
file was cancelled.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import undefer

from fulfillment.domain.floor_files.files import plan_from_file
from fulfillment.domain.floor_files.layers import read_layers
from fulfillment.domain.layout import WarehousePlan
from fulfillment.floor.keeping import CheckedFloor, checked_floor, keep_checked_floor, put_floor_plan_in_force
from fulfillment.floor.large_files import UNDER_WAY
from fulfillment.floor.models import FloorFile
from kernel import actors
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Refusal

_LEASE = timedelta(minutes=10)
_ATTEMPTS = 3
_ACTOR = actors.system("floor-files")


@dataclass(frozen=True, slots=True)
class _Claim:
    id: str
    content: bytes
    name: str
    form: str
    unit: str
    layers: str


def read_floor_files() -> int:
    """Make a version of the floor of the file that waits longest; return how many files that were."""
    claim = run(_ACTOR, _claim)
    if claim is None:
        return 0
    try:
        name = claim.name.rpartition(".")[0] or claim.name
        layers = read_layers(claim.layers)
        plan = plan_from_file(claim.content, form=claim.form, unit=claim.unit, name=name, layers=layers)
        if run(_ACTOR, partial(_is_wanted, file_id=claim.id)):
            floor = checked_floor(plan)
            run(_ACTOR, partial(_keep, file_id=claim.id, plan=plan, floor=floor))
            run(_ACTOR, partial(_enforce, file_id=claim.id))
    except Refusal as refusal:
        run(_ACTOR, partial(_finish, file_id=claim.id, why=str(refusal.problem()["detail"])))
    return 1


def _claim(uow: UnitOfWork) -> _Claim | None:
    free = FloorFile.claimed_until.is_(None) | (FloorFile.claimed_until < uow.now)
    waiting = select(FloorFile).where(FloorFile.state.in_(UNDER_WAY), free).order_by(FloorFile.created_at).limit(1)
    row = uow.session.scalar(waiting.options(undefer(FloorFile.content)).with_for_update(skip_locked=True))
    if row is None:
        return None
    if row.content is None or row.attempts >= _ATTEMPTS:
        row.why = "Reading broke off several times. Send a smaller file, and tell an administrator."
        row.state, row.finished_at, row.claimed_until, row.content = "failed", uow.now, None, None
        return None
    row.state, row.attempts, row.claimed_until = "reading", row.attempts + 1, uow.now + _LEASE
    return _Claim(row.id, row.content, row.name, row.form, row.unit, row.layers)


def _row(uow: UnitOfWork, file_id: str) -> FloorFile | None:
    """Lock a file that nobody has cancelled."""
    wanted = select(FloorFile).where(FloorFile.id == file_id, FloorFile.state.in_(UNDER_WAY))
    return uow.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def _is_wanted(uow: UnitOfWork, *, file_id: str) -> bool:
    row = _row(uow, file_id)
    if row is not None:
        row.state, row.claimed_until = "checking", uow.now + _LEASE
    return row is not None


def _keep(uow: UnitOfWork, *, file_id: str, plan: WarehousePlan, floor: CheckedFloor) -> None:
    row = _row(uow, file_id)
    if row is None:
        return
    row.version = keep_checked_floor(
        uow, site_id=row.site_id, plan=plan, floor=floor, note=row.note, source=row.name or row.form,
        based_on=row.based_on, created_by=row.created_by,
    )  # fmt: skip
    row.faults, row.content = len(floor.faults), None
    if not row.in_force or floor.faults:
        row.state, row.finished_at, row.claimed_until = "ready", uow.now, None


def _enforce(uow: UnitOfWork, *, file_id: str) -> None:
    """Put the version in force, if that was wanted and it has no faults."""
    row = _row(uow, file_id)
    if row is not None and row.version is not None:
        put_floor_plan_in_force(uow, site_id=row.site_id, version=row.version, confirmed=row.confirmed)
        row.state, row.finished_at, row.claimed_until = "ready", uow.now, None


def _finish(uow: UnitOfWork, *, file_id: str, why: str) -> None:
    """Note why a file became no version, or its version did not come into force."""
    row = _row(uow, file_id)
    if row is not None:
        row.state, row.why = "ready" if row.version else "failed", why
        row.finished_at, row.claimed_until, row.content = uow.now, None, None

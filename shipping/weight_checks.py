"""Parcels that were weighed a second time, and those that wait for a person because of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.domain.typed_weights import typed_words
from shipping.models.parcels import ParcelRow
from shipping.models.weight_checks import WeightCheckRow

_READ = (
    "select w.id, w.tenant_id, w.parcel_id, w.site_id, p.reference as order_id, p.sscc, p.tracking_number, p.carrier,"
    " p.state, w.source, w.device, w.reading_g, w.declared_g, w.limit_g, w.outcome, w.checked_by, w.checked_at,"
    " w.verdict, w.reason, w.proof, w.closed_by, w.closed_at, p.packed_by, w.evidence -> 'scale'"
    " from weight_check w join parcel p on p.tenant_id = w.tenant_id and p.id = w.parcel_id"
)
_OPEN = text(
    f"{_READ} where w.site_id = :site and w.outcome in ('stopped', 'found') and w.closed_at is null"
    " and (w.outcome = 'found' or p.check_hold_id = w.id) order by w.outcome desc, w.checked_at, w.id limit :limit"
)
_OF_PARCEL = text(f"{_READ} where w.tenant_id = :tenant and w.parcel_id = any(:parcels) order by w.checked_at, w.id")
_ONE = text(f"{_READ} where w.id = :id")
_COUNT = text(
    "select count(distinct parcel_id) filter (where outcome = 'stopped') as stopped,"
    " count(*) filter (where outcome = 'found') as found,"
    " min(checked_at) filter (where outcome = 'stopped') as stopped_since,"
    " min(checked_at) filter (where outcome = 'found') as found_since from weight_check"
    " where site_id = :site and outcome in ('stopped', 'found') and closed_at is null"
)


@dataclass(frozen=True, slots=True)
class WeightCheck:
    """A second weighing, in g: `source` is scale (one of ours, `device` its code) or carrier (`device` names it).

    `outcome` is agrees, vouched (as one that was released or found before), stopped (the parcel stays here) or found
    (it was gone). `verdict` is empty while a person has to look, then released, given_up or settled, with reason and
    proof. `typed` says in words why a person typed the reading, empty for a scale's own.
    """

    id: str
    tenant_id: str
    parcel_id: str
    site_id: str
    order_id: str
    sscc: str
    tracking_number: str
    carrier: str
    state: str
    source: str
    device: str
    reading_g: int
    declared_g: int
    limit_g: int
    outcome: str
    checked_by: str
    checked_at: datetime
    verdict: str
    reason: str
    proof: str
    closed_by: str
    closed_at: datetime | None
    packed_by: str
    typed: str = ""

    @property
    def difference_g(self) -> int:
        """Reading minus declared weight."""
        return self.reading_g - self.declared_g

    @property
    def is_open(self) -> bool:
        """Whether a person has to look."""
        return self.outcome in ("stopped", "found") and not self.verdict


@dataclass(frozen=True, slots=True)
class OpenChecks:
    """How many parcels a second weighing stopped, and how many that were gone differ, each with the time of the
    oldest.
    """

    stopped: int
    found: int
    stopped_since: datetime | None
    found_since: datetime | None


def open_weight_checks(uow: UnitOfWork, *, site_id: str, limit: int = 200) -> list[WeightCheck]:
    """Return what waits for a person at a site: what is stopped before what is gone, the oldest first."""
    return _checks(uow.session.execute(_OPEN, {"site": site_id, "limit": limit}))


def count_open_weight_checks(uow: UnitOfWork, *, site_id: str) -> OpenChecks:
    """Count them."""
    return OpenChecks(*uow.session.execute(_COUNT, {"site": site_id}).one())


def weight_checks_of(uow: UnitOfWork, *, tenant_id: str, parcel_ids: Sequence[str]) -> list[WeightCheck]:
    """Return every second weighing of some parcels of a merchant, the oldest first."""
    if not parcel_ids:
        return []
    return _checks(uow.session.execute(_OF_PARCEL, {"tenant": tenant_id, "parcels": list(parcel_ids)}))


def get_weight_check(uow: UnitOfWork, *, check_id: str) -> WeightCheck:
    """Return one second weighing.

    Raises:
        NotFound: this caller has no such one.
    """
    found = _checks(uow.session.execute(_ONE, {"id": check_id}))
    if not found:
        raise NotFound("There is no such second weighing.", remedy="List those that are open.")
    return found[0]


def close_check(uow: UnitOfWork, row: WeightCheckRow, *, verdict: str, reason: str, proof: str = "") -> None:
    """Note what became of a parcel that was stopped, or of a difference that was found."""
    row.closed_at, row.closed_by, row.role = uow.now, uow.actor.id, uow.actor.role.value
    row.verdict, row.reason, row.proof = verdict, reason, proof


def close_holds(uow: UnitOfWork, parcel: ParcelRow, *, verdict: str, reason: str, proof: str = "") -> None:
    """Let a second weighing stop a locked parcel no more, and note why."""
    parcel.check_hold_id = None
    stopping = select(WeightCheckRow).where(
        WeightCheckRow.tenant_id == parcel.tenant_id, WeightCheckRow.parcel_id == parcel.id,
        WeightCheckRow.outcome == "stopped", WeightCheckRow.closed_at.is_(None),
    )  # fmt: skip
    for row in uow.session.scalars(stopping.order_by(WeightCheckRow.id).with_for_update()):
        close_check(uow, row, verdict=verdict, reason=reason, proof=proof)


def _checks(rows: Any) -> list[WeightCheck]:  # noqa: ANN401 - the rows of _READ
    return [WeightCheck(*(*told, typed_words(scale or {}))) for *told, scale in rows]

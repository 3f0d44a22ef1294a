"""Somebody wants walks planned now: a worker does it, because searching takes longer than a page may."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fulfillment.planning.models import PlanRun
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound, Refusal
from kernel.ids import new_id

UNDER_WAY = ("waiting", "choosing", "planning")


class PlanRunOver(Refusal):
    """There is nothing left to cancel."""

    code = "plan_run_over"
    title = "It is done already"


@dataclass(frozen=True, slots=True)
class PlanRunView:
    """A wish to have walks planned and how far it is. `state` is waiting, choosing (where to pick), planning, ready,
    cancelled or failed; `progress` percent. `queued` orders were not released, the first of them because of `why`;
    `note` says why there is no answer.
    """

    id: str
    site_id: str
    state: str
    release: bool
    max_orders: int
    progress: int
    released: int
    queued: int
    why: str
    batches: int
    note: str
    created_at: datetime
    created_by: str
    finished_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        """Whether a worker has it still before it."""
        return self.state in UNDER_WAY


def ask_for_plan(uow: UnitOfWork, *, site_id: str, release: bool = True, max_orders: int = 300) -> str:
    """Have a worker put released orders on carts, after it released all that can go if `release` is wanted; return the
    id of the run. Where one is under way already it is that one, which releases as well then, if need be once more
    from its start.
    """
    get_site(uow, site_id)
    row = {
        "id": new_id("pln"), "site_id": site_id, "state": "waiting", "release": release, "max_orders": max_orders,
        "progress": 0, "released": 0, "queued": 0, "why": "", "batches": 0, "note": "", "attempts": 0,
        "created_at": uow.now, "created_by": uow.actor.id,
    }  # fmt: skip
    stored: str | None = uow.session.scalar(insert(PlanRun).values(row).on_conflict_do_nothing().returning(PlanRun.id))
    if stored is None:
        return _joined(uow, site_id, release=release, max_orders=max_orders) or ask_for_plan(
            uow, site_id=site_id, release=release, max_orders=max_orders
        )
    uow.audit("plan_run.asked", subject=stored, site_id=site_id, release=release, max_orders=max_orders)
    return stored


def _joined(uow: UnitOfWork, site_id: str, *, release: bool, max_orders: int) -> str | None:
    """Return the run that is under way; whoever wants more than who asked for it adds that."""
    statement = select(PlanRun).where(PlanRun.site_id == site_id, PlanRun.state.in_(UNDER_WAY))
    if not release:
        return uow.session.scalars(statement.with_only_columns(PlanRun.id)).first()
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        return None
    if not row.release:
        row.release, row.max_orders = True, max(row.max_orders, max_orders)
        uow.session.flush()
    return row.id


def cancel_plan_run(uow: UnitOfWork, run_id: str, *, site_id: str) -> None:
    """Have a worker stop: what it has released and planned by then stays, the rest waits.

    Raises:
        NotFound: the site has no such run.
        PlanRunOver: it is done, or was cancelled.
    """
    row = uow.session.get(PlanRun, run_id, with_for_update=True, populate_existing=True)
    if row is None or row.site_id != site_id:
        raise NotFound("There is no such plan.", remedy="Look at the list of batches.")
    if row.state not in UNDER_WAY:
        raise PlanRunOver("The worker is done with it.", remedy="Look at the list of batches.")
    row.state, row.finished_at, row.claimed_until = "cancelled", uow.now, None
    uow.session.flush()
    uow.audit("plan_run.cancelled", subject=run_id, site_id=site_id)


def get_plan_run(uow: UnitOfWork, run_id: str, *, site_id: str) -> PlanRunView:
    """Return how far a run is.

    Raises:
        NotFound: the site has no such run.
    """
    row = uow.session.get(PlanRun, run_id, populate_existing=True)
    if row is None or row.site_id != site_id:
        raise NotFound("There is no such plan.", remedy="Ask for one.")
    return _view(row)


def latest_plan_run(uow: UnitOfWork, *, site_id: str) -> PlanRunView | None:
    """Return the run that a site asked for last."""
    statement = select(PlanRun).where(PlanRun.site_id == site_id).order_by(PlanRun.created_at.desc(), PlanRun.id.desc())
    row = uow.session.scalars(statement.limit(1)).first()
    return _view(row) if row else None


def _view(row: PlanRun) -> PlanRunView:
    return PlanRunView(
        row.id, row.site_id, row.state, row.release, row.max_orders, row.progress, row.released, row.queued, row.why,
        row.batches, row.note, row.created_at, row.created_by, row.finished_at,
    )  # fmt: skip

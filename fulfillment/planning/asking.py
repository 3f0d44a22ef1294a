"""Somebody wants walks planned now: a worker does it, because searching takes longer than a page may."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fulfillment.planning.models import PlanRun
from kernel import runs
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound, Refusal
from kernel.ids import new_id


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
        return self.state in PlanRun.UNDER_WAY


def ask_for_plan(uow: UnitOfWork, *, site_id: str, release: bool = True, max_orders: int = 300) -> str:
    """Have a worker put released orders on carts, after it released all that can go if `release` is wanted; return the
    id of the run. Where one is under way already it is that one, which releases as well then, if need be once more
    from its start.
    """
    get_site(uow, site_id)
    stored = runs.ask(uow, PlanRun, id=new_id("pln"), site_id=site_id, release=release, max_orders=max_orders)
    if stored is None:
        return _joined(uow, site_id, release=release, max_orders=max_orders) or ask_for_plan(
            uow, site_id=site_id, release=release, max_orders=max_orders
        )
    uow.audit("plan_run.asked", subject=stored, site_id=site_id, release=release, max_orders=max_orders)
    return stored


def _joined(uow: UnitOfWork, site_id: str, *, release: bool, max_orders: int) -> str | None:
    """Return the run that is under way; whoever wants more than who asked for it adds that."""
    if not release:
        return runs.under_way(uow, PlanRun, site_id=site_id)
    statement = select(PlanRun).where(PlanRun.site_id == site_id, PlanRun.state.in_(PlanRun.UNDER_WAY))
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
    runs.cancel(
        uow, PlanRun, run_id, site_id=site_id,
        unknown=NotFound("There is no such plan.", remedy="Look at the list of batches."),
        over=PlanRunOver("The worker is done with it.", remedy="Look at the list of batches."),
    )  # fmt: skip
    uow.audit("plan_run.cancelled", subject=run_id, site_id=site_id)


def get_plan_run(uow: UnitOfWork, run_id: str, *, site_id: str) -> PlanRunView:
    """Return how far a run is.

    Raises:
        NotFound: the site has no such run.
    """
    unknown = NotFound("There is no such plan.", remedy="Ask for one.")
    return _view(runs.find(uow, PlanRun, run_id, site_id=site_id, unknown=unknown))


def latest_plan_run(uow: UnitOfWork, *, site_id: str) -> PlanRunView | None:
    """Return the run that a site asked for last."""
    return next(map(_view, runs.newest(uow, PlanRun, site_id=site_id)), None)


def _view(row: PlanRun) -> PlanRunView:
    return PlanRunView(
        row.id, row.site_id, row.state, row.release, row.max_orders, row.progress, row.released, row.queued, row.why,
        row.batches, row.note, row.created_at, row.created_by, row.finished_at,
    )  # fmt: skip

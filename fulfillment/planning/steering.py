"""What a site's search for shorter walks has come to, and people's word on it."""

from dataclasses import dataclass

from sqlalchemy import func, select

from fulfillment.models import PickBatch
from fulfillment.planning.models import BatchSearch
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal


class NothingToImprove(Refusal):
    """Nobody searches for shorter walks at this site, and nobody has yet."""

    code = "nothing_to_improve"
    title = "There is no search for shorter walks"


@dataclass(frozen=True, slots=True)
class BatchSearchView:
    """How far the walks are that nobody has claimed: their length in mm as first planned, and now; how long a worker
    searched, in CPU seconds, and the `methods` that shortened them: annealing, column_generation. None of them proves
    that there is no shorter plan. `state` is improving, settled (good until orders come or go), stopped, or idle.
    """

    site_id: str
    state: str
    orders: int
    batches: int
    planned_mm: int
    now_mm: int
    seconds: float
    rounds: int
    methods: tuple[str, ...] = ()

    @property
    def saved_percent(self) -> int:
        """How much shorter the walks are by now."""
        return round(100 * (self.planned_mm - self.now_mm) / self.planned_mm) if self.planned_mm else 0


def batch_search(uow: UnitOfWork, *, site_id: str) -> BatchSearchView:
    """Return how far the search for shorter walks is at a site."""
    row = uow.session.get(BatchSearch, site_id, populate_existing=True)
    drafts = PickBatch.site_id == site_id, PickBatch.state == "DRAFT", PickBatch.planned_mm > 0
    sums = select(func.coalesce(func.sum(PickBatch.planned_mm), 0), func.coalesce(func.sum(PickBatch.length_mm), 0))
    planned, now = uow.session.execute(sums.where(*drafts)).one()
    if row is None:
        return BatchSearchView(site_id, "idle", 0, 0, int(planned), int(now), 0.0, 0)
    state = row.state if planned or row.state == "stopped" else "idle"
    return BatchSearchView(
        site_id,
        state,
        row.orders,
        row.batches,
        int(planned),
        int(now),
        round(row.cpu_ms / 1000, 1),
        row.rounds,
        tuple(row.methods) if now < planned else (),
    )


def stop_batch_search(uow: UnitOfWork, *, site_id: str) -> None:
    """Leave a site's walks as they are; what a worker has in hand is thrown away.

    Raises:
        NothingToImprove: nothing was ever searched here.
    """
    _set(uow, site_id, "stopped", anew=False)


def plan_anew(uow: UnitOfWork, *, site_id: str) -> None:
    """Have a worker search again from another point, also where it was stopped or had settled. A walk is only given up
    for a shorter one.

    Raises:
        NothingToImprove: nothing was ever searched here.
    """
    _set(uow, site_id, "improving", anew=True)


def _set(uow: UnitOfWork, site_id: str, state: str, *, anew: bool) -> None:
    row = uow.session.get(BatchSearch, site_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NothingToImprove("No walk has been planned here yet.", remedy="Release orders first.")
    row.state, row.changed_at, row.changed_by = state, uow.now, uow.actor.id
    if anew:
        row.seed, row.quiet_rounds, row.rounds, row.cpu_ms = row.seed + 1_000, 0, 0, 0
    uow.session.flush()
    uow.audit(f"batches.search_{'anew' if anew else 'stopped'}", subject=site_id)

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from fulfillment.models import PickTask, SalesOrder, WorkOp
from fulfillment.queries.work import BatchSummary, find_batches
from fulfillment.repository import OPEN_TASK_STATES
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many open orders are in a state, how many of them are overdue, and since when the oldest waits."""

    state: str
    orders: int
    overdue: int
    oldest_since: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """What a site has to do: backlog by state, live batches, and how the floor goes; each number has a list."""

    stages: tuple[StageCount, ...]
    batches: tuple[BatchSummary, ...]
    lines_open: int
    lines_last_hour: int
    shorts_last_hour: int
    near_misses_last_hour: int
    put_backs_open: int
    limbo: int


def board(uow: UnitOfWork, *, site_id: str) -> Board:
    """Return the board of one site as of now."""
    hour_ago = uow.now - timedelta(hours=1)
    at_site = PickTask.site_id == site_id
    picks, put_backs = at_site & (PickTask.kind == "pick"), at_site & (PickTask.kind == "put_back")
    open_tasks, recent = PickTask.state.in_(OPEN_TASK_STATES), PickTask.finished_at >= hour_ago
    columns = (
        func.count().filter(picks & open_tasks),
        func.count().filter(picks & recent),
        func.count().filter(picks & recent & (PickTask.state == "SHORT")),
        func.count().filter(put_backs & open_tasks),
    )
    counted = select(*columns).where(at_site, open_tasks | recent)
    lines_open, done, shorts, put_backs_open = uow.session.execute(counted).one()
    return Board(
        stages=_stages(uow, site_id),
        batches=tuple(find_batches(uow, site_id=site_id, states=("DRAFT", "ASSIGNED", "IN_PROGRESS"))),
        lines_open=lines_open,
        lines_last_hour=done,
        shorts_last_hour=shorts,
        near_misses_last_hour=_near_misses(uow, site_id, hour_ago),
        put_backs_open=put_backs_open,
        limbo=_limbo(uow, site_id),
    )


def _stages(uow: UnitOfWork, site_id: str) -> tuple[StageCount, ...]:
    overdue = func.count().filter(SalesOrder.due_at < uow.now)
    columns = SalesOrder.state, func.count(), overdue, func.min(SalesOrder.state_since)
    statement = select(*columns).where(SalesOrder.site_id == site_id, ~SalesOrder.terminal).group_by(SalesOrder.state)
    return tuple(StageCount(*row) for row in uow.session.execute(statement.order_by(SalesOrder.state)))


def _near_misses(uow: UnitOfWork, site_id: str, since: datetime) -> int:
    missed = WorkOp.site_id == site_id, WorkOp.at >= since, WorkOp.near_miss
    return uow.session.execute(select(func.count()).select_from(WorkOp).where(*missed)).scalar_one()


def _limbo(uow: UnitOfWork, site_id: str) -> int:
    stray = (SalesOrder.next_step == "") | SalesOrder.due_at.is_(None)
    statement = select(func.count()).select_from(SalesOrder)
    return uow.session.execute(statement.where(SalesOrder.site_id == site_id, ~SalesOrder.terminal, stray)).scalar_one()

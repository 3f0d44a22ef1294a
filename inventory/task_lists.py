"""Work on the floor as lists show it: what counts and moves have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Label, Row, Select, SQLColumnExpression, func, select, tuple_

from kernel.db.transactions import UnitOfWork
from kernel.web.paging import MAX_LIMIT, decode_cursor, encode_cursor

TaskRow: TypeAlias = Row[*tuple[Any, ...]]
Heads: TypeAlias = Select[*tuple[Any, ...]]
Column: TypeAlias = SQLColumnExpression[Any]
OWN_WORK_SHOWN = timedelta(hours=24)
"""How long somebody sees what they did."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column that somebody sorts a list by, and its `name` in addresses and cursors."""

    name: str
    column: Column
    is_descending: bool = False
    is_time: bool = False


@dataclass(frozen=True, slots=True)
class TaskList:
    """Tasks of one kind, by the columns of their table and by their `name` in cursors: unfinished (`live`) ones in the
    order `walk`, which ends with the id, finished ones latest first.

    Each row of its `heads` has the task's id, site_id and closed_at, and the columns of `steps`.
    """

    name: str
    live: tuple[str, ...]
    site_id: Column
    state: Column
    closed_at: Column
    walk: tuple[Column, ...]

    @property
    def steps(self) -> tuple[Label[Any], ...]:
        """The columns of the walk, but for the id, as `heads` select them."""
        return tuple(column.label(f"walk_{n}") for n, column in enumerate(self.walk[:-1]))

    def page(
        self, uow: UnitOfWork, heads: Heads, *, states: Sequence[str], cursor: str, limit: int
    ) -> tuple[Sequence[TaskRow], str | None]:
        """Return the rows in these states after the cursor, and the cursor of the next ones.

        Raises:
            Invalid: the cursor was not given out by this service for this list.
        """
        limit = max(1, min(limit, MAX_LIMIT))
        walking = set(states) <= set(self.live)
        name = f"{self.name}:walk" if walking else f"{self.name}:latest"
        latest = (self.closed_at, self.walk[-1])
        heads = heads.where(self.state.in_(states)).limit(limit + 1)
        if walking:
            heads = heads.order_by(*self.walk)
        else:
            heads = heads.where(self.closed_at.is_not(None)).order_by(*(key.desc() for key in latest))
        if cursor and walking:
            heads = heads.where(tuple_(*self.walk) > tuple_(*decode_cursor(name, cursor)))
        elif cursor:
            at, task_id = decode_cursor(name, cursor)
            heads = heads.where(tuple_(*latest) < tuple_(datetime.fromisoformat(str(at)), task_id))
        uow.session.flush()
        rows = uow.session.execute(heads).all()
        if len(rows) <= limit:
            return rows, None
        last = rows[limit - 1]
        key = self._place(last) if walking else (last.closed_at.isoformat(), last.id)
        return rows[:limit], encode_cursor(name, *key)

    def sorted_page(
        self, uow: UnitOfWork, heads: Heads, by: SortKey, *, states: Sequence[str], cursor: str, limit: int
    ) -> tuple[Sequence[TaskRow], str | None]:
        """Return the rows in these states in the order of one column, and the cursor of the next ones.

        Raises:
            Invalid: the cursor was not given out by this service for this list in this order.
        """
        limit = max(1, min(limit, MAX_LIMIT))
        name = f"{self.name}:{by.name}:{'down' if by.is_descending else 'up'}"
        keys = (by.column, self.walk[-1])
        heads = heads.add_columns(by.column.label("sort_key")).where(self.state.in_(states)).limit(limit + 1)
        heads = heads.order_by(*(key.desc() if by.is_descending else key.asc() for key in keys))
        if cursor:
            value, task_id = decode_cursor(name, cursor)
            last = tuple_(datetime.fromisoformat(str(value)) if by.is_time else value, task_id)
            heads = heads.where(tuple_(*keys) < last if by.is_descending else tuple_(*keys) > last)
        uow.session.flush()
        rows = uow.session.execute(heads).all()
        if len(rows) <= limit:
            return rows, None
        key, task_id = rows[limit - 1].sort_key, rows[limit - 1].id
        return rows[:limit], encode_cursor(name, key.isoformat() if by.is_time else key, task_id)

    def one(self, uow: UnitOfWork, heads: Heads, task_id: str) -> TaskRow | None:
        """Return the row of a task, if the actor sees it."""
        uow.session.flush()
        return uow.session.execute(heads.where(self.walk[-1] == task_id)).one_or_none()

    def following(
        self, uow: UnitOfWork, heads: Heads, task_id: str, *waiting: ColumnElement[bool],
        first: tuple[Column, ...] = (),
    ) -> str | None:  # fmt: skip
        """Return the next `waiting` task of the site in walking order, from the beginning after the last; those that
        come `first` do so wherever they are.
        """
        here = self.one(uow, heads, task_id)
        if here is None:
            return None
        others = heads.where(self.site_id == here.site_id, self.walk[-1] != task_id, *waiting)
        ahead = (tuple_(*self.walk) > tuple_(*self._place(here))).label("ahead")
        found = uow.session.execute(others.order_by(*first, ahead.desc(), *self.walk).limit(1)).first()
        return found.id if found else None

    def tally(self, uow: UnitOfWork, column: Column, *, site_id: str) -> dict[str, int]:
        """Return how many unfinished tasks there are for each value of a column."""
        statement = select(column, func.count()).where(self.state.in_(self.live)).group_by(column)
        if site_id:
            statement = statement.where(self.site_id == site_id)
        return {row[0]: row[1] for row in uow.session.execute(statement)}

    def _place(self, row: TaskRow) -> tuple[str | int, ...]:
        return *(getattr(row, f"walk_{n}") for n in range(len(self.walk) - 1)), row.id

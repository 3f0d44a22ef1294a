from dataclasses import dataclass

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class Invariant:
    """A statement about the whole database, and the query that returns the rows which break it.

    `counted` is a query for one number: how many things the statement was held against.
    """

    name: str
    statement: str
    violations: str
    counted: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one invariant: what was checked, how much, and the first rows that break it."""

    invariant: Invariant
    checked: int
    violated: int
    examples: tuple[str, ...]


def check(uow: UnitOfWork, invariant: Invariant, *, examples: int = 5) -> Finding:
    """Hold one invariant against the whole database."""
    rows = uow.session.execute(text(invariant.violations)).all()
    checked = int(uow.session.execute(text(invariant.counted)).scalar_one())
    shown = tuple(str(row._asdict()) for row in rows[:examples])
    return Finding(invariant, checked, len(rows), shown)

"""What all machines share that tell a house any history and compare it with a model."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import Connection, text

from inventory.api import INVARIANTS
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Refusal
from tests.inventory.warehouse import everything

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
T = TypeVar("T")


class HouseMachine(RuleBasedStateMachine):
    """A house in a savepoint of its own: commands run in transactions, and all books balance after each step."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.point = connection.begin_nested()
        self.now = START

    def teardown(self) -> None:
        self.point.rollback()

    def do(self, act: Callable[[UnitOfWork], T]) -> tuple[T, list[Any]] | None:
        """Run a command in a transaction of its own; return its answer and what it told, or None when it refused.

        What a refused command leaves behind is looked for before its transaction is rolled back.
        """
        self.now += timedelta(seconds=1)
        with transaction(system(), now=self.now) as uow:
            point = uow.session.begin_nested()
            try:
                return act(uow), list(uow.emitted)
            except Refusal:
                left = everything(uow)
                point.rollback()
                assert left == everything(uow)
                assert uow.emitted == ()
        return None

    @invariant()
    def the_books_of_the_house_balance(self) -> None:
        with transaction(system(), now=self.now) as uow:
            assert uow.session.execute(_BROKEN).all() == []


_BROKEN = text(
    " union all ".join(
        f"select '{each.name}' as name, to_jsonb(v) as example from ({each.violations}) v"  # noqa: S608 - constants
        for each in INVARIANTS
    )
)

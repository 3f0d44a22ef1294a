"""A warehouse with one merchant, in a transaction that ends with every invariant of stock."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.inventory.warehouse import NOW, Warehouse, assert_invariants, build


@pytest.fixture
def uow(database: Connection) -> Iterator[UnitOfWork]:
    with transaction(system(), now=NOW) as unit:
        yield unit
        unit.session.flush()
    assert_invariants()


@pytest.fixture
def house(uow: UnitOfWork) -> Warehouse:
    return build(uow)

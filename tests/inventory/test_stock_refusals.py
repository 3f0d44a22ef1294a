from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from inventory.api import (
    UnknownItem,
    count_bin,
    receive_return,
)
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.inventory.warehouse import Warehouse, assert_invariants, build, everything, stock

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def uow(database: Connection) -> Iterator[UnitOfWork]:
    with transaction(system(), now=NOW) as unit:
        yield unit
    assert_invariants()


@pytest.fixture
def house(uow: UnitOfWork) -> Warehouse:
    return build(uow)


def test_nobody_returns_or_counts_goods_of_another_merchant(uow: UnitOfWork, house: Warehouse) -> None:
    rival = build(uow, code="RIVAL")
    stock(uow, house, A={"P-1": 3})
    before, heard = everything(uow), uow.emitted
    where = {"tenant_id": rival.tenant, "site_id": house.site, "item_id": house.items["A"]}
    with pytest.raises(UnknownItem):
        receive_return(uow, **where, quantity=1, reference="rma_1")
    with pytest.raises(UnknownItem):
        count_bin(uow, **where, location_code="P-1", counted=0)
    assert (everything(uow), uow.emitted) == (before, heard)

"""Orders are found by what lies in them and by whom to call, through an index, and by those who may see them."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import house as h
import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.pool import NullPool

from app import migrate
from fulfillment import api
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.plugin.databases import FreshDatabase

pytestmark = pytest.mark.thorough

BOB = api.CustomerDraft("c-2", "Bob Ray", "bob@example.org", "0301112223")
THERE = api.Address("Bob Ray", "S", "C", "1", "DE")


def build(uow: UnitOfWork) -> tuple[h.House, api.OrderView, api.OrderView]:
    """One order with items A and B by Ana, +49 170 123 456 7; another with item C by Bob."""
    house = h.build(uow)
    ana = h.order(uow, house, ("A", 1), ("B", 2), number="W-77")
    bob = h.order(uow, house, ("C", 1), number="X-1", customer=BOB, ship_to=THERE)
    uow.session.flush()
    return house, ana, bob


def found(uow: UnitOfWork, **wanted: str) -> list[str]:
    return [row.external_id for row in api.find_orders(uow, api.OrderFilter(**wanted)).items]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        ("01234567", ["W-77"]),
        ("+49 170 1234567", ["W-77"]),
        ("0049 (0) 170/123 45 67", ["W-77"]),
        ("170 1234567", ["W-77"]),
        ("030 111 2223", ["X-1"]),
        ("+49 30 1112223", ["X-1"]),
        ("01112223", ["X-1"]),
        ("0170 7654321", []),
        ("b", ["W-77", "X-1"]),
        ("C", ["X-1", "W-77"]),
        ("kov b", ["W-77"]),
    ],
)
def test_a_search_finds_by_phone_and_by_sku(database: Connection, search: str, numbers: list[str]) -> None:
    with transaction(system(), now=h.NOW) as uow:
        build(uow)
        assert sorted(found(uow, search=search)) == sorted(numbers)


def test_a_sku_is_matched_whole(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        build(uow)
        assert found(uow, sku="A") == ["W-77"]
        assert found(uow, sku="C") == ["X-1"]
        assert found(uow, sku="c") == []
        assert found(uow, sku="A", search="bob") == []


def test_a_rival_finds_nothing(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, *_ = build(uow)
    with transaction(house.rival(), now=h.NOW) as uow:
        assert found(uow, sku="A") == []
        assert found(uow, search="01234567") == []


@pytest.mark.parametrize("wanted", [{"sku": "A"}, {"search": "B"}, {"search": "0170 1234567"}])
def test_a_search_is_one_query_over_the_index_of_terms(fresh_database: FreshDatabase, wanted: dict[str, str]) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, *_ = build(uow)
    asked: list[tuple[str, Any]] = []

    def note(*heard: Any) -> None:
        asked.append((heard[2], heard[3]))

    with transaction(house.shop(), now=h.NOW) as uow:
        uow.session.execute(text("set local enable_seqscan = off"))
        event.listen(fresh_database.engine, "before_cursor_execute", note)
        found(uow, **wanted)
        event.remove(fresh_database.engine, "before_cursor_execute", note)
        (statement, values), *others = asked
        rows = uow.session.connection().exec_driver_sql(f"explain {statement}", values)
        plan = "\n".join(row[0] for row in rows)
    assert others == []
    assert re.search(r"Index Cond: \(\(?(tenant_id = .*)?\(?term (=|>=)", plan), plan


def test_orders_from_before_are_found_the_same_way(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=h.NOW) as uow:
        build(uow)
    file = Path(migrate.__file__).parent / "migrations" / "versions" / "0011_search_terms.py"
    spec = spec_from_file_location("search_terms_migration", file)
    assert spec, "the migration is a file"
    assert spec.loader, "which can be loaded"
    migration = module_from_spec(spec)
    spec.loader.exec_module(migration)

    terms = text("select tenant_id, term, order_id, personal from order_term order by 1, 2, 3")
    with create_engine(fresh_database.owner_url, poolclass=NullPool).begin() as owner:
        owner.execute(text(migration.EVERY_MERCHANT))
        written = owner.execute(terms).all()
        owner.execute(text("delete from order_term where term in ('a', 'b', 'c', '01234567', '01112223')"))
        assert len(owner.execute(terms).all()) == len(written) - 5
        for statement in (migration.SKUS, migration.PHONES):
            owner.execute(text(statement.replace(":", "\\:")))
        assert owner.execute(terms).all() == written

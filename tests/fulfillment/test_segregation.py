"""Hazardous, chilled and frozen goods ride only with their like, also when one order has several kinds of goods."""

import pypdfium2
import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.planning import improving
from fulfillment.queries.pick_list import pick_list
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough

NEAR, FAR, THERE = "A-01-06-1", "C-03-06-1", "A-01-02-1"


def described(uow: UnitOfWork, house: h.House, sku: str, **other: object) -> None:
    draft = inventory.ItemDraft(sku, f"Thing {sku}", 200, 100, 80, 50, **other)  # type: ignore[arg-type]
    inventory.create_items(uow, tenant_id=house.tenant, items=[draft])


def build(uow: UnitOfWork) -> h.House:
    """A is ambient, B frozen, and C frozen and hazardous."""
    house = h.build(uow)
    described(uow, house, "B", temperature_class="frozen")
    described(uow, house, "C", temperature_class="frozen", hazmat=True)
    h.stock(uow, house, A={NEAR: 30, THERE: 9}, B={FAR: 30, THERE: 9}, C={"B-02-06-1": 30})
    return house


def kinds(uow: UnitOfWork, house: h.House) -> list[tuple[str, int, int]]:
    found = api.find_batches(uow, site_id=house.site)
    return sorted((batch.kept_apart, batch.orders, batch.lines) for batch in found)


def test_an_order_of_several_kinds_is_walked_in_parts_and_packed_whole(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        mixed = h.order(uow, house, ("A", 1), ("B", 2), ("C", 3))
        h.order(uow, house, ("B", 1))
        h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        assert kinds(uow, house) == [("", 2, 2), ("frozen", 2, 2), ("frozen hazmat", 1, 1)]
        assert h.broken_invariants(uow) == []
        for _ in range(3):
            h.pick_all(uow, house)
        assert h.units(uow, mixed.id)["picked"] == 6
        assert len(api.pack_work(uow, mixed.id).totes) == 3
        parcels = api.pack_order(uow, tenant_id=house.tenant, order_id=mixed.id)
        assert sum(content.quantity for parcel in parcels for content in parcel.contents) == 6
        assert h.broken_invariants(uow) == []


def test_a_short_pick_goes_on_the_walk_of_its_kind(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        h.order(uow, house, ("A", 2), ("B", 2))
        uow.session.flush()
        h.to_floor(uow, house)
    for name in ("usr_ana", "usr_ben"):
        with transaction(house.picker(name), now=h.NOW) as uow:
            work = h.claim(uow, house)
            (task,) = work.tasks
            api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
            uow.session.flush()
            again = api.work_package(uow, work.batch_id)
            assert [each.kept_apart for each in again.tasks] == [work.kept_apart] * 2
            assert h.broken_invariants(uow) == []


def test_better_carts_keep_goods_apart_too(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        api.set_cart(uow, site_id=house.site, cart=api.CartSettings(2, 48_000_000, 150_000, 1_000))
        for _ in range(3):
            h.order(uow, house, ("A", 1), ("B", 1), ("C", 1))
            h.order(uow, house, ("B", 1), ("A", 2))
            uow.session.flush()
            h.to_floor(uow, house)
        begun = improving.begin_turn(uow, site_id=house.site)
        assert begun is not None
        improving.end_turn(uow, turn=begun, carts=improving.better_carts(begun, 0.2), cpu_ms=1)
        assert h.broken_invariants(uow) == []
        lines = {kind: 0 for kind, *_ in kinds(uow, house)}
        for kind, _, number in kinds(uow, house):
            lines[kind] += number
        assert lines == {"": 6, "frozen": 6, "frozen hazmat": 3}


@pytest.mark.parametrize(("sku", "joins"), [("A", "joined"), ("B", "claimed")])
def test_a_rush_order_joins_only_a_walk_of_its_kind(database: Connection, sku: str, joins: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
    with transaction(house.picker(), now=h.NOW) as uow:
        h.claim(uow, house)
        rushed = h.order(uow, house, (sku, 1))
        uow.session.flush()
        answer = api.rush_order(uow, tenant_id=house.tenant, order_id=rushed.id, reason="At the door.")
        assert (answer.state == "joined") == (joins == "joined")


def test_the_pick_list_and_the_list_of_walks_say_what_goods_need(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        h.order(uow, house, ("C", 2))
        uow.session.flush()
        (batch,) = h.to_floor(uow, house)
        page = pypdfium2.PdfDocument(pick_list(uow, batch))[0].get_textpage().get_text_range()
        assert "Frozen" in page
        assert "Hazardous" in page


def test_a_catalogue_that_is_silent_about_temperatures_changes_none(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        described(uow, house, "B")
        described(uow, house, "A", temperature_class="chilled")
        found = inventory.items_by_sku(uow, tenant_id=house.tenant, skus=["A", "B", "C"])
        assert {sku: item.temperature_class for sku, item in found.items()} == {
            "A": "chilled", "B": "frozen", "C": "frozen",
        }  # fmt: skip
        assert [item.kept_apart for _, item in sorted(found.items())] == ["chilled", "frozen", "frozen hazmat"]

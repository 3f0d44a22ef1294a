import pytest
from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h
from tests.fulfillment.test_floor_walks import one_way


def three_kinds(uow: UnitOfWork) -> h.House:
    """Return a house with pens in the outer aisles; in the middle one lie the glass in front, the anvil at the back."""
    house = h.build(uow)
    drafts = [
        inventory.ItemDraft("GLASS", "Glass", 200, 100, 80, 50, fragile=True),
        inventory.ItemDraft("PEN", "Pen", 20, 100, 10, 10),
        inventory.ItemDraft("ANVIL", "Anvil", 20_000, 100, 80, 50),
    ]
    house.items.update(inventory.create_items(uow, tenant_id=house.tenant, items=drafts))
    h.stock(uow, house, PEN={"A-01-05-1": 1, "C-03-06-1": 1}, GLASS={"B-02-01-1": 9}, ANVIL={"B-02-12-1": 9})
    h.order(uow, house, ("GLASS", 1), ("PEN", 2), ("ANVIL", 1))
    uow.session.flush()
    return house


@pytest.mark.parametrize(
    ("loading", "order"),
    [
        (api.Loading(heavy_first_g=5_000, fragile_last=True), ["ANVIL", "PEN", "PEN", "GLASS"]),
        (api.Loading(fragile_last=True), ["", "", "", "GLASS"]),
        (api.Loading(heavy_first_g=5_000), ["ANVIL", "", "", ""]),
        (api.Loading(), None),
        (api.Loading(heavy_first_g=30_000), None),
    ],
)
def test_heavy_goods_come_first_and_fragile_ones_last(
    database: Connection, loading: api.Loading, order: list[str] | None
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = three_kinds(uow)
        api.set_loading(uow, site_id=house.site, loading=loading)
        h.to_floor(uow, house)
        (before,) = api.find_batches(uow, site_id=house.site)
    with transaction(house.picker(), now=h.NOW) as uow:
        work = api.claim_batch(uow, site_id=house.site)
        (after,) = api.find_batches(uow, site_id=house.site)
    if order is None:
        assert (after.length_mm, after.loading_mm) == (before.length_mm, 0)
        return
    assert all(wanted in ("", task.sku) for wanted, task in zip(order, work.tasks, strict=True))
    assert [task.seq for task in work.tasks] == [1, 2, 3, 4]
    assert after.loading_mm == after.length_mm - before.length_mm >= 0
    assert after.loading_mm > 0 or "" in order


def test_a_weight_that_nothing_has_is_refused(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        for wrong in (0, 2_000_001):
            with pytest.raises(Invalid):
                api.set_loading(uow, site_id=house.site, loading=api.Loading(heavy_first_g=wrong))
        assert api.loading_of(uow, house.site) == api.Loading()


def claimed(uow: UnitOfWork, house: h.House) -> list[tuple[str, str]]:
    """Return what is left of the picker's walk, in its order."""
    work = api.claim_batch(uow, site_id=house.site)
    return [(task.sku, task.location_code) for task in work.tasks if task.state in ("CLAIMED", "READY", "SKIPPED")]


def test_the_order_of_loading_is_kept_around_what_is_blocked_and_to_another_bin(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = three_kinds(uow)
        api.set_loading(uow, site_id=house.site, loading=api.Loading(heavy_first_g=5_000, fragile_last=True))
        h.to_floor(uow, house)
        h.stock(uow, house, PEN={"B-02-01-2": 5})
    with transaction(house.picker(), now=h.NOW) as uow:
        work = api.claim_batch(uow, site_id=house.site)
        for slot in work.slots:
            api.bind_tote(uow, batch_id=work.batch_id, slot=slot.slot, tote=f"T-{slot.slot:04d}")
        (before,) = api.find_batches(uow, site_id=house.site)
    with transaction(system(), now=h.NOW) as uow:
        api.block_floor(uow, site_id=house.site, way="X2", start="01", end="02", reason="Scaffold")
    with transaction(house.picker(), now=h.NOW) as uow:
        left = claimed(uow, house)
        (after,) = api.find_batches(uow, site_id=house.site)
        assert [sku for sku, _ in left] == ["ANVIL", "PEN", "PEN", "GLASS"]
        assert after.loading_mm > 0
        assert after.length_mm != before.length_mm

        pen = next(task for task in api.work_package(uow, work.batch_id).tasks if task.sku == "PEN")
        api.short_pick(uow, task_id=pen.task_id, found=0, reason="BIDF")
        uow.session.flush()
        left = claimed(uow, house)
        assert [sku for sku, _ in left] == ["ANVIL", "PEN", "PEN", "GLASS"]
        assert ("PEN", "B-02-01-2") in left


def test_a_floor_that_is_no_grid_is_loaded_in_order_too(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, drawn = three_kinds(uow), api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2)
        api.store_floor_plan(uow, site_id=house.site, plan=one_way(drawn))
        api.set_loading(uow, site_id=house.site, loading=api.Loading(heavy_first_g=5_000, fragile_last=True))
        h.to_floor(uow, house)
    with transaction(house.picker(), now=h.NOW) as uow:
        assert [sku for sku, _ in claimed(uow, house)] == ["ANVIL", "PEN", "PEN", "GLASS"]
        (batch,) = api.find_batches(uow, site_id=house.site)
        assert 0 < batch.loading_mm < batch.length_mm

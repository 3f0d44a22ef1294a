import pytest
from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h


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

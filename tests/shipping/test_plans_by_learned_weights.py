"""Plans weigh an item that the catalog has no weight of by what weighing taught."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from kernel.errors import Invalid
from shipping import api as shipping
from tests.shipping.house import House, as_packer, build_house, content, pack, weigh

BOOK = content(1, 1, 0)


@pytest.fixture
def house(database: Connection) -> House:
    return build_house()


def plans(house: House, book: shipping.Content = BOOK) -> list[shipping.PricedPlan]:
    return as_packer(
        house,
        lambda uow: shipping.rank_pack_plans(uow, tenant_id=house.tenant, site_id=house.site, contents=[book]),
    )


def test_a_learned_weight_stands_in_for_the_one_that_the_catalog_lacks(house: House) -> None:
    with pytest.raises(Invalid):
        plans(house)
    for n in range(4):
        parcel = pack(house, [BOOK], reference=f"ord_{n}", carton_code="S4")
        assert weigh(house, parcel, 85 + 8 + 700).decision == "PASS"

    [first, *_] = plans(house)

    [weighed] = first.cartons[0].planned.contents
    assert 660 <= weighed.weight_g <= 740
    assert first.cartons[0].planned.gross_weight_g > weighed.weight_g
    with pytest.raises(Invalid):
        plans(house, replace(BOOK, item_id="itm_other"))


def test_the_bench_plans_by_the_learned_weight_and_the_parcel_keeps_the_catalogs(house: House) -> None:
    for n in range(4):
        weigh(house, pack(house, [BOOK], reference=f"ord_{n}", carton_code="S4"), 85 + 8 + 700)

    plan = as_packer(
        house,
        lambda uow: shipping.plan_parcels(uow, tenant_id=house.tenant, site_id=house.site, contents=[BOOK]),
    )

    [carton] = plan.cartons
    assert carton.gross_weight_g > 660
    assert carton.contents == (BOOK,)

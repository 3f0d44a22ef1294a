"""The bench ranks cartons by what a parcel is expected to cost on its way, as the plans that programs ask for."""

import pytest
from sqlalchemy import Connection, text

from kernel.db.transactions import UnitOfWork
from shipping import api as shipping
from tests.shipping.house import House, as_manager, as_packer, build_house

TO_LEIPZIG = shipping.Journey("DE", "04109", "EUR", value_minor=4_900)
MAT = shipping.Content("itm_1", "lin_1", "MAT", "Mat", 1, 900, 290, 210, 80)
SEVEN = [
    shipping.Content(f"itm_{n}", f"lin_{n}", f"SKU-{n}", "Thing", 1, 400, 120 + 9 * n, 80, 40 + 5 * n) for n in range(7)
]


@pytest.fixture
def house(database: Connection) -> House:
    return build_house()


def planned(house: House, *contents: shipping.Content, journey: shipping.Journey | None = TO_LEIPZIG) -> list[str]:
    plan = as_packer(
        house,
        lambda uow: shipping.plan_parcels(
            uow, tenant_id=house.tenant, site_id=house.site, contents=contents, journey=journey
        ),
    )
    return [each.carton_code for each in plan.cartons]


def asked(house: House, *contents: shipping.Content) -> list[str]:
    plans = as_packer(
        house,
        lambda uow: shipping.rank_pack_plans(
            uow, tenant_id=house.tenant, site_id=house.site, contents=contents, journey=TO_LEIPZIG,
            dunnage_minor_per_l=shipping.DUNNAGE_MINOR_PER_L,
        ),
    )  # fmt: skip
    single = next(plan for plan in plans if len(plan.cartons) == 1)
    return [each.planned.carton_code for each in single.cartons]


def make_cheap(house: House, code: str) -> None:
    def work(uow: UnitOfWork) -> None:
        uow.session.execute(
            text("update carton_type set cost_minor = 0 where site_id = :site and code = :code"),
            {"site": house.site, "code": code},
        )

    as_manager(house, work)


def test_a_carton_that_costs_less_but_travels_dearer_is_not_proposed(house: House) -> None:
    make_cheap(house, "XL")

    assert planned(house, MAT, journey=None) == ["XL"]
    [proposed] = planned(house, MAT)

    assert proposed != "XL"
    assert [proposed] == asked(house, MAT)
    assert planned(house, *SEVEN) == asked(house, *SEVEN)


def test_goods_that_no_service_takes_are_still_packed(house: House) -> None:
    nowhere = shipping.Journey("DE", "04109", "XXX")

    assert len(planned(house, MAT, journey=nowhere)) == 1

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


def asked(house: House, *contents: shipping.Content, several: bool = False) -> list[str]:
    plans = as_packer(
        house,
        lambda uow: shipping.rank_pack_plans(
            uow, tenant_id=house.tenant, site_id=house.site, contents=contents, journey=TO_LEIPZIG,
            dunnage_minor_per_l=shipping.DUNNAGE_MINOR_PER_L,
        ),
    )  # fmt: skip
    cheapest = next(plan for plan in plans if several or len(plan.cartons) == 1)
    return [each.planned.carton_code for each in cheapest.cartons]


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


def test_several_small_cartons_are_proposed_where_one_large_one_is_dearer(house: House) -> None:
    [large] = planned(house, *SEVEN)
    raise_price_from(house, large)

    several = planned(house, *SEVEN)

    assert len(several) > 1
    assert large not in several
    assert several == asked(house, *SEVEN, several=True)
    assert planned(house, *SEVEN, journey=None) == [large]


def raise_price_from(house: House, code: str) -> None:
    """Make a carton, and all that are larger, cost more than any way."""

    def work(uow: UnitOfWork) -> None:
        volume = "inner_length_mm::bigint * inner_width_mm * inner_height_mm"
        uow.session.execute(
            text(
                f"update carton_type set cost_minor = 9000 + 1000 * (code <> :code)::int where site_id = :site"  # noqa: S608 - a constant
                f" and {volume} >= (select {volume} from carton_type where site_id = :site and code = :code)"
            ),
            {"site": house.site, "code": code},
        )

    as_manager(house, work)

"""A site counts its cartons: parcels use them up, and what is used up is not planned."""

import pytest
from sqlalchemy import Connection

from kernel.errors import Invalid, NotFound
from shipping import api as shipping
from tests.shipping.house import House, as_manager, as_packer, build_house, content, pack

GLASS = content(1, 1, 200)


@pytest.fixture
def house(database: Connection) -> House:
    return build_house()


def count(house: House, code: str, on_hand: int, reorder_point: int = 0, tell: str = "") -> None:
    as_manager(
        house,
        lambda uow: shipping.count_cartons(
            uow, site_id=house.site, carton_code=code, on_hand=on_hand, reorder_point=reorder_point, tell=tell
        ),
    )


def left(house: House, code: str) -> int | None:
    stock = as_manager(house, lambda uow: shipping.carton_stock(uow, site_id=house.site))
    return next(each.on_hand for each in stock if each.carton_code == code)


def moves(house: House) -> list[tuple[str, str, int, int]]:
    found = as_manager(house, lambda uow: shipping.carton_movements(uow, site_id=house.site))
    return [(each.carton_code, each.kind, each.quantity, each.on_hand) for each in reversed(found)]


def planned(house: House, *contents: shipping.Content) -> list[str]:
    plan = as_packer(
        house,
        lambda uow: shipping.plan_parcels(
            uow, tenant_id=house.tenant, site_id=house.site, contents=list(contents) or [GLASS]
        ),
    )
    return [each.carton_code for each in plan.cartons]


def test_parcels_use_up_what_is_counted_and_the_next_carton_is_planned_then(house: House) -> None:
    [first] = planned(house)
    count(house, first, 1, reorder_point=1, tell="Purchasing")
    stock = as_manager(house, lambda uow: shipping.carton_stock(uow, site_id=house.site))
    assert [(each.carton_code, each.tell) for each in stock if each.is_low] == [(first, "Purchasing")]

    assert pack(house, [GLASS]).carton_code == first

    assert left(house, first) == 0
    [second] = planned(house)
    assert second != first
    assert pack(house, [GLASS], reference="ord_2").carton_code == second
    assert left(house, second) is None
    assert moves(house) == [(first, "counted", 1, 1), (first, "used", -1, 0)]


def test_whoever_has_a_carton_in_hand_may_take_it_and_the_count_is_corrected(house: House) -> None:
    count(house, "XL", 0)

    parcel = pack(house, [GLASS], carton_code="XL")

    assert parcel.carton_code == "XL"
    assert moves(house) == [("XL", "counted", 0, 0), ("XL", "found", 1, 1), ("XL", "used", -1, 0)]


def test_a_carton_comes_back_only_when_it_can_be_used_again(house: House) -> None:
    count(house, "XL", 5)
    torn, whole = (pack(house, [GLASS], carton_code="XL", reference=f"ord_{n}") for n in range(2))
    for parcel, is_reusable in ((torn, False), (whole, True)):
        as_packer(
            house,
            lambda uow, p=parcel, r=is_reusable: shipping.reopen_parcel(  # type: ignore[misc]
                uow, tenant_id=p.tenant_id, parcel_id=p.id, reason="wrong contents", carton_reusable=r
            ),
        )

    assert left(house, "XL") == 4
    assert moves(house)[-1] == ("XL", "given_back", 1, 4)


def test_what_only_used_up_cartons_hold_is_told_and_not_planned(house: House) -> None:
    long = shipping.Content("itm_9", "lin_9", "POLE", "Pole", 1, 900, 770, 100, 100)
    count(house, "XL", 0)

    with pytest.raises(shipping.CartonsUsedUp, match="POLE"):
        planned(house, long)
    with pytest.raises(shipping.SizeUnknown):
        as_packer(
            house,
            lambda uow: shipping.rank_pack_plans(
                uow, tenant_id=house.tenant, site_id=house.site, contents=[long], takes_own_container=True
            ),
        )
    as_manager(
        house, lambda uow: shipping.receive_cartons(uow, site_id=house.site, carton_code="XL", quantity=3, note="DN 7")
    )
    assert planned(house, long) == ["XL"]


def test_a_plan_takes_no_more_of_a_carton_than_there_are(house: House) -> None:
    many = shipping.Content("itm_8", "lin_8", "CUBE", "Cube", 9, 5_000, 350, 350, 350)
    codes = planned(house, many)
    most = max(codes, key=codes.count)
    assert codes.count(most) > 1
    count(house, most, 1)

    assert planned(house, many).count(most) <= 1


def test_absurd_counts_change_nothing(house: House) -> None:
    for wrong in (
        lambda uow: shipping.count_cartons(uow, site_id=house.site, carton_code="XL", on_hand=-1, reorder_point=0),
        lambda uow: shipping.count_cartons(uow, site_id=house.site, carton_code="XL", on_hand=10**9, reorder_point=0),
        lambda uow: shipping.count_cartons(
            uow, site_id=house.site, carton_code="XL", on_hand=1, reorder_point=0, tell="x" * 201
        ),
        lambda uow: shipping.receive_cartons(uow, site_id=house.site, carton_code="XL", quantity=0),
    ):
        with pytest.raises(Invalid):
            as_manager(house, wrong)
    for missing in (
        lambda uow: shipping.count_cartons(uow, site_id=house.site, carton_code="NO", on_hand=1, reorder_point=0),
        lambda uow: shipping.receive_cartons(uow, site_id=house.site, carton_code="XL", quantity=1),
        lambda uow: shipping.stop_counting_cartons(uow, site_id=house.site, carton_code="XL"),
    ):
        with pytest.raises(NotFound):
            as_manager(house, missing)
    assert moves(house) == []


def test_a_parcel_is_expected_with_the_filling_that_the_site_told(house: House) -> None:
    before = pack(house, [GLASS], carton_code="XL", reference="ord_1").expected_g
    as_manager(house, lambda uow: shipping.set_dunnage(uow, site_id=house.site, mean_g_per_l=0, sd_g_per_l=0))
    without = pack(house, [GLASS], carton_code="XL", reference="ord_2").expected_g
    as_manager(house, lambda uow: shipping.set_dunnage(uow, site_id=house.site, mean_g_per_l=12, sd_g_per_l=2))
    twice = pack(house, [GLASS], carton_code="XL", reference="ord_3").expected_g
    assert twice - without == pytest.approx(2 * (before - without), abs=1)
    assert before > without
    with pytest.raises(Invalid):
        as_manager(house, lambda uow: shipping.set_dunnage(uow, site_id=house.site, mean_g_per_l=-1, sd_g_per_l=0))

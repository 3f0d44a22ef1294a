"""A site buys mailers: they are described, planned, packed into, counted, weighed and billed as they lie."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from kernel.errors import Invalid, NotFound
from shipping import api as shipping
from tests.shipping.house import House, as_manager, as_packer, build_house, everything, pack, weigh

BAG = shipping.CartonDraft("Bag, medium", (350, 260, 60), 15, 3_000, 9, "mailer")
TEE = shipping.Content("itm_t", "lin_t", "TEE", "T-shirt", 1, 180, 300, 220, 20, mailer_ok=True)
MUG = shipping.Content("itm_m", "lin_m", "MUG", "Mug", 1, 350, 120, 90, 100)


@pytest.fixture
def house(database: Connection) -> House:
    house = build_house()
    as_manager(house, lambda uow: shipping.set_carton(uow, site_id=house.site, carton_code="BAG-M", draft=BAG))
    return house


def planned(house: House, *contents: shipping.Content) -> list[shipping.PlannedCarton]:
    plan = as_packer(
        house,
        lambda uow: shipping.plan_parcels(uow, tenant_id=house.tenant, site_id=house.site, contents=contents),
    )
    return list(plan.cartons)


def test_soft_goods_are_planned_into_the_mailer_and_others_never(house: House) -> None:
    [bag] = planned(house, TEE)
    assert (bag.carton_code, bag.flat_mm, bag.is_mailer) == ("BAG-M", (350, 260, 60), True)
    assert bag.inner_mm == (330, 240, 20)
    for other in (replace(TEE, mailer_ok=False), replace(TEE, fragile=True), replace(TEE, kept_apart="hazmat")):
        [box] = planned(house, other)
        assert not box.is_mailer
    assert not any(each.is_mailer for each in planned(house, TEE, MUG))


def test_a_parcel_in_a_mailer_is_measured_weighed_and_counted_as_such(house: House) -> None:
    as_manager(
        house,
        lambda uow: shipping.count_cartons(
            uow, site_id=house.site, carton_code="BAG-M", on_hand=1, reorder_point=0
        ),
    )  # fmt: skip
    [plan] = planned(house, TEE)

    parcel = pack(house, [TEE])

    assert (parcel.carton_code, parcel.outer_mm) == ("BAG-M", plan.outer_mm)
    assert parcel.outer_mm[2] == 21
    # Shirt, bag, label and tape: nothing is filled up.
    assert 195 <= parcel.expected_g <= 210
    assert weigh(house, parcel, parcel.expected_g).decision == "PASS"
    stock = as_manager(house, lambda uow: shipping.carton_stock(uow, site_id=house.site))
    assert [each.on_hand for each in stock if each.is_mailer] == [0]
    assert not planned(house, TEE)[0].is_mailer


def test_goods_that_do_not_lie_in_it_as_a_block_make_it_as_large_as_it_gets(house: House) -> None:
    parcel = pack(house, [replace(MUG, quantity=2)], carton_code="BAG-M")
    assert parcel.outer_mm == (356, 272, 61)


def test_the_page_knows_which_cartons_may_hold_goods(house: House) -> None:
    stocked = as_manager(house, lambda uow: shipping.cartons(uow, site_id=house.site))
    [bag] = [each for each in stocked if each.is_mailer]
    assert bag.may_hold([TEE])
    assert bag.may_hold([replace(TEE, length_mm=0, width_mm=0, height_mm=0)])
    assert not bag.may_hold([replace(TEE, mailer_ok=False)])
    assert not bag.may_hold([replace(TEE, height_mm=45)]), "the bag does not go around it"
    assert not bag.may_hold([replace(TEE, quantity=20)]), "too much for its room"
    assert bag.room_mm3 == max((350 - h) * (260 - h) * h for h in range(1, 61))


def test_a_plan_ranks_mailers_with_cartons_and_says_why_one_is_passed_over(house: House) -> None:
    to = shipping.Journey("DE", "20095", "EUR")

    def ranked(content: shipping.Content) -> list[shipping.PricedPlan]:
        return as_packer(
            house,
            lambda uow: shipping.rank_pack_plans(
                uow, tenant_id=house.tenant, site_id=house.site, contents=[content], journey=to, dunnage_minor_per_l=2
            ),
        )

    best, second, *_ = ranked(TEE)
    assert (best.cartons[0].planned.carton_code, best.cartons[0].cost.dunnage_minor) == ("BAG-M", 0)
    assert second.total_minor > best.total_minor
    boxed = ranked(replace(TEE, mailer_ok=False))[0]
    assert ("BAG-M", "needs_box") in [(each.carton_code, each.constraint) for each in boxed.passed_over]


def test_the_guide_stacks_the_goods_on_the_flat_bag(house: House) -> None:
    [bag] = planned(house, replace(TEE, quantity=2))
    steps = shipping.packing_guide(bag, name="c1")
    assert [step.sentence for step in steps] == [
        "1 of 2: lay TEE flat in the middle", "2 of 2: lay TEE flat in the middle on top of TEE",
    ]  # fmt: skip
    assert all(step.picture.count("pk-bag") == 1 and "pk-wall" not in step.picture for step in steps)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"inner_mm": (350, 260, 131)}, "/inner_mm"),
        ({"inner_mm": (0, 260, 60)}, "/inner_mm"),
        ({"outer_mm": (349, 300, 70)}, "/outer_mm"),
        ({"max_weight_g": 15}, "/max_weight_g"),
        ({"cost_minor": -1}, "/cost_minor"),
        ({"kind": "tube"}, "/kind"),
        ({"name": " "}, "/name"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    house: House, changes: dict[str, object], pointer: str
) -> None:  # fmt: skip
    before = everything("carton_type")
    draft = replace(BAG, **changes)  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refusal:
        as_manager(house, lambda uow: shipping.set_carton(uow, site_id=house.site, carton_code="NEW", draft=draft))
    assert refusal.value.pointer == pointer
    assert everything("carton_type") == before


def test_neither_a_carton_called_own_nor_one_at_no_site(house: House) -> None:
    with pytest.raises(Invalid, match="code"):
        as_manager(house, lambda uow: shipping.set_carton(uow, site_id=house.site, carton_code="own", draft=BAG))
    with pytest.raises(NotFound):
        as_manager(house, lambda uow: shipping.set_carton(uow, site_id="sit_no", carton_code="NEW", draft=BAG))

"""What is learned from packers who take another carton than planned, and how a lead takes it back."""

import pytest
from sqlalchemy import Connection, text

from fulfillment import api
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import NotFound
from shipping import api as shipping
from tests.fulfillment import house as h
from tests.fulfillment.test_pack_bench import ANNA, PEN, audited, ready, send

pytestmark = pytest.mark.thorough


def planned(house: h.House, order: api.OrderView, item_id: str, quantity: int = 1) -> str:
    """The carton that shipping plans for units of the item."""
    with transaction(system(), now=h.NOW) as uow:
        one = shipping.Content(item_id, "l", "A", "Thing", quantity, 200, 100, 80, 50)
        return _only(uow, house, house.tenant, one)


def _only(uow: UnitOfWork, house: h.House, tenant: str, one: shipping.Content) -> str:
    (carton,) = shipping.plan_parcels(uow, tenant_id=tenant, site_id=house.site, contents=[one]).cartons
    return carton.carton_code


def pack(house: h.House, order: api.OrderView, carton: str, reason: str = "") -> None:
    """Pack the order's one unit into a carton, and open the parcel again so that it can be packed once more."""
    assert send(house, ANNA, "pack_item", order, barcode=PEN, quantity=1).status == "applied"
    assert send(house, ANNA, "pack_carton", order, code=carton, reason=reason).status == "applied"
    with transaction(system(), now=h.NOW) as uow:
        parcels = shipping.parcels_of(uow, tenant_id=house.tenant, reference=order.id)
        (live,) = [parcel for parcel in parcels if parcel.state != "voided"]
        api.reopen_parcel(uow, tenant_id=house.tenant, parcel_id=live.id, reason="again")


def outcomes() -> list[tuple[str, str, str, str]]:
    rows = text("select carton_code, chosen_code, reason, note from carton_outcome order by id")
    with transaction(system()) as uow:
        return [tuple(row) for row in uow.session.execute(rows)]


def test_a_carton_that_is_overruled_again_and_again_is_planned_no_more_until_it_is_taken_back(
    database: Connection,
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1))
    item = house.items["A"]
    first = planned(house, order, item)
    pack(house, order, first)
    assert outcomes() == [], "what was never overruled needs no memory"

    pack(house, order, "L20", "TOO_SMALL")
    pack(house, order, first)
    pack(house, order, "L20", "FRAGILE")
    pack(house, order, "L20", "MISSING")
    assert planned(house, order, item) == first
    pack(house, order, "M12", "OTHER: the lid bulges")

    assert planned(house, order, item) != first
    assert planned(house, order, item, 2) == first, "other items are another matter"
    with transaction(system(), now=h.NOW) as uow:
        (bar,) = shipping.carton_bars(uow, site_id=house.site)
        (plan,) = shipping.overruled_plans(uow, site_id=house.site)
        other = shipping.Content(item, "l", "A", "Thing", 1, 200, 100, 80, 50)
        assert _only(uow, house, house.other, other) == first, "another merchant's plans are their own"
    assert (bar.carton_code, bar.mix) == (first, {item: 1})
    assert (plan.carton_code, plan.overruled, plan.followed, plan.instead) == (first, 4, 1, "L20")
    assert plan.reasons == {"TOO_SMALL": 1, "FRAGILE": 1, "MISSING": 1, "OTHER": 1}
    assert plan.note == "the lid bulges"

    with transaction(system(), now=h.NOW) as uow:
        shipping.lift_carton_bar(uow, bar_id=bar.id)
        shipping.lift_carton_bar(uow, bar_id=bar.id)
        assert shipping.carton_bars(uow, site_id=house.site) == []
    assert planned(house, order, item) == first


def test_what_is_the_only_carton_stays_planned(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1))
        uow.session.execute(text("delete from carton_type where code not in ('S4', 'MLR')"))
    for _ in range(3):
        pack(house, order, "own", "TOO_LARGE")

    assert planned(house, order, house.items["A"]) == "S4"


def test_the_order_tells_which_carton_was_taken_instead_and_why(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1))
    first = planned(house, order, house.items["A"])

    pack(house, order, "L20", "OTHER: the lid bulges")

    ((actor, _, why, details),) = audited(order)
    assert (actor, why) == ("usr_anna", "OTHER")
    assert details == {"planned": [first], "chosen": "L20", "note": "the lid bulges"}
    told = text("select summary from event where stream = :order and type = 'fulfillment.carton_overruled.v1'")
    with transaction(system()) as uow:
        (summary,) = uow.session.scalars(told, {"order": order.id})
    assert summary.startswith("Packed into the Extra large box instead of the ")
    assert summary.endswith(": the lid bulges.")


def test_nobody_takes_back_what_they_do_not_see(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, order = ready(uow, ("A", 1))
    for _ in range(3):
        pack(house, order, "L20", "TOO_SMALL")
    with transaction(system(), now=h.NOW) as uow:
        (bar,) = shipping.carton_bars(uow, site_id=house.site)

    with transaction(house.rival(), now=h.NOW) as uow:
        assert shipping.carton_bars(uow, site_id=house.site) == []
        with pytest.raises(NotFound):
            shipping.lift_carton_bar(uow, bar_id=bar.id)

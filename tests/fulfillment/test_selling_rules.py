"""Selling ahead, kits, orders for a later day and orders out of an expired cart: told as histories of one house."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.kits import part_prices
from fulfillment.domain.order_drafts import fingerprint
from inventory import api as inventory
from inventory.api import Demand, KitPart, Oversell, SafetyStock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h

LATER = date(2026, 12, 24)


def sell(uow: UnitOfWork, house: h.House, sku: str = "A", **rules: object) -> None:
    inventory.set_selling_rules(uow, tenant_id=house.tenant, item_id=house.items[sku], **rules)  # type: ignore[arg-type]  # rules of any kind


def refuse_shortages(uow: UnitOfWork, house: h.House, days: int = 14) -> None:
    api.set_order_policy(uow, tenant_id=house.tenant, on_shortage="refuse", horizon_days=days)


def gift_set(uow: UnitOfWork, house: h.House) -> str:
    """A set of two A and one B."""
    draft = inventory.ItemDraft("SET", "Gift set", 0, 0, 0, 0)
    kit_id = inventory.create_items(uow, tenant_id=house.tenant, items=[draft])["SET"]
    parts = [KitPart(house.items["A"], 2), KitPart(house.items["B"], 1)]
    inventory.set_selling_rules(uow, tenant_id=house.tenant, item_id=kit_id, kit=parts)
    return kit_id


def of_lines(order: api.OrderView) -> list[tuple[str, int, int]]:
    return [(line.sku, line.units.promised, line.units.backordered) for line in order.lines]


def hold(uow: UnitOfWork, house: h.House, units: int, *, minutes: int = 5) -> None:
    inventory.reserve_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id="cart-1", customer_id="", hold=True,
        demands=[Demand("1", house.items["A"], units)], expires_at=uow.now + timedelta(minutes=minutes),
    )  # fmt: skip


def test_a_channel_s_orders_leave_its_safety_stock_and_take_it_from_no_older_order(database: Connection) -> None:
    """magento/inventory#2727: two channels, one pool. What an order was promised before the rule stays promised."""
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 6})
        first = h.order(uow, house, ("A", 3), channel="market")
        sell(uow, house, safety_stock=[SafetyStock(2, "market")])
        assert of_lines(h.order(uow, house, ("A", 2), channel="market")) == [("A", 0, 2)]
        assert of_lines(h.order(uow, house, ("A", 3), channel="web")) == [("A", 3, 0)]
        assert h.units(uow, first.id) == {"ordered": 3, "promised": 3}
        sell(uow, house, safety_stock=[])
        h.stock(uow, house, A={"A-01-01-1": 2})
        h.deliver(uow, [e for e in uow.emitted if e.TYPE == "inventory.selling_rules_changed.v1"][-1:])
        assert not h.broken_invariants(uow)


def test_an_item_is_sold_ahead_up_to_its_number_and_not_one_unit_beyond(database: Connection) -> None:
    """vendurehq/vendure#1738 and nopCommerce#8085 turned round: what is sold beyond the stock is a promise on what
    arrives, counted, and never a reservation of units that are not there.
    """
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        refuse_shortages(uow, house)
        h.stock(uow, house, A={"A-01-01-1": 2}, B={"A-01-02-1": 1})
        sell(uow, house, oversell=Oversell("backorder", 3))
        taken = h.order(uow, house, ("A", 4), ("B", 1))
        assert of_lines(taken) == [("A", 2, 2), ("B", 1, 0)]
        before = len(uow.emitted)
        placed = api.place_orders(uow, tenant_id=house.tenant, drafts=[h.draft(("A", 2)), h.draft(("A", 1))])
        assert [(each.created, type(each.problem).__name__) for each in placed] == [
            (False, "InsufficientStock"),
            (True, "NoneType"),
        ]
        assert placed[0].problem
        assert placed[0].problem.problem()["errors"][0]["pointer"] == "/lines/0/quantity"
        assert placed[0].problem.facts["shortfalls"] == [{"sku": "A", "requested": 2, "short": 2, "sold_ahead": 1}]
        assert "sold ahead" in next(e.summary() for e in uow.emitted[before:] if isinstance(e, api.OrderBackordered))
        with pytest.raises(inventory.InsufficientStock):
            h.order(uow, house, ("A", 1))
        api.cancel_order(uow, tenant_id=house.tenant, order_id=taken.id, reason="x")
        assert of_lines(h.order(uow, house, ("A", 2))) == [("A", 2, 0)]
        assert not h.broken_invariants(uow)


def test_a_preorder_is_let_in_until_its_day_and_tells_it(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        refuse_shortages(uow, house)
        sell(uow, house, oversell=Oversell("preorder", 5, LATER))
        h.order(uow, house, ("A", 1))
        told = next(event for event in uow.emitted if isinstance(event, api.OrderBackordered))
        assert told.summary().endswith("expected for Thursday 24 December 2026.")
    late = h.draft(("A", 1), placed_at=h.NOW + timedelta(days=60), promised_on=None)
    with transaction(system(), now=late.placed_at) as uow:
        (result,) = api.place_orders(uow, tenant_id=house.tenant, drafts=[late])
        assert isinstance(result.problem, inventory.InsufficientStock)


def test_without_a_policy_an_order_waits_for_stock_as_it_always_did(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        assert of_lines(h.order(uow, house, ("A", 3))) == [("A", 0, 3)]


def test_what_arrives_goes_to_who_ordered_first_whoever_was_entered_first(database: Connection) -> None:
    """woocommerce#44273: first promised, first served, by the time at which the shop confirmed the order."""
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        younger = h.order(uow, house, ("A", 2), placed_at=h.NOW - timedelta(hours=1))
        older = h.order(uow, house, ("A", 2), placed_at=h.NOW - timedelta(hours=5))
        h.stock(uow, house, A={"A-01-01-1": 3})
        h.deliver(uow, [event for event in uow.emitted if event.TYPE == "inventory.stock_received.v1"])
        assert (h.units(uow, older.id), h.units(uow, younger.id)) == (
            {"ordered": 2, "promised": 2},
            {"ordered": 2, "backordered": 2},
        )


def test_a_kit_reserves_its_parts_is_picked_weighed_and_told_as_them_and_is_cancelled_whole(
    database: Connection,
) -> None:
    """magento2#30877 (the parent was reserved instead of the child), magento/inventory#1246 (compensated twice),
    vendurehq/vendure#3508: a kit is its parts from the order to the parcel, and its parent has no stock to lose.
    """
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        kit_id = gift_set(uow, house)
        h.stock(uow, house, A={"A-01-01-1": 9}, B={"A-01-02-1": 9})
        other, parcels = h.packed(uow, house, ("SET", 1))
        contents = [(each.name, each.quantity) for each in parcels[0].contents]
        assert contents == [("Gift set: Thing A", 2), ("Gift set: Thing B", 1)]
        assert parcels[0].expected_g > 3 * 200
        placed = h.order(uow, house, ("SET", 3), ("A", 1))
        assert of_lines(placed) == [("A", 6, 0), ("B", 3, 0), ("A", 1, 0)]
        assert [(kit.sku, kit.quantity, kit.item_id) for kit in placed.kits] == [("SET", 3, kit_id)]
        assert [line.kit_id for line in placed.lines] == [placed.kits[0].id, placed.kits[0].id, ""]
        for sku in ("SET", "A"):
            found = api.find_orders(uow, api.OrderFilter(sku=sku)).items
            assert {each.id for each in found} == {placed.id, other.id}
        summary = [event for event in uow.emitted if isinstance(event, api.OrderPlaced)][-1].summary()
        assert "3 \N{MULTIPLICATION SIGN} Gift set" in summary
        api.cancel_order(
            uow, tenant_id=house.tenant, order_id=placed.id, reason="x", line_quantities={placed.kits[0].id: 1}
        )
        assert of_lines(api.get_order(uow, placed.id)) == [("A", 4, 0), ("B", 2, 0), ("A", 1, 0)]
        api.cancel_order(uow, tenant_id=house.tenant, order_id=placed.id, reason="x")
        (free,) = inventory.availability(uow, tenant_id=house.tenant, skus=["SET"])
        assert free.available == 3
        assert not h.broken_invariants(uow)


def test_a_kit_that_lacks_a_part_waits_as_a_whole(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        gift_set(uow, house)
        h.stock(uow, house, A={"A-01-01-1": 9})
        placed = h.order(uow, house, ("SET", 1), split_policy="split")
        assert of_lines(placed) == [("A", 2, 0), ("B", 0, 1)]
        uow.session.flush()
        (decision,) = api.release_orders(uow, site_id=house.site)
        assert (decision.released, "a kit goes out complete" in decision.why) == (False, True)


@pytest.mark.parametrize("parts", [[(2, 3), (1, 1), (3, 10)], [(2, 1)], [(2, 1), (3, 2)]])
@pytest.mark.parametrize("price", [0, 1, 2, 99, 1_000, 1_001])
def test_the_prices_of_parts_add_up_to_the_kit_s(price: int, parts: list[tuple[int, int]]) -> None:
    priced = part_prices(price, parts)
    assert [sum(units for units, _ in part) for part in priced] == [units for units, _ in parts]
    assert sum(units * each for part in priced for units, each in part) == price


def test_an_order_for_a_far_day_locks_no_stock_until_its_day_comes_near(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        placed = h.order(uow, house, ("A", 4), ship_on=LATER, promised_on=None)
        assert (placed.state, h.units(uow, placed.id)) == ("SCHEDULED", {"ordered": 4, "scheduled": 4})
        assert placed.promised_on is not None
        assert placed.promised_on > LATER
        (site,) = inventory.explain_availability(uow, item_id=house.items["A"]).sites
        assert (site.available, [(p.ship_on, p.quantity) for p in site.planned]) == (5, [(LATER, 4)])
        first = placed.lines[0].id
        api.cancel_order(uow, tenant_id=house.tenant, order_id=placed.id, reason="x", line_quantities={first: 1})
        h.order(uow, house, ("A", 3))
        assert not h.broken_invariants(uow)
        assert api.reserve_scheduled(uow) == []
    with transaction(system(), now=h.NOW + timedelta(days=17)) as uow:
        assert api.reserve_scheduled(uow) == [placed.id]
        assert h.units(uow, placed.id) == {"ordered": 4, "cancelled": 1, "backordered": 3}
        assert h.told(uow) == ["OrderBackordered"]
        assert api.reserve_scheduled(uow) == []
        h.stock(uow, house, A={"A-01-01-1": 1})
        h.deliver(uow, [event for event in uow.emitted if event.TYPE == "inventory.stock_received.v1"])
        assert h.state(uow, placed.id) == "PROMISED"
        (decision,) = [d for d in api.release_orders(uow, site_id=house.site) if d.order_id == placed.id]
        assert (decision.released, decision.why) == (
            False, "Waits: it is to be shipped on Thursday 24 December 2026.",
        )  # fmt: skip
        assert not h.broken_invariants(uow)


def test_an_order_within_the_horizon_locks_its_stock_at_once(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        refuse_shortages(uow, house, days=40)
        assert of_lines(h.order(uow, house, ("A", 4), ship_on=LATER)) == [("A", 4, 0)]
        with pytest.raises(Invalid) as refused:
            h.order(uow, house, ("A", 1), ship_on=date(2026, 11, 1))
        assert refused.value.errors[0].pointer == "/ship_on"


def test_an_order_takes_over_its_cart_s_hold(database: Connection) -> None:
    """medusajs/medusa#6500, #9821: the own hold counts as available to the order that comes out of it."""
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        refuse_shortages(uow, house)
        h.stock(uow, house, A={"A-01-01-1": 5})
        hold(uow, house, 5)
        with pytest.raises(inventory.InsufficientStock):
            h.order(uow, house, ("A", 5))
        with pytest.raises(inventory.InsufficientStock):
            h.order(uow, house, ("A", 5), hold_reference="cart-of-nobody")
        assert of_lines(h.order(uow, house, ("A", 5), hold_reference="cart-1")) == [("A", 5, 0)]
        assert not h.broken_invariants(uow)


def expired(uow: UnitOfWork, *wanted: tuple[str, int]) -> tuple[h.House, api.OrderView]:
    """A cart's hold expires, somebody else buys two of its five units, and then its paid order comes."""
    house = h.build(uow)
    refuse_shortages(uow, house)
    h.stock(uow, house, A={"A-01-01-1": 5})
    hold(uow, house, 5, minutes=-1)
    inventory.expire_reservations(uow, limit=10)
    h.order(uow, house, ("A", 2))
    return house, h.order(uow, house, *wanted, hold_reference="cart-1")


def test_a_hold_that_expired_while_its_order_was_paid_is_told_and_never_a_silent_loss(database: Connection) -> None:
    """saleor/apps#1175, woocommerce#36702: a paid order is not refused, not oversold, and somebody has to choose."""
    with transaction(system(), now=h.NOW) as uow:
        house, placed = expired(uow, ("A", 5))
        assert (placed.state, of_lines(placed)) == ("ON_HOLD", [("A", 3, 2)])
        told = next(event for event in uow.emitted if isinstance(event, api.OrderShortfall))
        assert (told.units, told.hold_reference, told.order_id) == (2, "cart-1", placed.id)
        assert [hold.kind for hold in placed.holds] == ["shortfall"]
        assert not h.broken_invariants(uow)
        uow.session.flush()
        with pytest.raises(Invalid):
            api.settle_shortfall(uow, tenant_id=house.tenant, order_id=placed.id, choice="forget")
        api.settle_shortfall(uow, tenant_id=house.tenant, order_id=placed.id, choice="wait")
        assert h.state(uow, placed.id) == "PARTIALLY_BACKORDERED"
        with pytest.raises(api.NoShortfall):
            api.settle_shortfall(uow, tenant_id=house.tenant, order_id=placed.id, choice="cancel")


@pytest.mark.parametrize(
    ("choice", "state", "left"),
    [("ship_rest", "PARTIALLY_BACKORDERED", 5), ("cancel", "PROMISED", 3)],
)
def test_the_choice_about_a_shortfall_is_carried_out(database: Connection, choice: str, state: str, left: int) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house, placed = expired(uow, ("A", 5))
        uow.session.flush()
        api.settle_shortfall(uow, tenant_id=house.tenant, order_id=placed.id, choice=choice)
        found = api.get_order(uow, placed.id)
        assert (h.state(uow, placed.id), found.units.open) == (state, left)
        assert [d.released for d in api.release_orders(uow, site_id=house.site, order_ids=[placed.id])] == [True]
        assert not h.broken_invariants(uow)


def test_an_expired_hold_serves_who_waits(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        hold(uow, house, 5, minutes=-1)
        waiting = h.order(uow, house, ("A", 5))
        inventory.expire_reservations(uow, limit=10)
        h.deliver(uow, [event for event in uow.emitted if event.TYPE == "inventory.reservation_expired.v1"])
        assert h.state(uow, waiting.id) == "PROMISED"


def test_an_order_s_own_reservation_that_expires_is_looked_for_again(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 3})
        placed = h.order(uow, house, ("A", 3))
        lost = inventory.ReservationExpired(
            tenant_id=house.tenant, order_id=placed.id, customer_id=placed.customer.id, reference=placed.id,
            site_id=house.site, lines=[{"line_id": placed.lines[0].id, "item_id": house.items["A"], "quantity": 3}],
        )  # fmt: skip
        inventory.release_stock(uow, tenant_id=house.tenant, order_id=placed.id, reason="expired")
        inventory.reserve_stock(
            uow, tenant_id=house.tenant, site_id=house.site, order_id="other", customer_id="",
            demands=[Demand("l", house.items["A"], 2)],
        )  # fmt: skip
        h.deliver(uow, [lost])
        assert h.units(uow, placed.id) == {"ordered": 3, "promised": 1, "backordered": 2}
        assert (h.state(uow, placed.id), "OrderShortfall" in h.told(uow)) == ("ON_HOLD", True)


def test_an_order_that_uses_nothing_new_has_the_fingerprint_that_it_always_had() -> None:
    """The first is what the service of before said about this draft: shops send their orders again after an upgrade."""
    draft = h.draft(("A", 2), number="X")
    assert fingerprint(draft) == "5bc0b32af912112f4a168f08daf5a9a7270d9f0474a49c8a1a058b2e72a17687"
    later = [h.draft(("A", 2), number="X", ship_on=LATER), h.draft(("A", 2), number="X", hold_reference="c")]
    assert len({fingerprint(each) for each in (draft, *later)}) == 3

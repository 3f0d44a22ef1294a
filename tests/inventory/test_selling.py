"""What a channel must leave, how far an item is sold ahead, and kits: the rules, the refusals, the explanation."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from inventory import api
from inventory.api import Demand, KitPart, Oversell, SafetyStock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid, VersionConflict
from tests.inventory.warehouse import NOW, Warehouse, assert_invariants, build, everything, level, stock


def reserve(
    uow: UnitOfWork, house: Warehouse, units: int, *, channel: str = "", order: str = "o1", policy: str = "split"
) -> dict[str, int]:
    demands = [Demand("l1", house.items["A"], units)]
    return api.reserve_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id=order, customer_id="", demands=demands,
        policy=policy, channel=channel,
    ).reserved  # fmt: skip


def keep(uow: UnitOfWork, house: Warehouse, *rules: SafetyStock, sku: str = "A") -> api.SellingRules:
    return api.set_selling_rules(uow, tenant_id=house.tenant, item_id=house.items[sku], safety_stock=rules)


def sold(uow: UnitOfWork, house: Warehouse, sku: str = "A", channel: str = "") -> tuple[int, int]:
    (found,) = api.availability(uow, tenant_id=house.tenant, skus=[sku], channel=channel)
    return found.available, found.held_back


def test_a_channel_leaves_its_safety_stock_and_the_others_theirs(database: Connection) -> None:
    """magento/inventory#2727: two channels sell one pool, and one may not empty it for the other."""
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        stock(uow, house, A={"P-1": 10})
        keep(uow, house, SafetyStock(2), SafetyStock(6, "market"), SafetyStock(0, "till"))
        assert [sold(uow, house, channel=c) for c in ("", "web", "market", "till")] == [(8, 2), (8, 2), (4, 6), (10, 0)]
        assert reserve(uow, house, 9, channel="market") == {"l1": 4}
        assert reserve(uow, house, 9, channel="market", order="o2") == {}
        assert reserve(uow, house, 9, channel="web", order="o3") == {"l1": 4}
        assert reserve(uow, house, 9, channel="till", order="o4") == {"l1": 2}
        assert level(uow, house, "A") == (10, 10)
    assert_invariants()


def test_a_site_s_own_figure_goes_before_the_one_for_all_sites_also_where_goods_come_later(
    database: Connection,
) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        keep(uow, house, SafetyStock(7), SafetyStock(3, site_id=house.site), SafetyStock(1, "market"))
        stock(uow, house, A={"P-1": 10})
        assert (sold(uow, house), sold(uow, house, channel="market")) == ((7, 3), (9, 1))
        keep(uow, house)
        assert sold(uow, house) == (10, 0)


def test_what_is_promised_keeps_its_units_when_more_is_held_back(database: Connection) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        stock(uow, house, A={"P-1": 5})
        assert reserve(uow, house, 4) == {"l1": 4}
        keep(uow, house, SafetyStock(5))
        assert level(uow, house, "A") == (5, 4)
        assert sold(uow, house) == (0, 1)
        assert reserve(uow, house, 1, order="o2") == {}
        allocated = api.allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
        assert sum(each.quantity for each in allocated) == 4


def test_the_explanation_names_what_is_held_back_and_for_whom(database: Connection) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        stock(uow, house, A={"P-1": 10})
        keep(uow, house, SafetyStock(2), SafetyStock(6, "market"))
        (site,) = api.explain_availability(uow, item_id=house.items["A"]).sites
    assert (site.available, site.held_back) == (8, 2)
    assert "2 held back as safety stock" in site.sentence
    assert [(rule.channel, rule.units) for rule in site.safety] == [("", 2), ("market", 6)]


def test_rules_that_cannot_be_right_change_nothing(database: Connection) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        stock(uow, house, A={"P-1": 5})
        a, b = house.items["A"], house.items["B"]
        before = everything(uow)
        wrong: list[dict[str, object]] = [
            {"safety_stock": [SafetyStock(-1)]},
            {"safety_stock": [SafetyStock(1), SafetyStock(2)]},
            {"safety_stock": [SafetyStock(1, site_id="sit_other")]},
            {"oversell": Oversell("backorder", 0)},
            {"oversell": Oversell("none", 3)},
            {"oversell": Oversell("preorder", 3)},
            {"oversell": Oversell("preorder", 3, NOW.date() - timedelta(days=1))},
            {"oversell": Oversell("backorder", 3, NOW.date())},
            {"kit": [KitPart(b, 0)]},
            {"kit": [KitPart(b, 1), KitPart(b, 1)]},
        ]
        for rules in wrong:
            with pytest.raises(Invalid):
                api.set_selling_rules(uow, tenant_id=house.tenant, item_id=b, **rules)  # type: ignore[arg-type]  # wrong
        with pytest.raises(api.NoKit, match="units of its own"):
            api.set_selling_rules(uow, tenant_id=house.tenant, item_id=a, kit=[KitPart(b, 1)])
        with pytest.raises(VersionConflict):
            api.set_selling_rules(uow, tenant_id=house.tenant, item_id=a, safety_stock=[], version=7)
        with pytest.raises(api.UnknownItem):
            api.set_selling_rules(uow, tenant_id="mer_other", item_id=a, safety_stock=[SafetyStock(1)])
        assert everything(uow) == before


def test_a_preorder_ends_with_its_day() -> None:
    rule = Oversell("preorder", 5, date(2026, 3, 2))
    assert [rule.room(day, waiting=2) for day in (date(2026, 3, 2), date(2026, 3, 3))] == [3, 0]
    assert Oversell("backorder", 5).room(date(2030, 1, 1), waiting=9) == 0


def kit(uow: UnitOfWork, house: Warehouse, **parts: int) -> str:
    drafts = [api.ItemDraft("SET", "Gift set", 0, 0, 0, 0)]
    kit_id = api.create_items(uow, tenant_id=house.tenant, items=drafts)["SET"]
    chosen = [KitPart(house.items[sku], units) for sku, units in parts.items()]
    api.set_selling_rules(uow, tenant_id=house.tenant, item_id=kit_id, kit=chosen)
    return kit_id


def test_of_a_kit_there_is_as_much_as_its_scarcest_part_gives(database: Connection) -> None:
    """medusajs/medusa#12532: the stock of a kit is the stock of its parts."""
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        kit(uow, house, A=2, B=1)
        assert sold(uow, house, "SET") == (0, 0)
        stock(uow, house, A={"P-1": 9})
        assert sold(uow, house, "SET") == (0, 0)
        stock(uow, house, B={"P-2": 3})
        assert sold(uow, house, "SET") == (3, 0)
        assert reserve(uow, house, 4) == {"l1": 4}
        assert sold(uow, house, "SET") == (2, 0)
        keep(uow, house, SafetyStock(2))
        assert sold(uow, house, "SET") == (1, 1)


def test_a_kit_takes_no_stock_and_no_kit(database: Connection) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow, skus=("A", "B", "C"))
        kit_id = kit(uow, house, A=2)
        before = everything(uow)
        receipt = api.Receipt(kit_id, "P-1", 3, "ASN")
        with pytest.raises(api.KitHasNoStock, match="SET is sold as its parts") as refused:
            api.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt])
        assert refused.value.remedy
        with pytest.raises(api.NoKit, match="part of another kit"):
            api.set_selling_rules(uow, tenant_id=house.tenant, item_id=house.items["B"], kit=[KitPart(kit_id, 1)])
        nested = [KitPart(house.items["C"], 1)]
        with pytest.raises(api.NoKit, match="part of a kit itself"):
            api.set_selling_rules(uow, tenant_id=house.tenant, item_id=house.items["A"], kit=nested)
        assert everything(uow) == before

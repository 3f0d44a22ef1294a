"""What customs and carriers of dangerous goods have to know of items: told, refused, seen by its merchant only."""

import pytest
from sqlalchemy import Connection

from inventory.api import TradeFacts, UnknownItem, create_item, item_trade, set_trade_facts, trade_facts
from kernel.access.commands import create_merchant
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid, VersionConflict

MUG = TradeFacts("691200", "DE")
SPRAY = TradeFacts(
    "330720", "FR", "UN1950", "AEROSOLS", "2.1", "", limited_quantity=True, subsidiary_hazards="6.1, 8",
    tunnel_code="D", net_quantity=400, net_unit="ml",
)  # fmt: skip


@pytest.fixture
def items(database: Connection) -> tuple[str, str, str]:
    """A merchant, its mug, and its spray, which is hazardous."""

    def made(uow: UnitOfWork, tenant: str, sku: str, *, hazmat: bool) -> str:
        item = create_item(
            uow, tenant_id=tenant, sku=sku, name=sku, weight_g=1, length_mm=1, width_mm=1, height_mm=1, hazmat=hazmat
        )
        return item.id

    with transaction(system()) as uow:
        tenant = create_merchant(uow, code="acme", name="Acme", currency="EUR")
        return tenant, made(uow, tenant, "MUG", hazmat=False), made(uow, tenant, "SPRAY", hazmat=True)


def test_facts_are_told_once_changed_and_read_together(items: tuple[str, str, str]) -> None:
    tenant, mug, spray = items
    with transaction(system()) as uow:
        first = set_trade_facts(uow, tenant_id=tenant, item_id=mug, facts=MUG, version=1)
        again = set_trade_facts(uow, tenant_id=tenant, item_id=mug, facts=MUG)
        assert (first.version, again.version, len(uow.emitted)) == (2, 2, 1)
        set_trade_facts(uow, tenant_id=tenant, item_id=spray, facts=SPRAY)
        set_trade_facts(uow, tenant_id=tenant, item_id=mug, facts=TradeFacts("691200", "CN"))
    with transaction(system()) as uow:
        assert trade_facts(uow, [mug, spray, "itm_nobody"]) == {mug: TradeFacts("691200", "CN"), spray: SPRAY}


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        (TradeFacts("69120"), "/hs_code"),
        (TradeFacts("69120000000"), "/hs_code"),
        (TradeFacts("6912oo"), "/hs_code"),
        (TradeFacts("691200", "XX"), "/country_of_origin"),
        (TradeFacts(un_number="1950", hazard_class="2.1"), "/un_number"),
        (TradeFacts(un_number="UN1950"), "/hazard_class"),
        (TradeFacts(hazard_class="3"), "/hazard_class"),
        (TradeFacts(un_number="UN1950", hazard_class="2.4"), "/hazard_class"),
        (TradeFacts(un_number="UN1263", hazard_class="3", packing_group="IV"), "/packing_group"),
        (TradeFacts(limited_quantity=True), "/un_number"),
        (TradeFacts(proper_shipping_name="x" * 201), "/proper_shipping_name"),
        (TradeFacts(un_number="UN1263", hazard_class="3", subsidiary_hazards="3"), "/subsidiary_hazards"),
        (TradeFacts(un_number="UN1263", hazard_class="3", subsidiary_hazards="6.1 8"), "/subsidiary_hazards"),
        (TradeFacts(un_number="UN1263", hazard_class="3", tunnel_code="F"), "/tunnel_code"),
        (TradeFacts(un_number="UN1263", hazard_class="3", net_quantity=-1), "/net_quantity"),
        (TradeFacts(un_number="UN1263", hazard_class="3", net_unit="l"), "/net_unit"),
        (TradeFacts(un_number="UN1263", hazard_class="3", battery_mark=True), "/battery_mark"),
        (TradeFacts(net_quantity=5), "/un_number"),
        (TradeFacts(tunnel_code="D"), "/un_number"),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_field(
    items: tuple[str, str, str], facts: TradeFacts, pointer: str
) -> None:
    tenant, _, spray = items
    with transaction(system()) as uow:
        with pytest.raises(Invalid) as found:
            set_trade_facts(uow, tenant_id=tenant, item_id=spray, facts=facts)
        assert pointer in [each["pointer"] for each in found.value.problem()["errors"]]
        assert item_trade(uow, spray).facts == TradeFacts()


def test_dangerous_goods_are_stored_as_such_and_nothing_is_written_over_unseen(items: tuple[str, str, str]) -> None:
    tenant, mug, spray = items
    with transaction(system()) as uow:
        with pytest.raises(Invalid, match="not kept as hazardous"):
            set_trade_facts(uow, tenant_id=tenant, item_id=mug, facts=SPRAY)
        with pytest.raises(VersionConflict):
            set_trade_facts(uow, tenant_id=tenant, item_id=spray, facts=SPRAY, version=7)
        assert trade_facts(uow, [mug, spray]) == {}


def test_another_merchant_sees_and_changes_nothing(items: tuple[str, str, str]) -> None:
    tenant, mug, _ = items
    with transaction(system()) as uow:
        set_trade_facts(uow, tenant_id=tenant, item_id=mug, facts=MUG)
        other = create_merchant(uow, code="bolt", name="Bolt", currency="EUR")
    with transaction(Actor("usr_bolt", Role.MERCHANT, "Bo", tenant=other)) as uow:
        assert trade_facts(uow, [mug]) == {}
        with pytest.raises(UnknownItem):
            item_trade(uow, mug)
        with pytest.raises(UnknownItem):
            set_trade_facts(uow, tenant_id=tenant, item_id=mug, facts=TradeFacts())

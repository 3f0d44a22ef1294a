"""Lines of an order that belong together: from the order to the parcel."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from inventory.api import KitPart
from kernel.actors import system
from kernel.db.transactions import transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h

WISH = api.LineDraft("A", 1, 1_000, pack_with="set-1"), api.LineDraft("B", 1, 1_000, pack_with="set-1")


def test_linked_lines_keep_their_name_to_the_bench_and_share_a_parcel(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9}, B={"A-01-02-1": 9})
        placed = h.order(uow, house, lines=WISH)
        uow.session.flush()
        h.to_floor(uow, house)
        h.pick_all(uow, house)

        assert [line.pack_with for line in placed.lines] == ["set-1", "set-1"]
        assert {line.pack_with for line in api.pack_work(uow, placed.id).lines} == {"set-1"}
        (parcel,) = api.pack_order(uow, tenant_id=house.tenant, order_id=placed.id)
        assert {content.sku for content in parcel.contents} == {"A", "B"}


def test_linked_lines_go_out_complete(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        placed = h.order(uow, house, lines=WISH, split_policy="split")
        uow.session.flush()

        (decision,) = api.release_orders(uow, site_id=house.site)

        assert decision.order_id == placed.id
        assert (decision.released, "belong into one carton" in decision.why) == (False, True)


@pytest.mark.parametrize("name", ["set 1", "x" * 41, "set\n"])
def test_a_name_that_cannot_be_is_refused_with_its_field(database: Connection, name: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        with pytest.raises(Invalid) as refused:
            h.order(uow, house, lines=(WISH[0], replace(WISH[1], pack_with=name)))
        assert [error.pointer for error in refused.value.errors] == ["/lines/1/pack_with"]


def test_the_parts_of_a_kit_are_linked_if_the_kit_says_so(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9}, B={"A-01-02-1": 9})
        made = inventory.ItemDraft("SET", "Gift set", 0, 0, 0, 0)
        kit_id = inventory.create_items(uow, tenant_id=house.tenant, items=[made])["SET"]
        parts = [KitPart(house.items["A"], 2), KitPart(house.items["B"], 1)]
        inventory.set_selling_rules(uow, tenant_id=house.tenant, item_id=kit_id, kit=parts)
        loose = h.order(uow, house, ("SET", 1))
        inventory.set_selling_rules(uow, tenant_id=house.tenant, item_id=kit_id, pack_together=True)

        linked = h.order(uow, house, ("SET", 1), ("A", 1))

        assert [line.pack_with for line in loose.lines] == ["", ""]
        assert [line.pack_with for line in linked.lines] == ["SET (kit 1)", "SET (kit 1)", ""]

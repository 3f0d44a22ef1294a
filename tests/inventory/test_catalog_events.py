"""What the catalogue tells: one fact for each item that changed, and nothing when nothing did."""

from sqlalchemy import Connection

from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

GTIN, CASE = "4006381333931", "14006381333938"


def told(uow: UnitOfWork, since: int) -> list[tuple[str, list[str]]]:
    return [(event.sku, event.fields) for event in uow.emitted[since:] if isinstance(event, inventory.ItemChanged)]


def test_each_item_is_told_of_once_with_what_changed(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)

        def store(*drafts: inventory.ItemDraft) -> list[tuple[str, list[str]]]:
            before = len(uow.emitted)
            inventory.create_items(uow, tenant_id=house.tenant, items=drafts)
            return told(uow, before)

        mug, cup = inventory.ItemDraft("MUG", "Mug", 300, 10, 10, 10), inventory.ItemDraft("CUP", "Cup", 200, 9, 9, 9)
        assert store(mug, cup) == store(mug, cup) == []
        heavy = inventory.ItemDraft("MUG", "Big mug", 400, 10, 10, 10)
        assert store(heavy, cup) == [("MUG", ["name", "weight_g"])]
        coded = inventory.ItemDraft("CUP", "Cup", 200, 9, 9, 9, (GTIN,), packs=(inventory.Pack(CASE, 12),))
        assert store(coded) == [("CUP", ["barcodes"])]
        assert store(coded) == []


def test_an_edit_tells_what_it_changed_and_whether_the_item_is_sold(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        of = {"tenant_id": house.tenant, "item_id": house.items["A"]}
        same = inventory.ItemDraft("A", "Thing A", 200, 100, 80, 50, (GTIN,))
        before = len(uow.emitted)
        inventory.update_item(uow, draft=same, **of)
        assert told(uow, before) == []
        inventory.update_item(uow, draft=same, active=False, **of)
        inventory.update_item(uow, draft=inventory.ItemDraft("A", "Thing A", 200, 100, 80, 50), **of)
        inventory.bind_barcode(uow, barcode=CASE, units=12, **of)
        inventory.bind_barcode(uow, barcode=CASE, units=12, **of)
        changed = [["active"], ["active", "barcodes"], ["barcodes"]]
        assert told(uow, before) == [("A", fields) for fields in changed]
        events = [event for event in uow.emitted[before:] if isinstance(event, inventory.ItemChanged)]
        assert [event.summary() for event in events][:2] == ["Item A is sold no longer.", "Item A is sold again."]

from datetime import timedelta

import pytest

from inventory.api import (
    ArrivalDraft,
    ArrivalLineDraft,
    Condition,
    ItemDraft,
    Pack,
    announce_arrival,
    create_items,
    get_item,
    receive_arrival,
    resolve_barcode,
    update_item,
)
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.quantity import MAX_QUANTITY
from tests.inventory.warehouse import NOW, Warehouse, level

EACH, CASE = "4006381333931", "14006381333938"


@pytest.fixture
def house(house: Warehouse, uow: UnitOfWork) -> Warehouse:
    draft = ItemDraft("A", "Thing A", 100, 10, 20, 30, (EACH,), packs=(Pack(CASE, 12),))
    create_items(uow, tenant_id=house.tenant, items=[draft])
    return house


@pytest.fixture
def arrival(house: Warehouse, uow: UnitOfWork) -> str:
    draft = ArrivalDraft("PO-1", NOW.date() + timedelta(days=1), (ArrivalLineDraft("A", 30),))
    return announce_arrival(uow, tenant_id=house.tenant, site_id=house.site, draft=draft).arrival.id


@pytest.mark.parametrize(("scan", "units"), [((CASE, 2), 24), ((f"]C101{CASE}", 1), 12), ((EACH, 5), 5), (("A", 5), 5)])
def test_a_case_is_received_as_its_units(
    uow: UnitOfWork, house: Warehouse, arrival: str, scan: tuple[str, int], units: int
) -> None:
    took = receive_arrival(uow, arrival_id=arrival, barcode=scan[0], quantity=scan[1], location_code="DOCK")
    assert (took.quantity, level(uow, house, "A")) == (units, (units, 0))


def test_cases_beyond_what_can_be_counted_are_refused(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    with pytest.raises(Invalid):
        receive_arrival(
            uow, arrival_id=arrival, barcode=CASE, quantity=MAX_QUANTITY, condition=Condition.GOOD,
            location_code="DOCK",
        )  # fmt: skip
    assert level(uow, house, "A") == (0, 0)


def test_a_barcode_means_one_unit_or_one_case(uow: UnitOfWork, house: Warehouse) -> None:
    (found,) = resolve_barcode(uow, code=CASE, tenant_id=house.tenant)
    assert (found.gtins, found.packs) == (("04006381333931",), (Pack(CASE, 12),))
    again = ItemDraft("A", "Thing A", 100, 10, 20, 30, (EACH,), packs=(Pack(CASE, 24),))
    create_items(uow, tenant_id=house.tenant, items=[again])
    assert get_item(uow, found.id).packs == (Pack(CASE, 24),)
    bare = ItemDraft("A", "Thing A", 100, 10, 20, 30, (EACH,))
    assert update_item(uow, tenant_id=house.tenant, item_id=found.id, draft=bare).packs == ()
    assert resolve_barcode(uow, code=CASE, tenant_id=house.tenant) == []


@pytest.mark.parametrize(
    ("packs", "pointer"),
    [
        ((Pack(EACH, 12),), "/items/0/packs"),
        ((Pack(CASE, 12), Pack(CASE, 24)), "/items/0/packs"),
        ((Pack(CASE, 1),), "/items/0/packs/0/units"),
        ((Pack("14006381333930", 12),), "/items/0/packs/0/gtin"),
    ],
)
def test_a_pack_that_cannot_be_is_refused(
    uow: UnitOfWork, house: Warehouse, packs: tuple[Pack, ...], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create_items(
            uow, tenant_id=house.tenant, items=[ItemDraft("A", "Thing A", 100, 10, 20, 30, (EACH,), packs=packs)]
        )
    assert pointer in {error.pointer for error in refused.value.errors}

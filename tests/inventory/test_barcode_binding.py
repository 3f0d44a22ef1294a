import pytest

from inventory.api import BarcodeTaken, UnknownItem, bind_barcode, resolve_barcode
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from tests.inventory.warehouse import Warehouse, build, everything

UNIT, CASE = "04006381333047", "14006381333044"


def test_what_a_scanner_reads_is_bound_and_found(uow: UnitOfWork, house: Warehouse) -> None:
    whose = {"tenant_id": house.tenant, "item_id": house.items["A"]}
    had = bind_barcode(uow, **whose, barcode=f"]C101{UNIT}10L7")
    assert UNIT in had.gtins
    case = bind_barcode(uow, **whose, barcode=CASE, units=12)
    assert [(pack.gtin, pack.units) for pack in case.packs] == [(CASE, 12)]
    assert case.version == had.version + 1
    assert bind_barcode(uow, **whose, barcode=CASE, units=12) == case, "repeating it changes nothing"
    assert [each.id for each in resolve_barcode(uow, code=UNIT[1:], tenant_id=house.tenant)] == [house.items["A"]]


def test_a_barcode_that_is_taken_stays_where_it_is(uow: UnitOfWork, house: Warehouse) -> None:
    bind_barcode(uow, tenant_id=house.tenant, item_id=house.items["A"], barcode=UNIT)
    other = build(uow, code="OTHER", site="MUC")
    before = everything(uow)
    with pytest.raises(BarcodeTaken, match="SKU A"):
        bind_barcode(uow, tenant_id=house.tenant, item_id=house.items["B"], barcode=UNIT)
    with pytest.raises(BarcodeTaken, match="1 in it"):
        bind_barcode(uow, tenant_id=house.tenant, item_id=house.items["A"], barcode=UNIT, units=6)
    with pytest.raises(Invalid, match="carries no GTIN"):
        bind_barcode(uow, tenant_id=house.tenant, item_id=house.items["B"], barcode="04006381333048")
    with pytest.raises(UnknownItem):
        bind_barcode(uow, tenant_id=other.tenant, item_id=house.items["B"], barcode=CASE)
    assert everything(uow) == before
    theirs = bind_barcode(uow, tenant_id=other.tenant, item_id=other.items["A"], barcode=UNIT)
    assert UNIT in theirs.gtins, "each merchant has its own"

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text

from inventory.api import (
    Demand,
    ItemDraft,
    LocationDraft,
    Receipt,
    ReservationOutcome,
    create_items,
    create_locations,
    receive_many,
    reserve_stock,
)
from inventory.invariants import INVARIANTS
from kernel.access.commands import create_merchant, create_site, serve_merchants
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.invariants import check

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A site with three pick faces, a dock and a hospital, and one merchant with items in it."""

    site: str
    tenant: str
    items: dict[str, str]

    def owner(self) -> Actor:
        return Actor("tester", Role.MERCHANT, "tester", self.tenant)


def build(uow: UnitOfWork, *, code: str = "ACME", site: str = "HAM", skus: tuple[str, ...] = ("A", "B")) -> Warehouse:
    site_id = create_site(uow, code=site, name=site, time_zone="Europe/Berlin", country="DE", company_prefix="4012345")
    tenant = create_merchant(uow, code=code, name=code, currency="EUR")
    serve_merchants(uow, site_id=site_id, merchant_ids=[tenant])
    kinds = {"P-1": "pick", "P-2": "pick", "P-3": "pick", "BULK": "bulk", "DOCK": "dock", "HOSP": "hospital"}
    create_locations(uow, site_id=site_id, locations=[LocationDraft(c, kind) for c, kind in kinds.items()])
    items = create_items(uow, tenant_id=tenant, items=[ItemDraft(sku, f"Thing {sku}", 100, 10, 20, 30) for sku in skus])
    return Warehouse(site_id, tenant, items)


def stock(uow: UnitOfWork, house: Warehouse, **held: dict[str, int]) -> None:
    """Receive `stock(uow, house, A={"P-1": 5})`."""
    receipts = [Receipt(house.items[sku], at, n, "ASN") for sku, bins in held.items() for at, n in bins.items()]
    receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=receipts)


def want(house: Warehouse, *wanted: tuple[str, str, int]) -> list[Demand]:
    """Return demands from (line, sku, quantity)."""
    return [Demand(line, house.items[sku], n) for line, sku, n in wanted]


def reserve(
    uow: UnitOfWork, house: Warehouse, order: str, *lines: tuple[str, str, int], policy: str = "all_or_nothing"
) -> ReservationOutcome:
    """Reserve (line, sku, quantity) for an order."""
    return reserve_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id=order, customer_id="cus_1",
        demands=want(house, *lines), policy=policy,
    )  # fmt: skip


def level(uow: UnitOfWork, house: Warehouse, sku: str) -> tuple[int, int]:
    row = uow.session.execute(
        text("select on_hand, reserved from stock_level where tenant_id = :t and item_id = :i and site_id = :s"),
        {"t": house.tenant, "i": house.items[sku], "s": house.site},
    ).one_or_none()
    return (row.on_hand, row.reserved) if row else (0, 0)


def bins(uow: UnitOfWork, house: Warehouse, sku: str) -> dict[str, tuple[int, int]]:
    rows = uow.session.execute(
        text(
            "select l.code, b.quantity, b.allocated from bin_stock b join location l on l.id = b.location_id"
            " where b.tenant_id = :t and b.item_id = :i and l.site_id = :s and b.quantity > 0"
        ),
        {"t": house.tenant, "i": house.items[sku], "s": house.site},
    )
    return {row.code: (row.quantity, row.allocated) for row in rows}


def buckets(uow: UnitOfWork, house: Warehouse, sku: str) -> dict[str, int]:
    rows = uow.session.execute(
        text("select bucket, quantity from bucket_stock where tenant_id = :t and item_id = :i and quantity > 0"),
        {"t": house.tenant, "i": house.items[sku]},
    )
    return {row.bucket: row.quantity for row in rows}


def everything(uow: UnitOfWork) -> dict[str, list[tuple[object, ...]]]:
    """Return all stock tables: what a refused command must leave as it was."""
    tables = ("item", "stock_movement", "stock_level", "bin_stock", "bucket_stock", "reservation", "allocation")
    return {
        table: sorted(tuple(row) for row in uow.session.execute(text(f"select * from {table}")))  # noqa: S608
        for table in tables
    }


def told(uow: UnitOfWork) -> list[str]:
    """Return the types of the facts emitted so far in this unit of work."""
    return [type(event).__name__ for event in uow.emitted]


def assert_invariants() -> None:
    with transaction(system()) as uow:
        findings = [check(uow, invariant) for invariant in INVARIANTS]
    assert [(f.invariant.name, f.examples) for f in findings if f.violated] == []

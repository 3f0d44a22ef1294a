"""A site with two merchants, its people, and parcels on their way: what the shipping tests start from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import text

from kernel.access.commands import create_merchant, create_site, serve_merchants
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run
from kernel.invariants import check
from shipping.api import (
    INVARIANTS,
    Content,
    LabelRequest,
    ManifestView,
    ParcelView,
    RawScan,
    ShipTo,
    close_manifest,
    create_parcel,
    purchase_label,
    recompute_statuses,
    seed_site_defaults,
    weigh_parcel,
)

T = TypeVar("T")
# A Tuesday noon: every carrier still collects today.
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
ANN = ShipTo(name="Ann Example", street="Weg 1", city="Leipzig", postal_code="04109", country="DE")


@dataclass(frozen=True, slots=True)
class House:
    """Ids of the site and its merchants, and actors of its people."""

    site: str
    tenant: str
    other_tenant: str

    @property
    def packer(self) -> Actor:
        return Actor("usr_packer", Role.PACKER, "Pat", site=self.site)

    @property
    def manager(self) -> Actor:
        return Actor("usr_manager", Role.MANAGER, "Max", site=self.site)


def build_house() -> House:
    def work(uow: UnitOfWork) -> House:
        merchants = [create_merchant(uow, code=c, name=c.title(), currency="EUR") for c in ("acme", "bolt")]
        site = create_site(
            uow, code="dc1", name="House One", time_zone="Europe/Berlin", country="DE", company_prefix="4012345",
            street="Lagerweg 1", city="Berlin", postal_code="10115",
        )  # fmt: skip
        serve_merchants(uow, site_id=site, merchant_ids=merchants)
        seed_site_defaults(uow, site_id=site)
        return House(site, *merchants)

    return run(system(), work, now=NOON)


def content(n: int = 1, quantity: int = 1, weight_g: int = 300) -> Content:
    return Content(f"itm_{n}", f"lin_{n}", f"SKU-{n}", f"Thing {n}", quantity, weight_g, 100, 80, 60)


def as_packer(house: House, work: Callable[[UnitOfWork], T], now: datetime = NOON) -> T:
    return run(house.packer, work, now=now)


def as_manager(house: House, work: Callable[[UnitOfWork], T], now: datetime = NOON) -> T:
    return run(house.manager, work, now=now)


def pack(
    house: House, contents: Sequence[Content] = (), reference: str = "ord_1", now: datetime = NOON, **options: Any
) -> ParcelView:
    values = {"value_minor": 4_900, "currency": "EUR", "ship_to": ANN, "tenant_id": house.tenant} | options
    return as_packer(
        house,
        lambda uow: create_parcel(
            uow, site_id=house.site, reference=reference, party="cus_1", contents=list(contents) or [content()],
            **values,
        ),
        now,
    )  # fmt: skip


def weigh(house: House, parcel: ParcelView, reading_g: int | None = None, **options: Any) -> Any:
    values: dict[str, Any] = {"scale_code": "PACK-1", "reading_g": reading_g or parcel.expected_g} | options
    return as_packer(house, lambda uow: weigh_parcel(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id, **values))


def label(parcel: ParcelView) -> LabelRequest:
    return purchase_label(tenant_id=parcel.tenant_id, parcel_id=parcel.id)


def ready(house: House, count: int = 1, **options: Any) -> list[tuple[ParcelView, LabelRequest]]:
    """Parcels that are packed, weighed and labelled."""
    found = []
    for n in range(count):
        parcel = pack(house, reference=f"ord_{n}", **options)
        weigh(house, parcel)
        found.append((parcel, label(parcel)))
    return found


def close(house: House, carrier: str, day: date) -> ManifestView:
    return as_manager(house, lambda uow: close_manifest(uow, site_id=house.site, carrier=carrier, ship_date=day))


def scan(bought: LabelRequest, code: str, hours: float, place: str = "Leeds, West Yorkshire, GB") -> RawScan:
    at = NOON + timedelta(days=2, hours=hours)
    return RawScan(bought.carrier, bought.tracking_number, code, "", at, place, f"{bought.label_id}-{code}-{hours}")


def everything(*tables: str) -> dict[str, list[Any]]:
    """All rows of the tables, to show that a refusal changed nothing."""

    def work(uow: UnitOfWork) -> dict[str, list[Any]]:
        return {
            table: sorted(str(row) for row in uow.session.execute(text(f"select * from {table}")))  # noqa: S608
            for table in (*tables, "event")
        }

    return run(system(), work)


def assert_sound() -> None:
    """Every invariant of shipping holds, and the stored statuses are those of the scans."""

    def work(uow: UnitOfWork) -> None:
        broken = [finding for finding in (check(uow, each) for each in INVARIANTS) if finding.violated]
        assert broken == []
        assert recompute_statuses(uow) == []

    run(system(), work)


def event_types(order: str = "ord_1") -> list[str]:
    def work(uow: UnitOfWork) -> list[str]:
        rows = uow.session.execute(text("select type from event where stream = :s order by seq"), {"s": order})
        return [str(row.type).removeprefix("shipping.").removesuffix(".v1") for row in rows]

    return run(system(), work)

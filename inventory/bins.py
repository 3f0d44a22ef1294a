"""What lies where: the locations of a site, their bins, and where an item is."""

from typing import Any

from sqlalchemy import Select, select

from inventory.errors import UnknownLocation
from inventory.hospital import in_hospital
from inventory.models import BinStock, BucketStock, Item, Location, Lot
from inventory.queries import availability, get_item
from inventory.views import BinView, BucketView, ItemStock, LocationView
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import MAX_LIMIT


def find_locations(uow: UnitOfWork, *, site_id: str) -> list[LocationView]:
    """Return the locations of a site, by code."""
    rows = uow.session.scalars(select(Location).where(Location.site_id == site_id).order_by(Location.code))
    return [_location(row) for row in rows]


def location_by_code(uow: UnitOfWork, *, site_id: str, code: str) -> LocationView:
    """Return a location of a site.

    Raises:
        UnknownLocation: the site has none with this code.
    """
    r = uow.session.scalar(select(Location).where(Location.site_id == site_id, Location.code == code))
    if r is None:
        raise UnknownLocation(f"This site has no location {code}.", remedy="Check the code on the bin.")
    return _location(r)


def _location(r: Location) -> LocationView:
    return LocationView(
        r.id, r.code, r.kind, r.zone, r.aisle, r.bay, r.level, r.x_mm, r.y_mm, r.max_weight_g, r.max_volume_mm3,
        r.hazmat_ok, r.temperature_class,
    )  # fmt: skip


def stock_at(uow: UnitOfWork, *, site_id: str, location_code: str) -> list[BinView]:
    """Return what lies in a location, by SKU. All hospital locations of a site hold the same: its one hospital."""
    statement = _bins().where(Location.site_id == site_id, Location.code == location_code, BinStock.quantity > 0)
    held = [BinView(*row) for row in uow.session.execute(statement.order_by(Item.sku, Item.id, BinStock.lot))]
    return held + in_hospital(uow, site_id=site_id, location_code=location_code)


def wanted_counts(uow: UnitOfWork, *, site_id: str, limit: int = MAX_LIMIT) -> list[BinView]:
    """Return the bins that are frozen until they are counted, longest waiting first."""
    statement = _bins().where(Location.site_id == site_id, BinStock.frozen)
    return [BinView(*row) for row in uow.session.execute(statement.order_by(BinStock.count_wanted_at).limit(limit))]


def item_stock(uow: UnitOfWork, item_id: str) -> ItemStock:
    """Return where an item is: levels by site, bins, and the buckets without bins.

    Raises:
        UnknownItem: the actor sees no such item.
    """
    item = get_item(uow, item_id)
    found = availability(uow, tenant_id=item.tenant_id, skus=[item.sku])
    bins = uow.session.execute(
        _bins()
        .where(BinStock.tenant_id == item.tenant_id, BinStock.item_id == item_id)
        .where((BinStock.quantity > 0) | BinStock.frozen)
        .order_by(Location.site_id, Location.code, BinStock.lot)
    )
    buckets = uow.session.execute(
        select(BucketStock.site_id, BucketStock.bucket, BucketStock.quantity)
        .where(BucketStock.tenant_id == item.tenant_id, BucketStock.item_id == item_id, BucketStock.quantity > 0)
        .order_by(BucketStock.site_id, BucketStock.bucket)
    )
    return ItemStock(
        item, found[0].by_site, tuple(BinView(*row) for row in bins), tuple(BucketView(*row) for row in buckets)
    )


def _bins() -> Select[*tuple[Any, ...]]:
    of_lot = (Lot.tenant_id == BinStock.tenant_id) & (Lot.item_id == BinStock.item_id) & (Lot.code == BinStock.lot)
    return (
        select(
            BinStock.tenant_id, BinStock.item_id, Item.sku, Item.name, Location.site_id, Location.code,
            BinStock.quantity, BinStock.allocated, BinStock.frozen, BinStock.count_wanted_at, Location.kind,
            BinStock.lot, Lot.expires_on,
        )
        .join(Location, Location.id == BinStock.location_id)
        .join(Item, (Item.tenant_id == BinStock.tenant_id) & (Item.id == BinStock.item_id))
        .outerjoin(Lot, of_lot)
    )  # fmt: skip

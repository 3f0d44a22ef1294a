from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text, tuple_

from inventory.domain.bins import Bin
from inventory.domain.buckets import UNSOLD_KINDS, Bucket
from inventory.errors import KitHasNoStock, UnknownItem, UnknownLocation
from inventory.ledger import Place
from inventory.models import BucketStock, Item, Location
from kernel.db.transactions import UnitOfWork

LevelKey = tuple[str, str, str]
"""Tenant, item and site: the primary key of a stock level, and the order in which levels are locked."""


@dataclass(frozen=True, slots=True)
class Level:
    """A locked stock level."""

    on_hand: int
    reserved: int

    @property
    def free(self) -> int:
        """Units that nobody was promised."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Promise:
    """A locked reservation that still holds units."""

    tenant_id: str
    id: str
    site_id: str
    item_id: str
    order_id: str
    customer_id: str
    line_id: str
    quantity: int
    hold: bool
    created_at: datetime
    expires_at: datetime | None

    @property
    def level(self) -> LevelKey:
        """The stock level that the units are promised from."""
        return self.tenant_id, self.item_id, self.site_id

    @property
    def line(self) -> tuple[str, str, str, str]:
        """The order line that the units are promised to."""
        return self.tenant_id, self.order_id, self.line_id, self.item_id


@dataclass(frozen=True, slots=True)
class Share:
    """Units of one bin and lot that are set aside for one order line."""

    tenant_id: str
    order_id: str
    line_id: str
    item_id: str
    location_id: str
    lot: str
    site_id: str
    quantity: int

    @property
    def bin(self) -> tuple[str, str]:
        """The location and the lot."""
        return self.location_id, self.lot

    @property
    def line(self) -> tuple[str, str, str, str]:
        """The order line."""
        return self.tenant_id, self.order_id, self.line_id, self.item_id


@dataclass(frozen=True, slots=True)
class Spot:
    """A location that units go to or come from."""

    location_id: str
    code: str
    kind: str

    @property
    def place(self) -> Place:
        """What the ledger calls it: all locations of a kind from which nothing is sold are one bucket of the site."""
        bucket = UNSOLD_KINDS.get(self.kind)
        return Place(bucket) if bucket else Place(Bucket.AVAILABLE, self.location_id)


_LOCK_LEVELS = text(
    "select s.tenant_id, s.item_id, s.site_id, s.on_hand, s.reserved from stock_level s"
    " where (s.tenant_id, s.item_id, s.site_id) in"
    " (select * from unnest(cast(:tenants as text[]), cast(:items as text[]), cast(:sites as text[])))"
    " order by s.tenant_id, s.item_id, s.site_id for update"
)
_ORDER_KEYS = text(
    """
    select distinct r.tenant_id, r.item_id, r.site_id from reservation r
    where r.quantity > 0
      and (r.tenant_id, r.order_id) in (select * from unnest(cast(:tenants as text[]), cast(:orders as text[])))
    """
)
_PROMISES = (
    "select r.tenant_id, r.id, r.site_id, r.item_id, r.order_id, r.customer_id, r.line_id, r.quantity, r.hold,"
    " r.created_at, r.expires_at from reservation r where r.quantity > 0"
)
_LOCKED = " order by r.tenant_id, r.id for update"
_ORDERS = " and (r.tenant_id, r.order_id) in (select * from unnest(cast(:tenants as text[]), cast(:orders as text[])))"
_ORDER_PROMISES = text(f"{_PROMISES}{_ORDERS}{_LOCKED}")
_ITEM = " and r.tenant_id = :tenant and r.item_id = :item and r.site_id = :site"
_ITEM_PROMISES = text(f"{_PROMISES}{_ITEM}{_LOCKED}")
_LINE_PROMISES = text(f"{_PROMISES}{_ITEM} and r.order_id = :order and r.line_id = :line{_LOCKED}")
_ORDER_SHARES = text(
    """
    select a.tenant_id, a.order_id, a.line_id, a.item_id, a.location_id, a.lot, a.site_id, a.quantity
    from allocation a
    where (a.tenant_id, a.order_id) in (select * from unnest(cast(:tenants as text[]), cast(:orders as text[])))
    order by a.tenant_id, a.order_id, a.line_id, a.item_id, a.location_id, a.lot
    """
)
_ITEM_SHARES = text(
    """
    select a.tenant_id, a.order_id, a.line_id, a.item_id, a.location_id, a.lot, a.site_id, a.quantity
    from allocation a
    where a.tenant_id = :tenant and a.item_id = :item and a.site_id = :site
    order by a.tenant_id, a.order_id, a.line_id, a.item_id, a.location_id, a.lot
    """
)
_BINS = text(
    "select b.tenant_id, b.item_id, l.id, l.code, l.kind, b.quantity, b.allocated, b.frozen, b.lot, t.expires_on"
    " from bin_stock b join location l on l.id = b.location_id"
    " left join lot t on t.tenant_id = b.tenant_id and t.item_id = b.item_id and t.code = b.lot"
    " where (b.tenant_id, b.item_id) in (select * from unnest(cast(:tenants as text[]), cast(:items as text[])))"
    " and l.site_id = :site and b.quantity > 0 order by l.code, b.lot"
)
_UNSOLD = text(
    """
    select m.lot, sum(m.quantity * (cast(m.to_bucket = :bucket as int) - cast(m.from_bucket = :bucket as int))) as units
    from stock_movement m
    where m.tenant_id = :tenant and m.item_id = :item and m.site_id = :site and :bucket in (m.from_bucket, m.to_bucket)
    group by m.lot order by m.lot
    """
)


def lock_levels(uow: UnitOfWork, keys: Iterable[LevelKey]) -> dict[LevelKey, Level]:
    """Lock stock levels in key order and return them; levels that do not exist yet are left out."""
    wanted = sorted(set(keys))
    columns = {"tenants": [k[0] for k in wanted], "items": [k[1] for k in wanted], "sites": [k[2] for k in wanted]}
    rows = uow.session.execute(_LOCK_LEVELS, columns)
    return {(r.tenant_id, r.item_id, r.site_id): Level(r.on_hand, r.reserved) for r in rows}


def lock_order_promises(uow: UnitOfWork, orders: Sequence[tuple[str, str]]) -> list[Promise]:
    """Lock the stock levels of these (tenant, order) pairs, then their live reservations, oldest first."""
    columns = {"tenants": [t for t, _ in orders], "orders": [o for _, o in orders]}
    keys = [(r.tenant_id, r.item_id, r.site_id) for r in uow.session.execute(_ORDER_KEYS, columns)]
    if not keys:
        return []
    lock_levels(uow, keys)
    return _promises(uow.session.execute(_ORDER_PROMISES, columns))


def lock_line_promises(uow: UnitOfWork, line: tuple[str, str, str, str], site_id: str) -> list[Promise]:
    """Lock the live reservations of an order line at a site, oldest first. The level is locked already."""
    tenant_id, order_id, line_id, item_id = line
    told = _level_columns((tenant_id, item_id, site_id)) | {"order": order_id, "line": line_id}
    return _promises(uow.session.execute(_LINE_PROMISES, told))


def lock_item_promises(uow: UnitOfWork, level: LevelKey) -> list[Promise]:
    """Lock the live reservations of a stock level that is locked already."""
    return _promises(uow.session.execute(_ITEM_PROMISES, _level_columns(level)))


def order_shares(uow: UnitOfWork, orders: Sequence[tuple[str, str]]) -> list[Share]:
    """Return what bins set aside for these (tenant, order) pairs. The levels are locked."""
    columns = {"tenants": [t for t, _ in orders], "orders": [o for _, o in orders]}
    return [Share(*row) for row in uow.session.execute(_ORDER_SHARES, columns)]


def item_shares(uow: UnitOfWork, level: LevelKey) -> list[Share]:
    """Return what bins set aside of an item at a site. The level is locked."""
    return [Share(*row) for row in uow.session.execute(_ITEM_SHARES, _level_columns(level))]


def bins_of(uow: UnitOfWork, *, site_id: str, items: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Bin]]:
    """Return the bins of a site that hold these (tenant, item) pairs, by location code. The levels are locked."""
    wanted = sorted(set(items))
    columns = {"tenants": [t for t, _ in wanted], "items": [i for _, i in wanted], "site": site_id}
    found: dict[tuple[str, str], list[Bin]] = {key: [] for key in wanted}
    for tenant_id, item_id, *held in uow.session.execute(_BINS, columns):
        found[tenant_id, item_id].append(Bin(*held))
    return found


def bucket_quantities(uow: UnitOfWork, keys: Iterable[tuple[str, str, str, str]]) -> dict[tuple[str, str], int]:
    """Lock bucket balances by (tenant, item, site, bucket) and return them as {(item, bucket): quantity}."""
    key = tuple_(BucketStock.tenant_id, BucketStock.item_id, BucketStock.site_id, BucketStock.bucket)
    rows = uow.session.execute(
        select(BucketStock.item_id, BucketStock.bucket, BucketStock.quantity)
        .where(key.in_(sorted(set(keys))))
        .order_by(BucketStock.tenant_id, BucketStock.item_id, BucketStock.site_id, BucketStock.bucket)
        .with_for_update()
    )
    return {(r.item_id, r.bucket): r.quantity for r in rows}


def unsold_bins(uow: UnitOfWork, level: LevelKey, spot: Spot) -> list[Bin]:
    """Lock what lies where nothing is sold, and return it by lot. The ledger knows the lots; the balance does not."""
    tenant_id, item_id, site_id = level
    bucket = spot.place.bucket.value
    bucket_quantities(uow, [(tenant_id, item_id, site_id, bucket)])
    rows = uow.session.execute(_UNSOLD, _level_columns(level) | {"bucket": bucket})
    return [Bin(spot.location_id, spot.code, spot.kind, int(r.units), 0, False, r.lot) for r in rows if r.units]


def spots_of(uow: UnitOfWork, *, site_id: str, codes: Iterable[str]) -> dict[str, Spot]:
    """Return a site's locations by code; none of them changes its kind before this transaction ends.

    Raises:
        UnknownLocation: a code is not a location of the site.
    """
    wanted = set(codes)
    rows = uow.session.execute(
        select(Location.code, Location.id, Location.kind)
        .where(Location.site_id == site_id, Location.code.in_(wanted))
        .order_by(Location.code)
        .with_for_update(read=True, key_share=True)
    )
    found = {row.code: Spot(row.id, row.code, row.kind) for row in rows}
    unknown = sorted(wanted - found.keys())
    if unknown:
        raise UnknownLocation(
            f"This site has no location {', '.join(unknown[:5])}.",
            remedy="Create it first, or check the code on the bin.",
            pointer="/location_code",
            location_codes=unknown[:100],
        )
    return found


def location_ids(uow: UnitOfWork, *, site_id: str, codes: Iterable[str]) -> dict[str, str]:
    """Return the ids of a site's locations by code. See `spots_of`."""
    return {code: spot.location_id for code, spot in spots_of(uow, site_id=site_id, codes=codes).items()}


def require_items(uow: UnitOfWork, *, tenant_id: str, item_ids: Iterable[str]) -> None:
    """Make sure that the merchant has these items, and that units of them can lie somewhere.

    Raises:
        UnknownItem: it has not.
        KitHasNoStock: one of them is a kit.
    """
    wanted = set(item_ids)
    rows = uow.session.execute(
        select(Item.id, Item.sku, Item.kit).where(Item.tenant_id == tenant_id, Item.id.in_(wanted))
    ).all()
    unknown = sorted(wanted - {row.id for row in rows})
    if unknown:
        raise UnknownItem(
            f"There is no item {', '.join(unknown[:5])}.",
            remedy="Create the item first.",
            pointer="/item_id",
            item_ids=unknown[:100],
        )
    kits = sorted(row.sku for row in rows if row.kit)
    if kits:
        raise KitHasNoStock(
            f"{', '.join(kits[:5])} is sold as its parts: only those lie in bins.",
            remedy="Scan or send the parts instead.",
            pointer="/sku",
            skus=kits[:100],
        )


def _level_columns(level: LevelKey) -> dict[str, str]:
    tenant_id, item_id, site_id = level
    return {"tenant": tenant_id, "item": item_id, "site": site_id}


def _promises(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Promise]:
    return sorted((Promise(*row) for row in rows), key=lambda p: (p.created_at, p.id))

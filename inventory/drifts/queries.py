"""Counters that differ from the ledger, and where to search for the reason."""

from sqlalchemy import select, text

from inventory.drifts.models import StockDrift
from inventory.drifts.views import DriftView, Suspect
from inventory.models import Item
from inventory.views import MovementView
from kernel.db.transactions import UnitOfWork

_SUSPECTS = 50
_MOVED = text(
    "select m.id, m.site_id, m.item_id, m.from_bucket, f.code, m.to_bucket, t.code, m.lot, m.quantity,"
    " m.reason, m.reference, m.container, m.actor, m.at,"
    " m.quantity = abs(:difference) as fits"
    " from stock_movement m"
    " left join location f on f.id = m.from_location_id left join location t on t.id = m.to_location_id"
    " where m.tenant_id = :tenant and m.item_id = :item and m.site_id = :site and m.at <= :found"
    " and (cast(:agreed as timestamptz) is null or m.at >= :agreed)"
    " and (cast(:place as text) = '' or :place in ("
    "   f.code || case when m.lot = '' then '' else ', lot ' || m.lot end,"
    "   t.code || case when m.lot = '' then '' else ', lot ' || m.lot end, m.from_bucket, m.to_bucket))"
    " order by fits desc, m.id desc limit :limit"
)


def find_drifts(uow: UnitOfWork, *, item_id: str = "") -> list[DriftView]:
    """Return what differs now, of one item if named, longest known first; each with the movements between the last
    look at which it agreed and the one that found it, those first that fit the difference. A counter of promises has
    none: reservations are not moved.
    """
    statement = select(StockDrift, Item.sku).join(
        Item, (Item.tenant_id == StockDrift.tenant_id) & (Item.id == StockDrift.item_id)
    )
    if item_id:
        statement = statement.where(StockDrift.item_id == item_id)
    ordered = statement.order_by(StockDrift.found_at, Item.sku, StockDrift.counter, StockDrift.place).limit(200)
    return [_view(uow, drift, sku) for drift, sku in uow.session.execute(ordered)]


def _view(uow: UnitOfWork, drift: StockDrift, sku: str) -> DriftView:
    columns = {
        "tenant": drift.tenant_id, "item": drift.item_id, "site": drift.site_id, "found": drift.found_at,
        "agreed": drift.agreed_at, "place": drift.place, "difference": drift.counted - drift.ledger,
        "limit": _SUSPECTS if drift.counter != "reserved" else 0,
    }  # fmt: skip
    suspects = tuple(Suspect(MovementView(*row[:-1]), row[-1]) for row in uow.session.execute(_MOVED, columns))
    return DriftView(
        drift.tenant_id, drift.item_id, sku, drift.site_id, drift.counter, drift.place, drift.ledger, drift.counted,
        drift.found_at, drift.agreed_at, suspects,
    )  # fmt: skip

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select, update

from kernel.db.transactions import UnitOfWork
from shipping.domain.exports import ExportGoods
from shipping.models.exports import ParcelExportRow
from shipping.models.parcels import ParcelItemRow, ParcelRow
from shipping.repository import forget_items, lock_parcel

_UNLABELLED = ("packed", "held", "cleared")


def declare_goods(
    uow: UnitOfWork, *, tenant_id: str, parcel_id: str, invoice_number: str, goods: Sequence[ExportGoods]
) -> None:
    """Tell what customs asks of a parcel's goods, one entry for each line; what is not known yet may be told later.

    Raises:
        NotFound: this caller has no such parcel.
    """
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    uow.session.merge(
        ParcelExportRow(
            tenant_id=tenant_id, parcel_id=parcel.id, invoice_number=invoice_number,
            goods=[asdict(each) for each in goods],
        )
    )  # fmt: skip
    uow.session.flush()


def retell_goods(
    uow: UnitOfWork, *, tenant_id: str, item_id: str, hs_code: str, country_of_origin: str
) -> Sequence[str]:
    """Tell what became known of an item since, for its parcels whose label is not bought yet; return their ids."""
    row = ParcelExportRow
    statement = (
        select(row)
        .join(ParcelRow, (ParcelRow.tenant_id == row.tenant_id) & (ParcelRow.id == row.parcel_id))
        .where(row.tenant_id == tenant_id, ParcelRow.state.in_(_UNLABELLED))
        .where(row.goods.contains([{"item_id": item_id}]))
        .order_by(row.parcel_id)
        .with_for_update(of=row)
        .execution_options(populate_existing=True)
    )
    found = uow.session.scalars(statement).all()
    told = {"hs_code": hs_code, "country_of_origin": country_of_origin}
    for each in found:
        each.goods = [_retold(line, item_id, told) for line in each.goods]
    uow.session.flush()
    return [each.parcel_id for each in found]


def retell_dangerous_goods(uow: UnitOfWork, *, tenant_id: str, item_id: str, kind: str) -> Sequence[str]:
    """Tell how an item travels as became known since, for its parcels whose label is not bought yet; return their ids.
    `kind` is one of `KINDS`, "" for goods that are not dangerous.
    """
    row = ParcelItemRow
    waiting = select(ParcelRow.id).where(ParcelRow.tenant_id == tenant_id, ParcelRow.state.in_(_UNLABELLED))
    statement = (
        update(row)
        .where(row.tenant_id == tenant_id, row.item_id == item_id, row.dangerous_goods != kind)
        .where(row.parcel_id.in_(waiting))
        .values(dangerous_goods=kind)
        .returning(row.parcel_id)
        .execution_options(synchronize_session=False)
    )
    found = sorted(set(uow.session.scalars(statement)))
    forget_items(uow)
    return found


def _retold(line: dict[str, Any], item_id: str, told: dict[str, str]) -> dict[str, Any]:
    return line | told if line["item_id"] == item_id else line

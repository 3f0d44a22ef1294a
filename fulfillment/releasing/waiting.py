"""The orders that could go to the floor, and what the floor has already."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Row, func, select

from fulfillment.domain.promise import local_day
from fulfillment.domain.release import Candidate, CutOffTime
from fulfillment.models import OrderLine, PickTask, SalesOrder
from fulfillment.repository import OPEN_TASK_STATES
from kernel.access.queries import SiteView
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping


def waiting_orders(
    uow: UnitOfWork, *, site: SiteView, limit: int, order_ids: Collection[str] | None = None
) -> list[Candidate]:
    """Return the most urgent orders that have reserved units which are not on the floor, or those of them named."""
    of_order = (OrderLine.tenant_id == SalesOrder.tenant_id) & (OrderLine.order_id == SalesOrder.id)
    promised = func.sum(OrderLine.promised)
    columns = (
        SalesOrder,
        func.count().filter(OrderLine.promised > 0).label("lines"),
        func.sum(OrderLine.backordered).label("missing"),
        func.sum(OrderLine.backordered).filter(OrderLine.kit_id != "").label("parts"),
        func.sum(OrderLine.backordered).filter(OrderLine.pack_with != "").label("linked"),
    )
    statement = select(*columns).join(OrderLine, of_order).where(SalesOrder.site_id == site.id, ~SalesOrder.terminal)
    if order_ids is not None:
        statement = statement.where(SalesOrder.id.in_(order_ids))
    statement = statement.group_by(SalesOrder.tenant_id, SalesOrder.id).having(promised > 0)
    urgent = (
        SalesOrder.open_holds > 0, SalesOrder.rushed_at.is_(None), SalesOrder.promised_on.nulls_last(),
        SalesOrder.placed_at, SalesOrder.id,
    )  # fmt: skip
    today = local_day(uow.now, site.time_zone)
    rows = uow.session.execute(statement.order_by(*urgent).limit(limit)).all()
    return [_candidate(row, today, asked=order_ids is not None) for row in rows]


def open_lines(uow: UnitOfWork, site_id: str) -> int:
    """Return how many picks a floor has been given and not done."""
    statement = select(func.count()).select_from(PickTask)
    statement = statement.where(
        PickTask.site_id == site_id, PickTask.kind == "pick", PickTask.state.in_(OPEN_TASK_STATES)
    )
    return uow.session.execute(statement).scalar_one()


def cut_off_times(uow: UnitOfWork, site_id: str) -> list[CutOffTime]:
    """Return the next collections of a site, each with the service level that it serves."""
    found = shipping.next_cut_offs(uow, site_id=site_id, now=uow.now)
    return [CutOffTime(each.carrier_name, each.at_utc, each.level) for each in found]


def _candidate(found: Row[SalesOrder, int, int, int, int], today: date, *, asked: bool) -> Candidate:
    row, lines, missing, parts, linked = found
    return Candidate(
        row.tenant_id, row.id, lines, row.placed_at, row.promised_on, row.service_level,
        _waits_for(row, (missing, parts or 0, linked or 0), today, asked=asked), row.rushed_at is not None,
        row.starts_at, row.ship_country, row.ship_postal_code,
    )  # fmt: skip


def _waits_for(row: SalesOrder, lacking: tuple[int, int, int], today: date, *, asked: bool) -> str:
    """Say what an order waits for: `lacking` units altogether, of kits, and of lines that are packed together."""
    missing, parts, linked = lacking
    if row.open_holds:
        return "Waits: the order is on hold."
    if row.pulled_back_at and not asked:
        return "Waits: it was pulled back from the floor, until somebody releases it."
    if row.ship_on and row.ship_on > today:
        return f"Waits: it is to be shipped on {row.ship_on:%A} {row.ship_on.day} {row.ship_on:%B %Y}."
    if parts or linked:
        of_kits = f"Waits: {parts} part(s) of a kit are still to arrive, and a kit goes out complete."
        return of_kits if parts else f"Waits: {linked} unit(s) are to arrive that belong into one carton with others."
    if missing and row.split_policy == "all_or_nothing":
        return f"Waits: {missing} unit(s) are still to arrive, and the order goes out complete."
    return ""

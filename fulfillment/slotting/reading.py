"""Reads of slotting plans."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_

from fulfillment.domain.slotting import payback_days
from fulfillment.slotting.asking import UnknownPlan
from fulfillment.slotting.models import SlottingChange, SlottingMove, SlottingPlan
from fulfillment.slotting.views import SlottingChangeView, SlottingHead, SlottingMoveView, SlottingView
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_KEY = (SlottingPlan.created_at, SlottingPlan.id)


def find_slotting_plans(
    uow: UnitOfWork, *, site_id: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[SlottingHead]:
    """Return slotting plans, latest first.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    statement = _heads().order_by(*(key.desc() for key in _KEY)).limit(limit + 1)
    if site_id:
        statement = statement.where(SlottingPlan.site_id == site_id)
    if cursor:
        at, plan_id = (str(part) for part in decode_cursor("slotting", cursor))
        statement = statement.where(tuple_(*_KEY) < tuple_(datetime.fromisoformat(at), plan_id))
    uow.session.flush()
    rows = uow.session.execute(statement).all()
    page = tuple(_head(row) for row in rows[:limit])
    last = page[-1] if len(rows) > limit else None
    return Page(page, encode_cursor("slotting", last.created_at.isoformat(), last.id) if last else None)


def get_slotting_plan(uow: UnitOfWork, plan_id: str, *, site_id: str = "") -> SlottingView:
    """Return a plan with its changes, each with what became of it or why it is stale.

    Raises:
        UnknownPlan: there is none with this id, at this site.
    """
    uow.session.flush()
    row = uow.session.execute(_heads().where(SlottingPlan.id == plan_id)).one_or_none()
    if row is None or (site_id and row[0].site_id != site_id):
        raise UnknownPlan("There is no such slotting plan.", remedy="Look at the list of plans.")
    head = _head(row)
    return SlottingView(head, tuple(_changes(uow, head)))


def relocations_of(uow: UnitOfWork, plan_id: str) -> dict[int, tuple[inventory.Relocation, ...]]:
    """Return what is to be carried for each change, by its number."""
    moves: dict[int, list[inventory.Relocation]] = defaultdict(list)
    for move in _moves(uow, plan_id):
        lots = tuple((str(each["lot"]), int(each["units"])) for each in move.lots)
        why = f"Picked on {move.picks} walks: it lies better there."
        moves[move.number].append(
            inventory.Relocation(
                move.tenant_id, move.item_id, move.from_location_id, move.to_location_id, lots, move.min_units,
                move.max_units, why,
            )
        )  # fmt: skip
    return {number: tuple(found) for number, found in moves.items()}


def _heads() -> Select[*tuple[Any, ...]]:
    of_plan = SlottingChange.plan_id == SlottingPlan.id
    changes, accepted = (
        select(func.count(column)).where(of_plan).correlate(SlottingPlan).scalar_subquery()
        for column in (SlottingChange.number, SlottingChange.accepted_at)
    )
    return select(SlottingPlan, changes, accepted)


def _head(row: Any) -> SlottingHead:  # noqa: ANN401 - a row of `_heads`
    plan, changes, accepted = row
    saved = (plan.before_mm - plan.after_mm) // max(1, plan.walked_days)
    return SlottingHead(
        plan.id, plan.site_id, plan.state, plan.days, plan.most_changes, plan.payback_days, plan.progress, plan.note,
        plan.walks, plan.walked_days, plan.before_mm, plan.after_mm, plan.created_at, plan.created_by,
        plan.finished_at, changes, accepted, saved,
    )  # fmt: skip


def _moves(uow: UnitOfWork, plan_id: str) -> list[SlottingMove]:
    found = select(SlottingMove).where(SlottingMove.plan_id == plan_id)
    return list(uow.session.scalars(found.order_by(SlottingMove.number, SlottingMove.part)))


def _changes(uow: UnitOfWork, head: SlottingHead) -> list[SlottingChangeView]:
    rows = uow.session.scalars(
        select(SlottingChange).where(SlottingChange.plan_id == head.id).order_by(SlottingChange.number),
        execution_options={"populate_existing": True},
    ).all()
    moves = _move_views(uow, head.id)
    open_ones = {row.number for row in rows if row.accepted_at is None}
    wanted = {number: found for number, found in relocations_of(uow, head.id).items() if number in open_ones}
    stale = inventory.stale_relocations(uow, site_id=head.site_id, wanted=wanted)
    days = max(1, head.walked_days)
    return [
        SlottingChangeView(
            row.number, tuple(moves[row.number]), row.saved_mm // days, row.move_mm, row.move_seconds,
            round(payback_days(row.saved_mm, row.move_seconds, days), 1), row.accepted_at, row.accepted_by,
            stale.get(row.number, ""),
        )
        for row in rows
        if row.number in moves
    ]  # fmt: skip


def _move_views(uow: UnitOfWork, plan_id: str) -> dict[int, list[SlottingMoveView]]:
    rows = _moves(uow, plan_id)
    items = inventory.items_by_id(uow, {row.item_id for row in rows})
    codes = inventory.location_codes(
        uow, [place for row in rows for place in (row.from_location_id, row.to_location_id)]
    )
    views: dict[int, list[SlottingMoveView]] = defaultdict(list)
    for row in rows:
        item = items[row.item_id]
        views[row.number].append(
            SlottingMoveView(
                row.tenant_id, row.item_id, item.sku, item.name, codes[row.from_location_id],
                codes[row.to_location_id], row.units, row.picks, tuple(row.together),
            )
        )  # fmt: skip
    return views

"""Reads of moves: what is to be carried, what was, and the rules of pick faces."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, ColumnElement, DateTime, Integer, Text, case, cast, exists, func, select, true, tuple_
from sqlalchemy.orm import aliased

from inventory.models import BinStock, Item, Location, Lot
from inventory.moves.domain.tasks import LIVE_MOVES
from inventory.moves.errors import UnknownMove
from inventory.moves.models import ForwardPick, MoveStep, MoveTask
from inventory.moves.views import ForwardPickView, MoveHead, MoveStepView, MoveView, OwnMove
from inventory.task_lists import OWN_WORK_SHOWN, Column, Heads, SortKey, TaskList, TaskRow
from inventory.views import TakenIn
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

_From, _To = aliased(Location), aliased(Location)
_CALM = cast(case((MoveTask.urgent, 0), else_=1), Integer)
_WALK = (
    _CALM, _From.zone, _From.aisle, _From.bay, _From.level, _From.code, func.coalesce(_To.zone, ""),
    func.coalesce(_To.aisle, ""), func.coalesce(_To.bay, ""), func.coalesce(_To.level, ""), func.coalesce(_To.code, ""),
    MoveTask.id,
)  # fmt: skip
"""What orders wait for first, then the order in which somebody walks past the places."""
_MOVES = TaskList("moves", LIVE_MOVES, MoveTask.site_id, MoveTask.state, MoveTask.closed_at, _WALK)
_SORTS: dict[str, Column] = {
    "from": _From.code,
    "item": Item.sku,
    "units": MoveTask.quantity,
    "since": MoveTask.created_at,
}
MOVE_SORTS = tuple(_SORTS)
_MERCHANTS_ITEM = (Item.tenant_id == MoveTask.tenant_id) & (Item.id == MoveTask.item_id)


def find_moves(
    uow: UnitOfWork, *, site_id: str = "", states: Sequence[str] = LIVE_MOVES, cause: str = "", search: str = "",
    item_id: str = "", taken_in: Sequence[TakenIn] | None = None, sort: str = "", cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[MoveHead]:  # fmt: skip
    """Return moves in walking order, urgent ones first; finished ones latest first. `search` is a SKU, or the code or
    the beginning of the code of a location; `taken_in` keeps to moves of what a delivery brought, from where it stood;
    `sort` is one of `MOVE_SORTS`, with a minus sign for the largest first.

    Raises:
        Invalid: the cursor was not given out by this service for this list, or there is no such sorting.
    """
    heads = _heads()
    for column, wanted in ((MoveTask.site_id, site_id), (MoveTask.cause, cause), (MoveTask.item_id, item_id)):
        heads = heads.where(column == wanted) if wanted else heads
    if search:
        places = [place.code.istartswith(search, autoescape=True) for place in (_From, _To)]
        heads = heads.where(places[0] | places[1] | (Item.sku == search))
    if taken_in is not None:
        heads = heads.where(_brought_by(taken_in))
    if sort:
        rows, following = _MOVES.sorted_page(uow, heads, _sort_key(sort), states=states, cursor=cursor, limit=limit)
    else:
        rows, following = _MOVES.page(uow, heads, states=states, cursor=cursor, limit=limit)
    return Page(tuple(_head(row) for row in rows), following)


def tally_moves(uow: UnitOfWork, taken_in: Sequence[TakenIn]) -> dict[tuple[str, str], int]:
    """Return how many moves there are of what a delivery brought, by cause and state."""
    statement = (
        select(MoveTask.cause, MoveTask.state, func.count())
        .join(_From, _From.id == MoveTask.from_location_id)
        .where(_brought_by(taken_in))
        .group_by(MoveTask.cause, MoveTask.state)
    )
    uow.session.flush()
    return {(row[0], row[1]): row[2] for row in uow.session.execute(statement)} if taken_in else {}


def _brought_by(taken_in: Sequence[TakenIn]) -> ColumnElement[bool]:
    """A move knows no delivery: it is of one when it carries its item and lot from where they were put, since then."""
    brought = func.unnest(
        cast([each.item_id for each in taken_in], ARRAY(Text)), cast([each.lot for each in taken_in], ARRAY(Text)),
        cast([each.location_code for each in taken_in], ARRAY(Text)),
        cast([each.since for each in taken_in], ARRAY(DateTime(timezone=True))),
    ).table_valued("item_id", "lot", "code", "since", name="brought").render_derived()  # fmt: skip
    return exists(
        select(1)
        .select_from(brought)
        .where(brought.c.item_id == MoveTask.item_id, brought.c.lot == MoveTask.lot, brought.c.code == _From.code)
        .where(brought.c.since <= MoveTask.created_at)
    )


def _sort_key(sort: str) -> SortKey:
    name = sort.removeprefix("-")
    if name not in _SORTS:
        raise Invalid(f"Moves are not sorted by {name[:40]}.", remedy=f"One of {', '.join(_SORTS)}.", pointer="/sort")
    return SortKey(name, _SORTS[name], is_descending=sort.startswith("-"), is_time=name == "since")


def get_move(uow: UnitOfWork, move_id: str) -> MoveView:
    """Return a move with what was carried of it.

    Raises:
        UnknownMove: the actor sees none with this id.
    """
    row = _MOVES.one(uow, _heads(), move_id)
    if row is None:
        raise UnknownMove("There is no such move.", remedy="Look at the list of moves.")
    steps = uow.session.execute(
        select(
            MoveStep.number, Location.code, MoveStep.quantity, MoveStep.reason, MoveStep.done_at, MoveStep.done_by,
            MoveStep.undone_at.is_not(None),
        )
        .join(Location, Location.id == MoveStep.to_location_id)
        .where(MoveStep.tenant_id == row.tenant_id, MoveStep.task_id == move_id)
        .order_by(MoveStep.number)
    )  # fmt: skip
    return MoveView(_head(row), tuple(MoveStepView(*each) for each in steps), row.claimed_at, row.closed_by, row.note)


def next_move(uow: UnitOfWork, move_id: str) -> str | None:
    """Return the next move in walking order that nobody else has in hand, from the beginning after the last."""
    mine = (MoveTask.state == "open") | (MoveTask.claimed_by == uow.actor.id)
    return _MOVES.following(uow, _heads(), move_id, MoveTask.state.in_(LIVE_MOVES), mine, first=(_CALM,))


def own_moves(uow: UnitOfWork, *, site_id: str = "", limit: int = 5) -> tuple[OwnMove, ...]:
    """Return what the actor carried in the last day, latest first."""
    uow.session.flush()
    rows = uow.session.execute(
        select(
            MoveTask.id, MoveStep.number, Item.sku, Item.name, MoveStep.quantity, _From.code, _To.code,
            MoveStep.done_at, MoveStep.undone_at.is_not(None),
        )
        .join(MoveTask, (MoveTask.tenant_id == MoveStep.tenant_id) & (MoveTask.id == MoveStep.task_id))
        .join(_From, _From.id == MoveTask.from_location_id)
        .join(_To, _To.id == MoveStep.to_location_id)
        .join(Item, _MERCHANTS_ITEM)
        .where(MoveStep.done_by == uow.actor.id, MoveStep.done_at > uow.now - OWN_WORK_SHOWN)
        .where(MoveTask.site_id == site_id if site_id else true())
        .order_by(MoveStep.done_at.desc(), MoveTask.id.desc(), MoveStep.number.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(OwnMove(*row) for row in rows)


def waiting_moves(uow: UnitOfWork, *, site_id: str = "") -> dict[str, int]:
    """Return how many moves are unfinished, by cause."""
    return _MOVES.tally(uow, MoveTask.cause, site_id=site_id)


def find_forward_picks(
    uow: UnitOfWork, *, site_id: str = "", tenant_id: str = "", search: str = "", cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[ForwardPickView]:  # fmt: skip
    """Return the rules of pick faces by location code and SKU. `search` is a SKU or the beginning of a location's code.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    place = (Location.code, Item.sku, Item.id, Location.id)
    here = (BinStock.tenant_id == ForwardPick.tenant_id) & (BinStock.item_id == ForwardPick.item_id)
    here = here & (BinStock.location_id == ForwardPick.location_id)
    held, free = (
        select(func.coalesce(func.sum(units), 0)).where(here).correlate(ForwardPick).scalar_subquery()
        for units in (BinStock.quantity, BinStock.quantity - BinStock.allocated)
    )
    statement = (
        select(
            ForwardPick.tenant_id, Location.site_id, Item.id, Item.sku, Item.name, Location.code,
            ForwardPick.min_units, ForwardPick.max_units, held, free, Location.id,
        )
        .join(Location, Location.id == ForwardPick.location_id)
        .join(Item, (Item.tenant_id == ForwardPick.tenant_id) & (Item.id == ForwardPick.item_id))
        .order_by(*place)
        .limit(limit + 1)
    )  # fmt: skip
    for column, wanted in ((Location.site_id, site_id), (ForwardPick.tenant_id, tenant_id)):
        statement = statement.where(column == wanted) if wanted else statement
    if search:
        statement = statement.where(Location.code.istartswith(search, autoescape=True) | (Item.sku == search))
    if cursor:
        statement = statement.where(tuple_(*place) > tuple_(*(str(key) for key in decode_cursor("faces", cursor))))
    uow.session.flush()
    rows = uow.session.execute(statement).all()
    page = tuple(_face(row) for row in rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(page, encode_cursor("faces", last[5], last[3], last[2], last[10]) if last else None)


def _heads() -> Heads:
    of_lot = (Lot.tenant_id == MoveTask.tenant_id) & (Lot.item_id == MoveTask.item_id) & (Lot.code == MoveTask.lot)
    return (
        select(
            MoveTask.id, MoveTask.tenant_id, MoveTask.site_id, MoveTask.item_id, Item.sku, Item.name, MoveTask.lot,
            Lot.expires_on, _From.code.label("from_code"), func.coalesce(_To.code, "").label("to_code"),
            MoveTask.quantity, MoveTask.moved, MoveTask.cause, MoveTask.urgent, MoveTask.why, MoveTask.state,
            MoveTask.claimed_by, MoveTask.created_at, MoveTask.closed_at, MoveTask.claimed_at, MoveTask.closed_by,
            MoveTask.note, *_MOVES.steps,
        )
        .join(_From, _From.id == MoveTask.from_location_id)
        .outerjoin(_To, _To.id == MoveTask.to_location_id)
        .join(Item, _MERCHANTS_ITEM)
        .outerjoin(Lot, of_lot)
    )  # fmt: skip


def _head(row: TaskRow) -> MoveHead:
    return MoveHead(*row[:19])


def _face(row: TaskRow) -> ForwardPickView:
    tenant_id, site_id, item_id, sku, name, code, least, most, held, free, _ = row
    return ForwardPickView(tenant_id, site_id, item_id, sku, name, code, least, most, int(held), int(free))

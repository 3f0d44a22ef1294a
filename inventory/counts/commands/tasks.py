"""What is to be counted: tasks are made here, and closed here when a bin is counted without one."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select, text, tuple_, update

from inventory.counts.domain import LIVE_COUNTS, AbcClass, CountCause
from inventory.counts.events import CountWanted
from inventory.counts.models import CountEntry, CountTask, ItemClass
from inventory.events import ReservationShorted
from inventory.models import BinStock
from kernel.db.transactions import UnitOfWork
from kernel.events import Event
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class BinKey:
    """The bin to be counted: one item of one merchant in one location."""

    tenant_id: str
    site_id: str
    item_id: str
    location_id: str


# A bin that waits for another cause already keeps its task; a short pick makes it urgent as long as nobody counted it.
_WANT = text(
    """
    insert into count_task (tenant_id, id, site_id, item_id, location_id, cause, abc, state, note, created_at,
                            created_by, returned_by, closed_by, decision, shorted)
    select w.tenant_id, w.id, w.site_id, w.item_id, w.location_id, :cause, coalesce(c.abc, 'C'), 'open', :note, :now,
           :actor, '', '', '', '[]'
    from unnest(cast(:ids as text[]), cast(:tenants as text[]), cast(:sites as text[]), cast(:items as text[]),
                cast(:locations as text[])) w(id, tenant_id, site_id, item_id, location_id)
    left join item_class c on c.tenant_id = w.tenant_id and c.site_id = w.site_id and c.item_id = w.item_id
    order by w.tenant_id, w.item_id, w.location_id
    on conflict (tenant_id, item_id, location_id) where state in ('open', 'recount', 'counted') do update
    set cause = excluded.cause
    where excluded.cause = 'short_pick' and count_task.cause <> 'short_pick' and count_task.state = 'open'
    returning id, tenant_id, site_id, item_id, (select code from location l where l.id = location_id) as code,
              xmax = 0 as is_new
    """
)
_LIVE_IDS = text(
    """
    select t.id from count_task t
    join unnest(cast(:tenants as text[]), cast(:items as text[]), cast(:locations as text[])) w(tenant, item, location)
      on t.tenant_id = w.tenant and t.item_id = w.item and t.location_id = w.location
    where t.state in ('open', 'recount', 'counted') order by t.id
    """
)


def want_counts(uow: UnitOfWork, bins: Iterable[BinKey], *, cause: CountCause, note: str = "") -> tuple[str, ...]:
    """Have bins counted, and return the ids of their tasks: a bin that waits for its count keeps the one it has.

    Emits:
        CountWanted for each new task.
    """
    wanted = sorted(set(bins), key=lambda each: (each.tenant_id, each.item_id, each.location_id))
    if not wanted:
        return ()
    columns = {
        "tenants": [each.tenant_id for each in wanted], "items": [each.item_id for each in wanted],
        "locations": [each.location_id for each in wanted],
    }  # fmt: skip
    made = {
        "ids": [new_id("cnt") for _ in wanted], "sites": [each.site_id for each in wanted], "cause": cause.value,
        "note": note, "now": uow.now, "actor": uow.actor.id,
    }  # fmt: skip
    uow.session.flush()
    for row in uow.session.execute(_WANT, columns | made).all():
        if row.is_new:
            uow.emit(CountWanted(
                tenant_id=row.tenant_id, count_id=row.id, item_id=row.item_id, site_id=row.site_id,
                location_code=row.code, cause=cause.value,
            ))  # fmt: skip
    return tuple(uow.session.scalars(_LIVE_IDS, columns))


def note_count(uow: UnitOfWork, counted_bin: BinKey, *, expected: int, counted: int, lot: str = "") -> str:
    """Note a count that is booked as it is told, without a second one: it ends the bin's task, or is one of its own
    where another lot of the bin stays frozen.

    The stock level is locked. Return the id of the task.
    """
    key = counted_bin
    uow.session.flush()
    task = None if _frozen_beside(uow, key, lot) else live_task(uow, key)
    return _booked(uow, task or _own_count(uow, key, CountCause.REQUESTED), expected=expected, counted=counted)


def note_empty(uow: UnitOfWork, key: BinKey) -> str:
    """Note that somebody saw a bin empty of which the book says the same: a count that confirms the book.

    The stock level is locked, and no count of the bin is open. Return the id of the task.
    """
    return _booked(uow, _own_count(uow, key, CountCause.ZERO_CHECK), expected=0, counted=0)


def _own_count(uow: UnitOfWork, key: BinKey, cause: CountCause) -> CountTask:
    task = CountTask(
        tenant_id=key.tenant_id, id=new_id("cnt"), site_id=key.site_id, item_id=key.item_id,
        location_id=key.location_id, cause=cause.value, abc=_class_of(uow, key), state="counted",
        note="", created_at=uow.now, created_by=uow.actor.id, returned_by="", closed_at=None, closed_by="",
        decision="", expected=None, difference=None, shorted=[],
    )  # fmt: skip
    uow.session.add(task)
    return task


def _booked(uow: UnitOfWork, task: CountTask, *, expected: int, counted: int) -> str:
    close(uow, task, expected=expected, difference=counted - expected)
    add_entry(uow, task, expected=expected, counted=counted)
    return task.id


def live_task(uow: UnitOfWork, key: BinKey) -> CountTask | None:
    """Lock the count that a bin waits for, and return it; None when there is none."""
    return uow.session.scalar(
        select(CountTask)
        .where(CountTask.tenant_id == key.tenant_id, CountTask.item_id == key.item_id)
        .where(CountTask.location_id == key.location_id, CountTask.state.in_(LIVE_COUNTS))
        .with_for_update(),
        execution_options={"populate_existing": True},
    )


def _frozen_beside(uow: UnitOfWork, key: BinKey, lot: str) -> bool:
    of_bin = tuple_(BinStock.tenant_id, BinStock.item_id, BinStock.location_id)
    rows = select(BinStock.lot).where(of_bin == (key.tenant_id, key.item_id, key.location_id), BinStock.frozen)
    return uow.session.execute(rows.where(BinStock.lot != lot).limit(1)).first() is not None


def _class_of(uow: UnitOfWork, key: BinKey) -> str:
    found = uow.session.get(ItemClass, (key.tenant_id, key.site_id, key.item_id))
    return found.abc if found else AbcClass.C.value


def add_entry(uow: UnitOfWork, task: CountTask, *, expected: int, counted: int) -> None:
    """Note what the actor counted, and what the book said at this moment."""
    of_task = (CountEntry.tenant_id == task.tenant_id) & (CountEntry.task_id == task.id)
    number = uow.session.execute(select(func.coalesce(func.max(CountEntry.number), 0) + 1).where(of_task)).scalar_one()
    uow.session.add(
        CountEntry(
            tenant_id=task.tenant_id, task_id=task.id, number=number, expected=expected, counted=counted,
            counted_at=uow.now, counted_by=uow.actor.id, withdrawn_at=None,
        )
    )  # fmt: skip
    uow.session.flush()


def close(uow: UnitOfWork, task: CountTask, *, expected: int, difference: int, decision: str = "") -> None:
    """End a count with what is booked of it."""
    task.state, task.closed_at, task.closed_by = "approved", uow.now, uow.actor.id
    task.expected, task.difference, task.decision = expected, difference, decision
    uow.session.flush()


def record_shorted(uow: UnitOfWork, *, tenant_id: str, task_id: str, events: Iterable[Event]) -> None:
    """Keep with a count which promises its booking took units from."""
    shorted = [
        {
            "order_id": each.order_id, "reference": each.reference, "customer_id": each.customer_id,
            "line_id": each.line_id, "quantity": each.quantity,
        }
        for each in events
        if isinstance(each, ReservationShorted)
    ]  # fmt: skip
    if shorted:
        uow.session.execute(
            update(CountTask).where(CountTask.tenant_id == tenant_id, CountTask.id == task_id).values(shorted=shorted)
        )

"""What a lead decides of a count that two people could not agree on, or that takes much out of the book."""

from sqlalchemy import select, text, tuple_

from inventory.counts.commands.hand import book_count, count_in_hand, tell_doubt
from inventory.counts.domain import COUNT_STATES, check_reason
from inventory.counts.errors import CountOutdated
from inventory.counts.events import CountCancelled
from inventory.counts.models import CountEntry, CountTask
from inventory.errors import BinFrozen, LotRequired
from inventory.models import BinStock
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

_CORRECTED = text(
    "select exists (select 1 from stock_movement m where m.tenant_id = :tenant and m.item_id = :item and m.at > :since"
    " and :location in (m.from_location_id, m.to_location_id)"
    " and (m.reason like 'adjust:%' or m.reason like 'short:%'))"
)


def approve_count(uow: UnitOfWork, *, count_id: str, number: int, reason: str, lot: str | None = None) -> None:
    """Book one entry of a count that waits for a decision: its difference, on what the book says now.

    `lot` says which lot the difference belongs to, where that is not clear.

    Emits:
        BinCounted and, as `adjust_stock`, what follows from the difference.

    Raises:
        UnknownCount, IllegalTransition: nothing waits for a decision.
        CountOutdated: the book was corrected since, or the bin holds fewer units than the count would take out.
        LotRequired, UnknownLot: it is not clear which lot is meant.
        Invalid: there is no such entry, or no reason.
    """
    decision = check_reason(reason)
    found = count_in_hand(uow, count_id)
    COUNT_STATES.after(found.task.state, "approve")
    entry = next((each for each in found.entries if each.number == number), None)
    if entry is None:
        raise Invalid("This count has no such entry.", remedy="Choose one of those listed.", pointer="/number")
    difference = entry.counted - entry.expected
    meant = found.only_lot if lot is None else lot
    if meant is None and difference:
        raise LotRequired(
            "It is not clear which lot the difference belongs to.", remedy="Say which one.", pointer="/lot",
            lots=sorted(found.lots),
        )  # fmt: skip
    if found.lots.get(meant or "", 0) + difference < 0 or _corrected_since(uow, found.task, entry):
        raise CountOutdated("The book of this bin was changed after it was counted.", remedy="Have it counted again.")
    book_count(uow, found, difference=difference, decision=decision, lot=meant)
    uow.audit(
        "count.approved", subject=count_id, tenant_id=found.task.tenant_id, reason=decision, difference=difference
    )


def return_count(uow: UnitOfWork, *, count_id: str, reason: str) -> None:
    """Have a count that waits for a decision counted once more, by somebody who has not counted it yet.

    Raises:
        UnknownCount, IllegalTransition, Invalid: nothing waits for a decision, or there is no reason.
    """
    decision = check_reason(reason)
    found = count_in_hand(uow, count_id)
    task = found.task
    task.state = COUNT_STATES.after(task.state, "recount")
    task.returned_by, task.decision = uow.actor.id, decision
    uow.audit("count.returned", subject=count_id, tenant_id=task.tenant_id, reason=decision)
    tell_doubt(uow, found, following="recount")
    uow.session.flush()


def cancel_count(uow: UnitOfWork, *, count_id: str, reason: str) -> None:
    """Do without a count. The book stays as it is.

    Emits:
        CountCancelled.

    Raises:
        UnknownCount, IllegalTransition, Invalid: there is nothing to cancel, or no reason.
        BinFrozen: the bin opens by this count only.
    """
    decision = check_reason(reason)
    found = count_in_hand(uow, count_id)
    task = found.task
    state = COUNT_STATES.after(task.state, "cancel")
    if _is_frozen(uow, task):
        raise BinFrozen(f"{found.location_code} is frozen after a short pick.", remedy="Count it: that opens it.")
    task.state, task.decision, task.closed_at, task.closed_by = state, decision, uow.now, uow.actor.id
    uow.emit(CountCancelled(
        tenant_id=task.tenant_id, count_id=task.id, item_id=task.item_id, site_id=task.site_id,
        location_code=found.location_code, reason=decision,
    ))  # fmt: skip
    uow.audit("count.cancelled", subject=count_id, tenant_id=task.tenant_id, reason=decision)
    uow.session.flush()


def _corrected_since(uow: UnitOfWork, task: CountTask, entry: CountEntry) -> bool:
    columns = {
        "tenant": task.tenant_id, "item": task.item_id, "location": task.location_id, "since": entry.counted_at,
    }  # fmt: skip
    return bool(uow.session.execute(_CORRECTED, columns).scalar_one())


def _is_frozen(uow: UnitOfWork, task: CountTask) -> bool:
    key = tuple_(BinStock.tenant_id, BinStock.item_id, BinStock.location_id)
    rows = select(BinStock.lot).where(key == (task.tenant_id, task.item_id, task.location_id), BinStock.frozen)
    return uow.session.execute(rows.limit(1)).first() is not None

"""Counting: blind, and confirmed by another person when the count is far from the book."""

from inventory.counts.commands.hand import CountInHand, book_count, count_in_hand, tell_doubt, unknown_barcode
from inventory.counts.commands.tasks import add_entry
from inventory.counts.domain import COUNT_STATES, DEFAULT_RULES, TO_COUNT, CountRules, Sighting, check_counted, verdict
from inventory.counts.errors import CountEnded, SameCounter, ScanMismatch
from inventory.queries import resolve_barcode
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

_ENDED = {
    "counted": "Two people counted it, and a lead decides.",
    "approved": "It was counted and booked.",
    "cancelled": "The count was cancelled.",
}


def submit_count(
    uow: UnitOfWork, *, count_id: str, location_code: str, counted: int, barcode: str = "",
    rules: CountRules = DEFAULT_RULES,
) -> str:  # fmt: skip
    """Take what somebody counted, blind, and return the state that follows: approved, recount, or counted (a lead
    decides).

    What the book says is read at this moment, with the bin locked: what moved since the count was wanted makes no
    difference. Which of several lots a difference belongs to is for a lead to say. `barcode` may be left out for an
    empty bin only, in which there is nothing to scan.

    Emits:
        BinCounted and, as `adjust_stock`, what follows from a difference, when it is booked; else CountDoubted.

    Raises:
        UnknownCount, CountEnded: there is nothing to count.
        SameCounter: the actor counted it before.
        ScanMismatch, UnknownBarcode: something else was scanned.
        Forbidden: the bin is at another site than the actor.
        Invalid: the count cannot be right.
    """
    check_counted(counted)
    found = count_in_hand(uow, count_id)
    task = found.task
    if task.state not in TO_COUNT:
        raise CountEnded(_ENDED[task.state], remedy="Take the next one.", state=task.state)
    state = COUNT_STATES.after(task.state, "count")
    _require_other_person(uow, found)
    _require_scans(uow, found, location_code=location_code, barcode=barcode, counted=counted)
    add_entry(uow, task, expected=found.book, counted=counted)
    seen = [*found.sightings, Sighting(found.book, counted)]
    follows = verdict(seen, rules, doubted=found.doubted)
    if follows == "approve" and seen[-1].difference and found.only_lot is None:
        follows = "refer"
    if follows == "approve":
        book_count(uow, found, difference=seen[-1].difference)
        return task.state
    task.state = COUNT_STATES.after(state, "recount") if follows == "recount" else state
    tell_doubt(uow, found, following="recount" if follows == "recount" else "decision")
    uow.session.flush()
    return task.state


def withdraw_count(uow: UnitOfWork, *, count_id: str) -> str:
    """Take back one's own count, a slip of the finger, as long as nobody else counted after it; return the state.

    Whoever counts next is confirmed by somebody else, however right the count is.

    Raises:
        UnknownCount, IllegalTransition: it is booked, or waits for a decision.
        SameCounter: the last count is somebody else's.
    """
    found = count_in_hand(uow, count_id)
    task = found.task
    state = COUNT_STATES.after(task.state, "withdraw")
    last = found.entries[-1]
    if last.counted_by != uow.actor.id:
        raise SameCounter("The last count is somebody else's.", remedy="Count it yourself instead.")
    last.withdrawn_at = uow.now
    task.state = state if len(found.entries) == 1 else "recount"
    uow.audit("count.withdrawn", subject=task.id, tenant_id=task.tenant_id)
    uow.session.flush()
    return task.state


def _require_other_person(uow: UnitOfWork, found: CountInHand) -> None:
    if uow.actor.id in {each.counted_by for each in found.entries}:
        raise SameCounter("You counted this bin before.", remedy="Somebody else confirms it; take the next one.")
    if found.task.returned_by == uow.actor.id:
        raise SameCounter("You saw what was counted before.", remedy="Somebody else counts it without knowing.")


def _require_scans(uow: UnitOfWork, found: CountInHand, *, location_code: str, barcode: str, counted: int) -> None:
    if location_code.strip() != found.location_code:
        raise ScanMismatch(
            f"This is not {found.location_code}.", remedy="Go there and scan it.", pointer="/location_code"
        )
    if not barcode.strip() and counted == 0:
        return
    if not barcode.strip():
        raise Invalid("Scan the item.", remedy="Only an empty bin is counted without.", pointer="/barcode")
    items = resolve_barcode(uow, code=barcode, tenant_id=found.task.tenant_id)
    if not items:
        raise unknown_barcode(barcode)
    if found.task.item_id not in {item.id for item in items}:
        raise ScanMismatch(
            f"This is {items[0].name or items[0].sku} (SKU {items[0].sku}).",
            remedy="Count the item that is asked for; report the other to your lead.",
            pointer="/barcode",
            sku=items[0].sku,
        )

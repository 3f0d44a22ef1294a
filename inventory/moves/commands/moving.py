"""Carrying units: a move is claimed, done by scan in one or several steps, and each step can be taken back."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from inventory.commands.moving import move_stock
from inventory.domain.barcodes import lot_in_scan
from inventory.domain.checks import check_quantity
from inventory.errors import BinFrozen, UnknownBarcode
from inventory.models import BinStock
from inventory.moves.commands.tasks import close_move, live_moves, location_codes, tell_cancelled
from inventory.moves.domain.places import why_not
from inventory.moves.domain.tasks import LIVE_MOVES, MOVE_STATES, check_reason
from inventory.moves.errors import MoveClaimed, MoveEnded, UnknownMove, WrongScan, WrongTarget
from inventory.moves.events import MoveUndone, StockMoved
from inventory.moves.models import MoveStep, MoveTask
from inventory.moves.repository import goods_of, slots_of
from inventory.queries import resolve_barcode
from inventory.repository import LevelKey, location_ids, lock_levels
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden, Invalid

CLAIM_LASTS = timedelta(minutes=30)
"""After this time somebody else may take over what a person claimed."""
UNDONE = "move_undone"


@dataclass(frozen=True, slots=True)
class MoveInHand:
    """A locked move and the codes of its locations; `to_code` is empty as long as no place is free."""

    task: MoveTask
    from_code: str
    to_code: str


def claim_move(uow: UnitOfWork, *, move_id: str) -> None:
    """Take a move in hand, so that nobody else walks for it.

    Raises:
        UnknownMove, Forbidden: the actor sees none with this id, or it is at another site.
        MoveEnded, MoveClaimed: it is done, cancelled, or somebody else's.
    """
    task = _in_hand(uow, move_id).task
    _require_free(uow, task)
    _claim(uow, task)
    uow.session.flush()


def release_move(uow: UnitOfWork, *, move_id: str) -> None:
    """Leave a move to somebody else.

    Raises:
        UnknownMove, Forbidden, IllegalTransition: it is not in hand.
        MoveClaimed: it is somebody else's.
    """
    task = _in_hand(uow, move_id).task
    state = MOVE_STATES.after(task.state, "release")
    _require_free(uow, task)
    task.state, task.claimed_at, task.claimed_by = state, None, ""
    uow.session.flush()


def do_move(
    uow: UnitOfWork, *, move_id: str, from_code: str, barcode: str, to_code: str, quantity: int, reason: str = ""
) -> str:
    """Carry units as somebody scanned it, all of a move or a part, and return the state that follows: done, or claimed.

    Another place than the suggested one is right when the units can lie there; say why.

    Emits:
        StockMoved.

    Raises:
        UnknownMove, MoveEnded, MoveClaimed, Forbidden: there is nothing to carry for the actor.
        WrongScan, UnknownBarcode, UnknownLocation: something else was scanned.
        WrongTarget, BinFrozen: the units cannot lie there, or cannot leave.
        NotEnoughInBin: fewer units are free where they lie.
        Invalid: the quantity cannot be right, or the reason is lacking.
    """
    check_quantity(quantity)
    found = _in_hand(uow, move_id)
    task = found.task
    _require_free(uow, task)
    _require_scans(uow, found, from_code=from_code.strip(), barcode=barcode)
    left = task.quantity - task.moved
    if quantity > left:
        raise Invalid(f"{left} are to be moved, not {quantity}.", remedy="Move the rest later.", pointer="/quantity")
    _require_open(uow, found)
    code = to_code.strip()
    place = _target(uow, found, code, quantity)
    other = _reason(found, code, reason)
    move_stock(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, item_id=task.item_id, from_code=found.from_code,
        to_code=code, quantity=quantity, reason=task.cause, lot=task.lot, reference=task.id,
    )  # fmt: skip
    note_step(uow, found, (place, code), quantity, other)
    return task.state


def undo_move(uow: UnitOfWork, *, move_id: str, number: int) -> None:
    """Note that the units of a step were carried back to where they lay: who carried them may, and who plans.

    Emits:
        MoveUndone.

    Raises:
        UnknownMove: there is no such step that stands.
        Forbidden: somebody else carried them.
        NotEnoughInBin: they were set aside or picked meanwhile.
    """
    found = _in_hand(uow, move_id)
    task = found.task
    step = uow.session.get(MoveStep, (task.tenant_id, task.id, number), populate_existing=True)
    if step is None or step.undone_at is not None:
        raise UnknownMove("There is no such step to take back.", remedy="Look at the move again.")
    if step.done_by != uow.actor.id and not uow.actor.may("work:plan"):
        raise Forbidden("Somebody else carried these units.", remedy="Ask them, or your lead.")
    code = location_codes(uow, [step.to_location_id])[step.to_location_id]
    move_stock(
        uow, tenant_id=task.tenant_id, site_id=task.site_id, item_id=task.item_id, from_code=code,
        to_code=found.from_code, quantity=step.quantity, reason=UNDONE, lot=task.lot, reference=task.id,
    )  # fmt: skip
    step.undone_at = uow.now
    task.moved -= step.quantity
    if task.state == "done":
        task.closed_at, task.closed_by = None, ""
    task.state = MOVE_STATES.after(task.state, "undo")
    uow.emit(MoveUndone(
        tenant_id=task.tenant_id, item_id=task.item_id, site_id=task.site_id, quantity=step.quantity, move_id=task.id,
        cause=task.cause, from_code=found.from_code, to_code=code,
    ))  # fmt: skip
    uow.audit("move.undone", subject=task.id, tenant_id=task.tenant_id, quantity=step.quantity)
    uow.session.flush()


def cancel_move(uow: UnitOfWork, *, move_id: str, reason: str) -> None:
    """Do without a move, or without the rest of it: nobody is asked again for these units for a day.

    Emits:
        MoveCancelled.

    Raises:
        UnknownMove, Forbidden, IllegalTransition: it is done or cancelled.
        Invalid: the reason cannot be right.
    """
    note = check_reason(reason)
    task = _in_hand(uow, move_id).task
    close_move(uow, task, state=MOVE_STATES.after(task.state, "cancel"), note=note)
    tell_cancelled(uow, task, task.quantity - task.moved, note)
    uow.audit("move.cancelled", subject=task.id, tenant_id=task.tenant_id, reason=note)
    uow.session.flush()


def live_for(uow: UnitOfWork, level: LevelKey, *, from_id: str, lot: str) -> list[MoveTask]:
    """Lock the moves that want units of a lot carried away from a location, and that the actor may work off."""
    return [
        task for task in live_moves(uow, level)
        if (task.from_location_id, task.lot) == (from_id, lot) and not _is_others(uow, task)
    ]  # fmt: skip


def _in_hand(uow: UnitOfWork, move_id: str) -> MoveInHand:
    """Lock the stock level, then the move, in the order of everyone who carries or plans."""
    uow.session.flush()
    fresh = {"populate_existing": True}
    wanted = select(MoveTask).where(MoveTask.id == move_id)
    task = uow.session.scalar(wanted, execution_options=fresh)
    if task is None:
        raise UnknownMove("There is no such move.", remedy="Look at the list of moves.")
    if uow.actor.site and uow.actor.site != task.site_id:
        raise Forbidden("These units are at another site.", remedy="Ask who works there.")
    lock_levels(uow, [(task.tenant_id, task.item_id, task.site_id)])
    uow.session.scalar(wanted.with_for_update(), execution_options=fresh)
    codes = location_codes(uow, [task.from_location_id, task.to_location_id])
    return MoveInHand(task, codes[task.from_location_id], codes.get(task.to_location_id or "", ""))


def _require_free(uow: UnitOfWork, task: MoveTask) -> None:
    if task.state not in LIVE_MOVES:
        raise MoveEnded(
            "It is done." if task.state == "done" else "It was cancelled.", remedy="Take the next one.",
            state=task.state,
        )  # fmt: skip
    if _is_others(uow, task):
        raise MoveClaimed("Somebody else has it in hand.", remedy="Take the next one.", claimed_by=task.claimed_by)


def _is_others(uow: UnitOfWork, task: MoveTask) -> bool:
    lasts = task.claimed_at is not None and task.claimed_at > uow.now - CLAIM_LASTS
    return lasts and task.claimed_by != uow.actor.id


def _claim(uow: UnitOfWork, task: MoveTask) -> None:
    task.state = MOVE_STATES.after(task.state, "claim")
    task.claimed_at, task.claimed_by = uow.now, uow.actor.id


def _require_scans(uow: UnitOfWork, found: MoveInHand, *, from_code: str, barcode: str) -> None:
    task = found.task
    if from_code != found.from_code:
        raise WrongScan(f"The units lie in {found.from_code}.", remedy="Go there and scan it.", pointer="/from_code")
    items = resolve_barcode(uow, code=barcode, tenant_id=task.tenant_id)
    if not items:
        raise UnknownBarcode(
            f"No item of this merchant has the barcode or SKU {barcode.strip()[:100]}.",
            remedy="Scan it again, or have your lead add the barcode to its item.",
            pointer="/barcode",
        )
    if task.item_id not in {item.id for item in items}:
        raise WrongScan(
            f"This is {items[0].name or items[0].sku} (SKU {items[0].sku}).",
            remedy="Put it back, and scan the item that is asked for.",
            pointer="/barcode",
            sku=items[0].sku,
        )
    lot, _ = lot_in_scan(barcode)
    if lot and task.lot and lot != task.lot:
        raise WrongScan(
            f"This is lot {lot}, not {task.lot}.", remedy="Put it back, and scan the lot that is asked for.",
            pointer="/barcode", lot=lot,
        )  # fmt: skip


def _require_open(uow: UnitOfWork, found: MoveInHand) -> None:
    task = found.task
    source = uow.session.get(
        BinStock, (task.tenant_id, task.item_id, task.from_location_id, task.lot), populate_existing=True
    )
    if source is not None and source.frozen:
        raise BinFrozen(
            f"{found.from_code} is frozen until it is counted.", remedy="Count it first.", pointer="/from_code"
        )


def _target(uow: UnitOfWork, found: MoveInHand, code: str, quantity: int) -> str:
    """Return the id of a location that the units can lie in; what is on its way there counts, but for this move."""
    task = found.task
    if code == found.from_code:
        raise WrongTarget(f"They lie in {code} already.", remedy="Scan another location.", pointer="/to_code")
    place = location_ids(uow, site_id=task.site_id, codes=[code])[code]
    slot = slots_of(uow, site_id=task.site_id, places=[place], without=task.id)[place]
    goods = goods_of(uow, site_id=task.site_id, tenant_id=task.tenant_id, item_id=task.item_id, lot=task.lot)
    if why := why_not(slot, goods, quantity):
        raise WrongTarget(why, remedy="Choose another place for them, or move fewer.", pointer="/to_code")
    return place


def _reason(found: MoveInHand, code: str, reason: str) -> str:
    if found.to_code and code != found.to_code and not reason.strip():
        raise Invalid(
            f"{code} is not {found.to_code}.", remedy="Put them where it is suggested, or say why not.",
            pointer="/reason",
        )  # fmt: skip
    return check_reason(reason) if reason.strip() else ""


def note_step(uow: UnitOfWork, found: MoveInHand, to: tuple[str, str], quantity: int, reason: str) -> None:
    """Note that units were carried to a location (its id and code); without any left, the move is done."""
    task = found.task
    _claim(uow, task)
    of_task = (MoveStep.tenant_id == task.tenant_id) & (MoveStep.task_id == task.id)
    number = uow.session.execute(select(func.coalesce(func.max(MoveStep.number), 0) + 1).where(of_task)).scalar_one()
    uow.session.add(
        MoveStep(
            tenant_id=task.tenant_id, task_id=task.id, number=number, to_location_id=to[0], quantity=quantity,
            reason=reason, done_at=uow.now, done_by=uow.actor.id, undone_at=None,
        )
    )  # fmt: skip
    task.moved += quantity
    if task.moved == task.quantity:
        close_move(uow, task, state=MOVE_STATES.after(task.state, "finish"))
    uow.session.flush()
    uow.emit(StockMoved(
        tenant_id=task.tenant_id, item_id=task.item_id, site_id=task.site_id, quantity=quantity, move_id=task.id,
        cause=task.cause, from_code=found.from_code, to_code=to[1], lot=task.lot,
    ))  # fmt: skip

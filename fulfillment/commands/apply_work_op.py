from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import msgspec
from sqlalchemy import select, text

from fulfillment.commands.advance_task import advance_task
from fulfillment.commands.bind_tote import bind_tote
from fulfillment.commands.claim_batch import BatchTaken
from fulfillment.commands.confirm_pick import confirm_pick
from fulfillment.commands.confirm_put_back import confirm_put_back
from fulfillment.commands.finish_picking import finish_picking
from fulfillment.commands.hand_over_leg import fetch_totes, hand_over_leg
from fulfillment.commands.pack_bench import choose_carton, leave_packing, start_packing, verify_item
from fulfillment.commands.pack_order import WrongContents
from fulfillment.commands.perform_service import perform_service
from fulfillment.commands.reuse_units import reuse_units
from fulfillment.commands.scans import WrongScan
from fulfillment.commands.short_pick import short_pick
from fulfillment.commands.skip_task import skip_task
from fulfillment.commands.task_work import TaskClosed, TaskResult
from fulfillment.commands.zero_checks import answer_zero_check, postpone_zero_check
from fulfillment.domain.work_ops import OpAck, WorkOp, op_fingerprint
from fulfillment.models import OrderParcel, SalesOrder
from fulfillment.models import WorkOp as WorkOpRow
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden, NotFound, Refusal
from shipping import api as shipping

_Apply = Callable[[UnitOfWork, str, WorkOp], OpAck]
_NEAR_MISSES = (
    WrongScan, WrongContents, inventory.SerialNotHere, shipping.WrongLane, shipping.WrongTruck, shipping.ParcelStopped,
)  # fmt: skip
_CLAIM = text(
    "insert into work_op (op_id, site_id, actor, device, kind, subject, fingerprint, near_miss, device_at, at, ack)"
    " values (:op_id, :site_id, :actor, :device, :kind, :subject, :fingerprint, false, :device_at, :at, '{}')"
    " on conflict do nothing returning op_id"
)
_ANSWER = text("update work_op set ack = cast(:ack as jsonb), near_miss = :near_miss where op_id = :op_id")
_AT_THE_DOCK = ("stage", "load", "unload")
_HELD = (TaskClosed, BatchTaken, inventory.NotEnoughInBin, inventory.NotReserved)


def apply_work_op(uow: UnitOfWork, *, site_id: str, op: WorkOp) -> OpAck:
    """Apply one operation of a handheld and return its answer; it never raises a refusal. Sent again, it changes
    nothing and gets the first answer with status `duplicate`; another body under its id is rejected.

    A wrong scan is rejected, changes nothing and is counted as a near miss. What happened on the floor although the
    books disagree is `held`: recorded, with a word on what to do. Emits what the command behind its kind emits.
    """
    row = {
        "op_id": op.op_id, "site_id": site_id, "actor": uow.actor.id, "device": op.device, "kind": op.kind,
        "subject": op.subject, "fingerprint": op_fingerprint(op), "device_at": op.at, "at": uow.now,
    }  # fmt: skip
    if uow.session.execute(_CLAIM, row).scalar_one_or_none() is None:
        return _answered_before(uow, op)
    ack, near_miss = _attempt(uow, site_id, op)
    answer = {"op_id": op.op_id, "ack": msgspec.json.encode(ack).decode(), "near_miss": near_miss}
    uow.session.execute(_ANSWER, answer)
    return ack


def _answered_before(uow: UnitOfWork, op: WorkOp) -> OpAck:
    known = uow.session.scalar(select(WorkOpRow).where(WorkOpRow.op_id == op.op_id))
    if known is None or known.actor != uow.actor.id or known.fingerprint != op_fingerprint(op):
        words = "This op id belongs to another operation."
        return OpAck(op.op_id, "rejected", "stop", "Not accepted", words, code="op_id_reused")
    return replace(msgspec.convert(known.ack, OpAck), status="duplicate")


def _attempt(uow: UnitOfWork, site_id: str, op: WorkOp) -> tuple[OpAck, bool]:
    emitted = len(uow.emitted)
    try:
        with uow.session.begin_nested():
            if op.kind not in _KINDS:
                raise NotFound(f"There is no operation {op.kind}.", remedy=f"One of {', '.join(sorted(_KINDS))}.")
            if op.kind in _AT_THE_DOCK and not uow.actor.may("work:pack"):
                raise Forbidden("Only packers sort and load.", remedy="Ask the lead.")
            return _KINDS[op.kind](uow, site_id, op), False
    except Refusal as refusal:
        uow.forget_since(emitted)
        return _refused(op, refusal), isinstance(refusal, _NEAR_MISSES)


def _refused(op: WorkOp, refusal: Refusal) -> OpAck:
    held = isinstance(refusal, _HELD)
    tone = "stop" if isinstance(refusal, _NEAR_MISSES) else "attention"
    words = f"{refusal.detail} {refusal.remedy}".strip()
    facts = {name: fact for name, fact in refusal.facts.items() if isinstance(fact, str)} or None
    status = "held" if held else "rejected"
    return OpAck(op.op_id, status, tone, refusal.title, words, code=refusal.code, facts=facts)


def _applied(op: WorkOp, title: str, text: str = "", *, version: int = 0, facts: dict[str, str] | None = None) -> OpAck:
    return OpAck(op.op_id, "applied", "ok", title, text, version=version, facts=facts)


def _of_task(op: WorkOp, title: str, result: TaskResult) -> OpAck:
    done = {"task_state": result.state, "done": str(result.done)}
    if result.asks_if_empty:
        done["zero_check"] = "asked"
    return _applied(op, title, result.detail, version=result.version, facts=done)


def _bind(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    bind_tote(uow, batch_id=op.batch_id, slot=op.slot, tote=op.tote or op.code)
    return _applied(op, f"Tote in slot {op.slot}")


def _pick(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    result = confirm_pick(
        uow, task_id=op.task_id, location_code=op.location_code, barcode=op.barcode, quantity=op.quantity, tote=op.tote
    )
    return _of_task(op, "Picked", result)


def _scan(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    result = advance_task(uow, task_id=op.task_id, step=op.step, code=op.code, quantity=op.quantity)
    return _of_task(op, "Picked" if op.step == "tote" else "Right", result)


def _short(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    result = short_pick(uow, task_id=op.task_id, found=op.quantity, reason=op.reason, tote=op.tote)
    return _of_task(op, "Short pick noted", result)


def _skip(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    result = skip_task(uow, task_id=op.task_id, reason=op.reason, next_location=op.location_code)
    return _of_task(op, "Later", result)


def _zero_check(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    counts = answer_zero_check(uow, task_id=op.task_id, units_seen=op.quantity)
    if counts:
        return _applied(op, "Somebody counts it", "Thank you for looking.", facts={"count_ids": ",".join(counts)})
    return _applied(op, "As the book says")


def _zero_later(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    return _applied(op, "Later", facts={"zero_check": postpone_zero_check(uow, task_id=op.task_id)})


def _put_back(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    place = op.location_code or op.code
    return _of_task(
        op, "Put back", confirm_put_back(uow, task_id=op.task_id, location_code=place, quantity=op.quantity)
    )


def _reuse(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    result = reuse_units(uow, task_id=op.task_id, tote=op.tote or op.code, quantity=op.quantity)
    return _of_task(op, "Moved", result)


def _pack_start(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    start_packing(uow, order_id=op.order_id)
    return _applied(op, "Scan the items")


def _pack_take_over(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    start_packing(uow, order_id=op.order_id, take_over=True)
    return _applied(op, "Yours now", "Scan all items.")


def _pack_leave(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    leave_packing(uow, order_id=op.order_id)
    return _applied(op, "Later")


def _pack_item(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    barcode = op.barcode or op.code
    verify_item(uow, order_id=op.order_id, barcode=barcode, quantity=op.quantity)
    return _applied(op, "Right")


def _pack_service(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    step_id = perform_service(
        uow, tenant_id=_tenant(uow, op), order_id=op.order_id, asked_id=op.code, seconds=op.quantity
    )
    return _applied(op, "Done", facts={"step_id": step_id})


def _pack_carton(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    parcels = choose_carton(uow, order_id=op.order_id, carton_code=op.code, reason=op.reason)
    is_foreign = any(parcel.carton_code == shipping.FOREIGN_CONTAINER for parcel in parcels)
    title = "Put the empty container on the scale" if is_foreign else "Weigh it"
    return _applied(op, title, facts={"parcel_ids": ",".join(parcel.id for parcel in parcels)})


def _weigh(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    """Weigh, and ask for the label at once when the audit passes. The first reading of a parcel in somebody else's
    container is the empty container's.
    """
    reading = {"parcel_id": op.parcel_id, "scale_code": op.scale_code, "typed": op.reason}
    try:
        audit, label = shipping.weigh_and_label(uow, reading_g=op.weight_g, stable=op.stable, **reading)
    except shipping.TareUnknown:
        tenant_id = _tenant(uow, op)
        shipping.weigh_container(uow, tenant_id=tenant_id, reading_g=op.weight_g, stable=op.stable, **reading)
        words = "Pack it, close it, and put it on the scale again."
        return OpAck(op.op_id, "applied", "attention", f"Empty: {op.weight_g:,} g", words, facts={"decision": "TARE"})
    facts = {"decision": audit.decision, "difference_g": str(audit.difference_g)}
    if label is not None:
        return _applied(op, "Weight is right", label.why, facts=facts | {"label_id": label.label_id})
    amount = f"{abs(audit.difference_g):,} g too {'much' if audit.difference_g > 0 else 'little'}"
    title = f"Weigh again: {amount}" if audit.decision == "RECHECK" else f"Held: {amount}"
    tone = "attention" if audit.decision == "RECHECK" else "stop"
    return OpAck(op.op_id, "applied", tone, title, " ".join(audit.explanations), facts=facts)


def _done(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    finish_picking(uow, batch_id=op.batch_id)
    return _applied(op, "Walk finished", "Bring the cart to the bench.")


def _fetch(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    fetch_totes(uow, batch_id=op.batch_id, tote=op.tote or op.code)
    return _applied(op, "Yours now")


def _hand_over(uow: UnitOfWork, _: str, op: WorkOp) -> OpAck:
    zone = hand_over_leg(uow, batch_id=op.batch_id, leg=op.slot, tote=op.tote or op.code)
    if not zone:
        return _applied(op, "Nothing waits elsewhere", "Bring the cart to the bench.")
    return _applied(op, f"Handed over to zone {zone}", facts={"zone": zone})


def _stage(uow: UnitOfWork, site_id: str, op: WorkOp) -> OpAck:
    sscc = shipping.parcel_by_id(uow, parcel_id=op.parcel_id).sscc
    staged = shipping.stage_parcel(uow, site_id=site_id, parcel=sscc, target=op.code)
    return _applied(op, f"On {staged.lane}", facts={"lane": staged.lane, "container": staged.container})


def _load(uow: UnitOfWork, site_id: str, op: WorkOp) -> OpAck:
    loaded = shipping.load_unit(uow, site_id=site_id, unit=op.code, truck=op.location_code)
    return _applied(op, "Loaded" if loaded.parcels else "Loaded already", facts={"parcels": str(loaded.parcels)})


def _unload(uow: UnitOfWork, site_id: str, op: WorkOp) -> OpAck:
    taken = shipping.unload_unit(uow, site_id=site_id, unit=op.code)
    return _applied(op, f"Back to {taken.lane}", facts={"parcels": str(taken.parcels)})


def _tenant(uow: UnitOfWork, op: WorkOp) -> str:
    if op.order_id:
        statement = select(SalesOrder.tenant_id).where(SalesOrder.id == op.order_id)
    else:
        statement = select(OrderParcel.tenant_id).where(OrderParcel.parcel_id == op.parcel_id)
    tenant_id = uow.session.scalar(statement)
    if tenant_id is None:
        raise NotFound("There is no such order or parcel.", remedy="Scan the label again.")
    return tenant_id


_KINDS: Mapping[str, _Apply] = MappingProxyType(
    {
        "bind_tote": _bind,
        "pick": _pick,
        "scan": _scan,
        "short": _short,
        "skip": _skip,
        "zero_check": _zero_check,
        "zero_later": _zero_later,
        "put_back": _put_back,
        "reuse": _reuse,
        "pack_start": _pack_start,
        "pack_take_over": _pack_take_over,
        "pack_leave": _pack_leave,
        "pack_item": _pack_item,
        "pack_service": _pack_service,
        "pack_carton": _pack_carton,
        "weigh": _weigh,
        "done": _done,
        "fetch": _fetch,
        "hand_over": _hand_over,
        "stage": _stage,
        "load": _load,
        "unload": _unload,
    }
)

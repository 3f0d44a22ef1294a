from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from pydantic import ValidationError

from app.web.handheld.bench_tasks import NOBODY, label_codes, label_name, label_paper
from app.web.handheld.device_ops import DeviceOp, floor_facts
from app.web.handheld.package import Person, holders, my_walked_batch, packable
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Invalid, Refusal
from shipping import api as shipping

_INSIDE_A_LINE: Final = {"loc", "item"}
"""Steps after which a walk is never over, unless they are short."""
TYPED: Final = "typed"
"""How a weight came that a person typed; a scale's own came by "wire" or "wedge"."""
_WEIGHED_AGAIN: Final = ("RECHECK", "TARE")
"""Verdicts after which the same parcel goes on the scale once more: after a tare, with its goods."""
_AFTER_WEIGHING: Final = {
    "RECHECK": "Take it off, wait for zero, and put it on again.",
    "HOLD": "Put it on the hold shelf. The floor office opens it.",
}


class AnothersScans(Refusal):
    """A device sent what one person did while another is signed in."""

    code = "anothers_scans"
    title = "These scans are somebody else's"


class NothingOnTheScale(Refusal):
    """A weight came for an order without a closed parcel."""

    code = "nothing_on_the_scale"
    title = "No parcel to weigh"


def apply_ops(person: Person, reported: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Apply what a device reports, each op in a transaction of its own, and answer each by itself: one that cannot be
    read is rejected alone, so that those behind it never wait for ever.
    """
    acks, changed, may_end = [], False, False
    for report in reported:
        try:
            op = DeviceOp.model_validate(report)
        except ValidationError as error:
            acks.append(_unreadable(report, error))
            changed = True
            continue
        acks.append(_apply(person, op))
        changed = changed or _changes_work(op, acks[-1])
        may_end = may_end or op.kind != "scan" or op.step not in _INSIDE_A_LINE
    if may_end:
        run(person.actor, lambda uow: finish_walk(uow, person))
    if not changed:
        changed = run(person.actor, lambda uow: _other_order(uow, person, acks))
    return {"acks": acks, "work_changed": changed, "next_seq": 1}


def _other_order(uow: UnitOfWork, person: Person, acks: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether the person's walk goes another way since they last heard of it. An answer that may have been lost
    counts as none.
    """
    if any(ack["status"] == "duplicate" for ack in acks):
        return True
    ids = [str(ack["op_id"]) for ack in acks]
    return fulfillment.walk_changed(uow, site_id=person.site.id, picker=person.actor.id, op_ids=ids)


def _unreadable(report: Mapping[str, Any], error: ValidationError) -> dict[str, Any]:
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"])
    words = f"{where}: {fault['msg']}. Tell the floor office what you did."
    return {
        "op_id": str(report.get("op_id", ""))[:64], "status": "rejected", "v": 0, "tone": "stop",
        "title": "This scan could not be read", "text": words, "document": None,
    }  # fmt: skip


def finish_walk(uow: UnitOfWork, person: Person) -> None:
    """Close the person's batch when nothing of it is left that they could do: its totes stand at the bench."""
    batch = my_walked_batch(uow, person)
    if batch is None or batch.stage not in ("pack", "done"):
        return
    if packable(uow, person, [slot.order_id for slot in batch.slots if slot.is_open]):
        return
    op_id = str(uuid5(NAMESPACE_URL, f"{batch.batch_id}/{batch.version}/done"))
    fulfillment.apply_work_op(
        uow, site_id=person.site.id, op=fulfillment.WorkOp(op_id, "done", batch_id=batch.batch_id, device=person.device)
    )


def _apply(person: Person, op: DeviceOp) -> dict[str, Any]:
    """Answer one op. A refusal is an answer too: the ops behind it must not wait for ever."""
    try:
        return _applied(person, op)
    except Refusal as refusal:
        words = f"{refusal.detail} {refusal.remedy}".strip()
        ack = _ack(op, "rejected", "attention", refusal.title, words)
        return ack | {"again": isinstance(refusal, shipping.UnusableReading)}


def _applied(person: Person, op: DeviceOp) -> dict[str, Any]:
    noun, _, rest = op.task.partition(":")
    if noun in ("pack", "weigh", "label") and op.kind == "scan" and op.step == "label":
        return run(person.actor, lambda uow: _verify_label(uow, op, noun, rest))
    if noun == "sort" and op.step == "label" and op.kind == "scan":
        return run(person.actor, lambda uow: _check_lane(uow, person, op, rest))
    if op.kind == "skip" and noun in ("weigh", "label", "bind", "back", "fetch", "pass", "sort", "load"):
        return _ack(op, "applied", "ok", "Later")
    if noun == "back" and op.step == "item":
        return _ack(op, "applied", "ok", "Right")
    ack, parcel = run(person.actor, lambda uow: _work_op(uow, person, op, noun, rest))
    if ack.code == fulfillment.PackTaken.code:
        return run(person.actor, lambda uow: _taken(uow, person, op, rest))
    return _told(op, ack, parcel)


def _work_op(
    uow: UnitOfWork, person: Person, op: DeviceOp, noun: str, rest: str
) -> tuple[fulfillment.OpAck, shipping.ParcelView | None]:
    parcel = _parcel(uow, noun, rest) if op.kind == "weight" else None
    if op.kind == "weight" and parcel is None:
        raise NothingOnTheScale("No closed parcel of this order waits.", remedy="Close the carton first.")
    facts = _of_scale(uow, person, op, parcel) if parcel else floor_facts(op, noun, rest)
    work = fulfillment.WorkOp(op_id=op.op_id, device=person.device, at=op.at, **facts)
    return fulfillment.apply_work_op(uow, site_id=person.site.id, op=work), parcel


def _of_scale(uow: UnitOfWork, person: Person, op: DeviceOp, parcel: shipping.ParcelView) -> dict[str, Any]:
    found = shipping.scales(uow, site_id=person.site.id)
    scale = next((each for each in found if not each.in_motion), None)
    if scale is None:
        raise Invalid("This site has no calibrated scale.", remedy="Set one up, or have it calibrated.")
    shown = shipping.grams_of(op.raw) if op.raw else op.weight_g or 0
    # A weight that was read is never lost for want of a reason.
    typed = (op.reason or shipping.TYPED_OTHER) if op.entry == TYPED else ""
    return {"kind": "weigh", "parcel_id": parcel.id, "weight_g": shown, "scale_code": scale.code, "reason": typed}


def _parcel(uow: UnitOfWork, noun: str, rest: str) -> shipping.ParcelView | None:
    """Return the parcel on the scale. Of an order's it is the first of those closed together last: the same one when
    the op comes again, although it has been weighed since.
    """
    if noun in ("weigh", "label"):
        return shipping.parcel_by_id(uow, parcel_id=rest)
    order = fulfillment.get_order(uow, rest)
    found = [
        parcel
        for parcel in shipping.parcels_of(uow, tenant_id=order.tenant_id, reference=order.id)
        if parcel.kind == "outbound" and parcel.state not in ("voided", "manifested", "handed_over")
    ]
    last = max((parcel.packed_at for parcel in found), default=None)
    return min((parcel for parcel in found if parcel.packed_at == last), key=lambda parcel: parcel.id, default=None)


def _verify_label(uow: UnitOfWork, op: DeviceOp, noun: str, rest: str) -> dict[str, Any]:
    """Prove by its license plate or tracking number that the label is on the parcel that it belongs to."""
    parcel = _parcel(uow, noun, rest)
    if parcel is None:
        return _ack(op, "rejected", "attention", "This parcel has left already", "Ask the floor office where it is.")
    shipping.verify_label(uow, tenant_id=parcel.tenant_id, parcel_id=parcel.id, scanned=op.scanned)
    return _ack(op, "applied", "ok", "Right label")


def _check_lane(uow: UnitOfWork, person: Person, op: DeviceOp, parcel_id: str) -> dict[str, Any]:
    """Say where a parcel goes, or that it does not go any more."""
    sscc = shipping.parcel_by_id(uow, parcel_id=parcel_id).sscc
    try:
        lane = shipping.right_lane(uow, site_id=person.site.id, parcel=sscc)
    except shipping.ParcelStopped as stop:
        return _ack(op, "rejected", "stop", stop.title, f"{stop.detail} {stop.remedy}")
    return _ack(op, "applied", "ok", f"To {lane}")


def _taken(uow: UnitOfWork, person: Person, op: DeviceOp, order_id: str) -> dict[str, Any]:
    """Say who has the order; at its first scan the packer may take it over, later its goods are theirs no more."""
    holder = holders(uow, person).get(order_id, NOBODY)
    name, since = holder.name or "A colleague", f" since {holder.since}" if holder.since else ""
    if op.step == "tote":
        words = "Leave the tote with them and scan the next one, or take this order over."
        ack = _ack(op, "rejected", "attention", f"{name} packs this{since}", words)
        return ack | {"choice": {"kind": "take", "label": "Take over"}}
    words = "Give them the goods and go on with the next tote."
    return _ack(op, "rejected", "attention", f"{name} packs this{since}", words)


def _told(op: DeviceOp, ack: fulfillment.OpAck, parcel: shipping.ParcelView | None) -> dict[str, Any]:
    decision = (ack.facts or {}).get("decision", "")
    words = f"{ack.text} {_AFTER_WEIGHING.get(decision, '')}".strip()
    told = _ack(op, ack.status, ack.tone, ack.title, words, version=ack.version or op.v)
    if parcel and decision == "PASS":
        told |= _labelled(parcel)
    is_unread = ack.code == shipping.UnusableReading.code
    return told | {"again": decision in _WEIGHED_AGAIN or is_unread or _is_wrong_unit(op, ack)}


def _labelled(parcel: shipping.ParcelView) -> dict[str, Any]:
    """Buy the label of a parcel that weighs right, and say which codes it carries; while its carrier does not answer,
    the parcel waits for it beside the bench, and comes back as work when it is there.
    """
    label = shipping.purchase_label(tenant_id=parcel.tenant_id, parcel_id=parcel.id)
    if label.state != "purchased":
        words = "The carrier did not answer yet. Put the parcel aside; its label is asked for here when it is there."
        return {"tone": "attention", "title": "Weight is right, the label comes later", "text": words}
    codes = label_codes(parcel.sscc, label.tracking_number)
    return {"document": label_paper(parcel.id), "label": {"codes": codes, "name": label_name(parcel.sscc)}}


def _is_wrong_unit(op: DeviceOp, ack: fulfillment.OpAck) -> bool:
    """Say whether another unit is to be scanned at the bench: the order stays with its packer."""
    return op.step.startswith("item-") and ack.code in (fulfillment.WrongScan.code, inventory.SerialNotHere.code)


def _ack(op: DeviceOp, status: str, tone: str, title: str, words: str = "", *, version: int = 0) -> dict[str, Any]:
    return {
        "op_id": op.op_id, "status": status, "v": version or op.v, "tone": tone, "title": title, "text": words,
        "document": None,
    }  # fmt: skip


def _changes_work(op: DeviceOp, ack: dict[str, Any]) -> bool:
    """Say whether the device should ask again: after totes, shortages, tasks put off, whole parcels, and whatever was
    not applied.
    """
    if ack["status"] not in ("applied", "duplicate") or ack["tone"] != "ok":
        return True
    moved = op.task.startswith(("bind:", "back:", "fetch:", "pass:")) and op.step != "item"
    return (
        moved
        or op.kind in ("short", "skip", "take", "undo")
        or (op.step == "label" and not op.task.startswith("sort:"))
    )

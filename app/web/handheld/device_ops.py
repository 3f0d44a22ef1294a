"""What a device reports, and what it is to the floor."""

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from app.web.handheld.cartons import AS_PLANNED
from app.web.handheld.codes import as_scanned
from app.web.handheld.loading import load_facts
from inventory import api as inventory
from kernel.errors import Invalid

Kind = Literal["scan", "weight", "short", "skip", "take", "seen", "undo"]
_OF_TOTES: Final = {"bind": "bind_tote", "fetch": "fetch", "pass": "hand_over"}
"""Tasks about a walk's totes, and what they are to the floor; behind the batch they name the slot, or the leg."""


class DeviceOp(BaseModel):
    """One fact that a device reports; `app.web.pages` describes it."""

    op_id: str = Field(min_length=8, max_length=64)
    device: str = Field(default="", max_length=64)
    task: str = Field(max_length=120)
    v: int = 0
    step: str = Field(default="", max_length=20)
    kind: Kind
    code: str | None = Field(default=None, max_length=200)
    raw: str | None = Field(default=None, max_length=200)
    qty: int = Field(default=0, ge=0, le=1_000_000)
    reason: str | None = Field(default=None, max_length=240)
    weight_g: int | None = Field(default=None, ge=0, le=1_000_000)
    entry: str | None = Field(default=None, max_length=20)
    at: datetime | None = None

    @property
    def scanned(self) -> str:
        """The code in its own letters, as the books are asked."""
        return as_scanned(self.code or "", self.raw or self.code or "")


class DeviceOps(BaseModel):
    """What a device had stored, oldest first."""

    device: str = Field(default="", max_length=64)
    build: str = Field(default="", max_length=64)
    person: str = Field(default="", max_length=64)
    ops: list[dict[str, Any]] = Field(max_length=50)


def floor_facts(op: DeviceOp, noun: str, rest: str) -> dict[str, Any]:
    """Return what the floor's op is made of; it depends on the device's op alone, so that a repetition is the same."""
    if noun in _OF_TOTES:
        batch_id, _, number = rest.partition(":")
        return {"kind": _OF_TOTES[noun], "batch_id": batch_id, "slot": _number(number), "tote": op.scanned}
    if noun == "back":
        return _back_facts(op, rest)
    if noun == "zero":
        return {"task_id": rest} | _zero_facts(op)
    if noun == "pack":
        return {"order_id": rest} | _pack_facts(op)
    if noun == "load":
        return {"code": op.scanned} | load_facts(rest, is_undo=op.kind == "undo")
    sorted_onto = {"kind": "stage", "parcel_id": rest, "code": op.scanned}
    return sorted_onto if noun == "sort" else {"task_id": op.task} | _pick_facts(op)


def _back_facts(op: DeviceOp, rest: str) -> dict[str, Any]:
    task_id, _, quantity = rest.partition(":")
    if op.step == "tote":
        return {"kind": "reuse", "task_id": task_id, "tote": op.scanned, "quantity": _number(quantity)}
    place = {"location_code": op.scanned, "quantity": _number(quantity)}
    return {"kind": "put_back", "task_id": task_id} | place


def _pick_facts(op: DeviceOp) -> dict[str, Any]:
    if op.kind == "short":
        return {"kind": "short", "quantity": op.qty, "reason": op.reason or ""}
    if op.kind == "skip":
        return {"kind": "skip", "location_code": op.code or ""}
    return {"kind": "scan", "step": op.step, "code": op.scanned, "quantity": op.qty}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _zero_facts(op: DeviceOp) -> dict[str, Any]:
    if op.kind == "skip":
        return {"kind": "zero_later"}
    if op.kind != "seen":
        raise Invalid("Say how many units are in the bin.", remedy="0 says that it is empty.", pointer="/kind")
    return {"kind": "zero_check", "quantity": op.qty}


def _pack_facts(op: DeviceOp) -> dict[str, Any]:
    if op.kind in ("take", "skip"):
        return {"kind": "pack_take_over" if op.kind == "take" else "pack_leave"}
    if op.step == "tote":
        return {"kind": "pack_start"}
    if op.step == "carton":
        code = "" if op.code == AS_PLANNED else op.scanned
        return {"kind": "pack_carton", "code": code, "reason": op.reason or ""}
    # Of a code that carries a serial number, the item's number alone would not do.
    barcode = op.raw if op.raw and inventory.serial_in_scan(op.raw) else op.scanned
    return {"kind": "pack_item", "barcode": barcode, "quantity": op.qty}

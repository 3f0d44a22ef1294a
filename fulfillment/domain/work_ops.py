import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec

OP_KINDS = (
    "bind_tote",
    "pick",
    "scan",
    "short",
    "skip",
    "zero_check",
    "zero_later",
    "put_back",
    "reuse",
    "pack_start",
    "pack_take_over",
    "pack_leave",
    "pack_item",
    "pack_service",
    "pack_carton",
    "weigh",
    "done",
    "fetch",
    "hand_over",
    "stage",
    "load",
    "unload",
)
"""What a handheld can report. `scan` is one completed step of a pick task, `pick` a whole one."""


@dataclass(frozen=True, slots=True)
class WorkOp:
    """One fact that a handheld reports. `op_id` is made at the scan; sent again, it gets the same answer.

    Which fields count depends on `kind`: bind_tote (batch_id, slot, tote) · pick (task_id, location_code, barcode,
    quantity, tote) · scan (task_id, step loc|item|tote, code, quantity) · short (task_id, quantity found, reason, tote)
    · skip (task_id, reason, and in `location_code` where the device goes on) · zero_check (task_id, quantity seen in
    the bin, 0 if it is empty) · zero_later (task_id) · put_back (task_id, location_code, quantity) · reuse (task_id of
    the put-back, tote, quantity) · pack_start, pack_take_over, pack_leave (order_id) · pack_item (order_id, barcode,
    quantity) · pack_service (order_id, in `code` the asked service, in `quantity` the seconds it took) · pack_carton
    (order_id, code, and in `reason` why it is not the proposed one) · weigh (parcel_id, weight_g, scale_code,
    and in `reason` why a person typed it, empty for the scale's own reading) · done (batch_id) ·
    fetch (batch_id, tote: taken where the zone before left it) · hand_over (batch_id, tote, and in `slot` the leg) ·
    stage (parcel_id, and in `code` the lane or the container that it goes to) · load (in `parcel_id` the parcel or the
    container, in `code` its SSCC, in `location_code` the truck) · unload (as load).
    """

    op_id: str
    kind: str
    tenant_id: str = ""
    batch_id: str = ""
    task_id: str = ""
    order_id: str = ""
    parcel_id: str = ""
    slot: int = 0
    step: str = ""
    code: str = ""
    location_code: str = ""
    barcode: str = ""
    tote: str = ""
    quantity: int = 0
    reason: str = ""
    weight_g: int = 0
    scale_code: str = ""
    stable: bool = True
    device: str = ""
    at: datetime | None = None

    @property
    def subject(self) -> str:
        """Return what the op is about."""
        return self.task_id or self.parcel_id or self.order_id or self.batch_id


@dataclass(frozen=True, slots=True)
class OpAck:
    """The answer to one op: applied, duplicate (as answered before), held (it happened, and needs somebody) or rejected
    (a wrong scan or an impossible request; nothing changed). `tone`: ok, attention, stop; `facts`: the ids made.
    """

    op_id: str
    status: str
    tone: str
    title: str
    text: str = ""
    code: str = ""
    version: int = 0
    facts: dict[str, str] | None = None


def op_fingerprint(op: WorkOp) -> str:
    """Return the SHA-256 over what an op says."""
    return hashlib.sha256(msgspec.json.encode(op, order="deterministic")).hexdigest()

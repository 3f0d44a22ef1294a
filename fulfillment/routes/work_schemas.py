from typing import Literal

from pydantic import BaseModel, Field

from fulfillment.domain.work_ops import OP_KINDS, WorkOp
from fulfillment.routes.schemas import ID, Code, Reference, Strict
from kernel.quantity import MAX_QUANTITY
from kernel.web.values import Instant

MAX_OPS = 50


class PlanIn(Strict):
    """How much to plan: at most `max_orders` onto carts."""

    max_orders: int = Field(default=300, ge=1, le=2_000)


class PlanRunIn(PlanIn):
    """How much to plan, and whether all orders that can go are released before."""

    release: bool = Field(default=False, examples=[True])


class ClaimIn(Strict):
    """Which batch to claim: by its id, or by a tote that waits; else the most urgent in the caller's zone."""

    batch_id: Reference | None = None
    tote: Code = ""


class WorkOpIn(Strict):
    """One operation of a handheld. Which fields count depends on `kind`."""

    op_id: str = Field(min_length=1, max_length=64, pattern=ID, examples=["0192f0c1-7a3e-7c8e-9d41-2f5c3a1b0e77"])
    kind: str = Field(max_length=20, pattern=ID, examples=["pick"], description=f"One of {', '.join(OP_KINDS)}")
    batch_id: Reference = ""
    task_id: Reference = ""
    order_id: Reference = ""
    parcel_id: Reference = ""
    slot: int = Field(default=0, ge=0, le=1_000)
    step: Reference = ""
    code: Code = ""
    location_code: Code = ""
    barcode: Code = ""
    tote: Code = ""
    quantity: int = Field(default=0, ge=0, le=MAX_QUANTITY)
    reason: Code = ""
    weight_g: int = Field(default=0, ge=0, le=10_000_000)
    scale_code: Code = ""
    stable: bool = True
    device: Code = ""
    at: Instant | None = None

    def op(self) -> WorkOp:
        """Return the operation that the command takes."""
        return WorkOp(**self.model_dump())


class FloorSettings(Strict):
    """How a site's floor works."""

    zero_checks: bool = Field(
        examples=[True], description="Whether pickers are asked if the bin is empty that they should have emptied"
    )
    pick_and_pass: bool | None = Field(
        default=None,
        examples=[False],
        description="Whether walks planned from now on are passed from zone to zone; left out, it stays as it is",
    )


class ZoneIn(Strict):
    """The zone in which the caller picks."""

    zone: str = Field(
        default="", max_length=40, pattern=r"^[^\x00-\x1f]*$", examples=["A"], description="Empty for any"
    )


class WorkOpsIn(Strict):
    """Operations of one device, oldest first."""

    ops: list[WorkOpIn] = Field(min_length=1, max_length=MAX_OPS)


class AckOut(BaseModel):
    """The answer to one operation."""

    op_id: str
    status: Literal["applied", "duplicate", "held", "rejected"]
    tone: Literal["ok", "attention", "stop"]
    title: str
    text: str
    code: str
    version: int
    facts: dict[str, str] | None


class AcksOut(BaseModel):
    """The answers, in the order of the operations."""

    acks: list[AckOut]

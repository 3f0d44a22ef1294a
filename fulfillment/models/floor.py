from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from fulfillment.models.orders import of_order
from kernel.db.base import Base


def of_version() -> ForeignKeyConstraint:
    """Return what ties a row to a version of a floor plan."""
    return ForeignKeyConstraint(["site_id", "version"], ["floor_plan_version.site_id", "floor_plan_version.version"])


class FloorPlanVersion(Base):
    """A floor as somebody drew or loaded it; it never changes. A `faulty` one has faults and is a draft only."""

    __tablename__ = "floor_plan_version"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    document: Mapped[dict[str, Any]]
    faults: Mapped[list[dict[str, Any]]]
    bins: Mapped[int]
    note: Mapped[str]
    source: Mapped[str]
    based_on: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(
            ["site_id", "based_on"], ["floor_plan_version.site_id", "floor_plan_version.version"], use_alter=True
        ),
    )


class FloorPlan(Base):
    """Which version of a site's floor is in force: on it walks are computed."""

    __tablename__ = "floor_plan"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    version: Mapped[int]
    updated_at: Mapped[datetime]
    __table_args__ = (of_version(),)


class FloorPlanChange(Base):
    """That a version came into force; never changed."""

    __tablename__ = "floor_plan_change"
    site_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    at: Mapped[datetime]
    changed_by: Mapped[str]
    __table_args__ = (of_version(),)


class PickBatch(Base):
    """Orders of one site that one picker collects on one walk, leased to that picker. `planned_mm` is its part of what
    the walks were before they were improved, `loading_mm` what it is longer for heavy goods first and fragile ones
    last, `congestion_mm` to keep out of the way of others; one order may fill `loads` carts. `weight_g`, `bends`,
    `reaches` and `lines` are what it asked of its picker, known from its first claim; `changed_at` is when its rest was
    last put into another order, `floor_version` the floor on which it was planned, 0 for none. `kept_apart` is why its
    goods ride with no others, "" if they may; walks planned before that was noted have none. One
    that is passed from zone to zone has its `zones` in order, and is in the one with the number `leg`.
    """

    __tablename__ = "pick_batch"
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    state: Mapped[str]
    picker: Mapped[str]
    lease_until: Mapped[datetime | None]
    cut_off_at: Mapped[datetime | None]
    service_class: Mapped[str]
    stops: Mapped[int]
    length_mm: Mapped[int]
    length_by_name_order_mm: Mapped[int]
    walk: Mapped[list[dict[str, Any]]]
    rushed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    weight_g: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    bends: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    reaches: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    lines: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    version: Mapped[int]
    planned_mm: Mapped[int] = mapped_column(default=0, server_default="0")
    loading_mm: Mapped[int] = mapped_column(default=0, server_default="0")
    loads: Mapped[int] = mapped_column(default=1, server_default="1")
    changed_at: Mapped[datetime | None] = mapped_column(default=None)
    floor_version: Mapped[int] = mapped_column(default=0, server_default="0")
    congestion_mm: Mapped[int] = mapped_column(default=0, server_default="0")
    kept_apart: Mapped[str | None] = mapped_column(default=None)
    zones: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    leg: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        Index("ix_pick_batch_site_id_state", "site_id", "state"),
        Index("ix_pick_batch_site_id_claimed_at", "site_id", "claimed_at"),
    )


class BatchOrder(Base):
    """One slot of a batch's cart: the order whose goods go there and the tote that stands in it."""

    __tablename__ = "batch_order"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("pick_batch.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[str]
    site_id: Mapped[str]
    tote: Mapped[str]
    is_open: Mapped[bool]
    __table_args__ = (
        of_order(),
        Index("ix_batch_order_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_batch_order_batch_id", "batch_id"),
        Index(
            "uq_batch_order_site_id_tote",
            "site_id",
            "tote",
            unique=True,
            postgresql_where=text("is_open and tote <> ''"),
        ),
    )


class BatchLeg(Base):
    """A leg of a walk that is passed from zone to zone: who walked it last, and what it asked of them."""

    __tablename__ = "batch_leg"
    batch_id: Mapped[str] = mapped_column(ForeignKey("pick_batch.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    zone: Mapped[str]
    picker: Mapped[str]
    claimed_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    weight_g: Mapped[int]
    bends: Mapped[int]
    reaches: Mapped[int]
    lines: Mapped[int]
    walked_mm: Mapped[int]
    __table_args__ = (Index("ix_batch_leg_site_id_claimed_at", "site_id", "claimed_at"),)


class PickerZone(Base):
    """The zone in which a person picks at a site, as they chose or were told."""

    __tablename__ = "picker_zone"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    zone: Mapped[str]
    changed_at: Mapped[datetime]


class PickTask(Base):
    """Units of one lot, where there are lots, to take from one location for one line, or to put back there. `step` is
    how far its scans are, `zero_check` what became of the question whether the bin is empty now.
    """

    __tablename__ = "pick_task"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str]
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("pick_batch.id"))
    order_id: Mapped[str]
    line_id: Mapped[str]
    item_id: Mapped[str]
    kind: Mapped[str]
    seq: Mapped[int]
    slot: Mapped[int]
    location_code: Mapped[str]
    lot: Mapped[str]
    quantity: Mapped[int]
    done: Mapped[int]
    tote: Mapped[str]
    state: Mapped[str]
    step: Mapped[str]
    reason: Mapped[str]
    finished_at: Mapped[datetime | None]
    finished_by: Mapped[str]
    zero_check: Mapped[str] = mapped_column(default="", server_default="")
    units_seen: Mapped[int] = mapped_column(default=0, server_default="0")
    version: Mapped[int]
    __table_args__ = (
        of_order(),
        ForeignKeyConstraint(["tenant_id", "line_id"], ["order_line.tenant_id", "order_line.id"]),
        Index("uq_pick_task_id", "id", unique=True),
        Index("ix_pick_task_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_pick_task_batch_id_seq", "batch_id", "seq"),
        Index(
            "ix_pick_task_site_id_kind",
            "site_id",
            "kind",
            postgresql_where=text("state = 'READY' and batch_id is null"),
        ),
        Index(
            "ix_pick_task_zero_check",
            "site_id",
            "finished_by",
            postgresql_where=text("zero_check in ('asked', 'later')"),
        ),
        Index(
            "ix_pick_task_site_id_finished_at",
            "site_id",
            "finished_at",
            postgresql_where=text("finished_at is not null"),
        ),
    )


class FloorSetting(Base):
    """How a site's floor works, and what its carts take; a site without a row has zero checks and the usual cart."""

    __tablename__ = "floor_setting"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    zero_checks: Mapped[bool]
    cart_totes: Mapped[int] = mapped_column(server_default="12")
    tote_volume_mm3: Mapped[int] = mapped_column(server_default="48000000")
    cart_weight_g: Mapped[int] = mapped_column(server_default="150000")
    cart_items: Mapped[int] = mapped_column(server_default="1000000")
    heavy_first_g: Mapped[int | None]
    fragile_last: Mapped[bool] = mapped_column(server_default="false")
    detour_most_mm: Mapped[int | None]
    pick_and_pass: Mapped[bool] = mapped_column(server_default="false")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class LaborSetting(Base):
    """What a site asks of its people in one shift at most, and from which level up a pick is a reach."""

    __tablename__ = "labor_setting"
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    weight_g: Mapped[int | None]
    bends: Mapped[int | None]
    reach_level: Mapped[int]
    reaches: Mapped[int | None]
    walked_m: Mapped[int | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class PackSession(Base):
    """An order in a packer's hand, theirs until `lease_until`, and what they scanned of it: `{line id: quantity}`, and
    of lines whose units have serial numbers, `{line id: [serial]}`.
    """

    __tablename__ = "pack_session"
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(primary_key=True)
    scanned: Mapped[dict[str, Any]]
    serials: Mapped[dict[str, Any]]
    carton_code: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    lease_until: Mapped[datetime | None]
    __table_args__ = (of_order(),)


class WorkOp(Base):
    """One operation that a handheld sent, with the answer it got: sent again, it gets the same answer."""

    __tablename__ = "work_op"
    op_id: Mapped[str] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    actor: Mapped[str]
    device: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    fingerprint: Mapped[str]
    near_miss: Mapped[bool]
    device_at: Mapped[datetime | None]
    at: Mapped[datetime]
    ack: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_work_op_site_id_at", "site_id", "at"),)

"""A worker plans which parcels should ride to which hub: it prices and plans without a transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any, Final

import msgspec
from sqlalchemy import select, update

from kernel import actors
from kernel.db.transactions import UnitOfWork, run
from kernel.money import Money
from shipping.consolidation.commands.plan_consolidation import MOST_PARCELS, UNDER_WAY
from shipping.consolidation.lane_prices import LaneTerms, PricedLanes, lane_terms, price_lanes
from shipping.consolidation.queries import injection_hubs
from shipping.consolidation.views import LooseParcel
from shipping.domain.batch_rates import TooLarge
from shipping.domain.zone_skip import DIRECT, REFUSED, HubLoad, Ints, loads_of
from shipping.models.consolidation import ConsolidationPlanRow
from shipping.models.parcels import ParcelRow

_LEASE: Final = timedelta(minutes=3)
_ATTEMPTS: Final = 3
_ACTOR: Final = actors.system("consolidation")


@dataclass(frozen=True, slots=True)
class _Asked:
    id: str
    currency: str
    parcels: tuple[LooseParcel, ...]
    terms: LaneTerms


def answer_consolidation() -> int:
    """Work out the plan that waits longest, if one does; return for how many parcels.

    The solver is loaded once somebody asks: it takes some ninety megabytes that a web process does not have to spend.
    """
    asked = run(_ACTOR, _claim)
    if asked is None:
        return 0
    try:
        priced = price_lanes(asked.terms, asked.parcels)
    except TooLarge as error:
        run(_ACTOR, partial(_fail, plan_id=asked.id, note=f"It cannot be planned: {error}."))
        return 0
    search = import_module("shipping.domain.zone_skip_search")
    try:
        plan = search.plan_zone_skip(
            priced.lanes, tell=lambda percent: run(_ACTOR, partial(_tell, plan_id=asked.id, percent=percent))
        )
    except search.Stopped:
        return 0
    run(_ACTOR, partial(_finish, asked=asked, priced=priced, hub_of=plan.hub_of, bound_minor=plan.bound_minor))
    return len(asked.parcels)


def _claim(uow: UnitOfWork) -> _Asked | None:
    free = (ConsolidationPlanRow.claimed_until.is_(None)) | (ConsolidationPlanRow.claimed_until < uow.now)
    waiting = select(ConsolidationPlanRow).where(ConsolidationPlanRow.state.in_(UNDER_WAY), free)
    first = waiting.order_by(ConsolidationPlanRow.created_at).limit(1).with_for_update(skip_locked=True)
    row = uow.session.scalar(first)
    if row is None:
        return None
    parcels = msgspec.convert(row.asked, tuple[LooseParcel, ...]) if row.source == "file" else _waiting(uow, row)
    if not parcels or row.attempts >= _ATTEMPTS:
        row.note = "No parcel is ready for that day: they are planned once they are weighed."
        if parcels:
            row.note = "Planning broke off several times. Ask for fewer parcels, and tell an administrator."
        row.state, row.finished_at, row.claimed_until = "failed", uow.now, None
        return None
    row.state, row.attempts, row.claimed_until = "computing", row.attempts + 1, uow.now + _LEASE
    hubs = injection_hubs(uow, site_id=row.site_id)
    terms = lane_terms(uow, site_id=row.site_id, hubs=hubs, ship_on=row.ship_on, currency=row.currency)
    return _Asked(row.id, row.currency, parcels, terms)


def _waiting(uow: UnitOfWork, row: ConsolidationPlanRow) -> tuple[LooseParcel, ...]:
    """Return what stands in the house for that day: weighed or labelled, and on no manifest yet."""
    of_day = (ParcelRow.ship_date == row.ship_on) | (ParcelRow.state == "cleared")
    ready = select(ParcelRow).where(
        ParcelRow.site_id == row.site_id, ParcelRow.state.in_(("cleared", "labelled")), of_day,
        ParcelRow.manifest_id.is_(None), ParcelRow.currency == row.currency, ParcelRow.kind != "return",
    )  # fmt: skip
    return tuple(
        LooseParcel(
            each.id, each.ship_to["country"], each.ship_to["postal_code"], each.length_mm, each.width_mm,
            each.height_mm, each.weight_g or each.expected_g, each.service_level, each.promised_on,
            not each.ship_to.get("company"),
        )
        for each in uow.session.scalars(ready.order_by(ParcelRow.tenant_id, ParcelRow.id).limit(MOST_PARCELS))
    )  # fmt: skip


def _tell(uow: UnitOfWork, *, plan_id: str, percent: int) -> bool:
    """Note how far a plan is, and say whether it is still wanted."""
    mine = (ConsolidationPlanRow.id == plan_id) & (ConsolidationPlanRow.state == "computing")
    changed = update(ConsolidationPlanRow).where(mine).values(progress=percent, claimed_until=uow.now + _LEASE)
    return uow.session.scalar(changed.returning(ConsolidationPlanRow.id)) is not None


def _fail(uow: UnitOfWork, *, plan_id: str, note: str) -> None:
    row = uow.session.get_one(ConsolidationPlanRow, plan_id, with_for_update=True)
    if row.state == "computing":
        row.state, row.note, row.finished_at, row.claimed_until = "failed", note, uow.now, None


def _finish(uow: UnitOfWork, *, asked: _Asked, priced: PricedLanes, hub_of: Ints, bound_minor: int) -> None:
    row = uow.session.get_one(ConsolidationPlanRow, asked.id, with_for_update=True)
    if row.state != "computing":
        return
    lanes, loads = priced.lanes, loads_of(priced.lanes, hub_of)
    row.parcels, row.baseline_minor = len(priced.rows), lanes.baseline_minor
    row.saved_minor, row.bound_minor = sum(load.saved_minor for load in loads), bound_minor
    row.loads = _loads(asked, priced, loads)
    row.lines = _lines(asked.parcels, priced, hub_of)
    left = len(asked.parcels) - len(priced.rows)
    row.note = f"Left out, because no service of the site takes them: {left:,} parcels." if left else ""
    row.state, row.progress, row.finished_at, row.claimed_until = "ready", 100, uow.now, None


def _loads(asked: _Asked, priced: PricedLanes, loads: Sequence[HubLoad]) -> list[dict[str, Any]]:
    savings = priced.lanes.savings()
    found = []
    for number, (hub, load) in enumerate(zip(asked.terms.hubs, loads, strict=True)):
        gross = int(savings[:, number].sum())
        why = "" if load.parcels else _why_not(priced, number, gross, asked.currency)
        found.append(asdict(load) | {"name": hub.name, "saved_minor": load.saved_minor, "why": why})
    return found


def _why_not(priced: PricedLanes, number: int, gross_minor: int, currency: str) -> str:
    hub = priced.lanes.hubs[number]
    if not priced.taken[number]:
        return "The service there takes none of these parcels, or is slower than they ask for."
    if not priced.in_time[number]:
        return "Every parcel would arrive too late."
    if not gross_minor:
        return "No parcel is cheaper from there."
    one = Money(hub.fixed_minor + hub.pallet_minor, currency)
    gross = Money(gross_minor, currency)
    if gross_minor <= hub.fixed_minor + hub.pallet_minor:
        return f"All parcels together would save {gross}, and a single pallet costs {one}."
    return f"Before pallets it would save up to {gross}, but they cost more than what other ways leave of that."


def _lines(parcels: Sequence[LooseParcel], priced: PricedLanes, hub_of: Ints) -> list[dict[str, Any]]:
    lanes = priced.lanes
    found = []
    for number, (row, hub) in enumerate(zip(priced.rows.tolist(), hub_of.tolist(), strict=True)):
        via = REFUSED if hub == DIRECT else int(lanes.via_minor[number, hub])
        found.append(
            {
                "reference": parcels[row].reference, "hub": "" if hub == DIRECT else lanes.hubs[hub].code,
                "direct_minor": int(lanes.direct_minor[number]), "via_minor": None if via == REFUSED else via,
            }
        )  # fmt: skip
    return found

"""A worker plans which parcels should ride to which hub: it prices and plans without a transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from typing import Any, Final

import msgspec
from sqlalchemy import select

from kernel import actors, runs
from kernel.db.transactions import UnitOfWork, run
from kernel.money import Money
from shipping.consolidation.commands.plan_consolidation import MOST_PARCELS
from shipping.consolidation.lane_prices import LaneTerms, PricedLanes, lane_terms, price_lanes
from shipping.consolidation.queries import injection_hubs
from shipping.consolidation.views import LooseParcel
from shipping.domain.batch_rates import TooLarge
from shipping.domain.zone_skip import DIRECT, REFUSED, HubLoad, Ints, loads_of
from shipping.models.consolidation import ConsolidationPlanRow
from shipping.models.parcels import ParcelRow
from shipping.repository import dangerous_kinds_of

_ACTOR: Final = actors.system("consolidation")


@dataclass(frozen=True, slots=True)
class _Asked:
    currency: str
    parcels: tuple[LooseParcel, ...]
    terms: LaneTerms


def answer_consolidation() -> int:
    """Work out the plan that waits longest, if one does; return for how many parcels.

    The solver is loaded once somebody asks: it takes some ninety megabytes that a web process does not have to spend.
    """
    claim = run(_ACTOR, partial(runs.claim, kind=ConsolidationPlanRow))
    asked = runs.step(_ACTOR, claim, _read)
    if claim is None or asked is None:
        return 0
    try:
        priced = price_lanes(asked.terms, asked.parcels)
    except TooLarge as error:
        runs.step(_ACTOR, claim, partial(_fail, note=f"It cannot be planned: {error}."))
        return 0
    search = import_module("shipping.domain.zone_skip_search")
    try:
        plan = search.plan_zone_skip(
            priced.lanes, tell=lambda percent: run(_ACTOR, partial(runs.tell, claimed=claim, progress=percent))
        )
    except search.Stopped:
        return 0
    runs.step(
        _ACTOR, claim, partial(_finish, asked=asked, priced=priced, hub_of=plan.hub_of, bound_minor=plan.bound_minor)
    )
    return len(asked.parcels)


def _read(uow: UnitOfWork, row: ConsolidationPlanRow) -> _Asked | None:
    parcels = msgspec.convert(row.asked, tuple[LooseParcel, ...]) if row.source == "file" else _waiting(uow, row)
    if not parcels:
        _fail(uow, row, note="No parcel is ready for that day: they are planned once they are weighed.")
        return None
    hubs = injection_hubs(uow, site_id=row.site_id)
    terms = lane_terms(uow, site_id=row.site_id, hubs=hubs, ship_on=row.ship_on, currency=row.currency)
    return _Asked(row.currency, parcels, terms)


def _waiting(uow: UnitOfWork, row: ConsolidationPlanRow) -> tuple[LooseParcel, ...]:
    """Return what stands in the house for that day: weighed or labelled, and on no manifest yet."""
    of_day = (ParcelRow.ship_date == row.ship_on) | (ParcelRow.state == "cleared")
    ready = select(ParcelRow).where(
        ParcelRow.site_id == row.site_id, ParcelRow.state.in_(("cleared", "labelled")), of_day,
        ParcelRow.manifest_id.is_(None), ParcelRow.currency == row.currency, ParcelRow.kind != "return",
    )  # fmt: skip
    parcels = uow.session.scalars(ready.order_by(ParcelRow.tenant_id, ParcelRow.id).limit(MOST_PARCELS)).all()
    goods = dangerous_kinds_of(uow, [each.id for each in parcels])
    return tuple(
        LooseParcel(
            each.id, each.ship_to["country"], each.ship_to["postal_code"], each.length_mm, each.width_mm,
            each.height_mm, each.weight_g or each.expected_g, each.service_level, each.promised_on,
            not each.ship_to.get("company"), goods.get(each.id, ()),
        )
        for each in parcels
    )  # fmt: skip


def _fail(uow: UnitOfWork, row: ConsolidationPlanRow, *, note: str) -> None:
    row.note = note
    runs.end(uow, row, "failed")


def _finish(
    uow: UnitOfWork, row: ConsolidationPlanRow, *, asked: _Asked, priced: PricedLanes, hub_of: Ints, bound_minor: int
) -> None:
    lanes, loads = priced.lanes, loads_of(priced.lanes, hub_of)
    row.parcels, row.baseline_minor = len(priced.rows), lanes.baseline_minor
    row.saved_minor, row.bound_minor = sum(load.saved_minor for load in loads), bound_minor
    row.loads = _loads(asked, priced, loads)
    row.lines = _lines(asked.parcels, priced, hub_of)
    left = len(asked.parcels) - len(priced.rows)
    row.note = f"Left out, because no service of the site takes them: {left:,} parcels." if left else ""
    row.progress = 100
    runs.end(uow, row, "ready")


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

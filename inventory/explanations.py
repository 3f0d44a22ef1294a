"""Why a number is what it is: everything between the units that lie in a house and those that can be sold."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text

from inventory.arrivals.queries import expected_units
from inventory.arrivals.views import ExpectedUnits
from inventory.bins import item_stock
from inventory.domain.bins import PICKABLE
from inventory.domain.buckets import Bucket
from inventory.selling.queries import planned_units
from inventory.views import (
    BinView,
    BucketView,
    Claim,
    Explanation,
    ItemStock,
    PlannedUnits,
    Relief,
    SafetyUnits,
    SiteAvailability,
    SiteExplanation,
)
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork

CLAIMS = 200
"""How many claims a site's explanation names."""
_CLAIMS = text(
    "select r.site_id, r.hold, r.order_id, sum(r.quantity) as quantity, min(r.created_at) as since,"
    " min(r.expires_at) as until, coalesce(max(a.quantity), 0) as allocated"
    " from reservation r left join (select tenant_id, order_id, item_id, site_id, sum(quantity) as quantity"
    "   from allocation where tenant_id = :tenant and item_id = :item group by 1, 2, 3, 4) a"
    " on a.tenant_id = r.tenant_id and a.order_id = r.order_id and a.item_id = r.item_id and a.site_id = r.site_id"
    " where r.tenant_id = :tenant and r.item_id = :item and r.quantity > 0"
    " group by r.site_id, r.hold, r.order_id order by since, r.order_id"
)
_SAFETY = text(
    "select l.site_id, r.channel, r.units from stock_level l cross join lateral ("
    "  select '' as channel, l.held_back as units where l.held_back > 0"
    "  union all select e.key, cast(e.value as bigint) from jsonb_each_text(l.held_for) e) r"
    " where l.tenant_id = :tenant and l.item_id = :item order by l.site_id, r.channel"
)
_WAITING = {
    Bucket.RETURN_RECEIVED.value: ("grade_returns", "Returned units that nobody has graded yet."),
    Bucket.HOSPITAL.value: ("hospital", "Units that somebody has to look at."),
    Bucket.QUARANTINE.value: ("quarantine", "Units that wait for a decision."),
}


def explain_availability(uow: UnitOfWork, *, item_id: str) -> Explanation:
    """Explain what can be sold of an item: units by bucket and bin, who has a right to them, and what would free more.

    Raises:
        UnknownItem: the actor sees no such item.
    """
    stock = item_stock(uow, item_id)
    claims = _claims(uow, stock)
    coming: dict[str, list[ExpectedUnits]] = defaultdict(list)
    for each in expected_units(uow, tenant_id=stock.item.tenant_id, item_id=item_id):
        coming[each.site_id].append(each)
    rules = _rules(uow, stock)
    known = {level.site_id for level in stock.levels}
    elsewhere = {bucket.site_id for bucket in stock.buckets}
    never_had = sorted((coming.keys() | rules.keys() | elsewhere) - known)
    levels = (*stock.levels, *(SiteAvailability(site_id, 0, 0, 0) for site_id in never_had))
    sites = tuple(
        _explain(uow, stock, level, claims[level.site_id], coming[level.site_id], rules=rules[level.site_id])
        for level in levels
    )
    return Explanation(stock.item, uow.now, sum(site.available for site in sites), sites)


@dataclass(slots=True)
class _Rules:
    """What channels must leave at a site, and what orders for later days will want there."""

    safety: list[SafetyUnits] = field(default_factory=list)
    planned: list[PlannedUnits] = field(default_factory=list)


def _rules(uow: UnitOfWork, stock: ItemStock) -> dict[str, _Rules]:
    columns = {"tenant": stock.item.tenant_id, "item": stock.item.id}
    found: dict[str, _Rules] = defaultdict(_Rules)
    for row in uow.session.execute(_SAFETY, columns):
        found[row.site_id].safety.append(SafetyUnits(row.channel, row.units))
    for each in planned_units(uow, tenant_id=stock.item.tenant_id, item_id=stock.item.id):
        found[each.site_id].planned.append(each)
    return found


def _claims(uow: UnitOfWork, stock: ItemStock) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = defaultdict(list)
    for row in uow.session.execute(_CLAIMS, {"tenant": stock.item.tenant_id, "item": stock.item.id}):
        kind = "hold" if row.hold or row.until else "order"
        claim = Claim(kind, row.order_id, int(row.quantity), int(row.allocated), row.since, row.until)
        found[row.site_id].append(claim)
    return found


def _explain(
    uow: UnitOfWork, stock: ItemStock, level: SiteAvailability, claims: Sequence[Claim],
    coming: Sequence[ExpectedUnits], *, rules: _Rules,
) -> SiteExplanation:  # fmt: skip
    bins = tuple(each for each in stock.bins if each.site_id == level.site_id)
    others = [each for each in stock.buckets if each.site_id == level.site_id]
    in_bins = BucketView(level.site_id, Bucket.AVAILABLE.value, level.on_hand)
    pickable = sum(each.quantity for each in bins if each.location_kind in PICKABLE and not each.frozen)
    site = get_site(uow, level.site_id)
    return SiteExplanation(
        site.id, site.code, site.name, level.on_hand, level.reserved, level.available, pickable,
        _sentence(level, claims, pickable), (in_bins, *others), bins, tuple(claims[:CLAIMS]),
        max(0, len(claims) - CLAIMS), _reliefs(claims, bins, others, _arrivals(coming, uow.now.date())),
        level.held_back, tuple(rules.safety), tuple(rules.planned),
    )  # fmt: skip


def _sentence(level: SiteAvailability, claims: Sequence[Claim], pickable: int) -> str:
    if not level.on_hand:
        return "Nothing can be sold: none lies in a bin."
    parts = [
        f"{_counted(level.available, 'unit')} can be sold: {level.on_hand:,} in bins",
        f"{level.reserved:,} of them promised{_promised(claims)}" if level.reserved else "none promised",
        f"{level.held_back:,} held back as safety stock" if level.held_back else "",
        f"{level.on_hand - pickable:,} out of the pickers' reach" if pickable < level.on_hand else "",
    ]
    return ", ".join(part for part in parts if part) + "."


def _promised(claims: Sequence[Claim]) -> str:
    units = {kind: [c.quantity for c in claims if c.kind == kind] for kind in ("order", "hold")}
    if len(told := [kind for kind, found in units.items() if found]) == 1:
        return f" to {_counted(len(claims), told[0])}"
    return f": {' and '.join(f'{sum(found):,} to {_counted(len(found), kind)}' for kind, found in units.items())}"


def _reliefs(
    claims: Sequence[Claim], bins: Sequence[BinView], others: Sequence[BucketView], arrivals: Sequence[Relief]
) -> tuple[Relief, ...]:
    found = [
        Relief("hold_expires", claim.quantity, claim.until, f"The hold {claim.reference} ends by itself.")
        for claim in claims
        if claim.until is not None
    ]
    found += arrivals
    found += [
        Relief("count", each.quantity, None, f"The bin {each.location_code} is frozen until it is counted.")
        for each in bins
        if each.frozen
    ]
    found += [
        Relief("put_away", each.quantity, None, f"Nobody picks at {each.location_code}: put them away.")
        for each in bins
        if each.location_kind not in PICKABLE and each.quantity
    ]
    found += [Relief(cause, each.quantity, None, detail) for each in others for cause, detail in _waiting(each)]
    return tuple(sorted(found, key=_soonest))


def _arrivals(coming: Sequence[ExpectedUnits], today: date) -> list[Relief]:
    return [
        Relief(
            "arrival", each.quantity, None,
            f"The announced delivery {each.external_id} {'is overdue' if each.expected_on < today else 'arrives'}.",
            each.expected_on, each.arrival_id,
        )
        for each in coming
    ]  # fmt: skip


def _waiting(bucket: BucketView) -> list[tuple[str, str]]:
    return [_WAITING[bucket.bucket]] if bucket.bucket in _WAITING else []


def _soonest(relief: Relief) -> tuple[bool, str, str]:
    when = relief.at or relief.on
    return when is None, when.isoformat() if when else "", relief.cause


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

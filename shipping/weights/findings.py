from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id
from shipping.domain.weight_belief import ItemWeight
from shipping.domain.weight_drift import Drift, Reading, find_drift
from shipping.models.weights import WeightFindingRow
from shipping.weights.history import Confirmed

Items = Mapping[tuple[str, str], ItemWeight]
"""What a fit taught of items, by merchant and item id."""
Key = tuple[str, str, str]
"""Merchant, kind and code: what a finding is about."""
_SINCE = 2_000
"""Drifts are looked for among so many of the newest parcels."""
_HOUSE = ""
_NOTE = text(
    "insert into weight_finding (tenant_id, id, site_id, kind, code, name, what, believed_g, learned_g, parcels,"
    " found_at, settled_at, settled_by, outcome, note) values (:tenant, :id, :site, :kind, :code, :name, :what,"
    " :believed, :learned, :parcels, :now, null, '', '', '')"
    " on conflict (tenant_id, site_id, kind, code) where settled_at is null do update set what = excluded.what,"
    " believed_g = excluded.believed_g, learned_g = excluded.learned_g, parcels = excluded.parcels"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that stands out: of whom, about what, in words, and what was believed against what was learned."""

    tenant_id: str
    kind: str
    code: str
    name: str
    what: str
    believed_g: float
    learned_g: float
    parcels: int


def note_findings(uow: UnitOfWork, *, site_id: str, parcels: Sequence[Confirmed], items: Items) -> int:
    """Raise what a person has to look at: gross errors of the catalog, and drifts (CUSUM) per scale, item, packer and
    carton. One open finding per subject; what somebody settled comes again only if parcels weighed since show it.

    Returns how many are raised or still stand.
    """
    settled = _settled(uow, site_id)
    found = [*_catalog(items, parcels, settled), *_drifts(parcels, settled)]
    for finding in found:
        uow.session.execute(
            _NOTE,
            {
                "tenant": finding.tenant_id, "id": new_id("wfi"), "site": site_id, "kind": finding.kind,
                "code": finding.code, "name": finding.name, "what": finding.what, "believed": finding.believed_g,
                "learned": finding.learned_g, "parcels": finding.parcels, "now": uow.now,
            },
        )  # fmt: skip
    return len(found)


def _settled(uow: UnitOfWork, site_id: str) -> dict[Key, WeightFindingRow]:
    """Return the last settled finding of each subject."""
    statement = select(WeightFindingRow).where(
        WeightFindingRow.site_id == site_id, WeightFindingRow.settled_at.is_not(None)
    )
    rows = uow.session.scalars(statement.order_by(WeightFindingRow.settled_at))
    return {(row.tenant_id, row.kind, row.code): row for row in rows}


def _catalog(items: Items, parcels: Sequence[Confirmed], settled: Mapping[Key, WeightFindingRow]) -> Iterator[Finding]:
    names = {(parcel.tenant_id, line.item_id): line.sku for parcel in parcels for line in parcel.lines}
    for (tenant, item_id), weight in items.items():
        what = weight.suspicion
        known = settled.get((tenant, "catalog", item_id))
        # The same entry was looked at already; only another one is news.
        if what and not (known and known.believed_g == weight.master_g):
            sentence = f"The catalog's {weight.master_g:,} g look wrong: {what}."
            yield Finding(
                tenant, "catalog", item_id, names[tenant, item_id], sentence, weight.master_g, weight.mean_g,
                weight.parcels,
            )  # fmt: skip


def _drifts(parcels: Sequence[Confirmed], settled: Mapping[Key, WeightFindingRow]) -> Iterator[Finding]:
    series: dict[Key, list[Confirmed]] = {}
    names: dict[Key, str] = {}
    for parcel in parcels[-_SINCE:]:
        for key, name in _subjects(parcel):
            known = settled.get(key)
            if known is None or known.settled_at is None or parcel.weighed_at > known.settled_at:
                series.setdefault(key, []).append(parcel)
                names[key] = name
    for key, weighed in series.items():
        drift = find_drift(Reading(parcel.z, parcel.reading_g - parcel.expected_g) for parcel in weighed)
        if drift is not None:
            yield _drifted(key, names[key], weighed, drift)


def _subjects(parcel: Confirmed) -> Iterator[tuple[Key, str]]:
    yield (_HOUSE, "scale", parcel.scale), parcel.scale
    yield (_HOUSE, "carton", parcel.carton_code), parcel.carton_code
    yield (_HOUSE, "packer", parcel.packed_by), parcel.packed_by
    for line in parcel.lines:
        yield (parcel.tenant_id, "item", line.item_id), line.sku


_LIKELY = {
    "scale": "Check its zero and its calibration.",
    "carton": "Another lot of cartons may have come.",
    "packer": "See how this person packs and fills.",
    "item": "Its packaging may have changed.",
}


def _drifted(key: Key, name: str, weighed: Sequence[Confirmed], drift: Drift) -> Finding:
    tenant, kind, code = key
    side = "heavier" if drift.shift_g > 0 else "lighter"
    what = (
        f"The last {drift.parcels:,} right parcels were {abs(drift.shift_g):,.0f} g {side} than expected on average."
        f" {_LIKELY[kind]}"
    )
    believed = sum(parcel.expected_g for parcel in weighed[-drift.parcels :]) / drift.parcels
    return Finding(tenant, kind, code, name, what, believed, believed + drift.shift_g, drift.parcels)

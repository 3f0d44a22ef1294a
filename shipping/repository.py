from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import func, select, text

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from shipping.domain.typed_weights import typed_words
from shipping.domain.weight_belief import ItemWeight
from shipping.models.parcels import LabelRow, ManifestCarveOutRow, ManifestRow, ParcelRow, WeightAuditRow
from shipping.views import AuditView, Content, LabelRequest, ManifestView, ParcelView, ShipTo

_CONTENTS = "contents of parcels"
_SERIAL = text("select next_serial(:series)")
_ITEMS = text(
    "select parcel_id, item_id, line_id, sku, name, quantity, weight_g, length_mm, width_mm, height_mm, dangerous_goods"
    " from parcel_item where tenant_id = any(:tenants) and parcel_id = any(:parcels) order by parcel_id, line_id"
)
_DANGEROUS = text(
    "select parcel_id, array_agg(distinct dangerous_goods order by dangerous_goods) from parcel_item"
    " where parcel_id = any(:parcels) and dangerous_goods <> '' group by parcel_id"
)
_MANIFESTED_LINES = text(
    "select i.parcel_id, jsonb_agg(jsonb_build_object('line_id', i.line_id, 'item_id', i.item_id,"
    " 'quantity', i.quantity) order by i.line_id) as lines"
    " from manifest_parcel m join parcel_item i on i.tenant_id = m.tenant_id and i.parcel_id = m.parcel_id"
    " where m.manifest_id = :manifest group by i.parcel_id"
)
_WEIGHTS = (
    "select item_id, master_g, seen_g, precision, parcels from item_weight"
    " where tenant_id = :tenant and item_id = any(:items) order by item_id"
)
_READ_WEIGHTS, _LOCK_WEIGHTS = text(_WEIGHTS), text(f"{_WEIGHTS} for update")
_SAVE_WEIGHTS = text(
    "insert into item_weight (tenant_id, item_id, mean_g, mean_sd_g, parcels, master_g, updated_at, seen_g, precision)"
    " select :tenant, w.item_id, w.mean_g, w.mean_sd_g, w.parcels, w.master_g, :now, w.seen_g, w.precision"
    " from jsonb_to_recordset(cast(:weights as jsonb)) as w(item_id text, mean_g float8, mean_sd_g float8,"
    " parcels bigint, master_g bigint, seen_g float8, precision float8) order by w.item_id"
    " on conflict (tenant_id, item_id) do update set mean_g = excluded.mean_g, mean_sd_g = excluded.mean_sd_g,"
    " parcels = excluded.parcels, master_g = excluded.master_g, updated_at = excluded.updated_at,"
    " seen_g = excluded.seen_g, precision = excluded.precision"
)
_COPIED = (
    "tenant_id", "id", "site_id", "kind", "reference", "party", "state", "clearance", "sscc", "carton_code",
    "expected_g", "weight_g", "service_level", "promised_on", "value_minor", "currency", "tote", "packed_by",
    "packed_at", "label_id", "carrier", "service", "tracking_number", "ship_date", "arrives_on", "manifest_id",
    "handed_over_at", "voided_at", "tracking_status", "tracking_reason", "tracking_place", "tracked_at",
    "delivered_at", "tare_proof",
)  # fmt: skip


def lock_parcel(uow: UnitOfWork, tenant_id: str | None, parcel_id: str) -> ParcelRow:
    """Load one parcel and lock its row; without a tenant it is whoever's the caller sees.

    Raises:
        NotFound: this caller has no such parcel.
    """
    statement = select(ParcelRow).where(ParcelRow.id == parcel_id)
    if tenant_id is not None:
        statement = statement.where(ParcelRow.tenant_id == tenant_id)
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such parcel.")
    return row


def lock_manifest(uow: UnitOfWork, manifest_id: str) -> ManifestRow:
    """Load one manifest and lock its row.

    Raises:
        NotFound: this caller has no such manifest.
    """
    statement = select(ManifestRow).where(ManifestRow.id == manifest_id)
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such manifest.")
    return row


def lock_label(uow: UnitOfWork, tenant_id: str, label_id: str) -> LabelRow:
    """Load one label and lock its row; lock its parcel first.

    Raises:
        NotFound: this caller has no such label.
    """
    statement = select(LabelRow).where(LabelRow.tenant_id == tenant_id, LabelRow.id == label_id)
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such label.")
    return row


def items_of(uow: UnitOfWork, parcels: Sequence[ParcelRow]) -> dict[str, tuple[Content, ...]]:
    """Return the contents of parcels, by parcel id, in line order. A transaction reads them once; `forget_items` when
    it told what is known of them anew.
    """
    known: dict[str, tuple[Content, ...]] = uow.session.info.setdefault(_CONTENTS, {})
    missing = [parcel for parcel in parcels if parcel.id not in known]
    if missing:
        found: dict[str, list[Content]] = {parcel.id: [] for parcel in missing}
        tenants = {parcel.tenant_id for parcel in missing}
        for parcel_id, *content in uow.session.execute(_ITEMS, {"tenants": list(tenants), "parcels": list(found)}):
            *measured, goods = content
            known_as = Content(*measured)
            found[parcel_id].append(replace(known_as, dangerous_goods=goods) if goods else known_as)
        known |= {parcel_id: tuple(contents) for parcel_id, contents in found.items()}
    return {parcel.id: known[parcel.id] for parcel in parcels}


def dangerous_kinds_of(uow: UnitOfWork, parcel_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the kinds of dangerous goods in parcels by parcel id; those without any are left out."""
    rows = uow.session.execute(_DANGEROUS, {"parcels": list(parcel_ids)})
    return {parcel_id: tuple(kinds) for parcel_id, kinds in rows}


def forget_items(uow: UnitOfWork) -> None:
    """Let this transaction read the contents of parcels again."""
    uow.session.info.pop(_CONTENTS, None)


def tenant_of_parcel(uow: UnitOfWork, *, parcel_id: str) -> str:
    """Return whose a parcel is.

    Raises:
        NotFound: this caller has no such parcel.
    """
    found = uow.session.scalar(select(ParcelRow.tenant_id).where(ParcelRow.id == parcel_id))
    if found is None:
        raise NotFound("There is no such parcel.")
    return found


def item_weights(
    uow: UnitOfWork, tenant_id: str, item_ids: Iterable[str], *, lock: bool = False
) -> dict[str, ItemWeight]:
    """Return what weighing taught about items, by item id; what nothing is known of is left out."""
    statement = _LOCK_WEIGHTS if lock else _READ_WEIGHTS
    rows = uow.session.execute(statement, {"tenant": tenant_id, "items": list(set(item_ids))})
    return {row.item_id: ItemWeight(*row) for row in rows}


def save_item_weights(uow: UnitOfWork, tenant_id: str, weights: Sequence[ItemWeight]) -> None:
    """Keep what is believed of items of a merchant now."""
    rows = [
        {
            "item_id": weight.ref, "mean_g": weight.mean_g, "mean_sd_g": weight.mean_sd_g, "parcels": weight.parcels,
            "master_g": weight.master_g, "seen_g": weight.seen_g, "precision": weight.precision,
        }
        for weight in weights
    ]  # fmt: skip
    if rows:
        document = msgspec.json.encode(rows).decode()
        uow.session.execute(_SAVE_WEIGHTS, {"tenant": tenant_id, "now": uow.now, "weights": document})


def next_serial(uow: UnitOfWork, series: str) -> int:
    """Draw the next number of a series ("sscc_<site id>", "tracking_<carrier>"); none is ever drawn twice."""
    return int(uow.session.execute(_SERIAL, {"series": series}).scalar_one())


def parcel_view(row: ParcelRow, contents: Sequence[Content]) -> ParcelView:
    """Return a parcel as others see it."""
    return ParcelView(
        **{name: getattr(row, name) for name in _COPIED},
        outer_mm=(row.length_mm, row.width_mm, row.height_mm),
        ship_to=ShipTo(**row.ship_to),
        contents=tuple(contents),
        tracking_flags=tuple(row.tracking_flags),
    )


def label_view(row: LabelRow) -> LabelRequest:
    """Return a label, wanted or bought, as others see it."""
    return LabelRequest(
        tenant_id=row.tenant_id, label_id=row.id, parcel_id=row.parcel_id, state=row.state, carrier=row.carrier,
        service=row.service, price_minor=row.price_minor, currency=row.currency,
        saved_minor=row.baseline_minor - row.price_minor, why=row.why, ship_date=row.ship_date,
        arrives_on=row.arrives_on, tracking_number=row.tracking_number,
    )  # fmt: skip


def about(parcel: ParcelRow, items: Sequence[Content]) -> dict[str, Any]:
    """Return what every event of a parcel says: whose it is, and what is inside."""
    lines = [{"line_id": i.line_id, "item_id": i.item_id, "quantity": i.quantity} for i in items]
    return {
        "tenant_id": parcel.tenant_id, "order_id": parcel.reference, "customer_id": parcel.party,
        "parcel_id": parcel.id, "lines": lines,
    }  # fmt: skip


def lines_on_manifest(uow: UnitOfWork, manifest_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return the contents of every parcel of a manifest as events tell them, by parcel id."""
    rows = uow.session.execute(_MANIFESTED_LINES, {"manifest": manifest_id})
    return {row.parcel_id: row.lines for row in rows}


def pulled_counts(uow: UnitOfWork, manifest_ids: Iterable[str]) -> dict[str, int]:
    """Return how many parcels were pulled off manifests or left behind, by manifest id."""
    of, count = ManifestCarveOutRow.manifest_id, func.count().label("pulled")
    statement = select(of, count).where(of.in_(list(manifest_ids))).group_by(of)
    return {row.manifest_id: row.pulled for row in uow.session.execute(statement)}


def manifest_view(row: ManifestRow, *, pulled: int = 0) -> ManifestView:
    """Return a manifest as others see it."""
    return ManifestView(
        id=row.id, site_id=row.site_id, carrier=row.carrier, ship_date=row.ship_date, state=row.state,
        content_hash=row.content_hash, parcel_count=row.parcel_count, total_weight_g=row.total_weight_g,
        total_cost_minor=row.total_cost_minor, reconciliation=row.reconciliation, closed_at=row.closed_at,
        closed_by=row.closed_by, transmitted_at=row.transmitted_at, transmit_error=row.transmit_error,
        handed_over_at=row.handed_over_at, driver=row.driver, pulled=pulled,
    )  # fmt: skip


def audit_view(row: WeightAuditRow) -> AuditView:
    """Return a stored audit as others see it."""
    return AuditView(
        parcel_id=row.parcel_id, decision=row.decision, attempt=row.attempt, reading_g=row.reading_g,
        expected_g=row.expected_g, sigma_g=row.sigma_g, difference_g=row.reading_g - row.expected_g,
        explanations=tuple(cause["sentence"] for cause in row.explanations),
        unseen_skus=tuple(v["sku"] for v in row.visibility if not v["visible"]), caution=row.caution,
        weighed_by=row.weighed_by, weighed_at=row.weighed_at, typed=typed_words(row.scale),
    )  # fmt: skip

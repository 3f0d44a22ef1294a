from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, text, tuple_

from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor
from shipping.cut_offs import all_cut_offs
from shipping.models.parcels import LabelRow, ManifestParcelRow, ManifestRow, ParcelRow, RateQuoteRow, WeightAuditRow
from shipping.models.site import RateCardRow
from shipping.models.tracking import RawPushRow, RawScanRow, TrackingScanRow
from shipping.packing_views import CartonView
from shipping.rate_cards import levels_of
from shipping.repository import audit_view, items_of, manifest_view, parcel_view, pulled_counts
from shipping.sentences import sentence_for
from shipping.site_terms import terms_of
from shipping.views import (
    AuditView,
    BoardCounts,
    CutOff,
    ManifestView,
    ParcelView,
    QuarantinedScan,
    QuoteView,
    ScaleView,
    ScanView,
)

_COUNTS = text(
    "select count(*) filter (where state = 'packed') as to_weigh, count(*) filter (where state = 'held') as held,"
    " count(*) filter (where state = 'cleared') as to_label, count(*) filter (where state = 'labelled') as to_manifest,"
    " count(*) filter (where state = 'manifested') as to_hand_over from parcel"
    " where site_id = :site and kind = 'outbound'"
    " and state in ('packed', 'held', 'cleared', 'labelled', 'manifested')"
)


def get_parcel(uow: UnitOfWork, *, tenant_id: str, parcel_id: str) -> ParcelView:
    """Return a parcel.

    Raises:
        NotFound: this caller has no such parcel.
    """
    return _one(uow, and_(ParcelRow.tenant_id == tenant_id, ParcelRow.id == parcel_id))


def parcel_by_id(uow: UnitOfWork, *, parcel_id: str) -> ParcelView:
    """Return a parcel of whichever tenant the actor may see.

    Raises:
        NotFound: this caller has no such parcel.
    """
    return _one(uow, ParcelRow.id == parcel_id)


def parcels_of(uow: UnitOfWork, *, tenant_id: str, reference: str) -> list[ParcelView]:
    """Return all parcels of a reference, oldest first; returns and voided ones too."""
    return _views(uow, and_(ParcelRow.tenant_id == tenant_id, ParcelRow.reference == reference))


def parcels_of_many(uow: UnitOfWork, *, tenant_id: str, references: Sequence[str]) -> dict[str, list[ParcelView]]:
    """Return the parcels of several references, by reference, oldest first."""
    found: dict[str, list[ParcelView]] = {reference: [] for reference in references}
    for view in _views(uow, and_(ParcelRow.tenant_id == tenant_id, ParcelRow.reference.in_(references))):
        found[view.reference].append(view)
    return found


def parcel_by_tracking_number(uow: UnitOfWork, *, tracking_number: str) -> list[ParcelView]:
    """Return the parcels that carry a tracking number, newest first: carriers use numbers again after some time."""
    return _views(uow, ParcelRow.tracking_number == tracking_number)[::-1] if tracking_number else []


def newest_by_tracking_number(uow: UnitOfWork, *, tracking_number: str) -> ParcelView:
    """Return the newest parcel with a tracking number.

    Raises:
        NotFound: this caller has no such parcel.
    """
    found = parcel_by_tracking_number(uow, tracking_number=tracking_number)
    if not found:
        raise NotFound("No parcel of yours has this tracking number.")
    return found[0]


def parcel_by_sscc(uow: UnitOfWork, *, sscc: str) -> ParcelView:
    """Return the parcel with this license plate.

    Raises:
        NotFound: this caller has no such parcel.
    """
    return _one(uow, ParcelRow.sscc == sscc)


def held_parcels(uow: UnitOfWork, *, site_id: str) -> list[tuple[ParcelView, AuditView]]:
    """Return what the weight audit holds at a site, longest waiting first, with the audit that stopped it."""
    held = _views(uow, and_(ParcelRow.site_id == site_id, ParcelRow.state == "held"))
    audits = _last_audits(uow, [view.id for view in held])
    return [(view, audits[view.id]) for view in held]


def audits_of(uow: UnitOfWork, *, tenant_id: str, parcel_id: str) -> list[AuditView]:
    """Return every judged reading of a parcel, in order."""
    statement = select(WeightAuditRow).where(
        WeightAuditRow.tenant_id == tenant_id, WeightAuditRow.parcel_id == parcel_id
    )
    return [audit_view(row) for row in uow.session.scalars(statement.order_by(WeightAuditRow.attempt))]


def quotes_of(uow: UnitOfWork, *, tenant_id: str, parcel_id: str) -> list[QuoteView]:
    """Return every quote that a parcel's newest label was chosen from, cheapest first, given up since or not."""
    newest = (
        select(LabelRow.id)
        .where(LabelRow.tenant_id == tenant_id, LabelRow.parcel_id == parcel_id)
        .order_by(LabelRow.requested_at.desc(), LabelRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = select(RateQuoteRow).where(RateQuoteRow.tenant_id == tenant_id, RateQuoteRow.label_id == newest)
    rows = uow.session.scalars(statement.order_by(RateQuoteRow.rank))
    return [
        QuoteView(r.rank, r.carrier, r.service, r.price_minor, r.currency, r.arrives_on, r.chosen, r.details)
        for r in rows
    ]


def scans_of(uow: UnitOfWork, *, tenant_id: str, parcel_id: str) -> list[ScanView]:
    """Return a parcel's scans in plain words, newest first."""
    statement = select(TrackingScanRow).where(
        TrackingScanRow.tenant_id == tenant_id, TrackingScanRow.parcel_id == parcel_id
    )
    rows = uow.session.scalars(statement.order_by(TrackingScanRow.occurred_at.desc(), TrackingScanRow.id.desc()))
    return [ScanView(r.occurred_at, r.status, sentence_for(r.status, r.reason, r.place), r.place, r.code) for r in rows]


def quarantined_scans(uow: UnitOfWork, *, limit: int = 100) -> list[QuarantinedScan]:
    """Return scans whose parcel is not known and messages that could not be read, newest first."""
    taken = select(TrackingScanRow.id).where(TrackingScanRow.id == RawScanRow.id).exists()
    scans = uow.session.scalars(
        select(RawScanRow).where(RawScanRow.tenant_id == "", ~taken).order_by(RawScanRow.id.desc()).limit(limit)
    )
    pushes = uow.session.scalars(
        select(RawPushRow).where(RawPushRow.problem != "").order_by(RawPushRow.id.desc()).limit(limit)
    )
    found = [
        QuarantinedScan(s.id, s.carrier, s.tracking_number, "No parcel has this number.", s.received_at) for s in scans
    ]
    found += [QuarantinedScan(p.id, p.carrier, "", p.problem, p.received_at) for p in pushes]
    return sorted(found, key=lambda scan: scan.received_at, reverse=True)[:limit]


def get_manifest(uow: UnitOfWork, *, manifest_id: str) -> ManifestView:
    """Return a manifest.

    Raises:
        NotFound: there is no such manifest for this caller.
    """
    row = uow.session.get(ManifestRow, manifest_id)
    if row is None:
        raise NotFound("There is no such manifest.")
    return manifest_view(row, pulled=pulled_counts(uow, [row.id]).get(row.id, 0))


def manifest_parcels(uow: UnitOfWork, *, manifest_id: str) -> list[ParcelView]:
    """Return the parcels on a manifest, by tracking number."""
    member = select(ManifestParcelRow.parcel_id).where(ManifestParcelRow.manifest_id == manifest_id)
    return sorted(_views(uow, ParcelRow.id.in_(member)), key=lambda view: view.tracking_number)


def find_manifests(
    uow: UnitOfWork, *, site_id: str | None = None, carrier: str | None = None, ship_date: date | None = None,
    cursor: str | None = None, limit: int = DEFAULT_LIMIT,
) -> Page[ManifestView]:  # fmt: skip
    """Return manifests, newest first.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    wanted = {ManifestRow.site_id: site_id, ManifestRow.carrier: carrier, ManifestRow.ship_date: ship_date}
    where: list[ColumnElement[bool]] = [column == value for column, value in wanted.items() if value is not None]
    if cursor:
        where.append(ManifestRow.id < str(decode_cursor("manifests", cursor)[0]))
    size = min(limit, MAX_LIMIT)
    rows = uow.session.scalars(select(ManifestRow).where(*where).order_by(ManifestRow.id.desc()).limit(size + 1)).all()
    shown = rows[:size]
    following = encode_cursor("manifests", shown[-1].id) if len(rows) > size else None
    pulled = pulled_counts(uow, [row.id for row in shown])
    return Page(tuple(manifest_view(row, pulled=pulled.get(row.id, 0)) for row in shown), following)


def find_parcels(
    uow: UnitOfWork, *, site_id: str | None = None, tenant_id: str | None = None, state: str | None = None,
    search: str = "", cursor: str | None = None, limit: int = DEFAULT_LIMIT,
) -> Page[ParcelView]:  # fmt: skip
    """Return parcels, newest first; `search` is a whole reference, tracking number, SSCC or parcel id.

    Raises:
        Invalid: the cursor was not given out by this service.
    """
    wanted = {ParcelRow.site_id: site_id, ParcelRow.tenant_id: tenant_id, ParcelRow.state: state}
    where: list[ColumnElement[bool]] = [column == value for column, value in wanted.items() if value is not None]
    if search:
        fields = (ParcelRow.reference, ParcelRow.tracking_number, ParcelRow.sscc, ParcelRow.id)
        where.append(or_(*(column == search for column in fields)))
    if cursor:
        packed_at, last_id = decode_cursor("parcels", cursor)
        position = (datetime.fromisoformat(str(packed_at)), str(last_id))
        where.append(tuple_(ParcelRow.packed_at, ParcelRow.id) < position)
    size = min(limit, MAX_LIMIT)
    statement = select(ParcelRow).where(*where).order_by(ParcelRow.packed_at.desc(), ParcelRow.id.desc())
    rows = list(uow.session.scalars(statement.limit(size + 1)))
    shown = rows[:size]
    items = items_of(uow, shown)
    following = encode_cursor("parcels", shown[-1].packed_at.isoformat(), shown[-1].id) if len(rows) > size else None
    return Page(tuple(parcel_view(row, items[row.id]) for row in shown), following)


def next_cut_offs(uow: UnitOfWork, *, site_id: str, now: datetime) -> list[CutOff]:
    """Return until when each service of a site takes parcels next, soonest first."""
    terms = terms_of(uow, site_id)
    levels = levels_of(uow, terms, now.date())
    zone = terms.site.time_zone
    found = all_cut_offs(terms.services, now=now, time_zone=zone, calendar=terms.calendar)
    return [replace(each, level=levels.get((each.carrier, each.service), "")) for each in found]


def cartons(uow: UnitOfWork, *, site_id: str) -> list[CartonView]:
    """Return the cartons that a site stocks, the smallest first.

    Raises:
        NotFound: there is no such site.
    """
    stocked = [
        CartonView(
            carton.code, carton.name, (carton.inner_length_mm, carton.inner_width_mm, carton.inner_height_mm),
            carton.tare_g, carton.max_weight_g, carton.on_hand, carton.is_mailer,
        )
        for carton in terms_of(uow, site_id).cartons
    ]  # fmt: skip
    return sorted(stocked, key=lambda carton: (carton.room_mm3, carton.code))


def scales(uow: UnitOfWork, *, site_id: str) -> list[ScaleView]:
    """Return the scales of a site whose calibration has not run out, by code.

    Raises:
        NotFound: there is no such site.
    """
    today = uow.now.date()
    return [
        ScaleView(scale.code, scale.interval_g, scale.max_g, scale.calibrated_until, scale.in_motion)
        for scale in terms_of(uow, site_id).scales
        if scale.calibrated_until >= today
    ]


def prices_of(uow: UnitOfWork, *, site_id: str) -> list[str]:
    """Return the documents of all rate cards of a site, by carrier, service, currency and day."""
    key = (RateCardRow.carrier, RateCardRow.service, RateCardRow.currency, RateCardRow.valid_from)
    return list(uow.session.scalars(select(RateCardRow.card).where(RateCardRow.site_id == site_id).order_by(*key)))


def board_counts(uow: UnitOfWork, *, site_id: str) -> BoardCounts:
    """Return how many parcels of a site wait at each step."""
    row = uow.session.execute(_COUNTS, {"site": site_id}).one()
    return BoardCounts(row.to_weigh, row.held, row.to_label, row.to_manifest, row.to_hand_over)


def _one(uow: UnitOfWork, where: ColumnElement[bool]) -> ParcelView:
    found = _views(uow, where)
    if not found:
        raise NotFound("There is no such parcel.")
    return found[0]


def _views(uow: UnitOfWork, where: ColumnElement[bool]) -> list[ParcelView]:
    rows = list(uow.session.scalars(select(ParcelRow).where(where).order_by(ParcelRow.packed_at, ParcelRow.id)))
    items = items_of(uow, rows) if rows else {}
    return [parcel_view(row, items[row.id]) for row in rows]


def _last_audits(uow: UnitOfWork, parcel_ids: Sequence[str]) -> dict[str, AuditView]:
    last = (
        select(WeightAuditRow.parcel_id, func.max(WeightAuditRow.attempt))
        .where(WeightAuditRow.parcel_id.in_(parcel_ids))
        .group_by(WeightAuditRow.parcel_id)
    )
    rows = uow.session.scalars(
        select(WeightAuditRow).where(tuple_(WeightAuditRow.parcel_id, WeightAuditRow.attempt).in_(last))
    )
    return {row.parcel_id: audit_view(row) for row in rows}

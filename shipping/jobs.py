from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import or_, select

from kernel import actors
from kernel.access.queries import SiteView
from kernel.crashpoints import crashpoint
from kernel.db.transactions import UnitOfWork, run
from shipping.account_calls import buy_once, seek_to_void, void_once
from shipping.account_labels import Errand, errand_of, note_outcome
from shipping.carrier_requests import label_request
from shipping.commands.record_label import record_label, record_label_failure
from shipping.commands.record_label_void import record_label_void
from shipping.commands.record_transmission import due_transmissions, labels_on_manifest, record_transmission
from shipping.commands.request_label import LEASE, request_label, want_label
from shipping.export_facts import ExportFactsMissing
from shipping.freight_risks import learn_service_records
from shipping.gateway_choice import gateway_for
from shipping.gateways.carriers import (
    CarrierGateway,
    ManifestAcknowledged,
    ManifestOutcome,
    ManifestRequest,
    Purchased,
    PurchaseOutcome,
    Refused,
    Unavailable,
    UnknownOutcome,
    VoidOutcome,
)
from shipping.gateways.carriers import LabelRequest as CarrierLabelRequest
from shipping.models.parcels import LabelRow, ParcelRow
from shipping.repository import label_view, lock_parcel
from shipping.return_exports import customs_facts
from shipping.site_terms import terms_of
from shipping.views import LabelRequest

_CHUNK = 1_000
"""How many parcels one transmission carries at most: carriers cap their lists."""


@dataclass(frozen=True, slots=True)
class _Task:
    tenant_id: str
    parcel_id: str
    request: CarrierLabelRequest
    tracking_number: str
    is_void: bool
    mode: str
    errand: Errand | None


def purchase_label(*, tenant_id: str, parcel_id: str, gateway: CarrierGateway | None = None) -> LabelRequest:
    """Buy a parcel's label: the intent commits, then the carrier is asked, then the outcome commits.

    Safe to repeat and to run twice at once, since our label id is the carrier's idempotency key: one label is paid for
    at most. When the outcome is unknown the label stays requested and `purchase_pending_labels` asks again.

    Raises:
        NotFound, HeldByAudit, NotWeighed, IllegalTransition, NoServiceFits, ExportFactsMissing: as `request_label`.
    """
    outcome = run(actors.system("labels"), lambda uow: _want(uow, tenant_id, parcel_id, gateway))
    if isinstance(outcome, LabelRequest):
        return outcome
    crashpoint("label.after_intent")
    return _purchase(outcome, gateway)


def purchase_pending_labels(*, limit: int = 100, gateway: CarrierGateway | None = None) -> int:
    """Finish what is due: labels that are wanted or whose outcome is unknown, and voids that carriers are owed.

    Each is claimed for a minute, so that several workers share the work. Returns how many were asked for.
    """
    tasks = run(actors.system("labels"), lambda uow: _claim_due(uow, limit))
    for task in tasks:
        if task.is_void:
            _void(task, gateway)
        else:
            _purchase(task, gateway)
    return len(tasks)


def transmit_manifests(*, gateway: CarrierGateway | None = None) -> int:
    """Send closed manifests to their carriers, and return how many were tried."""
    actor = actors.system("manifests")
    due = run(actor, due_transmissions)
    for manifest, mode in due:
        outcome = _transmit(gateway or gateway_for(mode), manifest)
        run(actor, partial(record_transmission, manifest_id=manifest.reference, outcome=outcome))
    return len(due)


def learn_from_freight() -> int:
    """Count what was seen of each service: arrivals, adjustments and claims. Returns how many services."""
    return run(actors.system("freight"), learn_service_records)


def _want(uow: UnitOfWork, tenant_id: str, parcel_id: str, gateway: CarrierGateway | None) -> LabelRequest | _Task:
    """Record the intent and claim it, unless the label is there already."""
    if gateway is None:
        wanted = request_label(uow, tenant_id=tenant_id, parcel_id=parcel_id)
        if wanted.state != "requested":
            return wanted
    parcel = lock_parcel(uow, tenant_id, parcel_id)
    label = want_label(uow, parcel)
    return _claim(uow, label, parcel) if label.state == "requested" else label_view(label)


def _claim_due(uow: UnitOfWork, limit: int) -> list[_Task]:
    due = or_(LabelRow.state == "requested", LabelRow.carrier_void == "due")
    statement = select(LabelRow).where(due, LabelRow.next_attempt_at <= uow.now)
    ordered = statement.order_by(LabelRow.tenant_id, LabelRow.id).limit(limit).with_for_update(skip_locked=True)
    labels = uow.session.scalars(ordered).all()
    return [_claim(uow, label, _parcel_of(uow, label)) for label in labels]


def _parcel_of(uow: UnitOfWork, label: LabelRow) -> ParcelRow:
    return uow.session.get_one(ParcelRow, (label.tenant_id, label.parcel_id))


def _claim(uow: UnitOfWork, label: LabelRow, parcel: ParcelRow) -> _Task:
    label.attempts += 1
    label.next_attempt_at = uow.now + LEASE
    terms = terms_of(uow, parcel.site_id)
    request = label_request(label, parcel, terms.site)
    service = terms.service(label.carrier, label.service)
    mode = service.gateway if service else "offline"
    is_void = label.carrier_void == "due"
    errand = errand_of(uow, label, terms.route(label.tenant_id, label.carrier, label.service))
    if errand is not None and not is_void:
        request = _declared(uow, request, parcel, terms.site)
    return _Task(label.tenant_id, label.parcel_id, request, label.tracking_number, is_void, mode, errand)


def _declared(
    uow: UnitOfWork, request: CarrierLabelRequest, parcel: ParcelRow, site: SiteView
) -> CarrierLabelRequest:  # fmt: skip
    """Add what customs is told; the gateway refuses a parcel for abroad that comes without."""
    try:
        return replace(request, customs=customs_facts(uow, parcel, site))
    except ExportFactsMissing:
        return request


def _purchase(task: _Task, gateway: CarrierGateway | None) -> LabelRequest:
    if task.errand is not None and gateway is None:
        outcome = buy_once(task.errand, task.request)
    else:
        outcome = (gateway or gateway_for(task.mode)).purchase_label(task.request)
    crashpoint("label.after_purchase")
    return run(actors.system("labels"), lambda uow: _record(uow, task, outcome))


def _record(uow: UnitOfWork, task: _Task, outcome: PurchaseOutcome) -> LabelRequest:
    if task.errand is not None:
        note_outcome(uow, tenant_id=task.tenant_id, label_id=task.request.reference, outcome=outcome)
    keys = {"tenant_id": task.tenant_id, "parcel_id": task.parcel_id, "label_id": task.request.reference}
    if isinstance(outcome, Purchased):
        return record_label(uow, **keys, purchased=outcome)
    return record_label_failure(uow, **keys, outcome=outcome)


def _void(task: _Task, gateway: CarrierGateway | None) -> None:
    """Void at the carrier. A label whose purchase is in doubt is asked for first, with its own reference: then it
    surely exists once, and can be voided.
    """
    label_id = task.request.reference
    if task.errand is not None and gateway is None:
        outcome = _void_at_account(task, task.errand)
    else:
        number = task.tracking_number or _purchase(task, gateway).tracking_number
        if not number:
            return
        outcome = (gateway or gateway_for(task.mode)).void_label(
            carrier=task.request.carrier, reference=label_id, tracking_number=number
        )
    run(
        actors.system("labels"),
        lambda uow: record_label_void(uow, tenant_id=task.tenant_id, label_id=label_id, outcome=outcome),
    )


def _void_at_account(task: _Task, errand: Errand) -> VoidOutcome:
    """Void at a real carrier. A label whose purchase is in doubt is looked for, and never bought to be voided."""
    if task.tracking_number:
        return void_once(errand, task.request, task.tracking_number)
    found = seek_to_void(errand, task.request)
    if not isinstance(found, Purchased):
        return found
    run(actors.system("labels"), lambda uow: _record(uow, task, found))
    return void_once(errand, task.request, found.shipment_identifier or found.tracking_number)


def _register(gateway: CarrierGateway, manifest: ManifestRequest, refused: Refused) -> bool:
    """Tell the carrier of the labels that it did not know, and say whether it knows them all now.

    They were written from our own number range at a time when its API could not be asked.
    """
    unknown = run(
        actors.system("manifests"),
        lambda uow: labels_on_manifest(uow, manifest_id=manifest.reference, numbers=refused.tracking_numbers),
    )
    return bool(unknown) and all(
        isinstance(gateway.register_label(request, number), Purchased) for request, number in unknown
    )


def _transmit(gateway: CarrierGateway, manifest: ManifestRequest) -> ManifestOutcome:
    outcome: ManifestOutcome = ManifestAcknowledged(manifest.reference)
    numbers = manifest.tracking_numbers
    for start in range(0, len(numbers), _CHUNK):
        part = ManifestRequest(
            f"{manifest.reference}.{start // _CHUNK + 1}", manifest.carrier, manifest.ship_date,
            numbers[start : start + _CHUNK],
        )  # fmt: skip
        outcome = gateway.transmit_manifest(part)
        if isinstance(outcome, Refused) and outcome.tracking_numbers and _register(gateway, manifest, outcome):
            outcome = gateway.transmit_manifest(part)
        if isinstance(outcome, Refused | Unavailable | UnknownOutcome):
            return outcome
    return outcome

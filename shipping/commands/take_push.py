import hashlib

from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id
from shipping.commands.record_scans import record_scans
from shipping.gateways.carrier_webhooks import MalformedTrackingError, parse_tracking_webhook
from shipping.gateways.carriers import RawScan
from shipping.models.tracking import RawPushRow
from shipping.views import ScanCounts


def take_push(uow: UnitOfWork, *, carrier: str, body: bytes) -> ScanCounts:
    """Take a carrier's proven message in: it is kept as it came, then its scans are recorded.

    A message that cannot be read, or that speaks for another carrier, is kept as well and waits, visible, for a
    person: the carrier need not send it again. Emits as `record_scans`.
    """
    scans: tuple[RawScan, ...] = ()
    problem = ""
    try:
        scans = parse_tracking_webhook(body)
    except MalformedTrackingError as error:
        problem = f"It cannot be read: {error}"
    if any(scan.carrier != carrier for scan in scans):
        problem, scans = f"It speaks for another carrier than {carrier}.", ()
    push_id = _keep(uow, carrier, body, problem)
    if problem:
        return ScanCounts(recorded=0, repeated=0, quarantined=1)
    return record_scans(uow, carrier=carrier, scans=scans, push_id=push_id)


def _keep(uow: UnitOfWork, carrier: str, body: bytes, problem: str) -> str:
    push_id = new_id("psh")
    statement = insert(RawPushRow).values(
        tenant_id="", id=push_id, carrier=carrier, digest=hashlib.sha256(body).hexdigest(),
        body=body.decode(errors="replace").replace("\0", "\ufffd"), problem=problem[:500], received_at=uow.now,
    )  # fmt: skip
    return uow.session.scalar(statement.on_conflict_do_nothing().returning(RawPushRow.id)) or ""

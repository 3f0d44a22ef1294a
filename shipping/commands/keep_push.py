import hashlib

from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id
from shipping.models import RawPushRow


def keep_push(uow: UnitOfWork, *, carrier: str, body: bytes, problem: str = "") -> str:
    """Keep a carrier's proven message as it came and return its id; `problem` says why nothing can be read from it.

    A message that came before is kept once; then the id is empty.
    """
    push_id = new_id("psh")
    statement = insert(RawPushRow).values(
        tenant_id="", id=push_id, carrier=carrier, digest=hashlib.sha256(body).hexdigest(),
        body=body.decode(errors="replace").replace("\0", "\ufffd"), problem=problem[:500], received_at=uow.now,
    )  # fmt: skip
    kept = uow.session.scalar(statement.on_conflict_do_nothing().returning(RawPushRow.id))
    return kept or ""

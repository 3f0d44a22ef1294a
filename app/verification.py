from sqlalchemy import text

from app.rooms import INVARIANTS
from kernel import actors
from kernel.db.transactions import transaction
from kernel.invariants import Finding, check


def verify_house() -> list[Finding]:
    """Hold every context's invariants against the whole database, in one snapshot."""
    with transaction(actors.system("verify"), snapshot=True) as uow:
        uow.session.execute(text("set local statement_timeout = 0"))
        return [check(uow, invariant) for invariant in INVARIANTS]

from collections.abc import Sequence

from sqlalchemy import insert

from inventory.serials.models import SerialStep
from kernel.db.transactions import UnitOfWork
from kernel.ids import new_id


def note_steps(
    uow: UnitOfWork, *, tenant_id: str, site_id: str, kind: str, units: Sequence[tuple[str, str]], reference: str = "",
    parcel_id: str = "", note: str = "",
) -> None:  # fmt: skip
    """Write one fact into the lives of units (item id, serial)."""
    rows = [
        {
            "tenant_id": tenant_id, "id": new_id("srl"), "item_id": item_id, "serial": serial, "kind": kind,
            "site_id": site_id, "reference": reference, "parcel_id": parcel_id, "note": note, "actor": uow.actor.id,
            "at": uow.now,
        }
        for item_id, serial in units
    ]  # fmt: skip
    if rows:
        uow.session.flush()
        uow.session.execute(insert(SerialStep), rows)

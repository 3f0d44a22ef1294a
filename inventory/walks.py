"""Reads of everything that there is, in pieces that fit into memory."""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import select

from inventory.models import Item
from inventory.queries import availability
from inventory.views import Availability
from kernel.db.transactions import UnitOfWork

PIECE = 1_000
"""How many items are in memory at once."""


def walk_availability(
    uow: UnitOfWork, *, tenant_id: str = "", channel: str = ""
) -> Iterator[tuple[str, list[Availability]]]:
    """Yield what a channel can sell of every active item, by merchant and SKU, up to 1,000 items at a time.

    The items come from a server-side cursor; without a merchant, those of all that the actor may see. For one
    consistent answer the transaction is a snapshot.
    """
    statement = select(Item.tenant_id, Item.sku).where(Item.active).order_by(Item.tenant_id, Item.sku)
    if tenant_id:
        statement = statement.where(Item.tenant_id == tenant_id)
    rows = uow.session.execute(statement, execution_options={"stream_results": True, "yield_per": PIECE})
    for piece in rows.partitions():
        for merchant, found in groupby(piece, key=lambda row: row.tenant_id):
            yield merchant, availability(uow, tenant_id=merchant, skus=[row.sku for row in found], channel=channel)

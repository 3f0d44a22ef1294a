"""A catalogue as CSV, as its intake takes it back."""

from collections.abc import Iterator

from app.importers.items.columns import COLUMNS, written
from inventory.api import find_items
from kernel.access.queries import find_merchants
from kernel.actors import Actor
from kernel.csv_text import csv_line
from kernel.db.transactions import transaction
from kernel.web.paging import MAX_LIMIT


def items_as_csv(actor: Actor, *, merchant_id: str = "") -> Iterator[str]:
    """Yield the items that the actor may see, by SKU, some at a time, each piece read in a transaction of its own: a
    slow reader holds none open. Sent to the import of their merchant, the lines change nothing.
    """
    with transaction(actor) as uow:
        codes = {each.id: each.code for each in find_merchants(uow)}
    yield csv_line(COLUMNS)
    cursor: str | None = ""
    while cursor is not None:
        with transaction(actor) as uow:
            found = find_items(uow, tenant_id=merchant_id, cursor=cursor, limit=MAX_LIMIT)
        cells = (written(item, codes.get(item.tenant_id, "")) for item in found.items)
        yield "".join(csv_line(each[column] for column in COLUMNS) for each in cells)
        cursor = found.next

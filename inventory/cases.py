"""How goods are packed together: what an inner or a case of an item holds."""

from collections.abc import Iterable

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork

_CASES = text(
    "select distinct tenant_id, item_id, units from item_barcode where units > 1 and (tenant_id, item_id) in"
    " (select * from unnest(cast(:tenants as text[]), cast(:items as text[]))) order by tenant_id, item_id, units"
)


def case_sizes(uow: UnitOfWork, items: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, ...]]:
    """Return how many units the inners and cases of these (tenant, item) pairs hold; items without any are left out."""
    wanted = sorted(set(items))
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    if wanted:
        columns = {"tenants": [t for t, _ in wanted], "items": [i for _, i in wanted]}
        for tenant_id, item_id, units in uow.session.execute(_CASES, columns):
            found[tenant_id, item_id] = (*found.get((tenant_id, item_id), ()), units)
    return found

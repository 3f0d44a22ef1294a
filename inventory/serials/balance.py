"""Units against serial numbers: stock is counted in units, and each unit of a tracked item should have a serial."""

from collections.abc import Sequence

from sqlalchemy import text

from kernel.db.transactions import UnitOfWork

_IN_HOUSE = "('AVAILABLE', 'IN_TOTE', 'PACKED')"
UNITS_AND_SERIALS = """
  select tenant_id, item_id, site_id, on_hand as units, 0 as serials from stock_level
  union all
  select tenant_id, item_id, site_id, quantity, 0 from bucket_stock where bucket in ('IN_TOTE', 'PACKED')
  union all
  select tenant_id, item_id, site_id, 0, 1 from serial_unit
  where state = 'in_stock' or (state = 'with_order' and left_at is null)
"""
"""What is in the house: units on hand, in totes and packed; serial numbers in stock and in parcels that are here."""
UNEXPLAINED = f"""
  select tenant_id, item_id, site_id, units - serials as units from ({UNITS_AND_SERIALS}) held
  union all
  select tenant_id, item_id, site_id,
         quantity * (cast(from_bucket in {_IN_HOUSE} as int) - cast(to_bucket in {_IN_HOUSE} as int))
  from stock_movement
  where reason not in ('receipt', 'arrival') and (from_bucket in {_IN_HOUSE}) <> (to_bucket in {_IN_HOUSE})
  union all
  select tenant_id, item_id, site_id, quantity from stock_movement where reason = 'receipt' and to_bucket = 'HOSPITAL'
  union all
  select tenant_id, item_id, site_id,
         case when kind in ('registered', 'restocked') then 1 when kind in ('shipped', 'undone', 'written_off') then -1
         else 0 end
  from serial_step
"""  # noqa: S608 - composed of constants
"""Summed up by item and site: units without a serial that neither a movement other than a receipt (a count, a loss, a
return) nor a step of a serial accounts for. It never changes while an item is tracked, because each received unit comes
with its serial."""
_START = text(
    f"""
    insert into serial_start (tenant_id, item_id, site_id, units)
    select tenant_id, item_id, site_id, sum(units) from ({UNEXPLAINED}) u
    where tenant_id = :tenant and item_id = any(cast(:items as text[]))
    group by 1, 2, 3
    on conflict (tenant_id, item_id, site_id) do update set units = excluded.units
    """  # noqa: S608 - composed of constants
)
_WITHOUT = text(
    f"""
    select site_id, cast(sum(units) - sum(serials) as bigint) as units from ({UNITS_AND_SERIALS}) held
    where tenant_id = :tenant and item_id = :item group by 1
    """  # noqa: S608 - composed of constants
)


def start_serials(uow: UnitOfWork, *, tenant_id: str, item_ids: Sequence[str]) -> None:
    """Note, for items that are tracked from now on, the units whose serial numbers nobody knows."""
    uow.session.execute(_START, {"tenant": tenant_id, "items": list(item_ids)})


def units_without_serial(uow: UnitOfWork, *, tenant_id: str, item_id: str) -> dict[str, int]:
    """Return, by site, how many more units of an item than serial numbers are in the house. Fewer than none: as many
    units are gone of which nobody knows which they were.
    """
    rows = uow.session.execute(_WITHOUT, {"tenant": tenant_id, "item": item_id})
    return {row.site_id: row.units for row in rows if row.units}

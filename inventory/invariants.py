from inventory.arrivals import invariants as arrivals
from inventory.counts import invariants as counts
from inventory.moves import invariants as moves
from inventory.plates import invariants as plates
from inventory.selling import invariants as selling
from inventory.serials import invariants as serials
from kernel.invariants import Invariant

_MOVED = """
  select m.tenant_id, m.item_id, m.site_id, m.to_bucket as bucket, m.to_location_id as location_id, m.lot,
         m.quantity
  from stock_movement m
  union all
  select m.tenant_id, m.item_id, m.site_id, m.from_bucket, m.from_location_id, m.lot, -m.quantity
  from stock_movement m
"""

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        name="ledger_equals_bins",
        statement="What the ledger moved into and out of a bin, lot by lot, is what the bin holds.",
        violations=f"""
          select tenant_id, item_id, location_id, lot, l.quantity as ledger, b.quantity as bin
          from (select tenant_id, item_id, location_id, lot, sum(quantity) as quantity from ({_MOVED}) m
                where bucket = 'AVAILABLE' group by 1, 2, 3, 4) l
          full join bin_stock b using (tenant_id, item_id, location_id, lot)
          where coalesce(l.quantity, 0) <> coalesce(b.quantity, 0)
        """,  # noqa: S608 - composed of constants
        counted="select count(*) from bin_stock",
    ),
    Invariant(
        name="ledger_equals_buckets",
        statement="What the ledger moved into and out of a bucket is its balance.",
        violations=f"""
          select tenant_id, item_id, site_id, bucket, l.quantity as ledger, b.quantity as balance
          from (select tenant_id, item_id, site_id, bucket, sum(quantity) as quantity from ({_MOVED}) m
                where bucket not in ('AVAILABLE', 'EXTERNAL') group by 1, 2, 3, 4) l
          full join bucket_stock b using (tenant_id, item_id, site_id, bucket)
          where coalesce(l.quantity, 0) <> coalesce(b.quantity, 0)
        """,  # noqa: S608 - composed of constants
        counted="select count(*) from bucket_stock",
    ),
    Invariant(
        name="bins_equal_level",
        statement="The units in a site's bins are its units on hand.",
        violations="""
          select tenant_id, item_id, site_id, b.quantity as bins, s.on_hand
          from (select b.tenant_id, b.item_id, l.site_id, sum(b.quantity) as quantity
                from bin_stock b join location l on l.id = b.location_id group by 1, 2, 3) b
          full join stock_level s using (tenant_id, item_id, site_id)
          where coalesce(b.quantity, 0) <> coalesce(s.on_hand, 0)
        """,
        counted="select count(*) from stock_level",
    ),
    Invariant(
        name="reservations_equal_level",
        statement="What is promised of an item at a site is the sum of its live reservations.",
        violations="""
          select tenant_id, item_id, site_id, r.quantity as reservations, s.reserved
          from (select tenant_id, item_id, site_id, sum(quantity) as quantity from reservation group by 1, 2, 3) r
          full join stock_level s using (tenant_id, item_id, site_id)
          where coalesce(r.quantity, 0) <> coalesce(s.reserved, 0)
        """,
        counted="select count(*) from reservation",
    ),
    Invariant(
        name="never_oversold",
        statement="No more is promised of an item at a site than its bins hold.",
        violations="""
          select tenant_id, item_id, site_id, on_hand, reserved from stock_level
          where reserved > on_hand or reserved < 0 or on_hand < 0
        """,
        counted="select count(*) from stock_level",
    ),
    Invariant(
        name="no_negative_bucket",
        statement="No bin and no bucket holds fewer than zero units.",
        violations="""
          select tenant_id, item_id, location_id as place, quantity from bin_stock where quantity < 0
          union all
          select tenant_id, item_id, bucket, quantity from bucket_stock where quantity < 0
        """,
        counted="select (select count(*) from bin_stock) + (select count(*) from bucket_stock)",
    ),
    Invariant(
        name="allocations_equal_bins",
        statement="What a bin sets aside is the sum of its allocations, and no more than it holds.",
        violations="""
          select tenant_id, item_id, location_id, lot, a.quantity as allocations, b.allocated, b.quantity
          from (select tenant_id, item_id, location_id, lot, sum(quantity) as quantity
                from allocation group by 1, 2, 3, 4) a
          full join bin_stock b using (tenant_id, item_id, location_id, lot)
          where coalesce(a.quantity, 0) <> coalesce(b.allocated, 0) or b.allocated > b.quantity
        """,
        counted="select count(*) from bin_stock",
    ),
    Invariant(
        name="allocated_is_promised",
        statement="No bin is set aside for units that the order line is not promised.",
        violations="""
          select a.tenant_id, a.order_id, a.line_id, a.item_id, a.quantity as allocated, r.quantity as promised
          from (select tenant_id, order_id, line_id, item_id, site_id, sum(quantity) as quantity
                from allocation group by 1, 2, 3, 4, 5) a
          left join (select tenant_id, order_id, line_id, item_id, site_id, sum(quantity) as quantity
                     from reservation group by 1, 2, 3, 4, 5) r using (tenant_id, order_id, line_id, item_id, site_id)
          where a.quantity > coalesce(r.quantity, 0)
        """,
        counted="select count(*) from allocation",
    ),
    Invariant(
        name="hospital_is_not_for_sale",
        statement="Nothing in a hospital location counts as stock that can be sold or set aside.",
        violations="""
          select b.tenant_id, b.item_id, l.code, b.lot, b.quantity, b.allocated
          from location l join bin_stock b on b.location_id = l.id
          where l.kind = 'hospital' and (b.quantity <> 0 or b.allocated <> 0)
        """,
        counted="select count(*) from location where kind = 'hospital'",
    ),
    Invariant(
        name="lots_are_known",
        statement="What lies in a bin with a lot belongs to a lot of that item.",
        violations="""
          select b.tenant_id, b.item_id, b.location_id, b.lot from bin_stock b
          where b.lot <> '' and not exists (
            select 1 from lot l where l.tenant_id = b.tenant_id and l.item_id = b.item_id and l.code = b.lot)
        """,
        counted="select count(*) from lot",
    ),
    *serials.INVARIANTS,
    *arrivals.INVARIANTS,
    *counts.INVARIANTS,
    *selling.INVARIANTS,
    *moves.INVARIANTS,
    *plates.INVARIANTS,
)

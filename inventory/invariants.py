from inventory.serials.balance import UNEXPLAINED
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
        name="lots_are_known",
        statement="What lies in a bin with a lot belongs to a lot of that item.",
        violations="""
          select b.tenant_id, b.item_id, b.location_id, b.lot from bin_stock b
          where b.lot <> '' and not exists (
            select 1 from lot l where l.tenant_id = b.tenant_id and l.item_id = b.item_id and l.code = b.lot)
        """,
        counted="select count(*) from lot",
    ),
    Invariant(
        name="units_equal_serials",
        statement="Units of an item that is tracked by serial number are as many as its serials in the house, but for "
        "those that were there before, and those that counts, losses and returns account for.",
        violations=f"""
          select u.tenant_id, u.item_id, u.site_id, sum(u.units) - coalesce(max(s.units), 0) as without_serial
          from ({UNEXPLAINED}) u
          join item i on i.tenant_id = u.tenant_id and i.id = u.item_id and i.serial_tracked
          left join serial_start s
            on s.tenant_id = u.tenant_id and s.item_id = u.item_id and s.site_id = u.site_id
          group by 1, 2, 3
          having sum(u.units) <> coalesce(max(s.units), 0)
        """,  # noqa: S608 - composed of constants
        counted="select count(*) from item where serial_tracked",
    ),
    Invariant(
        name="serials_equal_their_steps",
        statement="Where a unit is said to be is where the last fact of its life left it.",
        violations="""
          select u.tenant_id, u.item_id, u.serial, u.state, u.left_at, s.kind
          from serial_unit u
          left join lateral (
            select kind, parcel_id from serial_step s
            where s.tenant_id = u.tenant_id and s.item_id = u.item_id and s.serial = u.serial
            order by s.id desc limit 1) s on true
          where case
            when s.kind in ('received', 'registered', 'unpacked', 'restocked') then u.state <> 'in_stock'
            when s.kind = 'packed' then u.state <> 'with_order' or u.left_at is not null or u.parcel_id <> s.parcel_id
            when s.kind = 'shipped' then u.state <> 'with_order' or u.left_at is null or u.parcel_id <> s.parcel_id
            when s.kind in ('discarded', 'written_off', 'undone') then u.state <> 'away'
            else true end
        """,
        counted="select count(*) from serial_unit",
    ),
    Invariant(
        name="arrivals_equal_ledger",
        statement="What an arrival's lines say was received and damaged is what the ledger moved for it.",
        violations="""
          select tenant_id, arrival_id, item_id, l.received, l.damaged, m.good, m.broken
          from (select tenant_id, arrival_id, item_id, received, damaged from arrival_line
                where received > 0 or damaged > 0) l
          full join (
            select tenant_id, reference as arrival_id, item_id,
                   sum(case when 'AVAILABLE' in (to_bucket, from_bucket) then signed else 0 end) as good,
                   sum(case when 'DAMAGED' in (to_bucket, from_bucket) then signed else 0 end) as broken
            from (select m.*, case when reason = 'arrival' then quantity else -quantity end as signed
                  from stock_movement m where reason in ('arrival', 'arrival_undone')) m
            group by 1, 2, 3) m using (tenant_id, arrival_id, item_id)
          where coalesce(l.received, 0) <> coalesce(m.good, 0) or coalesce(l.damaged, 0) <> coalesce(m.broken, 0)
        """,
        counted="select count(*) from arrival_line",
    ),
    Invariant(
        name="arrivals_equal_receipts",
        statement="What a line of an arrival says came is the sum of its receipts that stand.",
        violations="""
          select tenant_id, arrival_id, number, l.received, l.damaged, r.good, r.broken
          from arrival_line l
          full join (select tenant_id, arrival_id, number,
                            coalesce(sum(quantity) filter (where condition = 'good'), 0) as good,
                            coalesce(sum(quantity) filter (where condition = 'damaged'), 0) as broken
                     from arrival_receipt where undone_at is null group by 1, 2, 3) r
            using (tenant_id, arrival_id, number)
          where coalesce(l.received, 0) <> coalesce(r.good, 0) or coalesce(l.damaged, 0) <> coalesce(r.broken, 0)
        """,
        counted="select count(*) from arrival_receipt",
    ),
    Invariant(
        name="arrivals_end_whole",
        statement="A closed arrival has no open line, an open one no told outcome, and nothing came of one that is not"
        " being received.",
        violations="""
          select a.tenant_id, a.id, a.state, l.number, l.received, l.damaged, l.outcome
          from arrival a join arrival_line l on l.tenant_id = a.tenant_id and l.arrival_id = a.id
          where (a.state = 'closed') <> (l.outcome <> '')
             or (a.state in ('announced', 'cancelled') and l.received + l.damaged > 0)
        """,
        counted="select count(*) from arrival",
    ),
    Invariant(
        name="counts_equal_ledger",
        statement="What a count booked as its difference is what the ledger moved for it.",
        violations="""
          select tenant_id, task_id, t.difference, m.difference as moved
          from (select tenant_id, id as task_id, difference from count_task where difference <> 0) t
          full join (
            select tenant_id, reference as task_id,
                   sum(case when to_bucket = 'AVAILABLE' then quantity else -quantity end) as difference
            from stock_movement where reason = 'adjust:cycle_count' and reference <> '' group by 1, 2) m
            using (tenant_id, task_id)
          where coalesce(t.difference, 0) <> coalesce(m.difference, 0)
        """,
        counted="select count(*) from count_task",
    ),
    Invariant(
        name="frozen_bins_are_to_be_counted",
        statement="Every frozen bin has a count that is not finished.",
        violations="""
          select b.tenant_id, b.item_id, b.location_id from bin_stock b
          where b.frozen and not exists (
            select 1 from count_task t
            where (t.tenant_id, t.item_id, t.location_id) = (b.tenant_id, b.item_id, b.location_id)
              and t.state in ('open', 'recount', 'counted'))
        """,
        counted="select count(*) from bin_stock where frozen",
    ),
    Invariant(
        name="counts_have_their_entries",
        statement="A booked count has an entry that stands, an open one none, and no two that stand are one person's.",
        violations="""
          select t.tenant_id, t.id, t.state, count(e.number) as standing, count(distinct e.counted_by) as people
          from count_task t
          left join count_entry e on e.tenant_id = t.tenant_id and e.task_id = t.id and e.withdrawn_at is null
          group by t.tenant_id, t.id, t.state
          having (t.state in ('approved', 'recount', 'counted') and count(e.number) = 0)
              or (t.state = 'open' and count(e.number) > 0)
              or (t.state <> 'approved' and count(e.number) <> count(distinct e.counted_by))
        """,
        counted="select count(*) from count_task",
    ),
    Invariant(
        name="held_back_equals_rules",
        statement="What a stock level keeps back, and for whom, is what the item's safety stock says.",
        violations="""
          select l.tenant_id, l.item_id, l.site_id, l.held_back, l.held_for, f.held_back as ruled, f.held_for as each
          from stock_level l cross join lateral safety_of(l.tenant_id, l.item_id, l.site_id) f
          where (l.held_back, l.held_for) is distinct from (f.held_back, f.held_for)
        """,
        counted="select count(*) from stock_level",
    ),
    Invariant(
        name="kits_are_their_parts",
        statement="A kit has parts, none of which is a kit, and nothing of its own is in the house or promised.",
        violations="""
          select i.tenant_id, i.id, i.sku from item i
          where i.kit <> exists (select 1 from kit_part p where p.tenant_id = i.tenant_id and p.kit_id = i.id)
             or i.kit and (exists (select 1 from kit_part p where p.tenant_id = i.tenant_id and p.item_id = i.id)
               or exists (select 1 from stock_level l where l.tenant_id = i.tenant_id and l.item_id = i.id
                          and (l.on_hand > 0 or l.reserved > 0)))
        """,
        counted="select count(*) from item where kit",
    ),
    Invariant(
        name="moves_equal_steps",
        statement="What a move says was carried is the sum of its steps that stand.",
        violations="""
          select t.tenant_id, t.id, t.moved, coalesce(s.quantity, 0) as steps
          from move_task t
          left join (select tenant_id, task_id as id, sum(quantity) as quantity from move_step where undone_at is null
                     group by 1, 2) s using (tenant_id, id)
          where t.moved <> coalesce(s.quantity, 0)
        """,
        counted="select count(*) from move_task",
    ),
    Invariant(
        name="moves_equal_ledger",
        statement="What a move says was carried is what the ledger moved for it.",
        violations="""
          select tenant_id, id, t.moved, m.quantity as ledger
          from (select tenant_id, id, moved from move_task where moved > 0) t
          full join (
            select tenant_id, reference as id, sum(case when reason = 'move_undone' then -quantity else quantity end)
                   as quantity
            from stock_movement
            where reference <> '' and reason in ('put_away', 'replenish', 'cross_dock', 'reslot', 'move_undone')
            group by 1, 2 having sum(case when reason = 'move_undone' then -quantity else quantity end) <> 0) m
            using (tenant_id, id)
          where coalesce(t.moved, 0) <> coalesce(m.quantity, 0)
        """,
        counted="select count(*) from move_task",
    ),
    Invariant(
        name="plates_within_bins",
        statement="What lies on the plates of a location is among what the location holds, lot by lot.",
        violations="""
          select p.tenant_id, p.location_id, c.item_id, c.lot, sum(c.quantity) as on_plates, b.quantity
          from plate p
          join plate_content c on c.tenant_id = p.tenant_id and c.plate_id = p.id
          left join bin_stock b on b.tenant_id = p.tenant_id and b.item_id = c.item_id
            and b.location_id = p.location_id and b.lot = c.lot
          where p.state = 'open'
          group by 1, 2, 3, 4, b.quantity having sum(c.quantity) > coalesce(b.quantity, 0)
        """,
        counted="select count(*) from plate_content",
    ),
    Invariant(
        name="plates_lie_together",
        statement="A plate on another lies where that one does, which lies on none; what has ended holds nothing.",
        violations="""
          select p.tenant_id, p.id, k.id as parent from plate p
          left join plate k on k.tenant_id = p.tenant_id and k.id = p.parent_id
          where k.parent_id is not null or k.state <> 'open' or k.location_id <> p.location_id
            or p.state <> 'open' and exists (
              select 1 from plate_content c where c.tenant_id = p.tenant_id and c.plate_id = p.id)
        """,
        counted="select count(*) from plate",
    ),
)

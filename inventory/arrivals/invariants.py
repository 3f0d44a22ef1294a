from kernel.invariants import Invariant

INVARIANTS: tuple[Invariant, ...] = (
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
)

from kernel.invariants import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        name="counts_equal_ledger",
        statement="What a count booked as its difference is what the ledger moved for it.",
        violations="""
          select tenant_id, task_id, t.difference, m.difference as moved
          from (select tenant_id, id as task_id, difference from count_task where difference <> 0) t
          full join (
            select tenant_id, reference as task_id,
                   sum(case when to_bucket in ('AVAILABLE', 'HOSPITAL') then quantity else -quantity end) as difference
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
)

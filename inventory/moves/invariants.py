from kernel.invariants import Invariant

INVARIANTS: tuple[Invariant, ...] = (
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
)

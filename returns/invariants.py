from kernel.invariants import Invariant

INVARIANTS = (
    Invariant(
        name="returned_at_most_shipped",
        statement="No more units of a line come back than were shipped, and no more are graded than came back.",
        violations="""
            select l.id, l.shipped, l.returned from order_line l where l.returned > l.shipped
            union all
            select r.line_id, r.received, r.graded from return_line r where r.graded > r.received
        """,
        counted="select count(*) from return_line",
    ),
    Invariant(
        name="refund_is_the_sum_of_inspections",
        statement="A return's refund is the sum of what its inspections say.",
        violations="""
            select r.id, r.refund_minor, coalesce(sum(i.refund_minor), 0) as inspected from return_request r
            left join inspection i on i.tenant_id = r.tenant_id and i.return_id = r.id
            group by r.tenant_id, r.id, r.refund_minor having r.refund_minor <> coalesce(sum(i.refund_minor), 0)
        """,
        counted="select count(*) from return_request",
    ),
    Invariant(
        name="restocked_at_most_received",
        statement="No more units go back on sale than came back, and only grade A does.",
        violations="""
            select i.return_id, i.line_id, i.grade from inspection i where i.disposition = 'restock' and i.grade <> 'A'
        """,
        counted="select count(*) from inspection",
    ),
)

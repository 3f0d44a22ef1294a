from kernel.invariants import Invariant

INVARIANTS = (
    Invariant(
        name="timeline_tells_every_event",
        statement="Every event about a customer or an order that the feed has delivered stands on the timeline once.",
        violations="""
            select f.pos, f.event_id, f.type from event_feed f join event e on e.id = f.event_id
            where (e.customer_id <> '' or e.order_id <> '')
              and f.pos <= coalesce((select position from subscription where name = 'crm.timeline'), 0)
              and not exists (select 1 from timeline_entry t where t.tenant_id = e.tenant_id and t.event_id = e.id)
              and not exists (select 1 from parked_event p where p.subscription = 'crm.timeline' and p.pos = f.pos)
        """,
        counted="select count(*) from event where customer_id <> '' or order_id <> ''",
    ),
    Invariant(
        name="timeline_invents_nothing",
        statement="Every timeline entry is an event of the log, with the same words, instant and subject.",
        violations="""
            select t.event_id, t.type from timeline_entry t left join event e on e.id = t.event_id
            where e.id is null or (e.tenant_id, e.order_id, e.customer_id, e.type, e.summary, e.occurred_at, e.audience)
              is distinct from (t.tenant_id, t.order_id, t.customer_id, t.type, t.summary, t.occurred_at, t.audience)
        """,
        counted="select count(*) from timeline_entry",
    ),
)

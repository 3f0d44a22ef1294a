from kernel.invariants import Invariant

INVARIANTS = (
    Invariant(
        name="deliveries_tell_events",
        statement="Every webhook delivery is an event of the same merchant's log, in the stream of its customer.",
        violations="""
            select d.endpoint_id, d.stream, d.n, d.event_id from webhook_delivery d
            left join event_feed f on f.event_id = d.event_id and f.pos = d.pos
            left join event e on e.id = f.event_id
            where e.id is null or e.tenant_id <> d.tenant_id
               or coalesce(nullif(e.customer_id, ''), e.stream) <> d.stream
        """,
        counted="select count(*) from webhook_delivery",
    ),
    Invariant(
        name="deliveries_keep_order",
        statement="Each customer's deliveries to an endpoint are numbered without gap, settled from the front, and"
        " first deliveries stand in the order of the feed.",
        violations="""
            select s.endpoint_id, s.stream, s.head, s.done, x.* from webhook_stream s cross join lateral (
              select count(*) as rows, max(d.n) as last,
                     count(*) filter (where (d.n <= s.done) <> (d.state in ('delivered', 'skipped'))) as misplaced,
                     count(*) filter (where d.pos <= d.before) as overtaken
              from (select w.n, w.state, w.pos,
                           case when not w.replay then max(w.pos) filter (where not w.replay) over (
                             order by w.n rows between unbounded preceding and 1 preceding) end as before
                    from webhook_delivery w where w.tenant_id = s.tenant_id and w.endpoint_id = s.endpoint_id
                      and w.stream = s.stream) d) x
            where x.rows <> s.head or coalesce(x.last, 0) <> s.head or x.misplaced > 0 or x.overtaken > 0
        """,
        counted="select count(*) from webhook_stream",
    ),
    Invariant(
        name="deliveries_were_answered",
        statement="Every attempt is on record until its delivery was settled for a day at least and all are forgotten"
        " together, and what counts as delivered was answered with success last.",
        violations="""
            select d.endpoint_id, d.stream, d.n, d.state, d.attempts, a.made, a.status from webhook_delivery d
            cross join lateral (
              select count(*) as made, (array_agg(t.status order by t.number desc))[1] as status
              from webhook_attempt t where t.tenant_id = d.tenant_id and t.endpoint_id = d.endpoint_id
                and t.stream = d.stream and t.n = d.n) a
            where not (a.made = 0 and d.settled_at < now() - interval '1 day')
              and (a.made <> d.attempts
                   or d.state = 'delivered' and (a.made = 0 or a.status is null or a.status not between 200 and 299))
        """,
        counted="select count(*) from webhook_delivery",
    ),
    Invariant(
        name="messages_tell_events_once",
        statement="Every letter has its event, one for each kind, and a sent one was handed over.",
        violations="""
            select m.id, m.kind, m.event_id, m.state from message m
            left join event e on e.id = m.event_id and e.tenant_id = m.tenant_id and e.order_id = m.order_id
            where e.id is null or (m.state = 'sent') <> (m.sent_at is not null) or m.state = 'sent' and m.attempts = 0
               or exists (select 1 from message o where o.tenant_id = m.tenant_id and o.event_id = m.event_id
                          and o.kind = m.kind and o.id <> m.id)
        """,
        counted="select count(*) from message",
    ),
)

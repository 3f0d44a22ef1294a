from kernel.invariants import Invariant

INVARIANTS = (
    Invariant(
        name="streams_have_no_gap",
        statement="Every subject's events are numbered 1, 2, 3 ... up to the head of its stream.",
        violations="""
            select s.tenant_id, s.id, s.head, count(e.seq) as events, max(e.seq) as last from stream s
            left join event e on e.tenant_id = s.tenant_id and e.stream = s.id
            group by s.tenant_id, s.id, s.head
            having count(e.seq) <> s.head or max(e.seq) <> s.head or min(e.seq) <> 1
        """,
        counted="select count(*) from stream",
    ),
    Invariant(
        name="feed_has_every_event_once",
        statement="Every committed event is in the outbox or in the feed, never in both, never in neither.",
        violations="""
            select e.id from event e
            left join event_feed f on f.event_id = e.id left join outbox o on o.event_id = e.id
            where (f.event_id is null) = (o.event_id is null)
        """,
        counted="select count(*) from event",
    ),
    Invariant(
        name="feed_positions_have_no_gap",
        statement="The feed is numbered 1, 2, 3 ... without a hole.",
        violations="""
            select count(*) as events, max(pos) as last from event_feed having count(*) <> coalesce(max(pos), 0)
        """,
        counted="select count(*) from event_feed",
    ),
    Invariant(
        name="feed_keeps_stream_order",
        statement="Within a subject the feed has the events in the order of their numbers.",
        violations="""
            select * from (
              select f.pos, e.stream, e.seq,
                     lag(e.seq) over (partition by e.tenant_id, e.stream order by f.pos) as before
              from event_feed f join event e on e.id = f.event_id) x
            where x.before is not null and x.seq <> x.before + 1
        """,
        counted="select count(*) from event_feed",
    ),
    Invariant(
        name="nothing_parked",
        statement="No subscriber has an event set aside.",
        violations="select subscription, pos, stream, attempts, error from parked_event",
        counted="select count(*) from subscription",
    ),
)

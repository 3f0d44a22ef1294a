from sqlalchemy import text

from kernel.db.feed import feed_head
from kernel.db.transactions import UnitOfWork
from notifications.events import EndpointTested

CHUNK = 2_000
"""How many events an endpoint is given in one transaction."""

_BEHIND = text(
    "select tenant_id, id, position from webhook_endpoint where state = 'active' and position < :head"
    " order by tenant_id, id for update skip locked"
)
_FEED = text(
    """
    with endpoint as (
      select tenant_id, id, position, types from webhook_endpoint where tenant_id = :tenant and id = :endpoint),
    picked as (
      select f.pos, f.event_id, f.type, coalesce(nullif(e.customer_id, ''), e.stream) as stream
      from endpoint, event_feed f join event e on e.id = f.event_id
      where f.tenant_id = endpoint.tenant_id and f.pos > endpoint.position and f.pos <= :head
        and case when f.type = :test then f.stream = endpoint.id
                 else webhook_wants(endpoint.types, f.type) end
      order by f.pos limit :limit),
    heads as (
      insert into webhook_stream (tenant_id, endpoint_id, stream, head, done, next_at, parked, claim)
      select :tenant, :endpoint, stream, count(*), 0, :now, false, '' from picked group by stream order by stream
      on conflict (tenant_id, endpoint_id, stream) do update set head = webhook_stream.head + excluded.head,
        next_at = case when webhook_stream.done = webhook_stream.head then excluded.next_at
                       else webhook_stream.next_at end
      returning stream, head),
    placed as (
      insert into webhook_delivery (tenant_id, endpoint_id, stream, n, event_id, pos, type, replay, state, attempts,
                                    tries, queued_at, reason)
      select :tenant, :endpoint, p.stream,
             h.head - count(*) over (partition by p.stream) + row_number() over (partition by p.stream order by p.pos),
             p.event_id, p.pos, p.type, false, 'pending', 0, 0, :now, ''
      from picked p join heads h on h.stream = p.stream
      returning pos)
    select count(*) as fed, max(pos) as last from placed
    """
)
_ADVANCE = text("update webhook_endpoint set position = :position where tenant_id = :tenant and id = :endpoint")


def feed_endpoints(uow: UnitOfWork) -> int:
    """Queue for every active endpoint the events that it has not been given yet and wants, and return how many.

    Each endpoint is a subscriber of the feed with a position of its own. So a new one begins at the present, a paused
    or disabled one catches up when it is resumed, and one that is slow holds nobody up. Queued are references in feed
    order, numbered within the customer's stream; position and rows commit together.
    """
    head = feed_head(uow)
    behind = uow.session.execute(_BEHIND, {"head": head}).all()
    return sum(_feed(uow, tenant_id, endpoint_id, head) for tenant_id, endpoint_id, _ in behind)


def _feed(uow: UnitOfWork, tenant_id: str, endpoint_id: str, head: int) -> int:
    key = {"tenant": tenant_id, "endpoint": endpoint_id}
    wanted = {"head": head, "limit": CHUNK, "now": uow.now, "test": EndpointTested.TYPE}
    fed, last = uow.session.execute(_FEED, key | wanted).one()
    uow.session.execute(_ADVANCE, key | {"position": last if fed == CHUNK else head})
    return int(fed)

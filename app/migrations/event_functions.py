# The body is a CloudEvents 1.0 document (structured mode). It is composed once, here, and stored as text: the same
# bytes are signed, delivered, pulled and replayed. Stream heads are locked in key order, so that two transactions that
# touch the same streams cannot deadlock, and each stream's numbers have no gap. The outbox comes after them, in a
# statement of its own: its numbers must be taken while the streams are locked. Ids, types and audiences are the
# house's own words and need no escapes. Called with arrays of every length: one plan is right for all of them.
APPEND_EVENTS = """
create or replace function append_events(
  p_ids text[], p_tenants text[], p_streams text[], p_types text[], p_audiences text[], p_occurred timestamptz[],
  p_recorded timestamptz, p_orders text[], p_customers text[], p_actor text, p_summaries text[], p_data text[]
) returns void language plpgsql set plan_cache_mode = force_generic_plan set enable_nestloop = off
set enable_hashjoin = on as $$
declare
  v_recorded text := to_char(p_recorded at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
begin
  with heads as (
    insert into stream (tenant_id, id, head)
    select u.t, u.s, count(*) from unnest(p_tenants, p_streams) u(t, s) group by u.t, u.s order by u.t, u.s
    on conflict (tenant_id, id) do update set head = stream.head + excluded.head
    returning tenant_id, id, head
  )
  insert into event (tenant_id, stream, seq, id, type, audience, occurred_at, recorded_at, order_id, customer_id,
                     actor, summary, body)
  select n.tenant, n.stream, n.seq, n.id, n.type, n.audience, n.occurred, p_recorded, n.ord, n.customer, p_actor,
         n.summary,
         '{"specversion":"1.0","id":"' || n.id
         || '","source":"/pickstream/' || n.tenant
         || '","type":"' || n.type
         || '","subject":' || to_json(n.stream)
         || ',"time":"' || to_char(n.occurred at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
         || '","recordedtime":"' || v_recorded
         || '","datacontenttype":"application/json"'
         || ',"partitionkey":' || to_json(coalesce(nullif(n.customer, ''), n.stream))
         || ',"sequence":"' || lpad(n.seq::text, 20, '0') || '"'
         || case when n.ord = '' then '' else ',"orderid":' || to_json(n.ord) end
         || case when n.customer = '' then '' else ',"customerid":' || to_json(n.customer) end
         || ',"audience":"' || n.audience
         || '","summary":' || to_json(n.summary)
         || ',"data":' || n.data || '}'
  from (
    select u.*, h.head - count(*) over w + row_number() over (w order by u.o) as seq
    from unnest(p_ids, p_tenants, p_streams, p_types, p_audiences, p_occurred, p_orders, p_customers, p_summaries,
                p_data)
         with ordinality u(id, tenant, stream, type, audience, occurred, ord, customer, summary, data, o)
    join heads h on h.tenant_id = u.tenant and h.id = u.stream
    window w as (partition by u.tenant, u.stream)
  ) n;

  insert into outbox (event_id) select u.id from unnest(p_ids) with ordinality u(id, o) order by u.o;
end $$;
"""

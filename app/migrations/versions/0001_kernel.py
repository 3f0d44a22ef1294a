"""The floor: tenants and access, the event log and its feed, inbox, idempotency keys, audit."""

from alembic import op

from kernel.db.ddl import append_only, shared_table, tenant_table

revision = "0001"
down_revision = None

TABLES = """
create table merchant (
  id text primary key,
  code text not null constraint uq_merchant_code unique,
  name text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  support_email text not null default '',
  accent text not null default '',
  created_at timestamptz not null
);
create table site (
  id text primary key,
  code text not null constraint uq_site_code unique,
  name text not null,
  time_zone text not null,
  company_prefix text not null check (company_prefix ~ '^[0-9]{6,12}$'),
  street text not null default '',
  city text not null default '',
  region text not null default '',
  postal_code text not null default '',
  country text not null check (country ~ '^[A-Z]{2}$'),
  created_at timestamptz not null
);
create table merchant_site (
  merchant_id text not null references merchant (id),
  site_id text not null references site (id),
  primary key (merchant_id, site_id)
);
create index ix_merchant_site_site_id on merchant_site (site_id);
create table staff_user (
  id text primary key,
  email text not null constraint uq_staff_user_email unique,
  name text not null,
  role text not null check (role in ('picker', 'packer', 'service', 'manager', 'admin', 'merchant')),
  site_id text references site (id),
  merchant_id text references merchant (id),
  password_hash text not null,
  active boolean not null,
  created_at timestamptz not null,
  check (role <> 'merchant' or merchant_id is not null),
  check (role in ('merchant', 'admin') or site_id is not null)
);
create table staff_session (
  id text primary key,
  user_id text not null references staff_user (id),
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index ix_staff_session_user_id on staff_session (user_id);
create table api_key (
  id text primary key,
  tenant_id text not null references merchant (id),
  name text not null,
  prefix text not null,
  secret_hash text not null constraint uq_api_key_secret_hash unique,
  scopes jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index ix_api_key_tenant_id on api_key (tenant_id);

create table stream (
  tenant_id text not null,
  id text not null,
  head bigint not null,
  primary key (tenant_id, id)
) with (fillfactor = 70);
create table event (
  tenant_id text not null,
  stream text not null,
  seq bigint not null,
  id text not null constraint uq_event_id unique,
  type text not null,
  audience text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  order_id text not null,
  customer_id text not null,
  actor text not null,
  summary text not null,
  body text not null,
  primary key (tenant_id, stream, seq)
);
create table outbox (
  n bigint generated always as identity primary key,
  event_id text not null
);
create table event_feed (
  pos bigint primary key,
  event_id text not null constraint uq_event_feed_event_id unique,
  tenant_id text not null,
  stream text not null,
  type text not null
);
create index ix_event_feed_tenant_id_pos on event_feed (tenant_id, pos);
create table subscription (
  name text primary key,
  position bigint not null
);
create table parked_event (
  subscription text not null,
  pos bigint not null,
  tenant_id text not null,
  stream text not null,
  attempts bigint not null,
  error text not null,
  next_at timestamptz not null,
  primary key (subscription, pos)
);
create table inbox (
  consumer text not null,
  message_id text not null,
  received_at timestamptz not null,
  primary key (consumer, message_id)
);
create table idempotency_key (
  owner text not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint text not null,
  state text not null check (state in ('started', 'done')),
  locked_until timestamptz not null,
  created_at timestamptz not null,
  status bigint,
  body bytea,
  media_type text,
  primary key (owner, key)
);
create table audit_entry (
  id text primary key,
  tenant_id text not null,
  at timestamptz not null,
  actor text not null,
  role text not null,
  action text not null,
  subject text not null,
  reason text not null,
  details jsonb not null
);
create index ix_audit_entry_subject on audit_entry (subject);
create table job_run (
  job text not null,
  slot timestamptz not null,
  ran_at timestamptz not null,
  primary key (job, slot)
);
"""

REFUSE_CHANGE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table % is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;
"""

# The body is a CloudEvents 1.0 document (structured mode). It is composed once, here, and stored as text: the same
# bytes are signed, delivered, pulled and replayed. Stream heads are locked in key order, so that two transactions that
# touch the same streams cannot deadlock, and each stream's numbers have no gap.
APPEND_EVENTS = """
create function append_events(
  p_ids text[], p_tenants text[], p_streams text[], p_types text[], p_audiences text[], p_occurred timestamptz[],
  p_recorded timestamptz, p_orders text[], p_customers text[], p_actor text, p_summaries text[], p_data text[]
) returns void language plpgsql as $$
begin
  insert into stream (tenant_id, id, head)
  select u.t, u.s, count(*) from unnest(p_tenants, p_streams) u(t, s) group by u.t, u.s order by u.t, u.s
  on conflict (tenant_id, id) do update set head = stream.head + excluded.head;

  insert into event (tenant_id, stream, seq, id, type, audience, occurred_at, recorded_at, order_id, customer_id,
                     actor, summary, body)
  select n.tenant, n.stream, n.seq, n.id, n.type, n.audience, n.occurred, p_recorded, n.ord, n.customer, p_actor,
         n.summary,
         '{"specversion":"1.0","id":' || to_json(n.id)
         || ',"source":' || to_json('/pickstream/' || n.tenant)
         || ',"type":' || to_json(n.type)
         || ',"subject":' || to_json(n.stream)
         || ',"time":' || to_json(to_char(n.occurred at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
         || ',"recordedtime":' || to_json(to_char(p_recorded at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
         || ',"datacontenttype":"application/json"'
         || ',"partitionkey":' || to_json(coalesce(nullif(n.customer, ''), n.stream))
         || ',"sequence":"' || lpad(n.seq::text, 20, '0') || '"'
         || case when n.ord = '' then '' else ',"orderid":' || to_json(n.ord) end
         || case when n.customer = '' then '' else ',"customerid":' || to_json(n.customer) end
         || ',"audience":' || to_json(n.audience)
         || ',"summary":' || to_json(n.summary)
         || ',"data":' || n.data || '}'
  from (
    select u.*, s.head - count(*) over w + row_number() over (w order by u.o) as seq
    from unnest(p_ids, p_tenants, p_streams, p_types, p_audiences, p_occurred, p_orders, p_customers, p_summaries,
                p_data)
         with ordinality u(id, tenant, stream, type, audience, occurred, ord, customer, summary, data, o)
    join stream s on s.tenant_id = u.tenant and s.id = u.stream
    window w as (partition by u.tenant, u.stream)
  ) n;

  insert into outbox (event_id) select u.id from unnest(p_ids) with ordinality u(id, o) order by u.o;
end $$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(REFUSE_CHANGE)
    op.execute(APPEND_EVENTS)
    op.execute(tenant_table("merchant", column="id"))
    op.execute(
        tenant_table("staff_user", column="merchant_id", extra="site_id = (select current_setting('app.site', true))")
    )
    for table in ("api_key", "stream", "event", "event_feed", "parked_event", "audit_entry"):
        op.execute(tenant_table(table))
    op.execute("""
        alter table merchant_site enable row level security;
        alter table merchant_site force row level security;
        create policy tenant_isolation on merchant_site
          using ((select current_setting('app.tenant', true)) in ('*', merchant_id)
                 or site_id = (select current_setting('app.site', true)));
        create policy reserved_functions on merchant_site to pickstream_reserve using (true);
        grant select, insert, update, delete on merchant_site to pickstream_app;

        alter table idempotency_key enable row level security;
        alter table idempotency_key force row level security;
        create policy own_keys on idempotency_key
          using (owner = (select current_setting('app.actor', true))
                 or (select current_setting('app.tenant', true)) = '*');
        create policy reserved_functions on idempotency_key to pickstream_reserve using (true);
        grant select, insert, update, delete on idempotency_key to pickstream_app;
    """)
    for table in ("site", "staff_session", "outbox", "subscription", "inbox", "job_run"):
        op.execute(shared_table(table))
    op.execute(append_only("event"))
    op.execute(append_only("audit_entry"))
    op.execute("""
        grant select on merchant, merchant_site, site, api_key to pickstream_reserve;
        grant select, insert, update on stream, idempotency_key to pickstream_reserve;
        grant select, insert on event, outbox to pickstream_reserve;
    """)

"""Webhook endpoints with their ordered deliveries and attempts, and the letters to customers."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0007"
down_revision = "0006"

TABLES = """
create table webhook_endpoint (
  tenant_id text not null references merchant (id),
  id text not null,
  url text not null,
  description text not null,
  types jsonb not null,
  salts jsonb not null,
  state text not null check (state in ('active', 'paused', 'disabled')),
  disabled_reason text not null,
  position bigint not null,
  failing_since timestamptz,
  failures bigint not null,
  retry_at timestamptz not null,
  version bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
create table webhook_stream (
  tenant_id text not null,
  endpoint_id text not null,
  stream text not null,
  head bigint not null,
  done bigint not null check (done between 0 and head),
  next_at timestamptz not null,
  parked boolean not null,
  claim text not null,
  claimed_until timestamptz,
  primary key (tenant_id, endpoint_id, stream),
  foreign key (tenant_id, endpoint_id) references webhook_endpoint (tenant_id, id) on delete cascade
) with (fillfactor = 70);
create index ix_webhook_stream_tenant_id_endpoint_id_next_at on webhook_stream (tenant_id, endpoint_id, next_at)
  where done < head and not parked;
create table webhook_delivery (
  tenant_id text not null,
  endpoint_id text not null,
  stream text not null,
  n bigint not null,
  event_id text not null,
  pos bigint not null,
  type text not null,
  replay boolean not null,
  state text not null check (state in ('pending', 'retry', 'delivered', 'parked', 'skipped')),
  attempts bigint not null,
  tries bigint not null,
  queued_at timestamptz not null,
  settled_at timestamptz,
  reason text not null,
  primary key (tenant_id, endpoint_id, stream, n),
  foreign key (tenant_id, endpoint_id) references webhook_endpoint (tenant_id, id) on delete cascade
) with (fillfactor = 80);
create unique index ix_webhook_delivery_tenant_id_endpoint_id_event_id
  on webhook_delivery (tenant_id, endpoint_id, event_id) where not replay;
create index ix_webhook_delivery_tenant_id_endpoint_id_pos_n on webhook_delivery (tenant_id, endpoint_id, pos, n);
create table webhook_attempt (
  tenant_id text not null,
  endpoint_id text not null,
  stream text not null,
  n bigint not null,
  number bigint not null,
  at timestamptz not null,
  status bigint,
  latency_ms bigint not null,
  answer text not null,
  error text not null,
  primary key (tenant_id, endpoint_id, stream, n, number),
  foreign key (tenant_id, endpoint_id, stream, n)
    references webhook_delivery (tenant_id, endpoint_id, stream, n) on delete cascade
);
create table message (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  customer_id text not null,
  kind text not null,
  subject text not null,
  cause text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  state text not null check (state in ('queued', 'sent', 'failed', 'suppressed')),
  attempts bigint not null,
  next_at timestamptz not null,
  claim text not null,
  claimed_until timestamptz,
  created_at timestamptz not null,
  sent_at timestamptz,
  error text not null,
  primary key (tenant_id, id)
) with (fillfactor = 80);
create unique index ix_message_tenant_id_event_id_kind on message (tenant_id, event_id, kind);
create unique index ix_message_tenant_id_order_id_kind_subject_cause
  on message (tenant_id, order_id, kind, subject, cause);
create index ix_message_next_at on message (next_at) where state = 'queued';
"""

# A filter is a list of event types or of their beginnings, marked by a star; an empty one lets everything through.
WANTS = """
create function webhook_wants(p_types jsonb, p_type text) returns boolean language sql immutable parallel safe as $$
  select p_types = '[]' or exists (
    select 1 from jsonb_array_elements_text(p_types) t
    where t = p_type or (right(t, 1) = '*' and starts_with(p_type, left(t, -1))))
$$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(WANTS)
    for table in ("webhook_endpoint", "webhook_stream", "webhook_delivery", "webhook_attempt", "message"):
        op.execute(tenant_table(table))

"""Value-added services: what merchants offer, what orders ask for, the steps at the bench, photos and charges."""

from alembic import op

from kernel.db.ddl import append_only, tenant_table

revision = "0058"
down_revision = "0057"

UPGRADE = """
create table value_added_service (
  tenant_id text not null references merchant (id),
  id text not null,
  code text not null check (code <> ''),
  name text not null check (name <> ''),
  kind text not null check (kind in ('gift_wrap', 'card', 'engraving', 'insert', 'assembly')),
  tare_g bigint not null check (tare_g between 0 and 10000),
  tare_sd_g double precision not null check (tare_sd_g between 0 and 1000),
  seconds bigint not null check (seconds between 0 and 7200),
  price_minor bigint not null check (price_minor >= 0),
  photo_required boolean not null,
  lead_days bigint not null check (lead_days between 0 and 60),
  active boolean not null,
  version bigint not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (tenant_id, id),
  constraint uq_value_added_service_tenant_id_code unique (tenant_id, code)
);
alter table sales_order
  add column service_count bigint not null default 0,
  add column service_lead_days bigint not null default 0;
create table asked_service (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  number bigint not null,
  line_id text not null,
  service_id text not null,
  code text not null,
  name text not null,
  kind text not null,
  quantity bigint not null check (quantity > 0),
  text text not null,
  tare_g bigint not null check (tare_g >= 0),
  tare_sd_g double precision not null check (tare_sd_g >= 0),
  seconds bigint not null check (seconds >= 0),
  price_minor bigint not null check (price_minor >= 0),
  photo_required boolean not null,
  lead_days bigint not null check (lead_days >= 0),
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id),
  foreign key (tenant_id, service_id) references value_added_service (tenant_id, id)
);
create index ix_asked_service_tenant_id_order_id on asked_service (tenant_id, order_id);
create table service_photo (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  asked_id text not null,
  content bytea not null,
  content_type text not null check (content_type = 'image/jpeg'),
  sha256 text not null,
  width bigint not null check (width > 0),
  height bigint not null check (height > 0),
  taken_at timestamptz not null,
  taken_by text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, asked_id) references asked_service (tenant_id, id)
);
create index ix_service_photo_tenant_id_asked_id on service_photo (tenant_id, asked_id);
create table service_step (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  asked_id text not null,
  quantity bigint not null check (quantity > 0),
  state text not null check (state in ('confirmed', 'performed', 'excused', 'reversed')),
  parcel_id text not null,
  seconds bigint not null check (seconds >= 0),
  photo_id text not null,
  reason text not null,
  done_at timestamptz not null,
  done_by text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id),
  foreign key (tenant_id, asked_id) references asked_service (tenant_id, id),
  check ((state = 'excused') = (reason <> '')),
  check (state not in ('performed', 'reversed') or parcel_id <> ''),
  check (state <> 'confirmed' or parcel_id = '')
);
create index ix_service_step_tenant_id_order_id on service_step (tenant_id, order_id);
create table service_charge (
  tenant_id text not null,
  id text not null,
  step_id text not null,
  kind text not null check (kind in ('performed', 'reversed')),
  order_id text not null,
  line_id text not null,
  parcel_id text not null,
  service_id text not null,
  code text not null,
  quantity bigint not null,
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  currency text not null,
  seconds bigint not null,
  photo_id text not null,
  at timestamptz not null,
  primary key (tenant_id, id),
  constraint uq_service_charge_tenant_id_step_id_kind unique (tenant_id, step_id, kind),
  foreign key (tenant_id, step_id) references service_step (tenant_id, id),
  check ((kind = 'performed' and quantity > 0) or (kind = 'reversed' and quantity < 0))
);
create index ix_service_charge_tenant_id_at on service_charge (tenant_id, at);
alter table parcel add column extras jsonb not null default '[]';
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    for table in ("value_added_service", "asked_service", "service_photo", "service_step", "service_charge"):
        op.execute(tenant_table(table))
    op.execute(append_only("service_charge"))

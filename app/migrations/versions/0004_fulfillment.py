"""Orders: customers, orders and their quantity vectors, holds, batches, pick tasks, packing, tracking links."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0004"
down_revision = "0003"

ORDERS = """
create table customer (
  tenant_id text not null references merchant (id),
  id text not null,
  identity text not null,
  external_id text not null,
  name text not null,
  email text not null,
  phone text not null,
  locale text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint uq_customer_tenant_id_identity unique (tenant_id, identity)
);
create unique index uq_customer_id on customer (id);
create table sales_order (
  tenant_id text not null references merchant (id),
  id text not null,
  site_id text not null references site (id),
  external_id text not null,
  fingerprint text not null,
  customer_id text not null,
  channel text not null,
  placed_at timestamptz not null,
  received_at timestamptz not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  goods_minor bigint not null check (goods_minor >= 0),
  shipping_minor bigint not null check (shipping_minor >= 0),
  service_level text not null,
  split_policy text not null check (split_policy in ('all_or_nothing', 'split')),
  gift boolean not null,
  note text not null,
  flags jsonb not null,
  ship_name text not null,
  ship_company text not null,
  ship_street text not null,
  ship_street2 text not null,
  ship_city text not null,
  ship_region text not null,
  ship_postal_code text not null,
  ship_country text not null,
  ship_phone text not null,
  ship_email text not null,
  first_promised_on date,
  promised_on date,
  promised_until timestamptz,
  open_holds bigint not null check (open_holds >= 0),
  released_at timestamptz,
  release_why text not null,
  cut_off_at timestamptz,
  picking_started_at timestamptz,
  handed_over_at timestamptz,
  intercept_requested_at timestamptz,
  state text not null,
  state_since timestamptz not null,
  next_step text not null,
  next_step_owner text not null,
  due_at timestamptz,
  terminal boolean not null,
  version bigint not null,
  primary key (tenant_id, id),
  constraint uq_sales_order_tenant_id_external_id unique (tenant_id, external_id),
  foreign key (tenant_id, customer_id) references customer (tenant_id, id),
  constraint ck_sales_order_no_limbo check (terminal or (next_step <> '' and next_step_owner <> '' and due_at is not null))
) with (fillfactor = 80);
create unique index uq_sales_order_id on sales_order (id);
create index ix_sales_order_tenant_id_customer_id on sales_order (tenant_id, customer_id);
create index ix_sales_order_site_id_state on sales_order (site_id, state);
create index ix_sales_order_placed_at_id on sales_order (placed_at, id);
create index ix_sales_order_due_at_id on sales_order (due_at, id) where not terminal;
create table order_line (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  number bigint not null,
  external_id text not null,
  item_id text not null,
  sku text not null,
  name text not null,
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  ordered bigint not null check (ordered > 0),
  cancelled bigint not null check (cancelled >= 0),
  backordered bigint not null check (backordered >= 0),
  promised bigint not null check (promised >= 0),
  allocated bigint not null check (allocated >= 0),
  picked bigint not null check (picked >= 0),
  packed bigint not null check (packed >= 0),
  shipped bigint not null check (shipped >= 0),
  delivered bigint not null check (delivered >= 0),
  lost bigint not null check (lost >= 0),
  rts bigint not null check (rts >= 0),
  returned bigint not null check (returned >= 0),
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id),
  constraint ck_order_line_units_add_up
    check (ordered = cancelled + backordered + promised + allocated + picked + packed + shipped),
  constraint ck_order_line_outcomes_within_shipped check (shipped >= delivered + lost + rts),
  constraint ck_order_line_returns_within_shipped check (returned <= shipped)
) with (fillfactor = 80);
create index ix_order_line_tenant_id_order_id on order_line (tenant_id, order_id);
create index ix_order_line_tenant_id_item_id on order_line (tenant_id, item_id) where backordered > 0;
create table order_hold (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  kind text not null,
  reason text not null,
  placed_at timestamptz not null,
  placed_by text not null,
  released_at timestamptz,
  released_by text not null,
  release_reason text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create index ix_order_hold_tenant_id_order_id on order_hold (tenant_id, order_id);
create table order_note (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  author text not null,
  text text not null,
  at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create index ix_order_note_tenant_id_order_id on order_note (tenant_id, order_id);
-- What a person types to find an order. Words under the C collation, so that a prefix is a range of the index: under
-- row-level security only comparisons may use an index, pattern operators may not.
create table order_term (
  tenant_id text not null,
  term text collate "C" not null,
  order_id text not null,
  personal boolean not null,
  primary key (tenant_id, term, order_id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create index ix_order_term_term_order_id on order_term (term, order_id);
create index ix_order_term_tenant_id_order_id on order_term (tenant_id, order_id);
create table tracking_link (
  token_hash text primary key,
  tenant_id text not null,
  order_id text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create index ix_tracking_link_tenant_id_order_id on tracking_link (tenant_id, order_id);
"""

FLOOR = """
create table floor_plan (
  site_id text primary key references site (id),
  version bigint not null,
  document jsonb not null,
  updated_at timestamptz not null
);
create table pick_batch (
  id text primary key,
  site_id text not null references site (id),
  state text not null check (state in ('DRAFT', 'ASSIGNED', 'IN_PROGRESS', 'DONE')),
  picker text not null,
  lease_until timestamptz,
  cut_off_at timestamptz,
  service_class text not null,
  stops bigint not null,
  length_mm bigint not null,
  length_by_name_order_mm bigint not null,
  walk jsonb not null,
  created_at timestamptz not null,
  claimed_at timestamptz,
  finished_at timestamptz,
  version bigint not null
);
create index ix_pick_batch_site_id_state on pick_batch (site_id, state);
create table batch_order (
  tenant_id text not null,
  batch_id text not null references pick_batch (id),
  slot bigint not null,
  order_id text not null,
  site_id text not null,
  tote text not null,
  is_open boolean not null,
  primary key (tenant_id, batch_id, slot),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create index ix_batch_order_tenant_id_order_id on batch_order (tenant_id, order_id);
create index ix_batch_order_batch_id on batch_order (batch_id);
create unique index uq_batch_order_site_id_tote on batch_order (site_id, tote) where is_open and tote <> '';
create table pick_task (
  tenant_id text not null,
  id text not null,
  site_id text not null,
  batch_id text references pick_batch (id),
  order_id text not null,
  line_id text not null,
  item_id text not null,
  kind text not null check (kind in ('pick', 'put_back')),
  seq bigint not null,
  slot bigint not null,
  location_code text not null,
  quantity bigint not null check (quantity > 0),
  done bigint not null check (done between 0 and quantity),
  tote text not null,
  state text not null check (state in ('READY', 'CLAIMED', 'PICKED', 'SHORT', 'SKIPPED', 'CANCELLED')),
  step text not null,
  reason text not null,
  finished_at timestamptz,
  finished_by text not null,
  version bigint not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id),
  foreign key (tenant_id, line_id) references order_line (tenant_id, id)
) with (fillfactor = 80);
create unique index uq_pick_task_id on pick_task (id);
create index ix_pick_task_tenant_id_order_id on pick_task (tenant_id, order_id);
create index ix_pick_task_batch_id_seq on pick_task (batch_id, seq);
create index ix_pick_task_site_id_kind on pick_task (site_id, kind) where state = 'READY' and batch_id is null;
create table pack_session (
  tenant_id text not null,
  order_id text not null,
  scanned jsonb not null,
  carton_code text not null,
  opened_at timestamptz not null,
  opened_by text not null,
  primary key (tenant_id, order_id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create table order_parcel (
  tenant_id text not null,
  parcel_id text not null,
  order_id text not null,
  state text not null,
  lines jsonb not null,
  tracking_number text not null,
  primary key (tenant_id, parcel_id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id)
);
create unique index uq_order_parcel_parcel_id on order_parcel (parcel_id);
create index ix_order_parcel_tenant_id_order_id on order_parcel (tenant_id, order_id);
create table work_op (
  op_id text primary key,
  site_id text not null references site (id),
  actor text not null,
  device text not null,
  kind text not null,
  subject text not null,
  fingerprint text not null,
  near_miss boolean not null,
  device_at timestamptz,
  at timestamptz not null,
  ack jsonb not null
);
create index ix_work_op_site_id_at on work_op (site_id, at);
"""

TENANT_TABLES = (
    "customer", "sales_order", "order_line", "order_hold", "order_note", "order_term", "tracking_link", "batch_order",
    "pick_task", "pack_session", "order_parcel",
)  # fmt: skip
SITE_TABLES = ("floor_plan", "pick_batch", "work_op")


def upgrade() -> None:
    op.execute(ORDERS)
    op.execute(FLOOR)
    for table in TENANT_TABLES:
        op.execute(tenant_table(table))
    for table in SITE_TABLES:
        op.execute(_site_table(table))


def _site_table(table: str) -> str:
    """Return the DDL by which only the site's staff and the system see a row: it may concern several tenants."""
    scope = """(
        (select current_setting('app.tenant', true)) = '*'
        or site_id = (select current_setting('app.site', true))
    )"""
    return f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy site_isolation on {table} using {scope} with check {scope};
        grant select, insert, update, delete on {table} to pickstream_app;
    """

"""Parcels: cartons, carrier services, weight audits, labels, manifests, tracking scans."""

from alembic import op

from kernel.db.ddl import append_only, shared_table, tenant_table

revision = "0003"
down_revision = "0002"

SITE_TABLES = """
create table carton_type (
  site_id text not null references site (id),
  code text not null check (code <> ''),
  name text not null,
  inner_length_mm bigint not null check (inner_length_mm > 0),
  inner_width_mm bigint not null check (inner_width_mm > 0),
  inner_height_mm bigint not null check (inner_height_mm > 0),
  outer_length_mm bigint not null check (outer_length_mm >= inner_length_mm),
  outer_width_mm bigint not null check (outer_width_mm >= inner_width_mm),
  outer_height_mm bigint not null check (outer_height_mm >= inner_height_mm),
  tare_g bigint not null check (tare_g >= 0),
  tare_sd_g double precision not null check (tare_sd_g >= 0),
  max_weight_g bigint not null check (max_weight_g > tare_g),
  cost_minor bigint not null check (cost_minor >= 0),
  primary key (site_id, code)
);
create table carrier_service (
  site_id text not null references site (id),
  carrier text not null check (carrier ~ '^[a-z0-9_]+$'),
  service text not null check (service <> ''),
  carrier_name text not null,
  service_name text not null,
  cut_off text not null check (cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  weekdays jsonb not null,
  gateway text not null check (gateway in ('offline', 'http')),
  enabled boolean not null,
  is_baseline boolean not null,
  primary key (site_id, carrier, service)
);
create table rate_card (
  site_id text not null references site (id),
  carrier text not null,
  service text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  valid_from date not null,
  digest text not null,
  card text not null,
  primary key (site_id, carrier, service, currency, valid_from)
);
create table zone_chart (
  site_id text not null references site (id),
  carrier text not null,
  valid_from date not null,
  digest text not null,
  chart text not null,
  primary key (site_id, carrier, valid_from)
);
create table scale (
  site_id text not null references site (id),
  code text not null check (code <> ''),
  name text not null,
  sd_g double precision not null check (sd_g > 0),
  interval_g bigint not null check (interval_g > 0),
  max_g bigint not null check (max_g > 0),
  calibrated_until date not null,
  primary key (site_id, code)
);
create table manifest (
  id text primary key,
  site_id text not null references site (id),
  carrier text not null,
  ship_date date not null,
  state text not null check (state in ('open', 'closed', 'transmitted', 'handed_over')),
  content_hash text not null,
  parcel_count bigint not null,
  total_weight_g bigint not null,
  total_cost_minor bigint not null,
  reconciliation jsonb not null,
  closed_at timestamptz not null,
  closed_by text not null,
  transmitted_at timestamptz,
  carrier_reference text not null,
  transmit_due_at timestamptz,
  transmit_error text not null,
  handed_over_at timestamptz,
  handed_over_by text not null,
  driver text not null,
  check (state = 'open' or (content_hash <> '' and parcel_count > 0)),
  check ((state = 'handed_over') = (handed_over_at is not null))
);
create index ix_manifest_site_id_ship_date on manifest (site_id, ship_date);
"""

TENANT_TABLES = """
create table parcel (
  tenant_id text not null references merchant (id),
  id text not null,
  site_id text not null references site (id),
  kind text not null check (kind in ('outbound', 'return')),
  reference text not null,
  party text not null,
  state text not null check (state in ('packed', 'held', 'cleared', 'labelled', 'manifested', 'handed_over', 'voided')),
  clearance text not null check (clearance in ('', 'passed', 'released', 'not_weighed')),
  sscc text not null constraint uq_parcel_sscc unique check (sscc ~ '^[0-9]{18}$'),
  carton_code text not null,
  length_mm bigint not null check (length_mm > 0),
  width_mm bigint not null check (width_mm > 0),
  height_mm bigint not null check (height_mm > 0),
  tare_g bigint not null check (tare_g >= 0),
  tare_sd_g double precision not null,
  void_ml bigint not null check (void_ml >= 0),
  expected_g bigint not null check (expected_g >= 0),
  weight_g bigint check (weight_g > 0),
  ship_to jsonb not null,
  service_level text not null,
  promised_on date,
  value_minor bigint not null check (value_minor >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  tote text not null,
  packed_by text not null,
  packed_at timestamptz not null,
  label_id text,
  carrier text not null,
  service text not null,
  tracking_number text not null,
  ship_date date,
  arrives_on date,
  manifest_id text references manifest (id),
  handed_over_at timestamptz,
  voided_at timestamptz,
  void_reason text not null,
  tracking_status text not null,
  tracking_reason text not null,
  tracking_flags jsonb not null,
  tracking_place text not null,
  tracked_at timestamptz,
  delivered_at timestamptz,
  primary key (tenant_id, id),
  check (state <> 'held' or (label_id is null and manifest_id is null and clearance = '')),
  check (state in ('packed', 'held', 'voided') or clearance <> ''),
  check (clearance <> 'not_weighed' or kind = 'return'),
  check (state not in ('labelled', 'manifested', 'handed_over') or (label_id is not null and tracking_number <> '')),
  check (manifest_id is null or (state in ('manifested', 'handed_over') and kind = 'outbound')),
  check ((state = 'voided') = (voided_at is not null))
) with (fillfactor = 80);
create index ix_parcel_tenant_id_reference on parcel (tenant_id, reference);
create index ix_parcel_site_id_carrier_ship_date on parcel (site_id, carrier, ship_date) where state = 'labelled';
create index ix_parcel_site_id_packed_at on parcel (site_id, packed_at) where state in ('packed', 'held', 'cleared');
create index ix_parcel_carrier_tracking_number on parcel (carrier, tracking_number) where tracking_number <> '';
create index ix_parcel_manifest_id on parcel (manifest_id) where manifest_id is not null;

create table parcel_item (
  tenant_id text not null,
  parcel_id text not null,
  line_id text not null,
  item_id text not null,
  sku text not null,
  name text not null,
  quantity bigint not null check (quantity > 0),
  weight_g bigint not null check (weight_g >= 0),
  length_mm bigint not null check (length_mm >= 0),
  width_mm bigint not null check (width_mm >= 0),
  height_mm bigint not null check (height_mm >= 0),
  primary key (tenant_id, parcel_id, line_id),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id)
);
create table item_weight (
  tenant_id text not null,
  item_id text not null,
  mean_g double precision not null check (mean_g >= 0),
  mean_sd_g double precision not null check (mean_sd_g > 0),
  unit_sd_g double precision not null check (unit_sd_g > 0),
  parcels bigint not null check (parcels > 0),
  master_g bigint not null,
  updated_at timestamptz not null,
  primary key (tenant_id, item_id)
);
create table weight_audit (
  tenant_id text not null,
  id text not null,
  parcel_id text not null,
  site_id text not null,
  attempt bigint not null check (attempt > 0),
  reading_g bigint not null check (reading_g > 0),
  stable boolean not null check (stable),
  scale jsonb not null,
  expected_g bigint not null,
  sigma_g double precision not null,
  z double precision not null,
  decision text not null check (decision in ('PASS', 'RECHECK', 'HOLD')),
  explanations jsonb not null,
  visibility jsonb not null,
  caution text not null,
  weighed_by text not null,
  weighed_at timestamptz not null,
  primary key (tenant_id, id),
  constraint uq_weight_audit_tenant_id_parcel_id_attempt unique (tenant_id, parcel_id, attempt),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id)
);
create table hold_release (
  tenant_id text not null,
  id text not null,
  parcel_id text not null,
  role text not null check (role <> ''),
  reason text not null check (btrim(reason) <> ''),
  evidence text not null check (btrim(evidence) <> ''),
  contents_confirmed boolean not null,
  released_by text not null check (released_by <> ''),
  released_at timestamptz not null,
  primary key (tenant_id, id),
  constraint uq_hold_release_tenant_id_parcel_id unique (tenant_id, parcel_id),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id)
);
create table label (
  tenant_id text not null,
  id text not null,
  parcel_id text not null,
  state text not null check (state in ('requested', 'purchased', 'refused', 'voided')),
  carrier text not null,
  service text not null,
  price_minor bigint not null check (price_minor >= 0),
  currency text not null,
  baseline_minor bigint not null,
  why text not null,
  ship_date date not null,
  arrives_on date,
  serial bigint not null,
  tracking_number text not null,
  charged_minor bigint,
  requested_at timestamptz not null,
  attempts bigint not null,
  next_attempt_at timestamptz not null,
  purchased_at timestamptz,
  voided_at timestamptz,
  carrier_void text not null check (carrier_void in ('', 'due', 'done', 'refused')),
  error text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id),
  check (state <> 'purchased' or (tracking_number <> '' and purchased_at is not null))
);
create unique index uq_label_tenant_id_parcel_id on label (tenant_id, parcel_id) where state in ('requested', 'purchased');
create index ix_label_next_attempt_at on label (next_attempt_at) where state = 'requested' or carrier_void = 'due';
create table rate_quote (
  tenant_id text not null,
  id text not null,
  label_id text not null,
  rank bigint not null,
  carrier text not null,
  service text not null,
  price_minor bigint not null,
  currency text not null,
  arrives_on date,
  chosen boolean not null,
  details jsonb not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, label_id) references label (tenant_id, id)
);
create index ix_rate_quote_tenant_id_label_id on rate_quote (tenant_id, label_id);
create table manifest_parcel (
  tenant_id text not null,
  parcel_id text not null,
  manifest_id text not null references manifest (id),
  label_id text not null,
  tracking_number text not null,
  sscc text not null,
  weight_g bigint not null,
  price_minor bigint not null,
  primary key (tenant_id, parcel_id),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id),
  foreign key (tenant_id, label_id) references label (tenant_id, id)
);
create index ix_manifest_parcel_manifest_id on manifest_parcel (manifest_id);
create table raw_push (
  tenant_id text not null check (tenant_id = ''),
  id text not null,
  carrier text not null,
  digest text not null,
  body text not null,
  problem text not null,
  received_at timestamptz not null,
  primary key (tenant_id, id),
  constraint uq_raw_push_carrier_digest unique (carrier, digest)
);
create table raw_scan (
  tenant_id text not null,
  id text not null,
  carrier text not null,
  tracking_number text not null,
  fingerprint text not null,
  source text not null,
  push_id text not null,
  scan jsonb not null,
  received_at timestamptz not null,
  primary key (tenant_id, id),
  constraint uq_raw_scan_carrier_fingerprint unique (carrier, fingerprint)
);
create index ix_raw_scan_carrier_tracking_number on raw_scan (carrier, tracking_number) where tenant_id = '';
create table tracking_scan (
  tenant_id text not null,
  id text not null,
  parcel_id text not null,
  fingerprint text not null,
  carrier text not null,
  code text not null,
  text text not null,
  status text not null,
  reason text not null,
  occurred_at timestamptz not null,
  utc_offset_minutes bigint,
  place text not null,
  received_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, parcel_id) references parcel (tenant_id, id)
);
create index ix_tracking_scan_tenant_id_parcel_id on tracking_scan (tenant_id, parcel_id);
"""

# One sequence for each site's SSCCs and each carrier's parcel numbers, made at the first use: a sequence never gives a
# number twice, and parcels packed at the same moment do not wait for each other.
SERIALS = """
create function next_serial(p_series text) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  sequence_name text := 'serial_' || p_series;
begin
  if to_regclass(format('public.%I', sequence_name)) is null then
    if p_series !~ '^(sscc|tracking)_[a-z0-9_]{1,40}$' then
      raise exception 'no series %', p_series using errcode = 'invalid_parameter_value';
    end if;
    perform pg_advisory_xact_lock(hashtext(sequence_name));
    execute format('create sequence if not exists public.%I as bigint no cycle', sequence_name);
  end if;
  return nextval(format('public.%I', sequence_name)::regclass);
end $$;
revoke execute on function next_serial(text) from public;
grant execute on function next_serial(text) to pickstream_app;
"""

# The last line of defence, under every path of the program: what the audit holds gets no label and no manifest, and a
# manifest that is closed is never other than it was.
GUARDS = """
create function refuse_label_for_uncleared() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from parcel p where p.tenant_id = new.tenant_id and p.id = new.parcel_id
                 and p.state = 'cleared' and p.clearance <> '') then
    raise exception 'parcel % is not cleared for a label', new.parcel_id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger cleared_only before insert on label for each row execute function refuse_label_for_uncleared();

create function refuse_wrong_member() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from added a
    left join manifest m on m.id = a.manifest_id and m.state = 'open'
    left join parcel p on p.tenant_id = a.tenant_id and p.id = a.parcel_id and p.site_id = m.site_id
      and p.carrier = m.carrier and p.state in ('labelled', 'manifested') and p.clearance in ('passed', 'released')
    left join label l on l.tenant_id = a.tenant_id and l.id = a.label_id and l.parcel_id = a.parcel_id
      and l.state = 'purchased'
    where m.id is null or p.id is null or l.id is null) then
    raise exception 'a parcel may not join this manifest' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger fit_members_only after insert on manifest_parcel referencing new table as added
  for each statement execute function refuse_wrong_member();

create function refuse_manifest_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and old.state <> 'open' then
    raise exception 'manifest % is closed', old.id using errcode = 'check_violation';
  end if;
  if tg_op = 'UPDATE' and old.state <> 'open' and (
      new.state = 'open'
      or (new.id, new.site_id, new.carrier, new.ship_date, new.content_hash, new.parcel_count, new.total_weight_g,
          new.total_cost_minor, new.reconciliation, new.closed_at, new.closed_by)
         is distinct from
         (old.id, old.site_id, old.carrier, old.ship_date, old.content_hash, old.parcel_count, old.total_weight_g,
          old.total_cost_minor, old.reconciliation, old.closed_at, old.closed_by)) then
    raise exception 'manifest % is closed', old.id using errcode = 'check_violation';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger closed_is_final before update or delete on manifest
  for each row execute function refuse_manifest_change();
"""


def upgrade() -> None:
    op.execute(SITE_TABLES)
    op.execute(TENANT_TABLES)
    op.execute(SERIALS)
    op.execute(GUARDS)
    for table in ("carton_type", "carrier_service", "rate_card", "zone_chart", "scale"):
        op.execute(shared_table(table))
    for table in ("parcel", "parcel_item", "item_weight", "weight_audit", "hold_release", "label", "rate_quote",
                  "manifest_parcel", "tracking_scan"):  # fmt: skip
        op.execute(tenant_table(table))
    # A scan whose parcel is not known has the empty tenant: warehouses and the system see it, merchants do not.
    for table in ("raw_push", "raw_scan"):
        op.execute(tenant_table(table))
    op.execute("""
        alter table manifest enable row level security;
        alter table manifest force row level security;
        create policy own_site on manifest
          using ((select current_setting('app.tenant', true)) = '*'
                 or site_id = (select current_setting('app.site', true)));
        create policy reserved_functions on manifest to pickstream_reserve using (true);
        grant select, insert, update, delete on manifest to pickstream_app;
    """)
    for table in (
        "weight_audit",
        "hold_release",
        "rate_quote",
        "manifest_parcel",
        "raw_push",
        "raw_scan",
        "tracking_scan",
    ):
        op.execute(append_only(table))

"""Bills of lading: their numbers and what the carrier told about its collection."""

from alembic import op

revision = "0061"
down_revision = "0060"

TABLE = """
create table bill_of_lading (
  manifest_id text primary key references manifest (id),
  site_id text not null references site (id),
  carrier text not null,
  number text not null check (number ~ '^[0-9]{17}$'),
  scac text not null check (scac ~ '^([A-Z]{2,4})?$'),
  pro_number text not null,
  trailer text not null,
  seal text not null,
  issued_at timestamptz not null,
  issued_by text not null
);
alter table bill_of_lading add constraint uq_bill_of_lading_number unique (number);
create index ix_bill_of_lading_site_id on bill_of_lading (site_id);
alter table bill_of_lading enable row level security;
alter table bill_of_lading force row level security;
create policy own_site on bill_of_lading
  using ((select current_setting('app.tenant', true)) = '*'
         or site_id = (select current_setting('app.site', true)));
create policy reserved_functions on bill_of_lading to pickstream_reserve using (true);
grant select, insert on bill_of_lading to pickstream_app;
grant update (scac, pro_number, trailer, seal) on bill_of_lading to pickstream_app;
"""

# Bills of all sites with one company prefix draw from one sequence: their numbers have no digit that tells the site.
SERIALS = """
create or replace function next_serial(p_series text) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  sequence_name text := 'serial_' || p_series;
begin
  if to_regclass(format('public.%I', sequence_name)) is null then
    if p_series !~ '^(sscc|tracking|bol)_[a-z0-9_]{1,40}$' then
      raise exception 'no series %', p_series using errcode = 'invalid_parameter_value';
    end if;
    perform pg_advisory_xact_lock(hashtext(sequence_name));
    execute format('create sequence if not exists public.%I as bigint no cycle', sequence_name);
  end if;
  return nextval(format('public.%I', sequence_name)::regclass);
end $$;
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(SERIALS)

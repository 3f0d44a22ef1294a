"""Parcels that stay behind when a manifest's others leave: they go on the next one."""

from alembic import op

revision = "0064"
down_revision = "0063"

TABLES = """
alter table manifest_carve_out
  drop constraint manifest_carve_out_tenant_id_parcel_id_fkey,
  drop constraint manifest_carve_out_pkey,
  add column left_behind boolean not null default false;
alter table manifest_parcel
  drop constraint manifest_parcel_pkey,
  add primary key (tenant_id, parcel_id, manifest_id);
alter table manifest_carve_out
  add primary key (tenant_id, parcel_id, manifest_id),
  add foreign key (tenant_id, parcel_id, manifest_id)
    references manifest_parcel (tenant_id, parcel_id, manifest_id);
"""

# The key let a parcel join one manifest; now it joins another only when it is on none.
GUARD = """
create or replace function refuse_wrong_member() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from added a
    left join manifest m on m.id = a.manifest_id and m.state = 'open'
    left join parcel p on p.tenant_id = a.tenant_id and p.id = a.parcel_id and p.site_id = m.site_id
      and p.carrier = m.carrier and p.state in ('labelled', 'manifested') and p.clearance in ('passed', 'released')
      and coalesce(p.manifest_id, m.id) = m.id
    left join label l on l.tenant_id = a.tenant_id and l.id = a.label_id and l.parcel_id = a.parcel_id
      and l.state = 'purchased'
    where m.id is null or p.id is null or l.id is null) then
    raise exception 'a parcel may not join this manifest' using errcode = 'check_violation';
  end if;
  return null;
end $$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARD)

"""What weighing taught: of items with all their possibilities, of a site's packaging and scales, and what stands out."""

from alembic import op

from kernel.db.ddl import shared_table, tenant_table

revision = "0050"
down_revision = "0049"

UPGRADE = """
alter table item_weight add column seen_g double precision not null default 0 check (seen_g > -1000000);
alter table item_weight add column precision double precision not null default 0 check (precision >= 0);
update item_weight set seen_g = mean_g, precision = 1 / (mean_sd_g * mean_sd_g);
alter table item_weight alter column seen_g drop default;
alter table item_weight alter column precision drop default;
alter table item_weight drop column unit_sd_g;
alter table weight_audit add column score double precision;
create index ix_weight_audit_site_id_weighed_at on weight_audit (site_id, weighed_at);
create table site_weight (
  site_id text not null references site (id),
  tares jsonb not null,
  offsets jsonb not null,
  dunnage jsonb not null,
  noise jsonb not null,
  goods jsonb not null,
  recheck double precision not null,
  hold double precision not null,
  parcels bigint not null check (parcels >= 0),
  fitted_at timestamptz not null,
  primary key (site_id)
);
create table weight_finding (
  tenant_id text not null,
  id text not null,
  site_id text not null references site (id),
  kind text not null check (kind in ('catalog', 'item', 'scale', 'packer', 'carton')),
  code text not null check (code <> ''),
  name text not null,
  what text not null,
  believed_g double precision not null,
  learned_g double precision not null,
  parcels bigint not null check (parcels > 0),
  found_at timestamptz not null,
  settled_at timestamptz,
  settled_by text not null,
  outcome text not null check (outcome in ('', 'corrected', 'kept')),
  note text not null,
  primary key (tenant_id, id),
  check ((settled_at is null) = (outcome = '')),
  check (outcome = '' or btrim(note) <> '')
);
create unique index uq_weight_finding_tenant_id_site_id_kind_code on weight_finding (tenant_id, site_id, kind, code)
  where settled_at is null;
create index ix_weight_finding_site_id_found_at on weight_finding (site_id, found_at);
"""
# A finding about a scale, a packer or a carton is the house's own: it has no tenant and the site's staff see it.
OWN_SITE = "(tenant_id = '' and site_id = (select current_setting('app.site', true)))"


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("site_weight"))
    op.execute(tenant_table("weight_finding", extra=OWN_SITE))

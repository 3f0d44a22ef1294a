"""Planned cartons that packers did not take, and those that are planned no more for the same items."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0055"
down_revision = "0054"

UPGRADE = """
create table carton_outcome (
  tenant_id text not null,
  id text not null,
  site_id text not null references site (id),
  reference text not null,
  mix_key text not null,
  mix jsonb not null,
  carton_code text not null check (carton_code <> ''),
  chosen_code text not null check (chosen_code <> ''),
  reason text not null
    check (reason in ('', 'TOO_SMALL', 'TOO_LARGE', 'MISSING', 'DAMAGED', 'FRAGILE', 'OTHER')),
  note text not null,
  decided_by text not null,
  decided_at timestamptz not null,
  primary key (tenant_id, id),
  check ((reason = '') = (carton_code = chosen_code))
);
create index ix_carton_outcome_site_id_mix_key
  on carton_outcome (tenant_id, site_id, mix_key, carton_code, decided_at);
create index ix_carton_outcome_site_id_decided_at on carton_outcome (site_id, decided_at);
create table carton_bar (
  tenant_id text not null,
  id text not null,
  site_id text not null references site (id),
  mix_key text not null,
  mix jsonb not null,
  carton_code text not null check (carton_code <> ''),
  barred_at timestamptz not null,
  lifted_at timestamptz,
  lifted_by text not null,
  primary key (tenant_id, id),
  check ((lifted_at is null) = (lifted_by = ''))
);
create unique index uq_carton_bar_tenant_id_site_id_mix_key_carton_code
  on carton_bar (tenant_id, site_id, mix_key, carton_code) where lifted_at is null;
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(tenant_table("carton_outcome"))
    op.execute(tenant_table("carton_bar"))

"""Floor plans have versions: what was drawn stays, and one of them is in force."""

from alembic import op

from kernel.db.ddl import append_only, shared_table

revision = "0033"
down_revision = "0032"

# A version never changes. `floor_plan` says which of a site's versions walks are computed on, `floor_plan_change` which
# were before. A draft with faults is kept with them; it never comes into force.
TABLES = """
create table floor_plan_version (
  site_id text not null references site (id),
  version bigint not null check (version > 0),
  kind text not null check (kind in ('grid', 'graph', 'faulty')),
  document jsonb not null,
  faults jsonb not null,
  bins bigint not null check (bins >= 0),
  note text not null,
  source text not null,
  based_on bigint,
  created_at timestamptz not null,
  created_by text not null,
  primary key (site_id, version),
  foreign key (site_id, based_on) references floor_plan_version (site_id, version),
  check ((kind = 'faulty') = (jsonb_array_length(faults) > 0))
);
create table floor_plan_change (
  site_id text not null,
  number bigint not null check (number > 0),
  version bigint not null,
  at timestamptz not null,
  changed_by text not null,
  primary key (site_id, number),
  foreign key (site_id, version) references floor_plan_version (site_id, version)
);
insert into floor_plan_version
  (site_id, version, kind, document, faults, bins, note, source, created_at, created_by)
  select site_id, version, 'grid', document, '[]', jsonb_array_length(document->'bins'), '', 'stored', updated_at, 'system'
  from floor_plan;
insert into floor_plan_change (site_id, number, version, at, changed_by)
  select site_id, 1, version, updated_at, 'system' from floor_plan;
alter table floor_plan drop column document;
alter table floor_plan add foreign key (site_id, version) references floor_plan_version (site_id, version);
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("floor_plan_version", "floor_plan_change"):
        op.execute(shared_table(table))
        op.execute(append_only(table))

"""Whether pieces fit into a carton, as far as it had to be proven."""

from alembic import op

from kernel.db.ddl import shared_table

revision = "0051"
down_revision = "0050"

# Shapes alone, of nobody's goods in particular: the answer is the same for every merchant and every site.
UPGRADE = """
create table packing_proof (
  shapes_key text not null,
  inner_length_mm bigint not null check (inner_length_mm > 0),
  inner_width_mm bigint not null check (inner_width_mm > 0),
  inner_height_mm bigint not null check (inner_height_mm > 0),
  shapes jsonb not null,
  answer text not null check (answer in ('open', 'fits', 'impossible', 'unknown')),
  places jsonb not null default '[]',
  asked_at timestamptz not null,
  next_attempt_at timestamptz not null,
  decided_at timestamptz,
  primary key (shapes_key, inner_length_mm, inner_width_mm, inner_height_mm)
);
create index ix_packing_proof_due on packing_proof (next_attempt_at) where answer = 'open';
create index ix_packing_proof_asked_at on packing_proof using brin (asked_at);
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    op.execute(shared_table("packing_proof"))

"""Whether a label was scanned back on its parcel, by whom and when; and the labelled parcels of a packer."""

from alembic import op

revision = "0076"
down_revision = "0075"


def upgrade() -> None:
    op.execute("alter table label add column verified_at timestamptz, add column verified_by text")
    # What was labelled before is not asked for at the benches; nobody's name stands at it.
    op.execute("select set_config('app.tenant', '*', true)")
    op.execute("update label set verified_at = purchased_at where purchased_at > now() - interval '1 day'")
    op.execute("select set_config('app.tenant', '', true)")
    op.execute(
        "create index ix_parcel_site_id_packed_by on parcel (site_id, packed_by, packed_at) where state = 'labelled'"
    )

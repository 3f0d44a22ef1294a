"""The container that each parcel of a manifest stood in when it was closed."""

from alembic import op

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    op.execute("""
        alter table manifest_parcel
          add column container_id text references sort_container (id),
          add column container_sscc text,
          add column container_kind text,
          add column contained_at timestamptz,
          add constraint ck_manifest_parcel_container check (
            num_nulls(container_id, container_sscc, container_kind, contained_at) in (0, 4))
    """)

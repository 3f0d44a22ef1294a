"""Remember which service a label's saving is told against, and find labels by the day they leave."""

from alembic import op

revision = "0049"
down_revision = "0048"

# What was bought before is told against the site's baseline of today, where it was among the quotes at that price.
UPGRADE = """
alter table label add column baseline text not null default '';
alter table label alter column baseline drop default;
update label l set baseline = b.named from (
  select l.tenant_id, l.id, min(q.carrier || '/' || q.service) as named
  from label l
  join parcel p on p.tenant_id = l.tenant_id and p.id = l.parcel_id
  join carrier_service s on s.site_id = p.site_id and s.is_baseline
  join rate_quote q on q.tenant_id = l.tenant_id and q.label_id = l.id and q.carrier = s.carrier
    and q.service = s.service and q.price_minor = l.baseline_minor
  group by l.tenant_id, l.id) b
where b.tenant_id = l.tenant_id and b.id = l.id;
create index ix_label_ship_date on label (ship_date) where state = 'purchased';
"""


def upgrade() -> None:
    op.execute(UPGRADE)

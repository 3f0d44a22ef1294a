"""What may go out instead of an item, what customers agreed to, and what they are asked when units are missing."""

from alembic import op

from kernel.db.ddl import tenant_table

revision = "0040"
down_revision = "0039"

UPGRADE = """
alter table order_policy
  add column substitutes text not null default 'agreed' check (substitutes in ('never', 'agreed', 'ask')),
  add column on_short text not null default 'wait' check (on_short in ('wait', 'leave_out', 'ship_rest')),
  add column answer_hours bigint not null default 24 check (answer_hours between 1 and 168),
  add column on_silence text not null default 'wait'
    check (on_silence in ('wait', 'substitute', 'leave_out', 'cancel'));
alter table sales_order add column answer_due_at timestamptz;
alter table order_line
  add column substitutes text not null default '' check (substitutes in ('', 'allowed', 'ask', 'never')),
  add column replaces_line_id text not null default '';
create table item_substitute (
  tenant_id text not null,
  item_id text not null,
  substitute_id text not null,
  rank bigint not null check (rank > 0),
  price_rule text not null check (price_rule in ('same', 'lower', 'never_more')),
  unit_price_minor bigint check (unit_price_minor >= 0),
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (tenant_id, item_id, substitute_id),
  check (item_id <> substitute_id)
);
create table customer_question (
  tenant_id text not null,
  id text not null,
  order_id text not null,
  line_id text not null,
  substitute_id text not null,
  quantity bigint not null check (quantity > 0),
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  on_silence text not null check (on_silence in ('wait', 'substitute', 'leave_out', 'cancel')),
  hold_id text not null,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  choice text not null check (choice in ('', 'wait', 'substitute', 'leave_out', 'cancel')),
  answered_by text not null,
  answered_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, order_id) references sales_order (tenant_id, id),
  foreign key (tenant_id, line_id) references order_line (tenant_id, id),
  check ((choice = '') = (answered_at is null))
);
create index ix_customer_question_tenant_id_order_id on customer_question (tenant_id, order_id);
create index ix_customer_question_due_at on customer_question (due_at) where choice = '';
create unique index uq_customer_question_tenant_id_line_id on customer_question (tenant_id, line_id)
  where choice = '';
"""


def upgrade() -> None:
    op.execute(UPGRADE)
    for table in ("item_substitute", "customer_question"):
        op.execute(tenant_table(table))

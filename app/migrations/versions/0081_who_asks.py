"""Who sends a request is found, and that they came is noted, in one statement, which is a transaction of its own."""

from alembic import op

revision = "0081"
down_revision = "0080"

# They see the rows of every tenant while they run: whose request it is is not known before.
UPGRADE = """
create function staff_of_session(p_session text, p_now timestamptz, p_idle interval)
returns table (expires_at timestamptz, seen_at timestamptz, id text, role text, name text, active boolean,
               merchant_id text, site_id text)
language plpgsql as $$
#variable_conflict use_column
declare
  v_tenant text := coalesce(current_setting('app.tenant', true), '');
begin
  perform set_config('app.tenant', '*', true);
  update staff_session s set seen_at = p_now
  where s.id = p_session and s.expires_at > p_now
    and s.seen_at > p_now - p_idle and s.seen_at < p_now - interval '1 minute';
  return query select s.expires_at, s.seen_at, u.id, u.role, u.name, u.active, u.merchant_id, u.site_id
  from staff_session s join staff_user u on u.id = s.user_id where s.id = p_session;
  perform set_config('app.tenant', v_tenant, true);
end $$;

create function holder_of_key(p_hash text, p_now timestamptz)
returns table (id text, tenant_id text, name text, scopes jsonb, expires_at timestamptz)
language plpgsql as $$
#variable_conflict use_column
declare
  v_tenant text := coalesce(current_setting('app.tenant', true), '');
begin
  perform set_config('app.tenant', '*', true);
  update api_key k set last_used_at = p_now
  where k.secret_hash = p_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > p_now)
    and (k.last_used_at is null or k.last_used_at < p_now - interval '5 minutes');
  return query select k.id, k.tenant_id, k.name, k.scopes, k.expires_at
  from api_key k where k.secret_hash = p_hash and k.revoked_at is null;
  perform set_config('app.tenant', v_tenant, true);
end $$;
"""


def upgrade() -> None:
    op.execute(UPGRADE)

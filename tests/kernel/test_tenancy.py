import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from kernel import actors
from kernel.access import commands
from kernel.actors import Actor, Role
from kernel.db.transactions import transaction

SHARED = {
    "site": "addresses of buildings",
    "staff_session": "hashes of tokens, looked up before anybody is known",
    "outbox": "ids of events",
    "subscription": "positions",
    "inbox": "ids of messages",
    "job_run": "names of jobs",
    "alembic_version": "the schema's number",
}


@pytest.fixture
def two_merchants(database: Connection) -> tuple[str, str, str]:
    with transaction(actors.system()) as uow:
        first = commands.create_merchant(uow, code="first", name="First", currency="EUR")
        second = commands.create_merchant(uow, code="second", name="Second", currency="EUR")
        site = commands.create_site(
            uow, code="dc", name="DC", time_zone="Europe/Berlin", country="DE", company_prefix="4012345"
        )
        commands.serve_merchants(uow, site_id=site, merchant_ids=[first])
        for tenant in (first, second):
            commands.issue_key(uow, tenant_id=tenant, name="shop", scopes=["orders:read"])
    return first, second, site


def merchants_seen_by(actor: Actor) -> set[str]:
    with transaction(actor) as uow:
        return set(uow.session.execute(text("select tenant_id from api_key")).scalars())


def test_who_sees_which_tenant(two_merchants: tuple[str, str, str]) -> None:
    first, second, site = two_merchants
    assert merchants_seen_by(Actor("key", Role.MERCHANT, tenant=first)) == {first}
    assert merchants_seen_by(Actor("key", Role.MERCHANT, tenant=second)) == {second}
    assert merchants_seen_by(Actor("usr", Role.PICKER, site=site)) == {first}
    assert merchants_seen_by(Actor("usr", Role.PICKER, site="sit_other")) == set()
    assert merchants_seen_by(Actor("nobody", Role.PUBLIC)) == set()
    assert merchants_seen_by(actors.system()) == {first, second}


def test_nobody_writes_a_row_of_another_tenant(two_merchants: tuple[str, str, str]) -> None:
    first, second, _ = two_merchants
    thief = Actor("key", Role.MERCHANT, tenant=second)
    with transaction(thief) as uow:
        changed = uow.session.execute(text("update api_key set name = 'mine' where tenant_id = :t"), {"t": first})
        assert changed.rowcount == 0
    with pytest.raises(DBAPIError, match="row-level security"), transaction(thief) as uow:
        uow.session.execute(text("update api_key set tenant_id = :t"), {"t": first})


def test_every_table_is_under_forced_row_level_security_or_named_as_shared(database: Connection) -> None:
    rows = database.execute(
        text("select relname, relrowsecurity and relforcerowsecurity as guarded from pg_class"
             " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace")
    ).all()  # fmt: skip
    open_tables = {row.relname for row in rows if not row.guarded}
    site_tables = {
        name for name in open_tables if not database.execute(
            text("select 1 from information_schema.columns where table_name = :t and column_name = 'tenant_id'"),
            {"t": name},
        ).first()
    }  # fmt: skip
    assert open_tables == site_tables, "a table with tenant_id must be under row-level security"
    assert set(SHARED) <= open_tables


def test_application_role_is_neither_owner_nor_superuser(database: Connection) -> None:
    role = database.execute(
        text("select rolsuper, rolbypassrls, rolname from pg_roles where rolname = current_user")
    ).one()
    assert (role.rolsuper, role.rolbypassrls, role.rolname) == (False, False, "pickstream_app")
    owned = text(
        "select count(*) from pg_class where relowner = (select oid from pg_roles where rolname = current_user)"
    )
    assert database.execute(owned).scalar_one() == 0

from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

OWNER, APP, RESERVE = "pickstream_owner", "pickstream_app", "pickstream_reserve"
# Two that alter a role at once fail with "tuple concurrently updated". The lock is let go with the connection.
_ONE_AT_A_TIME = "select pg_advisory_lock(hashtext('pickstream bootstrap'))"


@dataclass(frozen=True, slots=True)
class Urls:
    """The two logins of one database: the application's, and the schema owner's for migrations."""

    app_url: str
    owner_url: str


def bootstrap(superuser_url: str, database: str, *, app_password: str = "", owner_password: str = "") -> Urls:
    """Create the roles and the database if they are missing, and return the two logins. Safe to repeat.

    The application role is neither owner nor superuser, so that row-level security holds for everything it does.
    """
    url = make_url(superuser_url)
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(_ONE_AT_A_TIME)
        _create_role(connection, OWNER, "login", owner_password)
        _create_role(connection, APP, "login", app_password)
        _create_role(connection, RESERVE, "nologin", "")
        connection.execute(f"grant {RESERVE} to {OWNER} with inherit false, set true")
        for role, limit in ((APP, "30s"), (OWNER, "0")):
            connection.execute(f"alter role {role} set statement_timeout = '{limit}'")
            connection.execute(f"alter role {role} set idle_in_transaction_session_timeout = '60s'")
        if not connection.execute("select 1 from pg_database where datname = %s", (database,)).fetchone():
            name, owner = sql.Identifier(database), sql.Identifier(OWNER)
            connection.execute(sql.SQL("create database {} owner {}").format(name, owner))
    with psycopg.connect(_plain(url.set(database=database)), autocommit=True) as connection:
        connection.execute(_ONE_AT_A_TIME)
        connection.execute(f"alter schema public owner to {OWNER}")
        connection.execute(f"grant usage on schema public to {APP}, {RESERVE}")
    return Urls(_login(url, APP, app_password, database), _login(url, OWNER, owner_password, database))


def _create_role(connection: psycopg.Connection, role: str, login: str, password: str) -> None:
    if not connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
        connection.execute(f"create role {role} {login} nosuperuser nobypassrls nocreatedb nocreaterole")
    if password:
        connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password)))


def _login(url: URL, role: str, password: str, database: str) -> str:
    login = url.set(drivername="postgresql+psycopg", username=role, password=password or None, database=database)
    return login.render_as_string(hide_password=False)


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)

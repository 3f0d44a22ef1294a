from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from kernel.db.bootstrap import Urls
from tests.plugin.servers import Servers

# Dead rows of a table this small cost later tests nothing, while a vacuum costs more than the test itself.
SMALL_PAGES = 64

OTHERS = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
NEW_SEQUENCES = "select relname from pg_class where relkind = 'S' and oid > %s"
# Whatever changes a table, a right, a function, a trigger, a policy or a constraint changes one of these sums.
SHAPE = """
select max(oid::bigint),
  sum(hashtext(concat_ws(',', oid, relname, relkind, relacl, relrowsecurity, relforcerowsecurity, relchecks))),
  (select sum(hashtext(concat_ws(',', oid, xmin))) from pg_proc),
  (select sum(hashtext(concat_ws(',', oid, xmin))) from pg_trigger),
  (select sum(hashtext(concat_ws(',', oid, xmin))) from pg_policy),
  (select sum(hashtext(concat_ws(',', oid, xmin))) from pg_constraint),
  (select sum(hashtext(concat_ws(',', attrelid, attnum, xmin))) from pg_attribute),
  (select string_agg(version_num, ',') from alembic_version)
from pg_class
"""
USED = """
select relname, pages > %s from (
  select relname, pg_relation_size(oid) / current_setting('block_size')::integer as pages
  from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace) tables
where pages > 0 and relname <> 'alembic_version'
"""


@dataclass(slots=True)
class Copies:
    """Databases like the template. One that was used is emptied and lent again, for that is far cheaper than a copy.

    A database whose schema a test has changed, or to which somebody is still connected, is thrown away instead.
    """

    servers: Servers
    template: Urls
    prefix: str
    _idle: list[str] = field(default_factory=list)
    _made: int = 0
    _shape: tuple[object, ...] = ()

    @contextmanager
    def lend(self) -> Iterator[Urls]:
        """Lend a database that nobody else uses meanwhile and in which there is no row."""
        name = self._idle.pop() if self._idle else self._make()
        yield Urls(_in_database(self.template.app_url, name), _in_database(self.template.owner_url, name))
        if self._emptied(name):
            self._idle.append(name)
        else:
            self._drop(name)

    def close(self) -> None:
        """Drop the databases that were given back."""
        while self._idle:
            self._drop(self._idle.pop())

    def _make(self) -> str:
        self._made += 1
        name = f"{self.prefix}_{self._made}_{self.servers.run_id}"
        owner = make_url(self.template.owner_url)
        # Copying files costs a third of writing every page to the log, as long as the cluster need not survive a crash.
        create = sql.SQL("create database {} template {} owner {} strategy file_copy").format(
            sql.Identifier(name), sql.Identifier(owner.database or ""), sql.Identifier(owner.username or "")
        )
        with psycopg.connect(self.servers.superuser_dsn, autocommit=True) as connection:
            connection.execute(create)
        if not self._shape:
            with self._connect(name) as connection:
                self._shape = _shape(connection)
        return name

    def _emptied(self, name: str) -> bool:
        with self._connect(name) as connection:
            if connection.execute(OTHERS).fetchone() != (0,):
                return False
            # Triggers that keep the ledger and the log append-only, and foreign keys, are for the product.
            connection.execute("set session_replication_role = replica")
            for (sequence,) in connection.execute(NEW_SEQUENCES, self._shape[:1]).fetchall():
                connection.execute(sql.SQL("drop sequence {}").format(sql.Identifier(sequence)))
            if _shape(connection) != self._shape:
                return False
            for table, is_large in connection.execute(USED, [SMALL_PAGES]).fetchall():
                connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
                if is_large:
                    connection.execute(sql.SQL("vacuum (truncate true) {}").format(sql.Identifier(table)))
            connection.execute("select setval(seqrelid::regclass, seqstart, false) from pg_sequence")
        return True

    def _drop(self, name: str) -> None:
        with psycopg.connect(self.servers.superuser_dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(_in_database(self.servers.superuser_dsn, name), autocommit=True)


def _shape(connection: psycopg.Connection) -> tuple[object, ...]:
    return connection.execute(SHAPE).fetchone() or ()


def _in_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)

import socket

import psycopg
import pytest
import redis
from kombu import Connection as BrokerConnection
from playwright.sync_api import Page
from sqlalchemy import Connection, text

from tests.plugin.databases import FreshDatabase
from tests.plugin.servers import Servers
from tests.plugin.sockets import NetworkBlockedError


def test_sessions_run_as_a_role_that_row_level_security_binds(database: Connection) -> None:
    role = database.execute(
        text("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
    ).one()

    assert tuple(role) == ("pickstream_app", False, False)
    owner = database.execute(text("select pg_get_userbyid(datdba) from pg_database where datname = current_database()"))
    assert owner.scalar_one() == "pickstream_owner"


def test_copies_of_the_template_carry_the_newest_schema(database: Connection) -> None:
    assert database.execute(text("select count(*) from pg_tables where schemaname = 'public'")).scalar_one() > 0


def test_commits_in_a_fresh_database_are_seen_by_other_connections(fresh_database: FreshDatabase) -> None:
    owner_dsn = fresh_database.owner_url.replace("+psycopg", "")
    with psycopg.connect(owner_dsn) as owner:
        owner.execute("create table proof (n integer)")
        owner.execute("grant insert, select on proof to pickstream_app")
    with fresh_database.engine.begin() as first:
        first.execute(text("insert into proof values (1)"))

    with fresh_database.engine.connect() as second:
        assert second.execute(text("select n from proof")).scalars().all() == [1]


def test_each_test_starts_with_an_empty_redis(redis_url: str, broker_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0

    with BrokerConnection(broker_url) as broker:
        queue = broker.SimpleQueue("wake-ups")
        queue.put("relay")
        assert queue.get(timeout=5).payload == "relay"
        queue.close()


def test_the_engines_listen_on_no_network_port(servers: Servers) -> None:
    with psycopg.connect(servers.superuser_dsn) as connection:
        addresses = connection.execute("select current_setting('listen_addresses'), inet_server_addr()").fetchone()
    with redis.Redis.from_url(servers.redis_url) as client:
        port = client.config_get("port")

    assert addresses == ("", None)
    assert port == {"port": "0"}


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_tests_cannot_connect_beyond_this_machine(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as sock, pytest.raises(NetworkBlockedError):
        sock.connect((address, 80))


def test_tests_cannot_resolve_names() -> None:
    with pytest.raises(NetworkBlockedError):
        socket.create_connection(("pickstream.invalid", 80))


@pytest.mark.browser
def test_the_browser_renders_a_page(page: Page) -> None:
    page.goto("data:text/html,<title>Dock 4</title><p id=a>scan</p>")

    assert page.title() == "Dock 4"
    assert page.inner_text("#a") == "scan"

import secrets
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app import migrate, prepare
from app.cli.environment import plain_url
from app.samples.access import read_keys
from app.samples.catalogue import sample_merchants
from app.samples.house import PASSWORD
from app.verification import verify_house
from kernel.access.commands import authenticate_key, create_merchant, sign_in
from kernel.access.queries import find_keys, find_merchants, find_sites
from kernel.actors import system
from kernel.db.transactions import run
from kernel.errors import Invalid
from kernel.settings import settings
from tests.plugin.databases import FreshDatabase
from tests.plugin.servers import Servers

_BOOTSTRAP_AND_MIGRATE = """
import sys
from app.migrate import upgrade
from kernel.db.bootstrap import bootstrap
upgrade(bootstrap(sys.argv[1], sys.argv[2]).owner_url)
"""
ROLES = ("picker", "packer", "service", "manager", "admin", "merchant")


@pytest.fixture
def prepared_home(fresh_database: FreshDatabase, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PICKSTREAM_HOME", str(home))
    settings.cache_clear()
    return home


def counts() -> dict[str, int]:
    tables = ("merchant", "site", "item", "location", "stock_movement", "staff_user", "api_key", "carrier_service")
    return {t: run(system(), lambda uow, t=t: uow.session.scalar(text(f"select count(*) from {t}"))) for t in tables}  # noqa: S608 - names of our own


def weighted_sum(gtin: str) -> int:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gtin))


def test_a_new_database_gets_a_house_that_everybody_can_enter(prepared_home: Path) -> None:
    assert prepare.main() == 0
    logins = prepared_home / "logins.txt"
    for role in ROLES:
        assert run(system(), lambda uow, r=role: sign_in(uow, email=f"{r}@pickstream.example", password=PASSWORD))
        assert f"{role}@pickstream.example" in logins.read_text()
    keys = read_keys(prepared_home)
    assert sorted(keys) == ["bergwerk", "nordhus", "papierhof"]
    for secret in keys.values():
        actor = run(system(), lambda uow, s=secret: authenticate_key(uow, secret=s))
        assert actor is not None
        assert actor.may("orders:write")
        assert secret in logins.read_text()
    assert {stat.S_IMODE((prepared_home / name).stat().st_mode) for name in ("logins.txt", "sample-keys.json")} == {
        0o600
    }
    assert [f.invariant.statement for f in verify_house() if f.violated] == []
    found = counts()
    assert (found["merchant"], found["site"]) == (3, 1)
    assert found["item"] == found["stock_movement"] == sum(len(shop.items) for shop in sample_merchants()) >= 60


def test_the_second_start_changes_nothing(prepared_home: Path) -> None:
    prepare.main()
    before = counts(), (prepared_home / "logins.txt").read_text()
    prepare.main()
    assert (counts(), (prepared_home / "logins.txt").read_text()) == before


def test_lost_keys_are_issued_anew_and_the_old_ones_end(prepared_home: Path) -> None:
    prepare.main()
    before, old = counts(), read_keys(prepared_home)
    (prepared_home / "sample-keys.json").unlink()
    prepare.main()
    new = read_keys(prepared_home)
    assert run(system(), lambda uow: authenticate_key(uow, secret=old["nordhus"])) is None
    assert run(system(), lambda uow: authenticate_key(uow, secret=new["nordhus"])) is not None
    assert sum(key.revoked_at is None for key in run(system(), find_keys)) == 3
    assert counts() == before | {"api_key": 6}


def test_a_house_of_others_is_left_to_them(prepared_home: Path) -> None:
    run(system(), lambda uow: create_merchant(uow, code="acme", name="Acme", currency="EUR"))
    prepare.main()
    assert [merchant.code for merchant in run(system(), find_merchants)] == ["acme"]
    assert run(system(), find_sites) == []
    assert not (prepared_home / "logins.txt").exists()


def test_the_goods_are_what_goods_are() -> None:
    items = [item for shop in sample_merchants() for item in shop.items]
    assert len({item.sku for item in items}) == len({item.gtin for item in items}) == len(items)
    for item in items:
        assert len(item.gtin) == 13
        assert weighted_sum(item.gtin) % 10 == 0, item.gtin
        assert min(item.weight_g, item.price_minor, item.popularity, *item.sides_mm) > 0


@pytest.mark.thorough
def test_schemas_are_brought_up_to_date_one_at_a_time(servers: Servers) -> None:
    name = f"at_once_{secrets.token_hex(4)}"
    arguments = [sys.executable, "-c", _BOOTSTRAP_AND_MIGRATE, servers.superuser_url, name]
    try:
        rivals = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(3)]
        assert [(rival.communicate()[1], rival.returncode) for rival in rivals] == [("", 0)] * 3
    finally:
        with psycopg.connect(servers.superuser_dsn, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)")


def test_the_application_can_tell_an_older_and_a_newer_schema(fresh_database: FreshDatabase) -> None:
    url = settings().database_url
    assert migrate.is_current(url)
    assert not migrate.is_newer(url)
    for number, is_newer in (("0001", False), ("9999", True)):
        with psycopg.connect(plain_url(owner=True), autocommit=True) as connection:
            connection.execute("update alembic_version set version_num = %s", (number,))
        assert (migrate.is_current(url), migrate.is_newer(url)) == (False, is_newer)
    with pytest.raises(Invalid, match="newer release"):
        migrate.upgrade(settings().database_owner_url)

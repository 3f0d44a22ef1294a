import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from app.engines.spawn import wait_until
from app.supervisor import Child, Supervisor, SupervisorBusyError

WAIT = "import signal; print('ready', flush=True); signal.pause()"
IGNORE_TERM = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True:
    signal.pause()
"""
FORK_AND_WAIT = """
import signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN); signal.pause()"])
print("ready", flush=True)
signal.pause()
"""
SUPERVISE = """
import sys
from pathlib import Path
from app.supervisor import Child, Supervisor
home, code = Path(sys.argv[1]), sys.argv[2]
children = [Child(name, [sys.executable, "-c", code]) for name in ("first", "second")]
with Supervisor(home, children, tell=lambda line: print(line, flush=True)) as supervisor:
    print(*supervisor.pids.values(), flush=True)
    code = supervisor.run()
sys.exit(code)
"""


def python(name: str, code: str, **env: str) -> Child:
    return Child(name, [sys.executable, "-c", code], env)


def are_gone(pids: Iterable[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def supervise(home: Path, code: str) -> tuple[subprocess.Popen[str], list[int]]:
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(home), code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert wait_until(lambda: all("ready" in log_of(home, name) for name in ("first", "second")), seconds=10)
    return process, pids


def log_of(home: Path, name: str) -> str:
    path = home / "log" / f"{name}.log"
    return path.read_text() if path.exists() else ""


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    with Supervisor(tmp_path, [python("worker", WAIT)], tell=told.append) as supervisor:
        first = supervisor.pids["worker"]
        os.kill(first, signal.SIGKILL)
        code = supervisor.run(until=lambda: supervisor.pids.get("worker", first) != first)

        assert code == 0
        assert told == [f"worker died (signal SIGKILL); starting it again in 0.4 s. See {tmp_path}/log/worker.log"]
    assert supervisor.pids == {}


@pytest.mark.thorough
def test_a_child_that_keeps_dying_ends_everything_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.supervisor.FIRST_DELAY_SECONDS", 0.01)
    told: list[str] = []
    children = [python("steady", WAIT), python("broken", "raise SystemExit('no such table')")]
    with Supervisor(tmp_path, children, tell=told.append) as supervisor:
        steady = supervisor.pids["steady"]

        assert supervisor.run() == 1
    assert told[-1].startswith("broken died 5 times in a row (exit code 1); giving up.")
    assert told[-1].endswith("no such table")
    assert are_gone([steady])


def test_children_write_their_own_log_and_are_echoed_with_their_name(tmp_path: Path) -> None:
    told: list[str] = []
    child = python("relay", "import os; print(os.environ['GREETING'], flush=True)\n" + WAIT, GREETING="a" * 300)
    with Supervisor(tmp_path, [child], tell=told.append, echo=True) as supervisor:
        supervisor.run(until=lambda: len(told) == 2)

    assert told == [f"{'relay':>8} | {'a' * 300}"[:160], f"{'relay':>8} | ready"]
    assert log_of(tmp_path, "relay") == "a" * 300 + "\nready\n"


def test_children_end_in_reverse_order(tmp_path: Path) -> None:
    order = tmp_path / "order"
    note_end = (
        "import signal, sys\n"
        f"def end(*_):\n    open({str(order)!r}, 'a').write(sys.argv[1] + ' '); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('ready', flush=True)\n"
        "while True: signal.pause()"
    )
    children = [Child(name, [sys.executable, "-c", note_end, name]) for name in ("a", "b", "c")]
    with Supervisor(tmp_path, children, tell=print) as supervisor:
        supervisor.run(until=lambda: all("ready" in log_of(tmp_path, name) for name in "abc"))

    assert order.read_text().split() == ["c", "b", "a"]


@pytest.mark.thorough
def test_a_stubborn_child_is_killed_and_the_others_still_get_their_time(tmp_path: Path) -> None:
    told: list[str] = []
    children = [python("polite", WAIT), python("stubborn", IGNORE_TERM)]
    with Supervisor(tmp_path, children, tell=told.append, stop_seconds=2) as supervisor:
        supervisor.run(until=lambda: "ready" in log_of(tmp_path, "stubborn"))
        started = time.monotonic()
    assert time.monotonic() - started < 3
    assert told == ["stubborn did not end in time; killing it."]


def test_what_the_watch_raises_ends_everything(tmp_path: Path) -> None:
    def watch() -> None:
        raise LookupError("the database is gone")

    supervisor = Supervisor(tmp_path, [python("worker", WAIT)], tell=print, watch=watch)
    with pytest.raises(LookupError), supervisor:
        supervisor.run()
    assert supervisor.pids == {}


def test_a_home_has_one_supervisor(tmp_path: Path) -> None:
    with Supervisor(tmp_path, [python("worker", WAIT)], tell=print) as first:
        with pytest.raises(SupervisorBusyError, match=f"process {os.getpid()}"):
            Supervisor(tmp_path, [python("worker", WAIT)], tell=print).start()

        assert not are_gone([first.pids["worker"]])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_children_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    process, pids = supervise(tmp_path, WAIT)
    process.send_signal(number)
    output, _ = process.communicate(timeout=15)

    assert process.returncode == 0
    assert output == ""
    assert are_gone(pids)


@pytest.mark.thorough
def test_children_die_with_a_killed_supervisor_and_the_next_ends_their_leftovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.supervisor.LEFTOVER_SECONDS", 0.5)
    process, pids = supervise(tmp_path, FORK_AND_WAIT)
    process.kill()
    process.communicate()

    assert wait_until(partial(are_gone, pids), seconds=5)
    assert len(supervised_by(tmp_path)) == 2
    with Supervisor(tmp_path, [python("only", WAIT)], tell=print) as supervisor:
        assert supervised_by(tmp_path) == [supervisor.pids["only"]]


def supervised_by(home: Path) -> list[int]:
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"PICKSTREAM_SUPERVISED_HOME={home}".encode() in environ.read_bytes().split(b"\0"):
                found.append(int(environ.parent.name))
        except OSError:
            continue
    return found

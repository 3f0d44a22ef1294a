import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from app.engines.lock import HomeLock
from app.engines.logs import log_tail, rotate_log
from app.engines.spawn import kill_group, require_main_thread, spawn, wait_until

TICK_SECONDS = 0.2
STOP_SECONDS = 15.0
LEFTOVER_SECONDS = 3.0
FAST_DEATH_SECONDS = 10.0
FAST_DEATHS_ALLOWED = 5
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 10.0
TERMINAL_COLUMNS = 160
HOME_VARIABLE = "PICKSTREAM_SUPERVISED_HOME"


class SupervisorBusyError(RuntimeError):
    """Another supervisor already runs the processes of this home."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running: its name (also its log's), its command, and additions to our environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    child: Child
    log_path: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    fast_deaths: int = 0
    told: int = 0


class Supervisor:
    """Keeps named child processes running, and ends all of them together, in reverse order of their start.

    A child that dies is started again after a growing delay; one that dies at once five times in a row ends
    everything, with the end of its log. Children write straight to `home/log/NAME.log`, so that a slow or dead
    supervisor never blocks them. `tell` receives what is worth a person's eye, `echo` also the children's log lines.
    `watch` is called about five times a second; what it raises ends everything.

    Children carry the home in their environment: those that outlive a killed supervisor are ended by the next one.
    Must be used from the main thread.
    """

    def __init__(
        self,
        home: Path,
        children: Sequence[Child],
        *,
        tell: Callable[[str], None],
        echo: bool = False,
        watch: Callable[[], object] = lambda: None,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self._home = home.resolve()
        self._runs = [_Run(child, self._home / "log" / f"{child.name}.log") for child in children]
        self._tell = tell
        self._echo = echo
        self._watch = watch
        self._stop_seconds = stop_seconds
        self._lock = HomeLock(self._home / ".supervisor.lock")
        self._stop_requests = 0
        self._failed = ""
        self._handlers: dict[signal.Signals, signal._HANDLER] = {}
        self._wakeup, self._wakeup_writer = -1, -1

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the running children, by name."""
        return {run.child.name: run.process.pid for run in self._runs if run.process is not None}

    @property
    def is_ending(self) -> bool:
        """Whether a signal asked to stop, or a child could not be kept running."""
        return bool(self._stop_requests or self._failed)

    def start(self) -> None:
        """End what a killed supervisor of this home left behind, and start all children in order.

        Raises:
            SupervisorBusyError: another supervisor runs on this home.
        """
        require_main_thread()
        (self._home / "log").mkdir(parents=True, exist_ok=True)
        if not self._lock.acquire():
            who = self._lock.read().strip()
            raise SupervisorBusyError(f"{self._home} is in use already ({who}). Stop that one, or choose another home.")
        self._lock.note(f"process {os.getpid()}")
        end_leftovers(self._home, seconds=LEFTOVER_SECONDS)
        self._take_signals()
        for run in self._runs:
            self._launch(run)

    def run(self, *, until: Callable[[], bool] = lambda: False) -> int:
        """Watch over the children until a signal (SIGINT, SIGTERM, SIGHUP) asks to stop or `until` is true.

        Returns:
            0 to stop as asked, 1 when a child could not be kept running. `stop` is still to be called.
        """
        while not (self.is_ending or until()):
            self._wait_for_tick()
            self._watch()
            for run in self._runs:
                self._look_after(run)
        return 1 if self._failed else 0

    def stop(self) -> None:
        """End the children in reverse order; whoever is left after 15 s, or at a second signal, is killed."""
        deadline = time.monotonic() + self._stop_seconds
        signals_before = self._stop_requests
        for remaining, run in reversed(list(enumerate(self._runs))):
            if run.process is not None:
                # Each one that is still to come keeps a second of its own.
                self._end(run, deadline - remaining, signals_before)
        self._give_signals_back()
        self._lock.release()

    def _launch(self, run: _Run) -> None:
        rotate_log(run.log_path)
        run.told = run.log_path.stat().st_size if run.log_path.exists() else 0
        run.started = time.monotonic()
        run.process = spawn(
            run.child.argv,
            env={**os.environ, **run.child.env, HOME_VARIABLE: str(self._home)},
            log_path=run.log_path,
            death_signal=signal.SIGTERM,
            cwd=str(Path.cwd()),
        )

    def _look_after(self, run: _Run) -> None:
        self._echo_lines(run)
        if run.process is None:
            if time.monotonic() >= run.due:
                self._launch(run)
        elif (code := run.process.poll()) is not None:
            self._bury(run, code)

    def _bury(self, run: _Run, code: int) -> None:
        """Take note of a death: clear its process group, and decide when, or whether, it starts again."""
        assert run.process is not None
        kill_group(run.process.pid)
        run.process = None
        lived = time.monotonic() - run.started
        run.fast_deaths = run.fast_deaths + 1 if lived < FAST_DEATH_SECONDS else 0
        if run.fast_deaths >= FAST_DEATHS_ALLOWED:
            self._failed = run.child.name
            self._tell(
                f"{run.child.name} died {run.fast_deaths} times in a row ({_ending(code)}); giving up. "
                f"The end of {run.log_path}:\n{log_tail(run.log_path)}"
            )
            return
        delay = min(FIRST_DELAY_SECONDS * 2**run.fast_deaths, LONGEST_DELAY_SECONDS)
        run.due = time.monotonic() + delay
        self._tell(f"{run.child.name} died ({_ending(code)}); starting it again in {delay:.1f} s. See {run.log_path}")

    def _end(self, run: _Run, deadline: float, signals_before: int) -> None:
        process = run.process
        assert process is not None
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() < deadline and self._stop_requests == signals_before:
            self._wait_for_tick(0.02)
        if process.poll() is None:
            self._tell(f"{run.child.name} did not end in time; killing it.")
        kill_group(process.pid)
        process.wait()
        run.process = None

    def _echo_lines(self, run: _Run) -> None:
        if not self._echo or not run.log_path.exists():
            return
        if run.log_path.stat().st_size < run.told:
            run.told = 0
        with run.log_path.open("rb") as log:
            log.seek(run.told)
            complete, newline, _ = log.read().rpartition(b"\n")
        run.told += len(complete) + len(newline)
        for line in complete.decode(errors="replace").splitlines():
            self._tell(f"{run.child.name:>8} | {line}"[:TERMINAL_COLUMNS])

    def _wait_for_tick(self, seconds: float = TICK_SECONDS) -> None:
        # The wake-up pipe turns a signal that arrives at any moment into the end of this wait.
        readable, _, _ = select.select([self._wakeup], [], [], seconds)
        if readable:
            os.read(self._wakeup, 4096)

    def _take_signals(self) -> None:
        self._wakeup, self._wakeup_writer = os.pipe()
        os.set_blocking(self._wakeup_writer, False)
        signal.set_wakeup_fd(self._wakeup_writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._request_stop)

    def _give_signals_back(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._handlers:
            signal.set_wakeup_fd(-1)
            os.close(self._wakeup)
            os.close(self._wakeup_writer)
        self._handlers = {}

    def _request_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requests += 1

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def end_leftovers(home: Path, *, seconds: float) -> list[int]:
    """End the processes that an earlier supervisor of this home left running, and return their ids.

    They are known by the home in their environment, which grandchildren inherit. Linux only; elsewhere none are found.
    """
    leftovers = list(_supervised(home))
    for pid in leftovers:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not any(_supervised(home)), seconds=seconds)
    for pid in _supervised(home):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return leftovers


def _supervised(home: Path) -> Iterator[int]:
    mark = f"{HOME_VARIABLE}={home}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0") and int(folder.name) != os.getpid():
                yield int(folder.name)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

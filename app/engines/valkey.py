import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import redis

from app.engines.errors import EngineError
from app.engines.identity import CLEAN_ENVIRONMENT, Identity
from app.engines.logs import log_tail, rotate_log
from app.engines.spawn import command_line, is_zombie, spawn, stop_process, wait_until

SOCKET_NAME = "v.sock"
DATABASES = 64
START_SECONDS = 60.0
LEFTOVER_SECONDS = 10.0


class Valkey:
    """One private Valkey or Redis server that listens on a unix socket and nowhere else."""

    name = "valkey"

    def __init__(
        self, server: Path, *, data_dir: Path, run_dir: Path, log_path: Path, identity: Identity, durable: bool
    ) -> None:
        self._server = server
        self._data = data_dir
        self._run_dir = run_dir
        self._log = log_path
        self._identity = identity
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the server that we started."""
        return None if self._process is None else self._process.pid

    def is_running(self) -> bool:
        """Whether the server that we started still runs."""
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """End the server that an earlier run left on our data, if any, and start ours without waiting.

        Raises:
            EngineError: the old server does not end.
        """
        if not self._data.is_dir():
            self._data.mkdir(mode=0o700)
            self._identity.owns(self._data)
        self._clear_leftovers()
        rotate_log(self._log)
        self._process = spawn(
            [str(self._server), *self._options()],
            env=CLEAN_ENVIRONMENT,
            log_path=self._log,
            death_signal=signal.SIGTERM,
            identity=self._identity,
        )

    def wait_ready(self) -> None:
        """Wait until the server answers a ping; while it loads its file it does not.

        Raises:
            EngineError: the server ended or did not answer in time; the text carries the end of its log.
        """
        deadline = time.monotonic() + START_SECONDS
        while not answers(self._run_dir):
            if not self.is_running():
                raise EngineError(f"Valkey ended while starting. The end of {self._log}:\n{log_tail(self._log)}")
            if time.monotonic() > deadline:
                raise EngineError(f"Valkey did not answer within {START_SECONDS:.0f} s; see {self._log}")
            time.sleep(0.02)

    def stop(self, *, seconds: float) -> None:
        """Shut down, saving what is to be saved, and kill what is still there after `seconds`."""
        if self._process is not None:
            stop_process(self._process, signal.SIGTERM, seconds=seconds)
            self._process = None

    def _clear_leftovers(self) -> None:
        pid_file = self._data / "valkey.pid"
        text = pid_file.read_text(encoding="ascii").strip() if pid_file.is_file() else ""
        # Two servers on one append-only file would ruin it, so the old one must be gone first.
        if text.isdecimal() and str(self._data) in command_line(int(text)):
            self._end_old_server(int(text))
        pid_file.unlink(missing_ok=True)

    def _end_old_server(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        ours = str(self._data)
        if not wait_until(lambda: ours not in command_line(pid) or is_zombie(pid), seconds=LEFTOVER_SECONDS):
            raise EngineError(f"An earlier Valkey (process {pid}) on {ours} does not end; stop it by hand.")

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._run_dir / SOCKET_NAME),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "pidfile": str(self._data / "valkey.pid"),
            "databases": str(DATABASES),
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "auto-aof-rewrite-min-size": "16mb",
            "maxmemory-policy": "noeviction",
            # The title would replace the command line by which the next start knows the process as ours.
            "set-proc-title": "no",
            "daemonize": "no",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]


def answers(run_dir: Path) -> bool:
    """Whether the server of a run directory answers."""
    client = redis.Redis(unix_socket_path=str(run_dir / SOCKET_NAME), socket_timeout=5)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()

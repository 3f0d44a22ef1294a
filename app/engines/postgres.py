import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from app.engines.binaries import postgres_major
from app.engines.errors import DataVersionError, EngineError
from app.engines.identity import CLEAN_ENVIRONMENT, Identity
from app.engines.logs import log_tail, rotate_log
from app.engines.spawn import command_line, is_alive, is_zombie, spawn, stop_process, wait_until

SUPERUSER = "postgres"
FIRST_MAJOR_WITH_BUILTIN_LOCALES = 17
FIRST_MAJOR_WITH_IO_METHODS = 18
START_SECONDS = 120.0
LEFTOVER_SECONDS = 20.0

# Sized for a small machine beside the application: the whole cluster idles near 80 MB.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "effective_cache_size": "512MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "jit": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "max_wal_size": "1GB",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "20s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
    "logging_collector": "off",
}
THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}


class Postgres:
    """One private PostgreSQL cluster that listens on a unix socket and nowhere else."""

    name = "postgres"

    def __init__(
        self, bin_dir: Path, *, data_dir: Path, run_dir: Path, log_path: Path, identity: Identity, durable: bool
    ) -> None:
        self._bin = bin_dir
        self._data = data_dir
        self._run_dir = run_dir
        self._log = log_path
        self._identity = identity
        self._durable = durable
        self._major = postgres_major(bin_dir)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster that we started."""
        return None if self._process is None else self._process.pid

    def is_running(self) -> bool:
        """Whether the postmaster that we started still runs."""
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Create the cluster where there is none, clear what a crash left, and start the server without waiting.

        Raises:
            DataVersionError: another major version wrote the data.
            EngineError: initdb failed, or an old server does not end.
        """
        if not (self._data / "PG_VERSION").is_file():
            self._create_cluster()
        self._check_version()
        self._clear_leftovers()
        rotate_log(self._log)
        self._process = spawn(
            [str(self._bin / "postgres"), "-D", str(self._data), *self._options()],
            env=CLEAN_ENVIRONMENT,
            log_path=self._log,
            death_signal=signal.SIGINT,
            identity=self._identity,
        )

    def wait_ready(self) -> None:
        """Wait until a real connection succeeds, through crash recovery if need be.

        Raises:
            EngineError: the server ended or did not answer in time; the text carries the end of its log.
        """
        deadline = time.monotonic() + START_SECONDS
        while not answers(self._run_dir):
            if not self.is_running() and not self._relaunch_beside_dying_backends(deadline):
                raise EngineError(f"PostgreSQL ended while starting. The end of {self._log}:\n{log_tail(self._log)}")
            if time.monotonic() > deadline:
                raise EngineError(f"PostgreSQL did not answer within {START_SECONDS:.0f} s; see {self._log}")
            time.sleep(0.02)

    def stop(self, *, seconds: float) -> None:
        """Shut down fast (open transactions are rolled back), and kill what is still there after `seconds`."""
        if self._process is not None:
            stop_process(self._process, signal.SIGINT, seconds=seconds)
            self._process = None

    def _relaunch_beside_dying_backends(self, deadline: float) -> bool:
        # After a killed postmaster its backends need a moment to notice, and hold the shared memory until then.
        if "is still in use" not in log_tail(self._log) or time.monotonic() > deadline:
            return False
        time.sleep(0.2)
        self.launch()
        return True

    def _create_cluster(self) -> None:
        staged = self._data.with_name(f"{self._data.name}.new")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(mode=0o700)
        self._identity.owns(staged)
        locale = ["--locale=C.UTF-8"]
        if self._major >= FIRST_MAJOR_WITH_BUILTIN_LOCALES:
            locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]
        command = [
            str(self._bin / "initdb"),
            f"--pgdata={staged}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            *locale,
            "--data-checksums",
            *([] if self._durable else ["--no-sync"]),
        ]
        outcome = self._identity.run(command)
        if outcome.returncode != 0:
            shutil.rmtree(staged)
            raise EngineError(f"initdb could not create {self._data}:\n{outcome.stdout}")
        # Only a complete cluster gets the name: a start that was killed here begins anew.
        staged.rename(self._data)

    def _check_version(self) -> None:
        written_by = int((self._data / "PG_VERSION").read_text(encoding="ascii").split(".")[0])
        if written_by != self._major:
            raise DataVersionError(
                f"{self._data} was written by PostgreSQL {written_by}, but {self._bin} holds version {self._major}. "
                f"Create an empty cluster of version {self._major} beside it and run {self._bin / 'pg_upgrade'} --link "
                f"--old-bindir=<bin of {written_by}> --new-bindir={self._bin} "
                f"--old-datadir={self._data} --new-datadir=<the new cluster>; then swap the two folders."
            )

    def _clear_leftovers(self) -> None:
        """Deal with the pid file of an earlier run; a plainly dead one is PostgreSQL's own business."""
        pid_file = self._data / "postmaster.pid"
        pid = _first_integer(pid_file)
        if pid is None or not is_alive(pid):
            return
        if is_zombie(pid):
            wait_until(lambda: not is_alive(pid), seconds=5)
        elif str(self._data) in command_line(pid):
            self._end_old_server(pid)
            return
        # The process id now belongs to another program, or to a zombie that its parent never collects.
        pid_file.unlink(missing_ok=True)
        for socket in self._run_dir.glob(".s.PGSQL.*"):
            socket.unlink()

    def _end_old_server(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        if not wait_until(lambda: not is_alive(pid) or is_zombie(pid), seconds=LEFTOVER_SECONDS):
            raise EngineError(f"An earlier PostgreSQL (process {pid}) on {self._data} does not end; stop it by hand.")

    def _options(self) -> list[str]:
        settings = {**SETTINGS, "unix_socket_directories": str(self._run_dir)}
        if self._major >= FIRST_MAJOR_WITH_IO_METHODS:
            settings["io_method"] = "sync"  # spares the memory of three I/O workers
        if not self._durable:
            settings |= THROWAWAY_SETTINGS
        return [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]


def answers(run_dir: Path) -> bool:
    """Whether the server of a run directory accepts connections."""
    try:
        psycopg.connect(host=str(run_dir), port=5432, user=SUPERUSER, dbname="postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _first_integer(path: Path) -> int | None:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").split()
    except FileNotFoundError:
        return None
    return int(lines[0]) if lines and lines[0].isdecimal() else None

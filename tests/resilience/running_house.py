"""A house that `app.up` runs in processes of its own, seen from outside."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import redis

# How to know each process of the tree by its command line.
MARKS = {
    "api": "app.main:create_app",
    "worker": "app.worker",
    "beat": "app.beat:wakeups",
    "live": "app.simulators.live",
    "postgres": "postgres -D",
    "valkey": "valkey-server",
}


@dataclass
class RunningHouse:
    home: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start, and wait until the API answers."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.endswith(("DATABASE_URL", "REDIS_URL"))
        }
        with (self.home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.up", "--home", str(self.home), "--host", "127.0.0.1", "--port",
                 str(self.port), *options],
                stdout=log, stderr=subprocess.STDOUT, env=inherited | self.environment, start_new_session=True,
            )  # fmt: skip
        wait_for(self.answers, seconds=120, why=self.told)

    def stop(self) -> int:
        """Ask for the end, as Ctrl-C does, and return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def kill_all(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.process is None or self.process.poll() is not None:
            return
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for member in family:
            member.kill()
        psutil.wait_procs(family, timeout=10)

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.told()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def pid_of(self, name: str) -> int | None:
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if MARKS[name] in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                    return child.pid
            except psutil.NoSuchProcess:
                continue
        return None

    def kill(self, name: str) -> None:
        """End a process with SIGKILL, as soon as there is one."""
        wait_for(lambda: self.pid_of(name) is not None, seconds=30, why=self.told)
        os.kill(self.pid_of(name) or 0, signal.SIGKILL)

    def flush_redis(self) -> None:
        """Forget everything that Redis knows, as soon as it answers."""

        def flush() -> bool:
            try:
                with redis.Redis(unix_socket_path=f"{self.run_dir}/v.sock") as client:
                    return bool(client.flushall())
            except redis.ConnectionError:
                return False

        wait_for(flush, seconds=30, why=self.told)

    @property
    def run_dir(self) -> str:
        return (self.home / ".lock").read_text().strip()

    def url(self, role: str) -> str:
        return f"postgresql+psycopg://{role}@/pickstream?host={self.run_dir}"

    def query(self, statement: str, *values: object) -> Sequence[Any]:
        with psycopg.connect(f"postgresql://postgres@/pickstream?host={self.run_dir}") as connection:
            return connection.execute(statement, values).fetchall()

    def keys(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.home / "sample-keys.json").read_text())
        return found

    def told(self) -> str:
        return (self.home / "up.log").read_text()[-3_000:]


def wait_for(condition: Callable[[], bool], *, seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s:\n{why()}"
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

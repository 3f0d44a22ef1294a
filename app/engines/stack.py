import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from app.engines import postgres, valkey
from app.engines.binaries import Binaries, find_binaries
from app.engines.errors import EngineError
from app.engines.identity import Identity, engine_identity
from app.engines.lock import HomeLock
from app.engines.places import engine_root, make_run_dir, remove_run_dir
from app.engines.postgres import SUPERUSER, Postgres
from app.engines.spawn import require_main_thread
from app.engines.valkey import SOCKET_NAME, Valkey

ATTACH_SECONDS = 120.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the engines of one home listen."""

    run_dir: Path

    @property
    def superuser_url(self) -> str:
        """SQLAlchemy address (psycopg 3) of the maintenance database, as the cluster's superuser."""
        return f"postgresql+psycopg://{SUPERUSER}@/postgres?host={self._host}"

    def database_url(self, role: str, database: str) -> str:
        """SQLAlchemy address (psycopg 3) of a database, logged in as a role."""
        return f"postgresql+psycopg://{role}@/{database}?host={self._host}"

    @property
    def superuser_dsn(self) -> str:
        """The same address as libpq, psycopg and asyncpg read it."""
        return f"postgresql://{SUPERUSER}@/postgres?host={self._host}"

    @property
    def redis_url(self) -> str:
        """Address for redis-py, database 0."""
        return f"unix://{self._host}/{SOCKET_NAME}?db=0"

    @property
    def broker_url(self) -> str:
        """Address for Celery and kombu, database 0."""
        return f"redis+socket://{self._host}/{SOCKET_NAME}?virtual_host=0"

    @property
    def _host(self) -> str:
        return quote(str(self.run_dir))


_MODULES = {"postgres": postgres, "valkey": valkey}
BOTH = frozenset(_MODULES)


def missing_engines() -> frozenset[str]:
    """Return which engines the environment does not name: those to start."""
    named = {"postgres": os.environ.get("DATABASE_URL"), "valkey": os.environ.get("REDIS_URL")}
    return frozenset(name for name, address in named.items() if not address)


class EmbeddedStack:
    """A private PostgreSQL and Valkey under one data directory, started and stopped with this process.

    Whoever comes second to a home attaches to the running engines and leaves them running. The engines end with the
    owning process, even when that is killed. `durable=False` gives up crash safety for speed and is for tests. `needs`
    are the engines to start: who brings a PostgreSQL or a Redis of their own needs the other one only.

    Must be used from the main thread. Linux and macOS; elsewhere set DATABASE_URL and REDIS_URL.
    """

    def __init__(
        self, home: Path, *, durable: bool = True, binaries: Binaries | None = None, needs: Collection[str] = BOTH
    ) -> None:
        self._home = home.absolute()
        self._durable = durable
        self._needs = frozenset(needs)
        self._binaries = binaries
        self._lock = HomeLock(self._home / ".lock")
        self._engines: list[Postgres | Valkey] = []
        self._run_dir: Path | None = None

    @property
    def owns_engines(self) -> bool:
        """Whether this object started the engines, rather than attached to somebody else's."""
        return bool(self._engines)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the engines that this object started, by engine name."""
        return {engine.name: engine.pid for engine in self._engines if engine.pid is not None}

    def start(self) -> Endpoints:
        """Start the engines, or attach to those that another process runs on this home.

        Returns only when both answer.

        Raises:
            EngineError: what is missing or in the way, and what to do about it.
        """
        require_main_thread()
        self._home.mkdir(parents=True, exist_ok=True)
        self._home = self._home.resolve()
        self._lock = HomeLock(self._home / ".lock")
        deadline = time.monotonic() + ATTACH_SECONDS
        while not self._lock.acquire():
            if (running := self._running_endpoints()) is not None:
                return running
            if time.monotonic() > deadline:
                raise EngineError(f"Another process holds {self._home}/.lock, but its engines do not answer.")
            time.sleep(0.05)
        try:
            return self._start_engines()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what this object started, cleanly if it can be done within 15 s; attached engines keep running."""
        deadline = time.monotonic() + STOP_SECONDS
        for engine in reversed(self._engines):
            engine.stop(seconds=deadline - time.monotonic())
        if self._run_dir is not None:
            remove_run_dir(self._run_dir)
        self._engines, self._run_dir = [], None
        self._lock.release()

    def revive(self) -> list[str]:
        """Start again whichever of our engines has died, wait until it answers, and name it. Cheap when all live."""
        dead = [engine for engine in self._engines if not engine.is_running()]
        for engine in dead:
            engine.launch()
        for engine in dead:
            engine.wait_ready()
        return [engine.name for engine in dead]

    def _running_endpoints(self) -> Endpoints | None:
        noted = self._lock.read()
        if not noted:
            return None
        run_dir = Path(noted)
        answering = {name for name, engine in _MODULES.items() if name in self._needs and engine.answers(run_dir)}
        return Endpoints(run_dir) if answering == self._needs else None

    def _start_engines(self) -> Endpoints:
        identity = engine_identity()
        root = engine_root(self._home, identity)
        binaries = (self._binaries or find_binaries()).reachable_for(identity, root / "programs")
        run_dir = self._run_dir = make_run_dir(self._home, identity)
        self._lock.note(str(run_dir))
        self._engines = self._compose(binaries, root, run_dir, identity)
        for engine in self._engines:
            engine.launch()
        for engine in self._engines:
            engine.wait_ready()
        return Endpoints(run_dir)

    def _compose(self, binaries: Binaries, root: Path, run_dir: Path, identity: Identity) -> list[Postgres | Valkey]:
        logs = self._home / "log"
        logs.mkdir(exist_ok=True)
        database = Postgres(
            binaries.postgres_bin,
            data_dir=root / "postgres",
            run_dir=run_dir,
            log_path=logs / "postgres.log",
            identity=identity,
            durable=self._durable,
        )
        broker = Valkey(
            binaries.valkey_server,
            data_dir=root / "valkey",
            run_dir=run_dir,
            log_path=logs / "valkey.log",
            identity=identity,
            durable=self._durable,
        )
        return [engine for engine in (database, broker) if engine.name in self._needs]

    def __enter__(self) -> Endpoints:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

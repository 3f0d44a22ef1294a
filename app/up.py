"""The process behind `pickstream up`. It stays for days, so it imports nothing but the engines and the supervisor."""

import argparse
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from app.addresses import own_address
from app.engines.errors import EngineError
from app.engines.stack import EmbeddedStack, missing_engines
from app.supervisor import Child, Supervisor, SupervisorBusyError

READY_SECONDS = 60.0
INTERRUPTED = 130
"""What a shell expects of a program that was interrupted before it could do anything."""
CARRIER_PORTS_AWAY = 10_000
"""How far from the API's port the simulated carriers look for theirs: instances on neighboring ports do not meet."""
PYTHON = sys.executable
POLITELY = ("nice", "-n", "10")
"""What is simulated gives way to what is asked: the live day never slows down a page."""
Tell = Callable[[str], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Start the engines and the processes, say where everything is, and watch over them until asked to stop."""
    options = _options(argv)
    started = time.monotonic()
    options.home.mkdir(parents=True, exist_ok=True)
    stack = EmbeddedStack(options.home, needs=missing_engines())
    try:
        _say("1/4 PostgreSQL and Redis")
        superuser_url = _start_engines(stack)
        os.environ.update(_environment(options))
        _say("2/4 schema and sample warehouse")
        _prepare(superuser_url)
        _say("3/4 API, worker, ticker" + (", live day" if options.live else ""))
        with Supervisor(options.home, _children(options), tell=_say, watch=partial(_revive, stack)) as supervisor:
            code = supervisor.run(until=lambda: _answers(options) or time.monotonic() - started > 2 * READY_SECONDS)
            if supervisor.is_ending:
                return code
            _say(f"4/4 {'ready' if _answers(options) else 'not ready, even'} after {time.monotonic() - started:.1f} s")
            _welcome(options)
            return supervisor.run()
    except KeyboardInterrupt:
        return INTERRUPTED
    except (EngineError, SupervisorBusyError) as error:
        _say(f"Cannot start: {error}")
        return 1
    except subprocess.CalledProcessError:
        _say("Cannot start: preparing the database failed; the reason stands above.")
        return 1
    finally:
        stack.stop()
        _say("Stopped. Data stay in " + str(options.home))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pickstream up")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--live", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args(argv)


def _environment(options: argparse.Namespace) -> dict[str, str]:
    own = _carrier_simulator(options.port) if options.live and not os.environ.get("PICKSTREAM_CARRIER_URL") else {}
    return own | {
        # Threads that each grow a heap of their own make glibc keep memory that nobody uses.
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
        "PICKSTREAM_HOME": str(options.home),
        "PICKSTREAM_HOST": options.host,
        "PICKSTREAM_PORT": str(options.port),
        "PICKSTREAM_SECRET_KEY": os.environ.get("PICKSTREAM_SECRET_KEY") or _kept_secret(options.home / "secret.key"),
        "PICKSTREAM_CARRIER_WEBHOOK_SECRET": os.environ.get("PICKSTREAM_CARRIER_WEBHOOK_SECRET")
        or _kept_secret(options.home / "carrier.key"),
    }


def _carrier_simulator(port: int) -> dict[str, str]:
    """Tell all processes where the simulated carriers of this run answer, and with which key."""
    candidates = range(port + CARRIER_PORTS_AWAY, port + CARRIER_PORTS_AWAY + 100)
    free = next(filter(_is_free, (candidate % 65_536 or port + 1 for candidate in candidates)))
    return {
        "PICKSTREAM_CARRIER_URL": f"http://127.0.0.1:{free}",
        "PICKSTREAM_CARRIER_API_KEY": secrets.token_urlsafe(24),
    }


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _start_engines(stack: EmbeddedStack) -> str:
    """Start what the environment does not name, PostgreSQL, Redis or both, and name it there for the children.

    Returns the address of the embedded PostgreSQL's superuser, for nobody but the preparation.
    """
    if not missing_engines():
        return ""
    endpoints = stack.start()
    os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or endpoints.redis_url
    if os.environ.get("DATABASE_URL"):
        return ""
    os.environ["DATABASE_URL"] = endpoints.database_url("pickstream_app", "pickstream")
    os.environ["DATABASE_OWNER_URL"] = endpoints.database_url("pickstream_owner", "pickstream")
    return endpoints.superuser_url


def _revive(stack: EmbeddedStack) -> None:
    for name in stack.revive():
        _say(f"{name} died; it was started again and answers.")


def _prepare(superuser_url: str) -> None:
    """Bring schema and sample house up to date in a process that ends: its memory is not ours to keep."""
    environment = {**os.environ, **({"PICKSTREAM_SUPERUSER_URL": superuser_url} if superuser_url else {})}
    # In a group of its own Ctrl-C does not reach it: this process ends it, and it has nothing to say about that.
    subprocess.run([PYTHON, "-m", "app.prepare"], check=True, env=environment, process_group=0)  # noqa: S603 - our own


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _children(options: argparse.Namespace) -> list[Child]:
    api = (PYTHON, "-m", "uvicorn", "--factory", "app.main:create_app", "--host", options.host)
    children = [
        Child("api", (*api, "--port", str(options.port), "--no-access-log")),
        Child(
            "worker",
            (
                PYTHON,
                "-m",
                "celery",
                "-A",
                "app.worker",
                "worker",
                "--pool=threads",
                "-c",
                "4",
                "-l",
                "WARNING",
                "--without-mingle",
                "--without-gossip",
                "--without-heartbeat",
            ),
        ),
        Child("beat", (PYTHON, "-m", "celery", "-A", "app.beat:wakeups", "beat", "-l", "WARNING", "--pidfile=")),
    ]
    if options.live:
        children.append(Child("live", (*POLITELY, PYTHON, "-m", "app.simulators.live", "--speed", str(options.speed))))
    return children


def _answers(options: argparse.Namespace) -> bool:
    try:
        address = own_address(options.host, options.port)
        with urllib.request.urlopen(f"{address}/readyz", timeout=0.5) as answer:  # noqa: S310 - always http
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
    except (urllib.error.URLError, OSError):
        return False


ADD_PEOPLE = "  People           pickstream users add ana@example.com --role manager --site CODE"


def _welcome(options: argparse.Namespace) -> None:
    base = own_address(options.host, options.port)
    sample = options.home / "logins.txt"
    logins = sample.read_text().rstrip() if sample.exists() else ADD_PEOPLE
    _say(
        f"""
  Staff            {base}/
  API              {base}/v1  ({base}/openapi.json)
  Health           {base}/readyz   {base}/metrics
  Mail, logs       {options.home}/mail   {options.home}/log

{logins}

  Ctrl-C stops everything; `make up` resumes."""
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

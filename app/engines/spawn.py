import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.engines.identity import Identity

PR_SET_PDEATHSIG = 1

# Loaded before any fork: the dynamic loader takes locks that a child of fork must not wait for.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log_path: Path,
    death_signal: signal.Signals,
    identity: Identity | None = None,
    cwd: str = "/",
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own that receives `death_signal` when this process dies, however it dies.

    Output is appended to `log_path`. The parent death signal follows the thread that forked, so that this must be
    the main thread; it exists on Linux only, elsewhere leftovers are found through pid files at the next start.

    Raises:
        RuntimeError: called outside the main thread.
    """
    require_main_thread()
    drop = identity if identity is not None and identity.drops else None
    with log_path.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - programs and arguments are our own, no shell is involved
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            process_group=0,
            user=drop.uid if drop else None,
            group=drop.gid if drop else None,
            extra_groups=drop.groups if drop else None,
            preexec_fn=_die_with(os.getpid(), death_signal),  # noqa: PLW1509 - forks in the main thread, takes no locks
        )


def require_main_thread() -> None:
    """Refuse to go on outside the main thread.

    Raises:
        RuntimeError: this is another thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("Processes are started from the main thread only: they die with the thread that forked.")


def stop_process(process: subprocess.Popen[bytes], first: signal.Signals, *, seconds: float) -> None:
    """Send `first` to a process, wait, and kill its whole group when it is still there after `seconds`."""
    if process.poll() is None:
        process.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(seconds, 0))
    kill_group(process.pid)
    process.wait()


def kill_group(group_id: int) -> None:
    """Kill what is left of a process group; an empty group is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group_id, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process id is taken, a zombie included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_zombie(pid: int) -> bool:
    """Whether a process has ended but nobody has collected it yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"


def command_line(pid: int) -> str:
    """The command line of a running process, or an empty text when it is gone."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listing = subprocess.run(["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], check=False, capture_output=True)  # noqa: S603 - pid is an integer
    return listing.stdout.decode(errors="replace")


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll a condition about twenty-five times a second; False when it did not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.04)
    return True


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def arm() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arm

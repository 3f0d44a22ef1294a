import sys
import time
from collections.abc import Callable

_EVERY_SECONDS = 0.5
_EVERY_SECONDS_IN_A_LOG = 5.0


def show_progress() -> Callable[[str, int, int], None]:
    """Return a callback that keeps one line on the terminal up to date, and writes few lines where there is none."""
    shown = ("", 0.0)
    is_terminal = sys.stderr.isatty()
    wait = _EVERY_SECONDS if is_terminal else _EVERY_SECONDS_IN_A_LOG

    def show(what: str, done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        finished = done == total
        if now - shown[1] < wait and not (finished and what != shown[0]):
            return
        shown = (what, now)
        start, end = ("\r", "" if not finished else "\n") if is_terminal else ("", "\n")
        sys.stderr.write(f"{start}  {what}: {done:,} of {total:,}   {end}")
        sys.stderr.flush()

    return show

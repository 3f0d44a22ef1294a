import logging
import threading

from kombu.exceptions import OperationalError

from app.beat import LANE_TASK, wakeups

_log = logging.getLogger(__name__)
SPACING_SECONDS = 0.05


class Nudger:
    """Tells a worker that events were recorded: at most one hint every 50 ms, from a thread of its own.

    A request never waits for the broker, and a lost hint costs no more than the second until the next tick.
    """

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nudger", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """Ask for a hint; returns at once."""
        self._wanted.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._wanted.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wanted.wait()
            self._wanted.clear()
            if self._stopped.is_set():
                return
            try:
                wakeups.send_task(LANE_TASK, args=("relay",), expires=5, ignore_result=True, retry=False)
            except OperationalError as error:
                _log.warning("broker away, the next tick will find the work: %s", error)
            self._stopped.wait(SPACING_SECONDS)

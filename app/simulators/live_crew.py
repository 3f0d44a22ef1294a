import heapq
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kernel.errors import Refusal

Steps = Iterator[float]
"""What somebody does, act by act; each gives the simulated seconds until the next one."""

_FIRST_REST = 0.5
_LONGEST_REST = 10.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Member:
    name: str
    begin: Callable[[], Steps]
    steps: Steps | None = None
    accidents: int = 0
    told: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Crew:
    """People who work side by side in one thread, each in their own rhythm, `speed` times faster than in life.

    What goes wrong for one of them (the database is away, a colleague was faster) ends nothing: after a rest that grows
    to ten seconds they begin anew, and find their work where it is kept, in the database.
    """

    speed: float
    _members: list[_Member] = field(default_factory=list)

    def add(self, name: str, begin: Callable[[], Steps]) -> None:
        """Let somebody take part; `begin` tells what they do from the beginning, as often as it is asked."""
        self._members.append(_Member(name, begin))

    def work(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        due = [(time.monotonic(), number, member) for number, member in enumerate(self._members)]
        heapq.heapify(due)
        while due and not stop.is_set():
            at, number, member = due[0]
            if stop.wait(max(0.0, at - time.monotonic())):
                return
            heapq.heapreplace(due, (time.monotonic() + self._act(member), number, member))

    def _act(self, member: _Member) -> float:
        """Let somebody act once, and return after how many real seconds they will again."""
        try:
            member.steps = member.steps or member.begin()
            wait = next(member.steps)
        except Refusal as refusal:
            return self._rest(member, refusal.code, f"{refusal.title}: {refusal.detail}")
        except Exception as error:  # noqa: BLE001 - one person's accident, whatever it is, never ends the day
            return self._rest(member, type(error).__name__, str(error).partition("\n")[0], error)
        member.accidents = 0
        return wait / self.speed

    def _rest(self, member: _Member, kind: str, detail: str, error: Exception | None = None) -> float:
        member.steps = None
        if kind not in member.told:
            member.told.add(kind)
            _log.warning("%s: %s, %s (told once)", member.name, kind, detail, exc_info=error)
        member.accidents += 1
        return float(min(_FIRST_REST * 2 ** min(member.accidents, 6), _LONGEST_REST))

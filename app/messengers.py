"""Who delivers the events of a long import or simulation: this process itself, or one beside it on another core."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from app.haste import in_haste
from app.rooms import SUBSCRIPTIONS
from kernel import clock
from kernel.db.relay import relay

_DONE = "done"


class Messenger(Protocol):
    """Delivers what was committed to everybody who reacts to it."""

    def tell(self, now: datetime) -> None:
        """Begin to deliver what was committed until now, as of `now`."""

    def settle(self, now: datetime) -> None:
        """Deliver everything, and come back when nothing is left."""


class OwnMessenger:
    """Delivers in this process, at once."""

    def tell(self, now: datetime) -> None:
        """Deliver everything."""
        with clock.at(now):
            relay(SUBSCRIPTIONS)

    def settle(self, now: datetime) -> None:
        """Deliver everything."""
        self.tell(now)


@dataclass(slots=True)
class MessengerBeside:
    """Lets another process deliver while this one goes on working; it is never more than one telling behind."""

    process: "subprocess.Popen[str]"
    is_busy: bool = False

    def tell(self, now: datetime) -> None:
        """Wait for the former telling, then begin the next."""
        self._wait()
        print(now.isoformat(), file=_pipe(self.process.stdin), flush=True)
        self.is_busy = True

    def settle(self, now: datetime) -> None:
        """Tell, and wait until it is done."""
        self.tell(now)
        self._wait()

    def _wait(self) -> None:
        if not self.is_busy:
            return
        if _pipe(self.process.stdout).readline().strip() != _DONE:
            raise RuntimeError("The process that delivers events has ended; its error stands above.")
        self.is_busy = False


@contextmanager
def messenger_beside() -> Iterator[Messenger]:
    """Run a process that delivers events; it ends with this context, or when this process dies."""
    command = [sys.executable, "-m", "app.messengers"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        yield MessengerBeside(process)
    finally:
        _pipe(process.stdin).close()
        process.wait()
        _pipe(process.stdout).close()


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Deliver at each line, as of the instant that it names, and answer when nothing is left."""
    messenger = OwnMessenger()
    for line in requests:
        messenger.settle(datetime.fromisoformat(line.strip()))
        print(_DONE, file=answers, flush=True)


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None, "it was opened as a pipe"
    return stream


if __name__ == "__main__":
    with in_haste():
        serve(sys.stdin, sys.stdout)

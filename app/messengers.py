"""Who delivers the events of a long import or simulation: this process itself, or one beside it on another core."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Protocol

import msgspec

from app.haste import in_haste
from app.rooms import SUBSCRIPTIONS
from kernel import actors, clock
from kernel.db.relay import relay
from kernel.db.transactions import run
from shipping.api import RawScan, record_scans

MOST_AHEAD = 20
"""How many errands may wait at a process beside before this one waits for it."""
_NOT_DURABLE = "--not-durable"


class Errand(msgspec.Struct, frozen=True):
    """Something to do as of `now`: take a carrier's scans in, or, without any, deliver what was committed."""

    now: datetime
    carrier: str = ""
    scans: tuple[RawScan, ...] = ()


class Messenger(Protocol):
    """Delivers what was committed to everybody who reacts to it, and brings the carriers' scans in.

    `counts` has what became of the scans, once `settle` has come back.
    """

    counts: Counter[str]

    def tell(self, now: datetime) -> None:
        """Begin to deliver what was committed until now, as of `now`."""

    def settle(self, now: datetime) -> None:
        """Deliver everything, and come back when nothing is left."""

    def bring(self, carrier: str, scans: Sequence[RawScan], now: datetime) -> None:
        """Begin to take a carrier's scans in."""


@dataclass(slots=True)
class OwnMessenger:
    """Does everything in this process, at once."""

    counts: Counter[str] = field(default_factory=Counter)

    def tell(self, now: datetime) -> None:
        """Deliver everything."""
        with clock.at(now):
            relay(SUBSCRIPTIONS)

    def settle(self, now: datetime) -> None:
        """Deliver everything."""
        self.tell(now)

    def bring(self, carrier: str, scans: Sequence[RawScan], now: datetime) -> None:
        """Take the scans in."""
        with clock.at(now):
            found = run(
                actors.system(f"carrier:{carrier}"), lambda uow: record_scans(uow, carrier=carrier, scans=scans)
            )
        kinds = {"scans": found.recorded, "scans repeated": found.repeated, "scans quarantined": found.quarantined}
        self.counts.update(kinds)


@dataclass(slots=True)
class MessengerBeside:
    """Lets another process do it, in the order asked, while this one goes on working."""

    process: "subprocess.Popen[bytes]"
    counts: Counter[str] = field(default_factory=Counter)
    ahead: int = 0

    def tell(self, now: datetime) -> None:
        """Ask for a delivery, after all that was asked for before."""
        self._ask(Errand(now))

    def settle(self, now: datetime) -> None:
        """Ask for a delivery, and wait until everything is done."""
        self._ask(Errand(now))
        self._wait(until=0)

    def bring(self, carrier: str, scans: Sequence[RawScan], now: datetime) -> None:
        """Ask for the scans to be taken in."""
        self._ask(Errand(now, carrier, tuple(scans)))

    def _ask(self, errand: Errand) -> None:
        self._wait(until=MOST_AHEAD)
        _pipe(self.process.stdin).write(msgspec.json.encode(errand) + b"\n")
        _pipe(self.process.stdin).flush()
        self.ahead += 1

    def _wait(self, *, until: int) -> None:
        while self.ahead > until:
            answer = _pipe(self.process.stdout).readline()
            if not answer:
                raise RuntimeError("The process that delivers events has ended; its error stands above.")
            self.counts.update(msgspec.json.decode(answer, type=dict[str, int]))
            self.ahead -= 1


@contextmanager
def messenger_beside(*, durable: bool = True) -> Iterator[Messenger]:
    """Run a process that delivers events; it ends with this context, or when this process dies.

    `durable` is as in `in_haste`.
    """
    command = [sys.executable, "-m", "app.messengers", *([] if durable else [_NOT_DURABLE])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
    try:
        yield MessengerBeside(process)
    finally:
        _pipe(process.stdin).close()
        process.wait()
        _pipe(process.stdout).close()


def serve(errands: IO[bytes], answers: IO[bytes]) -> None:
    """Run errands, one a line, and answer each with what it counted."""
    for line in errands:
        messenger = OwnMessenger()
        errand = msgspec.json.decode(line, type=Errand)
        if errand.scans:
            messenger.bring(errand.carrier, errand.scans, errand.now)
        else:
            messenger.tell(errand.now)
        answers.write(msgspec.json.encode(messenger.counts) + b"\n")
        answers.flush()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "it was opened as a pipe"
    return stream


if __name__ == "__main__":
    with in_haste(durable=_NOT_DURABLE not in sys.argv):
        serve(sys.stdin.buffer, sys.stdout.buffer)

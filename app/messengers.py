"""Who delivers the events of a long import or simulation: this process itself, or one beside it on another core."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from app.beside import Beside, beside, serve
from app.rooms import SUBSCRIPTIONS
from kernel import actors, clock
from kernel.db.relay import relay
from kernel.db.transactions import run
from shipping.api import RawScan, record_scans


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

    process: Beside[dict[str, int]]
    counts: Counter[str] = field(default_factory=Counter)

    def tell(self, now: datetime) -> None:
        """Ask for a delivery, after all that was asked for before."""
        self._count(self.process.ask(Errand(now)))

    def settle(self, now: datetime) -> None:
        """Ask for a delivery, and wait until everything is done."""
        self.tell(now)
        self._count(self.process.wait())

    def bring(self, carrier: str, scans: Sequence[RawScan], now: datetime) -> None:
        """Ask for the scans to be taken in."""
        self._count(self.process.ask(Errand(now, carrier, tuple(scans))))

    def _count(self, answers: Iterable[Mapping[str, int]]) -> None:
        for answer in answers:
            self.counts.update(answer)


@contextmanager
def messenger_beside(*, durable: bool = True) -> Iterator[Messenger]:
    """Run a process that delivers events; it ends with this context, or when this process dies.

    `durable` is as in `in_haste`.
    """
    with beside(__name__, dict[str, int], durable=durable) as process:
        yield MessengerBeside(process)


def _run(errand: Errand) -> Counter[str]:
    """Do an errand and return what it counted."""
    messenger = OwnMessenger()
    if errand.scans:
        messenger.bring(errand.carrier, errand.scans, errand.now)
    else:
        messenger.tell(errand.now)
    return messenger.counts


if __name__ == "__main__":
    serve(Errand, _run)

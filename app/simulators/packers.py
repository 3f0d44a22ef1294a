"""Who packs on simulated days: this process itself, or one beside it on another core while this one goes on picking."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec

from app.beside import Beside, beside, serve
from app.simulators.chance import Chance
from app.simulators.day_values import Mistakes
from app.simulators.house import House
from app.simulators.packing import Packed, Packing
from kernel.actors import Actor, Role


class PackErrand(msgspec.Struct, frozen=True):
    """Orders to pack and to weigh from `now` on, and all that one who comes to the bench has to know of the house."""

    now: datetime
    orders: tuple[str, ...]
    watched: frozenset[str]
    site_id: str
    zone: str
    seed: int
    mistakes: Mistakes
    people: tuple[Actor, ...]


class Packers(Protocol):
    """They pack in the order asked, and go on with the next errand when they are through with the one before."""

    def pack(self, errand: PackErrand) -> None:
        """Begin to pack."""

    def finish(self) -> list[Packed]:
        """Come back when everything is packed, with what came of each errand that was not told yet."""


@dataclass(slots=True)
class OwnPackers:
    """Do everything in this process, at once."""

    done: list[Packed] = field(default_factory=list)
    free_at: datetime | None = None

    def pack(self, errand: PackErrand) -> None:
        """Pack."""
        start = max(errand.now, self.free_at or errand.now)
        staff = {Role.PACKER: errand.people}
        house = House(errand.site_id, ZoneInfo(errand.zone), Chance(errand.seed), errand.mistakes, staff, start)
        packed = Packing(house, errand.watched).pack(errand.orders)
        self.free_at = packed.until
        self.done.append(packed)

    def finish(self) -> list[Packed]:
        """Return what was done."""
        done, self.done = self.done, []
        return done


@dataclass(slots=True)
class PackersBeside:
    """Let another process do it while this one goes on working."""

    process: Beside[Packed]
    done: list[Packed] = field(default_factory=list)

    def pack(self, errand: PackErrand) -> None:
        """Ask for orders to be packed, after all that was asked for before."""
        self.done += self.process.ask(errand)

    def finish(self) -> list[Packed]:
        """Wait until everything is done."""
        done, self.done = [*self.done, *self.process.wait()], []
        return done


@contextmanager
def packers_beside(*, durable: bool = True) -> Iterator[Packers]:
    """Run a process that packs; it ends with this context, or when this process dies. `durable` is as in `in_haste`."""
    with beside(__name__, Packed, durable=durable) as process:
        yield PackersBeside(process)


def _serve() -> None:
    packers = OwnPackers()

    def work(errand: PackErrand) -> Packed:
        packers.pack(errand)
        return packers.finish()[0]

    serve(PackErrand, work)


if __name__ == "__main__":
    _serve()

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.simulators.chance import Chance
from app.simulators.day_values import Mistakes
from fulfillment.api import OpAck, WorkOp, apply_work_op
from kernel import actors
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork, run
from kernel.ids import new_id

T = TypeVar("T")
SYSTEM = actors.system("live day")
DEVICE = "simulated"
_LEAST_PAUSE = 1.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class LiveHouse:
    """The site of a live day: its people and its dice. Its clock is the real one; only people are `speed` times faster.

    Everything that is done goes through the commands that the handhelds and desks call, each in a transaction of its
    own, as the person whose work it is. The last waiting batch is left for `patience` to whoever sits before the screen
    and wants to pick.
    """

    site_id: str
    zone: ZoneInfo
    speed: float
    chance: Chance
    mistakes: Mistakes
    staff: dict[Role, tuple[Actor, ...]]
    patience: timedelta = timedelta(minutes=2)
    dice: random.Random = field(default_factory=random.Random)

    def person(self, role: Role, number: int = 0) -> Actor:
        """Return one of the people with a role; numbers go around."""
        people = self.staff[role]
        return people[number % len(people)]

    def do(self, actor: Actor, work: Callable[[UnitOfWork], T]) -> T:
        """Run one command as somebody."""
        return run(actor, work)

    def see(self, look: Callable[[UnitOfWork], T]) -> T:
        """Look something up."""
        return run(SYSTEM, look)

    def operate(self, actor: Actor, kind: str, **fields: object) -> OpAck:
        """Report one operation as a handheld would."""
        op = WorkOp(op_id=new_id("op"), kind=kind, device=DEVICE, at=self.now(), **fields)  # type: ignore[arg-type]  # the fields of WorkOp
        ack = run(actor, lambda uow: apply_work_op(uow, site_id=self.site_id, op=op))
        if ack.status != "applied":
            _log.info("%s was %s: %s", kind, ack.status, ack.code)
        return ack

    def now(self) -> datetime:
        """Return the real time."""
        return datetime.now(UTC)

    def pause(self, seconds: float) -> float:
        """Return how many simulated seconds somebody without work waits before looking again: `seconds`, and in truth
        a second at least, so that idle people cost nothing.
        """
        return max(seconds, _LEAST_PAUSE * self.speed)

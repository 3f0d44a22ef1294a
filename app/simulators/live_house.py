import logging
import random
from collections import Counter
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
from kernel.errors import Refusal
from kernel.ids import new_id

T = TypeVar("T")
SYSTEM = actors.system("live day")
DEVICE = "simulated"
_LEAST_PAUSE = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveMistakes(Mistakes):
    """Shares as in `Mistakes`, of what only a live day does: labels taken for another that lies beside them, units
    scanned onto the wrong truck, readings that a person typed since the scale was broken.
    """

    wrong_labels: float = 0.2
    wrong_trucks: float = 0.03
    typed_weights: float = 0.005


@dataclass(slots=True)
class LiveHouse:
    """The site of a live day: its people and its dice. Its clock is the real one; only people are `speed` times faster.

    Everything that is done goes through the commands that the handhelds and desks call, each in a transaction of its
    own, as the person whose work it is. The last waiting batch is left for `patience` to whoever sits before the screen
    and wants to pick. `refused` counts by code what was not taken: the wrong thing was in hand, or somebody was faster.
    """

    site_id: str
    zone: ZoneInfo
    speed: float
    chance: Chance
    mistakes: LiveMistakes
    staff: dict[Role, tuple[Actor, ...]]
    patience: timedelta = timedelta(minutes=2)
    dice: random.Random = field(default_factory=random.Random)
    refused: Counter[str] = field(default_factory=Counter)

    def person(self, role: Role, number: int = 0) -> Actor:
        """Return one of the people with a role; numbers go around."""
        people = self.staff[role]
        return people[number % len(people)]

    def do(self, actor: Actor, work: Callable[[UnitOfWork], T]) -> T:
        """Run one command as somebody."""
        return run(actor, work)

    def attempt(self, actor: Actor, work: Callable[[UnitOfWork], object]) -> bool:
        """Run one command as somebody, and say whether it was taken; a refusal is counted and ends nobody's work."""
        try:
            self.do(actor, work)
        except Refusal as refusal:
            self._note(refusal.code, f"{refusal.title}: {refusal.detail}")
            return False
        return True

    def see(self, look: Callable[[UnitOfWork], T]) -> T:
        """Look something up."""
        return run(SYSTEM, look)

    def operate(self, actor: Actor, kind: str, **fields: object) -> OpAck:
        """Report one operation as a handheld would."""
        op = WorkOp(op_id=new_id("op"), kind=kind, device=DEVICE, at=self.now(), **fields)  # type: ignore[arg-type]  # the fields of WorkOp
        ack = run(actor, lambda uow: apply_work_op(uow, site_id=self.site_id, op=op))
        if ack.status != "applied":
            self._note(ack.code, f"{kind} was {ack.status}: {ack.title}")
        return ack

    def now(self) -> datetime:
        """Return the real time."""
        return datetime.now(UTC)

    def pause(self, seconds: float) -> float:
        """Return how many simulated seconds somebody without work waits before looking again: `seconds`, and in truth
        a second at least, so that idle people cost nothing.
        """
        return max(seconds, _LEAST_PAUSE * self.speed)

    def _note(self, code: str, words: str) -> None:
        self.refused[code] += 1
        _log.info("%s, %s", code, words)

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.messengers import Messenger, OwnMessenger
from app.simulators.chance import Chance
from app.simulators.day_values import Mistakes, Tally
from fulfillment.api import OpAck, WorkOp, apply_work_op
from kernel import actors, clock
from kernel.access.roles import ROLE_SCOPES
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork, run
from kernel.ids import new_id
from shipping.gateways.carriers import CarrierGateway, OfflineCarrier

T = TypeVar("T")
DEVICE = "simulated"


@dataclass(slots=True)
class House:
    """The site of a simulated day: its clock, its people, its dice, and what has been counted.

    Time passes only here. Everything that is done goes through the commands that the handhelds and desks call, each in
    a transaction of its own, as the person whose work it is.
    """

    site_id: str
    zone: ZoneInfo
    chance: Chance
    mistakes: Mistakes
    staff: dict[Role, tuple[Actor, ...]]
    now: datetime
    tally: Tally = field(default_factory=Tally)
    messenger: Messenger = field(default_factory=OwnMessenger)
    gateway: CarrierGateway = field(default_factory=OfflineCarrier)

    def person(self, role: Role, number: int = 0) -> Actor:
        """Return one of the people with a role; numbers go around."""
        people = self.staff[role]
        return people[number % len(people)]

    def wait_until(self, at: datetime) -> None:
        """Let time pass; it never goes back."""
        self.now = max(self.now, at)

    def spend(self, seconds: float) -> None:
        """Let some seconds pass."""
        self.now += timedelta(seconds=seconds)

    @contextmanager
    def since(self, start: datetime) -> Iterator[None]:
        """Do something beside everybody else, from `start` on; afterwards it is as late as the latest of them."""
        latest, self.now = self.now, start
        yield
        self.now = max(self.now, latest)

    def do(self, actor: Actor, work: Callable[[UnitOfWork], T]) -> T:
        """Run one command as somebody, at the present simulated time."""
        with clock.at(self.now):
            return run(actor, work)

    def tell(self) -> None:
        """Let what was committed be delivered, at once or beside the work that follows."""
        self.messenger.tell(self.now)

    def settle(self) -> None:
        """Wait until everybody has heard of everything."""
        self.messenger.settle(self.now)

    def operate(self, actor: Actor, op: WorkOp) -> OpAck:
        """Report one operation as a handheld would, and count an answer that nobody expected."""
        ack = self.do(actor, lambda uow: apply_work_op(uow, site_id=self.site_id, op=op))
        if ack.status != "applied":
            self.tally.surprises[f"{op.kind} {ack.status} {ack.code}"] += 1
        return ack

    def operation(self, kind: str, **fields: object) -> WorkOp:
        """Return an operation with an id of its own, scanned now."""
        return WorkOp(op_id=new_id("op"), kind=kind, device=DEVICE, at=self.now, **fields)  # type: ignore[arg-type]  # the fields of WorkOp

    def local_date(self) -> str:
        """Return today's date at the site."""
        return self.now.astimezone(self.zone).date().isoformat()


def staff_member(user_id: str, role: Role, name: str, site_id: str) -> Actor:
    """Return a user of a site as an actor."""
    return Actor(user_id, role, name, "", site_id, ROLE_SCOPES[role])


SYSTEM = actors.system("simulation")

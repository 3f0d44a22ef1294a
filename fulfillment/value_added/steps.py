"""What is still to be done to an order's goods before they are closed in parcels, and what that weighs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from fulfillment.domain.value_added import Portion, StepCount, Waiting, due_quantity, portions
from fulfillment.models import AskedService, OrderLine, ServicePhoto, ServiceStep
from fulfillment.repository import OrderInHand
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal
from shipping import api as shipping


class StepsOpen(Refusal):
    """Something that was asked for is not done yet."""

    code = "steps_open"
    title = "Something is still to be done to the goods"


@dataclass(frozen=True, slots=True)
class AskedInHand:
    """An asked service with its steps and how many of it are still due now."""

    row: AskedService
    steps: tuple[ServiceStep, ...]
    due: int

    @property
    def waiting(self) -> list[ServiceStep]:
        """Return the steps that are confirmed or excused and whose parcel is not closed yet."""
        return [step for step in self.steps if not step.parcel_id]


def asked_in_hand(uow: UnitOfWork, order: OrderInHand) -> list[AskedInHand]:
    """Return what an order asks for, with how many of each are due before its picked units are closed in parcels."""
    row = order.row
    if not row.service_count:
        return []
    of_order = select(AskedService).where(AskedService.tenant_id == row.tenant_id, AskedService.order_id == row.id)
    done = select(ServiceStep).where(ServiceStep.tenant_id == row.tenant_id, ServiceStep.order_id == row.id)
    steps: defaultdict[str, list[ServiceStep]] = defaultdict(list)
    for step in uow.session.scalars(done.order_by(ServiceStep.id).execution_options(populate_existing=True)):
        steps[step.asked_id].append(step)
    return [
        AskedInHand(each, tuple(steps[each.id]), _due(each, steps[each.id], order.lines))
        for each in uow.session.scalars(of_order.order_by(AskedService.number))
    ]


def require_done(asked: Sequence[AskedInHand]) -> None:
    """Stop while something that was asked for is neither performed nor excused.

    Raises:
        StepsOpen: names what is still to be done.
    """
    left = [each for each in asked if each.due]
    if left:
        told = ", ".join(f"{each.due} \N{MULTIPLICATION SIGN} {each.row.name}" for each in left)
        raise StepsOpen(
            f"Still to be done: {told}.", remedy="Confirm each when it is done, or have the lead excuse it.",
            services=[{"id": each.row.id, "code": each.row.code, "quantity": each.due} for each in left],
        )  # fmt: skip


def unused_photo(uow: UnitOfWork, asked: AskedInHand) -> str:
    """Return the newest photo of an asked service that no step has as its evidence, "" without one."""
    used = [step.photo_id for step in asked.steps if step.photo_id]
    of_asked = ServicePhoto.tenant_id == asked.row.tenant_id, ServicePhoto.asked_id == asked.row.id
    statement = select(ServicePhoto.id).where(*of_asked, ServicePhoto.id.not_in(used))
    return uow.session.scalar(statement.order_by(ServicePhoto.taken_at.desc(), ServicePhoto.id.desc()).limit(1)) or ""


def laid_out(
    asked: Sequence[AskedInHand], cartons: Sequence[Sequence[shipping.Content]], lines: Iterable[OrderLine]
) -> list[Portion]:
    """Lay the waiting steps into the parcels that are about to be closed."""
    waiting = [
        Waiting(step.id, each.row.id, each.row.line_id, step.quantity) for each in asked for step in each.waiting
    ]
    units = [{content.line_id: content.quantity for content in contents} for contents in cartons]
    return portions(waiting, units, _families(asked, lines)) if waiting else []


def extras_of(asked: Sequence[AskedInHand], laid: Iterable[Portion], parcel: int) -> list[shipping.Extra]:
    """Return what performed steps add to the weight of a parcel, the first being 0."""
    by_step = {step.id: (each.row, step) for each in asked for step in each.waiting}
    units: dict[str, int] = defaultdict(int)
    rows: dict[str, AskedService] = {}
    for portion in laid:
        row, step = by_step[portion.step_id]
        if portion.parcel == parcel and step.state == "confirmed" and row.tare_g:
            units[row.id] += portion.quantity
            rows[row.id] = row
    return [shipping.Extra(row.name, units[key], row.tare_g, row.tare_sd_g) for key, row in rows.items()]


def _due(row: AskedService, steps: Sequence[ServiceStep], lines: Sequence[OrderLine]) -> int:
    live = [step for step in steps if step.state != "reversed"]
    count = StepCount(
        sum(step.quantity for step in live if step.parcel_id), sum(step.quantity for step in live if not step.parcel_id)
    )
    if not row.line_id:
        return due_quantity(row.quantity, row.quantity if any(line.picked for line in lines) else 0, count)
    return due_quantity(row.quantity, sum(line.picked for line in _family(row.line_id, lines)), count)


def _family(line_id: str, lines: Iterable[OrderLine]) -> list[OrderLine]:
    """Return a line and those that came in its place."""
    return [line for line in lines if line_id in (line.id, line.replaces_line_id)]


def _families(asked: Sequence[AskedInHand], lines: Iterable[OrderLine]) -> Mapping[str, list[str]]:
    known = list(lines)
    return {each.row.line_id: [line.id for line in _family(each.row.line_id, known)] for each in asked}

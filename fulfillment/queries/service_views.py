from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fulfillment.models import AskedService, ServiceStep


@dataclass(frozen=True, slots=True)
class ServiceStepView:
    """What became of so many of an asked service: confirmed at the bench, performed when its parcel was closed, excused
    with a reason, or reversed because that parcel was opened again.
    """

    id: str
    quantity: int
    state: str
    parcel_id: str
    seconds: int
    photo_id: str
    reason: str
    done_at: datetime
    done_by: str


@dataclass(frozen=True, slots=True)
class AskedServiceView:
    """A service that the order asks for: for the whole order while `line_id` is empty. `text` is what is written or
    engraved. Of one: tare in g, seconds, price to the merchant in minor units.
    """

    id: str
    number: int
    line_id: str
    code: str
    name: str
    kind: str
    quantity: int
    text: str
    tare_g: int
    seconds: int
    price_minor: int
    photo_required: bool
    lead_days: int
    steps: tuple[ServiceStepView, ...] = ()

    @property
    def performed(self) -> int:
        """How many are done, and their goods in closed parcels."""
        return sum(step.quantity for step in self.steps if step.state == "performed")


def service_view(row: AskedService, steps: Sequence[ServiceStep]) -> AskedServiceView:
    """Return an asked service with those of the order's steps that are of it."""
    return AskedServiceView(
        row.id, row.number, row.line_id, row.code, row.name, row.kind, row.quantity, row.text, row.tare_g, row.seconds,
        row.price_minor, row.photo_required, row.lead_days,
        tuple(_step(step) for step in sorted(steps, key=lambda step: step.id) if step.asked_id == row.id),
    )  # fmt: skip


def _step(row: ServiceStep) -> ServiceStepView:
    return ServiceStepView(
        row.id, row.quantity, row.state, row.parcel_id, row.seconds, row.photo_id, row.reason, row.done_at, row.done_by
    )

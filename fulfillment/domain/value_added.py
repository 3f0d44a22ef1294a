from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

KINDS = ("gift_wrap", "card", "engraving", "insert", "assembly")
MAX_SERVICES = 50
MAX_SERVICE_TEXT = 500


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """A service as an order asks for it: its code, how many, and what is to be written or engraved. `line` is the
    number of the line that it is done to, the first being 1; 0 stands for the whole order.
    """

    code: str
    line: int = 0
    quantity: int = 1
    text: str = ""


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many of an asked service are in parcels that were closed (`settled`), and how many wait for one (`waiting`);
    each performed or excused.
    """

    settled: int = 0
    waiting: int = 0


def due_quantity(asked: int, units: int, count: StepCount) -> int:
    """Return how many of a service are still to be done before `units` of its line are closed in parcels. Of a service
    for the whole order `units` is what is asked.
    """
    return max(min(asked - count.settled, units) - count.waiting, 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that waits for its parcel: so many of an asked service, done to the units of a line or the whole order."""

    step_id: str
    asked_id: str
    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Portion:
    """So many of a step belong to one of the parcels, counted from 0."""

    step_id: str
    parcel: int
    quantity: int


def portions(
    steps: Sequence[Waiting], parcels: Sequence[Mapping[str, int]], families: Mapping[str, Iterable[str]]
) -> list[Portion]:
    """Lay steps into the parcels in which their units lie, in the order of both.

    `parcels` are units by line id; `families` are the lines that hold a line's units: its own and those that came in
    its place. Steps for the whole order belong to the first parcel. What has no units there is left over.
    """
    laid: Counter[tuple[str, int]] = Counter()
    found = []
    for step in steps:
        left = step.quantity
        for number, parcel in enumerate(parcels):
            units = sum(parcel.get(line, 0) for line in families[step.line_id]) if step.line_id else left
            taken = min(left, units - (laid[step.asked_id, number] if step.line_id else 0))
            if taken > 0:
                found.append(Portion(step.step_id, number, taken))
                laid[step.asked_id, number] += taken
                left -= taken
    return found

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from fulfillment.domain.substitution import ShortPolicy, short_policy_faults
from kernel.errors import FieldError

ON_SHORTAGE = ("wait", "refuse")
CUSTOMS_FACTS = ("optional", "required")
DANGEROUS_FACTS = CUSTOMS_FACTS
MAX_HORIZON_DAYS = 365


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """How a merchant's orders are taken.

    `on_shortage` says what becomes of an order whose goods do not suffice and are not sold ahead: it waits for stock,
    or is refused. An order to be shipped more than `horizon_days` from now does not lock stock yet. `when_short` says
    what becomes of units that turn out to be missing at the bin. With `customs_facts` required, nothing is packed that
    crosses a customs border without HS code and origin; with `dangerous_facts` required, no hazardous goods are packed
    of which the transport document would not be complete.
    """

    on_shortage: str = "wait"
    horizon_days: int = 14
    version: int = 0
    when_short: ShortPolicy = field(default_factory=ShortPolicy)
    customs_facts: str = "optional"
    dangerous_facts: str = "optional"

    def is_beyond(self, ship_on: date, today: date) -> bool:
        """Say whether a day lies beyond the horizon."""
        return ship_on > today + timedelta(days=self.horizon_days)


def policy_faults(policy: OrderPolicy) -> Iterator[FieldError]:
    """Yield what cannot be right about a policy, each with the JSON pointer of its field."""
    if policy.on_shortage not in ON_SHORTAGE:
        yield FieldError("/on_shortage", "unknown", f"Choose one of {', '.join(ON_SHORTAGE)}.")
    if policy.customs_facts not in CUSTOMS_FACTS:
        yield FieldError("/customs_facts", "unknown", f"Choose one of {', '.join(CUSTOMS_FACTS)}.")
    if policy.dangerous_facts not in DANGEROUS_FACTS:
        yield FieldError("/dangerous_facts", "unknown", f"Choose one of {', '.join(DANGEROUS_FACTS)}.")
    if not 0 <= policy.horizon_days <= MAX_HORIZON_DAYS:
        yield FieldError("/horizon_days", "out_of_range", f"This lies between 0 and {MAX_HORIZON_DAYS}.")
    yield from short_policy_faults(policy.when_short)

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


class AccountFaults(msgspec.Struct, forbid_unknown_fields=True):
    """How many of the next requests to a carrier's service go wrong, and how.

    Attributes:
        busy: 503, nothing happens.
        fail_before: shipments answer 500 and are not sold.
        fail_after: shipments are sold and answer 500.
        lose_after: shipments are sold and the connection ends without an answer.
        garble_after: shipments are sold and the answer cannot be read.
        hold_s: seconds that each answer takes longer.
    """

    busy: Count = 0
    fail_before: Count = 0
    fail_after: Count = 0
    lose_after: Count = 0
    garble_after: Count = 0
    hold_s: float = 0.0

    def take(self, name: str) -> bool:
        """Use one of a fault up, if there is one left."""
        left = getattr(self, name)
        setattr(self, name, max(left - 1, 0))
        return bool(left)

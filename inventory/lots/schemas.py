from pydantic import Field

from inventory.domain.lots import MAX_LOT
from inventory.web.schemas import PRINTABLE, Body, Reason


class LotUnblockIn(Body):
    """A lot of an item."""

    lot: str = Field(min_length=1, max_length=MAX_LOT, pattern=PRINTABLE, examples=["L2403-A"])


class LotBlockIn(LotUnblockIn):
    """A lot that nobody may have, and why."""

    reason: Reason

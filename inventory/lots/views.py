from dataclasses import dataclass
from datetime import date, datetime

from inventory.views import BinView


@dataclass(frozen=True, slots=True)
class LotHead:
    """A lot of an item: the last day on which it is good, the last on which it is sold, and its units in bins."""

    tenant_id: str
    item_id: str
    sku: str
    name: str
    lot: str
    expires_on: date | None
    sell_by: date | None
    blocked: str
    quantity: int


@dataclass(frozen=True, slots=True)
class LotRecipient:
    """Units of a lot that were picked for an order and not put back, and when the last of them were."""

    order_id: str
    site_id: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LotView:
    """A lot with all that a recall needs to know: where its units lie, and which orders have some."""

    head: LotHead
    bins: tuple[BinView, ...]
    recipients: tuple[LotRecipient, ...]

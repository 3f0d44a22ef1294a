from collections.abc import Iterable, Mapping

from inventory.ledger import StockChange
from inventory.repository import Share

LineKey = tuple[str, str, str, str]


def change_share(change: StockChange, share: Share, delta: int) -> None:
    """Change what a bin sets aside for a line that it sets aside something for already."""
    change.allocate(
        tenant_id=share.tenant_id, site_id=share.site_id, order_id=share.order_id, line_id=share.line_id,
        item_id=share.item_id, location_id=share.location_id, lot=share.lot, delta=delta,
    )  # fmt: skip


def trim_shares(
    change: StockChange, shares: Iterable[Share], live: Mapping[LineKey, int], *, first: tuple[str, str] = ("", "")
) -> dict[Share, int]:
    """Cut what bins set aside down to what their lines are still promised, beginning with the bin (and lot) that is
    `first`; return the units cut from each share. Lines that `live` does not name are promised nothing.
    """
    by_line: dict[LineKey, list[Share]] = {}
    for share in shares:
        by_line.setdefault(share.line, []).append(share)
    cuts: dict[Share, int] = {}
    for line, held in by_line.items():
        excess = sum(s.quantity for s in held) - live.get(line, 0)
        for share in sorted(held, key=lambda s: (s.bin != first, s.quantity)):
            units = min(share.quantity, excess)
            if units > 0:
                change_share(change, share, -units)
                cuts[share] = units
                excess -= units
    return cuts

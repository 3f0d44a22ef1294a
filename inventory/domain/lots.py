from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from inventory.domain.bins import Bin
from kernel.errors import Invalid

MAX_LOT = 20
"""Characters of a lot code. Source: GS1 General Specifications, application identifier 10."""


def check_lot(code: str, pointer: str = "/lot") -> None:
    """Make sure that a text can be a lot code, or is empty.

    Raises:
        Invalid: it cannot.
    """
    if len(code) > MAX_LOT or not code.isprintable() or code != code.strip():
        raise Invalid(
            f"A lot code has at most {MAX_LOT} printable characters.", remedy="Scan it again.", pointer=pointer
        )


def last_sale_day(expires_on: date, min_shelf_days: int) -> date:
    """Return the last day on which units may be sold: they are good through `expires_on`, and a customer is to have
    them for `min_shelf_days` more days.
    """
    return expires_on - timedelta(days=min_shelf_days)


def lots_of(bins: Iterable[Bin], location_id: str) -> tuple[str, ...]:
    """Return the lots that lie in a location, the first to expire first."""
    here = [b for b in bins if b.location_id == location_id and b.quantity]
    return tuple(b.lot for b in sorted(here, key=lambda b: (b.expires_on or date.max, b.lot)))


def lots_in_words(lots: Sequence[str]) -> str:
    """Name lots in words."""
    return ", ".join(lot or "one that nobody knows" for lot in lots)

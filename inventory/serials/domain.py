from collections import Counter
from collections.abc import Sequence

from kernel.errors import Invalid

MAX_SERIAL = 20
"""Characters of a serial number. Source: GS1 General Specifications, application identifier 21."""
IN_STOCK, WITH_ORDER, AWAY = "in_stock", "with_order", "away"
"""Where a unit is: free to be packed, in a parcel of an order (in the house or gone), or neither."""


def is_serial(text: str) -> bool:
    """Say whether a text can be a serial number: printable, without spaces, not too long."""
    return 1 <= len(text) <= MAX_SERIAL and text.isprintable() and not any(c.isspace() for c in text)


def split_serials(text: str) -> tuple[str, ...]:
    """Return the serial numbers of a text that separates them by spaces, commas or lines."""
    return tuple(text.replace(",", " ").replace(";", " ").split())


def check_serials(serials: Sequence[str], pointer: str = "/serials") -> None:
    """Make sure that texts can be serial numbers.

    Raises:
        Invalid: one cannot.
    """
    for n, serial in enumerate(serials):
        if not is_serial(serial):
            raise Invalid(
                f"A serial number has 1 to {MAX_SERIAL} printable characters and no spaces.",
                remedy="Scan it again.",
                pointer=f"{pointer}/{n}",
            )


def repeated(serials: Sequence[str]) -> list[str]:
    """Return the serial numbers that come more than once."""
    return [serial for serial, times in Counter(serials).items() if times > 1]

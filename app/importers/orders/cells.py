from collections.abc import Sequence
from datetime import UTC, datetime

from app.importers.csv_rows import Row
from app.importers.fields import minor
from app.importers.totals import Totals
from fulfillment.api import Address, LineDraft
from kernel.money import decimals
from kernel.quantity import MAX_QUANTITY

DEAREST_MINOR = 10**12
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z")
_LONGEST_NUMBER = 12
_SHIELDED = ("'=", "'+", "'-", "'@", *(f"'{digit}" for digit in "0123456789"))


def plain(text: str) -> str:
    """Take off the apostrophe by which an export keeps spreadsheets from reading a cell as a number or a formula.

    One before a letter stays: it belongs to names such as 's-Hertogenbosch.
    """
    return text[1:] if text.startswith(_SHIELDED) else text


def quantity(text: str) -> int | None:
    """Read a whole number, None when it is none."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER else None


def instant(text: str) -> datetime | None:
    """Read a time with its offset; None when it cannot be read."""
    for form in _TIME_FORMATS:
        try:
            return datetime.strptime(text.replace(" UTC", " +0000"), form).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def currency(row: Row) -> str:
    """Return the currency of an order's first row, as ISO 4217 writes it."""
    return row["Currency"].upper()


def worth(rows: Sequence[Row], header: Row) -> Totals:
    """Return what an order's rows say that it is worth; what cannot be read counts nothing."""
    places = decimals(currency(header))
    counts = [_counted(quantity(row["Lineitem quantity"]), MAX_QUANTITY) for row in rows]
    prices = [_counted(minor(row["Lineitem price"], places), DEAREST_MINOR) for row in rows]
    values = [count * price for count, price in zip(counts, prices, strict=True)]
    off = [_counted(discount(row, places), value) for row, value in zip(rows, values, strict=True)]
    freight = _counted(minor(header["Shipping"] or "0", places), DEAREST_MINOR)
    return Totals(1, sum(counts), sum(values) - sum(off), freight)


def _counted(value: int | None, most: int) -> int:
    """Return a figure as a control total counts it: 0 when it cannot be one."""
    return value if value is not None and 0 <= value <= most else 0


def discount(row: Row, places: int) -> int | None:
    """Return what is taken off the whole line, in minor units; None when it is no amount."""
    return minor(row["Lineitem discount"] or "0", places)


def line_drafts(row: Row, places: int) -> tuple[LineDraft, ...]:
    """Return the line of a row at the price that was paid for a piece.

    Where a discount does not part evenly among the pieces, it is two lines, so that no cent is lost.
    """
    count, price, off = quantity(row["Lineitem quantity"]), minor(row["Lineitem price"], places), discount(row, places)
    assert count is not None, "checked before"
    assert price is not None, "checked before"
    assert off is not None, "checked before"
    low, dearer = divmod(count * price - off, count)
    parts = ((count - dearer, low), (dearer, low + 1))
    sku, name = plain(row["Lineitem sku"]), plain(row["Lineitem name"])
    return tuple(
        LineDraft(sku=sku, quantity=pieces, unit_price_minor=each, name=name) for pieces, each in parts if pieces
    )


def ship_to(row: Row) -> Address:
    """Take the shipping address, and for an order without one the billing address."""
    part = address_part(row)
    street = row[f"{part} Address1"] or row[f"{part} Street"]
    return Address(
        name=plain(row[f"{part} Name"]),
        street=plain(street),
        street2=plain(row[f"{part} Address2"]),
        city=plain(row[f"{part} City"]),
        postal_code=plain(row[f"{part} Zip"]),
        country=row[f"{part} Country"].upper(),
        company=plain(row[f"{part} Company"]),
        region=plain(row[f"{part} Province"]),
        phone=plain(row[f"{part} Phone"]),
        email=row["Email"],
    )


def address_part(row: Row) -> str:
    """Say which address of an order is the one to send it to."""
    return "Shipping" if row["Shipping Country"] or row["Shipping Name"] else "Billing"

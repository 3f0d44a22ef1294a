"""What can be wrong with the rows of an order, and what the shop's own words for its state mean here."""

from collections.abc import Iterator, Sequence

from app.importers.csv_rows import Row, RowFault
from app.importers.fields import minor
from app.importers.orders.cells import currency, discount, instant, quantity
from kernel.money import decimals
from kernel.quantity import MAX_QUANTITY

UNPAID = frozenset({"pending", "authorized", "partially_paid", "expired", "voided", "unpaid"})
_PAYMENTS = UNPAID | {"", "paid", "partially_refunded", "refunded"}
_SENT = frozenset({"fulfilled", "restocked"})
_WAITING = frozenset(
    {"", "unfulfilled", "open", "pending", "scheduled", "on_hold", "in_progress", "request_declined"}
)  # fmt: skip
_TEST_GATEWAY = "bogus"
_SHOWN = 40
_OF_AN_ADDRESS = (
    "Name", "Street", "Address1", "Address2", "Company", "City", "Zip", "Province", "Country", "Phone",
)  # fmt: skip
_OF_THE_ORDER = (
    "Id", "Email", "Financial Status", "Fulfillment Status", "Cancelled at", "Currency", "Created at", "Subtotal",
    "Shipping", "Total", "Notes", "Phone", "Payment Method",
    *(f"{part} {field}" for part in ("Shipping", "Billing") for field in _OF_AN_ADDRESS),
)  # fmt: skip
"""Columns that say something of the whole order: its first row has them, and no other row may say otherwise."""


def word(row: Row, column: str) -> str:
    """Return a word of the shop's as this house compares it."""
    return row[column].casefold().replace(" ", "_")


def reason_to_leave_out(name: str, first: Row) -> RowFault | None:
    """Say why an order is none to send, if it is none."""
    if word(first, "Fulfillment Status") in _SENT:
        message = "The shop has fulfilled this order before; it is left out."
        return RowFault(first.line, name, "Fulfillment Status", "already_fulfilled", message)
    if word(first, "Financial Status") == "refunded" and not first["Cancelled at"]:
        message = "The shop has paid back this order; it is left out."
        return RowFault(first.line, name, "Financial Status", "refunded", message)
    if _TEST_GATEWAY in word(first, "Payment Method"):
        message = "This is a test order of the shop; it is left out."
        return RowFault(first.line, name, "Payment Method", "test_order", message)
    return None


def faults_of(name: str, first: Row, rows: Sequence[Row]) -> Iterator[RowFault]:
    """Yield all that keeps an order from being taken; `first` is the row that tells of the order as a whole."""
    if instant(first["Created at"]) is None:
        yield RowFault(first.line, name, "Created at", "not_a_time", "Write 2026-11-24 10:15:00 +0100.")
    if first["Cancelled at"] and instant(first["Cancelled at"]) is None:
        message = "Write 2026-11-24 10:15:00 +0100, or nothing for an order that is not cancelled."
        yield RowFault(first.line, name, "Cancelled at", "not_a_time", message)
    amount = minor(first["Shipping"] or "0", decimals(currency(first)))
    if amount is None or amount < 0:
        yield RowFault(first.line, name, "Shipping", "not_an_amount", _no_amount(first["Shipping"]))
    yield from _status_faults(name, first)
    for row in rows:
        yield from _line_faults(name, row, decimals(currency(first)))
        if row is not first:
            yield from _contradictions(name, first, row)


def _status_faults(name: str, first: Row) -> Iterator[RowFault]:
    paid, sent = word(first, "Financial Status"), word(first, "Fulfillment Status")
    if paid not in _PAYMENTS:
        message = f"“{_short(first['Financial Status'])}” is no state of a payment. Write paid or pending."
        yield RowFault(first.line, name, "Financial Status", "unknown", message)
    elif paid == "partially_refunded" and not first["Cancelled at"]:
        message = "The shop paid back a part, and the file does not say which. Keep what is to be sent, and write paid."
        yield RowFault(first.line, name, "Financial Status", "partially_refunded", message)
    if sent == "partial":
        message = "The shop has sent a part of this order. Keep what is still to be sent, and clear this cell."
        yield RowFault(first.line, name, "Fulfillment Status", "partly_fulfilled", message)
    elif sent not in _WAITING:
        message = f"“{_short(first['Fulfillment Status'])}” is not known. Write unfulfilled or fulfilled."
        yield RowFault(first.line, name, "Fulfillment Status", "unknown", message)


def _line_faults(name: str, row: Row, places: int) -> Iterator[RowFault]:
    if not row["Lineitem sku"]:
        message = "Without a SKU nobody knows what to pick. Write that of the item."
        yield RowFault(row.line, name, "Lineitem sku", "missing", message)
    count = quantity(row["Lineitem quantity"])
    if count is None or not 1 <= count <= MAX_QUANTITY:
        message = f"“{_short(row['Lineitem quantity'])}” is not a whole number from 1 to {MAX_QUANTITY}."
        yield RowFault(row.line, name, "Lineitem quantity", "not_a_quantity", message)
    price = minor(row["Lineitem price"], places)
    if price is None or price < 0:
        yield RowFault(row.line, name, "Lineitem price", "not_an_amount", _no_amount(row["Lineitem price"]))
    off = discount(row, places)
    if off is None or off < 0:
        yield RowFault(row.line, name, "Lineitem discount", "not_an_amount", _no_amount(row["Lineitem discount"]))
    elif count is not None and count > 0 and price is not None and off > count * price:
        message = f"{_short(row['Lineitem discount'])} is more than the line costs."
        yield RowFault(row.line, name, "Lineitem discount", "out_of_range", message)


def _contradictions(name: str, first: Row, row: Row) -> Iterator[RowFault]:
    """Yield what makes a row one of another order, or of the same order told twice: its goods would be sent twice."""
    if row.fields == first.fields:
        message = f"This row repeats line {first.line}. Delete it; of more pieces, write the sum in one row."
        yield RowFault(row.line, name, "Name", "repeated_row", message)
        return
    for column in _OF_THE_ORDER:
        if row[column] and row[column] != first[column]:
            message = (
                f"Line {first.line} of this order says “{_short(first[column])}”, and this one “{_short(row[column])}”."
                " Delete the wrong rows, or give them their own order number."
            )
            yield RowFault(row.line, name, column, "contradiction", message)
            return


def _no_amount(text: str) -> str:
    return f"“{_short(text)}” is no amount. Write digits and a point, such as 1234.50."


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

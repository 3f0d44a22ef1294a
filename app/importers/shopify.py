from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.importers.csv_rows import Defect, Row, decode, read_rows
from app.importers.fields import minor
from app.importers.totals import Totals
from fulfillment.api import Address, CustomerDraft, LineDraft, OrderDraft
from kernel.errors import Invalid
from kernel.money import decimals
from kernel.quantity import MAX_QUANTITY

CHANNEL = "shopify"
REQUIRED = ("Name", "Created at", "Currency", "Lineitem quantity", "Lineitem price", "Lineitem sku")
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z")
_UNPAID = {"pending", "authorized", "partially_paid", "expired", "voided"}
_DONE = {"fulfilled"}
_DEAREST_MINOR = 10**12
_LONGEST_NUMBER = 12
_LINE_COLUMNS = {"sku": "Lineitem sku", "quantity": "Lineitem quantity", "unit_price_minor": "Lineitem price"}
_HEADER_COLUMNS = {
    "external_id": "Name", "currency": "Currency", "placed_at": "Created at", "shipping_minor": "Shipping",
    "note": "Notes", "country": "Shipping Country", "name": "Shipping Name", "street": "Shipping Street",
    "street2": "Shipping Address2", "city": "Shipping City", "postal_code": "Shipping Zip",
    "region": "Shipping Province", "phone": "Shipping Phone", "company": "Shipping Company", "email": "Email",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong with one row: its line in the file, the order, the column, and what to do about it."""

    line: int
    order: str
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """One order of the export: its draft, the lines of the file it stands on, and what else the shop says of it."""

    draft: OrderDraft
    lines: tuple[int, ...]
    is_unpaid: bool
    is_cancelled: bool

    def place_of(self, pointer: str) -> tuple[int, str]:
        """Return the line and the column that a fault of the draft (JSON pointer) is about."""
        parts = pointer.strip("/").split("/")
        if len(parts) == 3 and parts[0] == "lines" and parts[1].isdigit():  # noqa: PLR2004 - lines, number, field
            return self.lines[int(parts[1])], _LINE_COLUMNS.get(parts[2], parts[2])
        return self.lines[0], _HEADER_COLUMNS.get(parts[-1], parts[-1])


@dataclass(frozen=True, slots=True)
class ShopExport:
    """What a file holds: orders that can be tried, orders left out with the reason, and the faults of all others.

    `rows` and `worth` are the rows and the control totals by the order's name, or by "line 7" for a row that names
    none; what cannot be read counts nothing. `columns` are the file's own.
    """

    orders: tuple[ShopOrder, ...]
    skipped: tuple[RowFault, ...]
    faults: tuple[RowFault, ...]
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[Mapping[str, str], ...]]
    worth: Mapping[str, Totals]


def read_shopify(content: bytes, file: str) -> ShopExport:
    """Read a Shopify order export: several rows an order, its header fields in the first of them.

    An order with a faulty row is not tried at all: half an order would be a wrong one.

    Raises:
        Invalid: the file is empty, not UTF-8, not CSV, lacks a column, or names columns and holds nothing under them.
    """
    faults: list[RowFault] = []
    skipped: list[RowFault] = []
    orders = []
    read = list(read_rows(decode(content, file), file, REQUIRED))
    if not read:
        raise Invalid(f"{file} holds no order.", remedy="Export some orders, and send that file.", pointer=f"/{file}")
    groups = _grouped(read, faults)
    for name, rows in groups.items():
        if any(fault.order == name for fault in faults):
            continue
        first = rows[0]
        if first["Fulfillment Status"] in _DONE:
            message = "The shop has fulfilled this order before; it is left out."
            skipped.append(RowFault(first.line, name, "Fulfillment Status", "already_fulfilled", message))
            continue
        wrong = list(_faults(name, rows))
        faults += wrong
        if not wrong:
            orders.append(_order(name, rows))
    worth = {name: _worth(rows) for name, rows in groups.items()}
    return ShopExport(tuple(orders), tuple(skipped), tuple(faults), _columns(read), _raw_rows(read), worth)


def _columns(read: Sequence[Row | Defect]) -> tuple[str, ...]:
    first = next((row for row in read if isinstance(row, Row)), None)
    return tuple(first.fields) if first else REQUIRED


def _raw_rows(read: Sequence[Row | Defect]) -> dict[str, tuple[Mapping[str, str], ...]]:
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in read:
        name = row.key if isinstance(row, Defect) else row["Name"]
        found.setdefault(name or f"line {row.line}", []).append(row.raw if isinstance(row, Defect) else row.fields)
    return {name: tuple(rows) for name, rows in found.items()}


def _worth(rows: Sequence[Row]) -> Totals:
    first = rows[0]
    places = decimals(first["Currency"])
    counts = [_counted(_quantity(row["Lineitem quantity"]), MAX_QUANTITY) for row in rows]
    prices = [_counted(minor(row["Lineitem price"], places), _DEAREST_MINOR) for row in rows]
    goods = sum(count * price for count, price in zip(counts, prices, strict=True))
    return Totals(1, sum(counts), goods, _counted(minor(first["Shipping"] or "0", places), _DEAREST_MINOR))


def _counted(value: int | None, most: int) -> int:
    """Return a figure as a control total counts it: 0 when it cannot be one."""
    return value if value is not None and 0 <= value <= most else 0


def _grouped(rows: Iterable[Row | Defect], faults: list[RowFault]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if isinstance(row, Defect):
            faults.append(RowFault(row.line, row.key, "", row.code, f"This row has {row.detail}."))
        elif not row["Name"]:
            faults.append(RowFault(row.line, "", "Name", "missing", "Every row names its order."))
        else:
            groups.setdefault(row["Name"], []).append(row)
    return groups


def _faults(name: str, rows: Sequence[Row]) -> Iterator[RowFault]:
    first = rows[0]
    if _instant(first["Created at"]) is None:
        yield RowFault(first.line, name, "Created at", "not_a_time", "Write 2026-11-24 10:15:00 +0100.")
    amount = minor(first["Shipping"] or "0", decimals(first["Currency"]))
    if amount is None or amount < 0:
        yield RowFault(first.line, name, "Shipping", "not_an_amount", f"“{first['Shipping']}” is no amount.")
    for row in rows:
        yield from _line_faults(name, row, first["Currency"])


def _line_faults(name: str, row: Row, currency: str) -> Iterator[RowFault]:
    if not row["Lineitem sku"]:
        yield RowFault(row.line, name, "Lineitem sku", "missing", "Without a SKU nobody knows what to pick.")
    quantity = _quantity(row["Lineitem quantity"])
    if quantity is None or not 1 <= quantity <= MAX_QUANTITY:
        message = f"“{row['Lineitem quantity']}” is not a whole number from 1 to {MAX_QUANTITY}."
        yield RowFault(row.line, name, "Lineitem quantity", "not_a_quantity", message)
    price = minor(row["Lineitem price"], decimals(currency))
    if price is None or price < 0:
        yield RowFault(row.line, name, "Lineitem price", "not_an_amount", f"“{row['Lineitem price']}” is no amount.")


def _order(name: str, rows: Sequence[Row]) -> ShopOrder:
    first = rows[0]
    places = decimals(first["Currency"])
    placed_at = _instant(first["Created at"])
    assert placed_at is not None, "checked before"
    draft = OrderDraft(
        external_id=name,
        placed_at=placed_at,
        customer=CustomerDraft(
            name=first["Billing Name"] or first["Shipping Name"],
            email=first["Email"],
            phone=_plain(first["Phone"] or first["Billing Phone"] or first["Shipping Phone"]),
        ),
        ship_to=_ship_to(first),
        lines=tuple(_line(row, places) for row in rows),
        currency=first["Currency"],
        shipping_minor=minor(first["Shipping"] or "0", places) or 0,
        split_policy="split",
        note=first["Notes"],
        channel=CHANNEL,
    )
    unpaid = first["Financial Status"] in _UNPAID
    return ShopOrder(draft, tuple(row.line for row in rows), unpaid, bool(first["Cancelled at"]))


def _line(row: Row, places: int) -> LineDraft:
    quantity, price = _quantity(row["Lineitem quantity"]), minor(row["Lineitem price"], places)
    assert quantity is not None, "checked before"
    assert price is not None, "checked before"
    return LineDraft(sku=row["Lineitem sku"], quantity=quantity, unit_price_minor=price, name=row["Lineitem name"])


def _ship_to(row: Row) -> Address:
    """Take the shipping address, and for an order without one the billing address."""
    part = "Shipping" if row["Shipping Country"] or row["Shipping Name"] else "Billing"
    street = row[f"{part} Address1"] or row[f"{part} Street"]
    return Address(
        name=row[f"{part} Name"],
        street=street,
        street2=row[f"{part} Address2"],
        city=row[f"{part} City"],
        postal_code=_plain(row[f"{part} Zip"]),
        country=row[f"{part} Country"].upper(),
        company=row[f"{part} Company"],
        region=row[f"{part} Province"],
        phone=_plain(row[f"{part} Phone"]),
        email=row["Email"],
    )


def _plain(text: str) -> str:
    """Take off the apostrophe by which the export keeps spreadsheets from reading digits as a number."""
    return text.removeprefix("'")


def _quantity(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER else None


def _instant(text: str) -> datetime | None:
    for form in _TIME_FORMATS:
        try:
            return datetime.strptime(text.replace(" UTC", " +0000"), form).astimezone(UTC)
        except ValueError:
            continue
    return None

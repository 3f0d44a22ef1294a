from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.importers.csv_rows import Defect, Row, RowFault, decode, read_rows
from app.importers.fields import minor
from app.importers.intake import Sheet
from app.importers.orders.cells import address_part, currency, instant, line_drafts, plain, ship_to, worth
from app.importers.orders.faults import UNPAID, faults_of, reason_to_leave_out, word
from app.importers.runs import Key, key_of
from fulfillment.api import CustomerDraft, OrderDraft
from kernel.errors import Invalid
from kernel.money import decimals

CHANNEL = "shopify"
REQUIRED = ("Name", "Created at", "Currency", "Lineitem quantity", "Lineitem price", "Lineitem sku")
_LINE_COLUMNS = {
    "sku": "Lineitem sku", "quantity": "Lineitem quantity", "unit_price_minor": "Lineitem price",
    "name": "Lineitem name",
}  # fmt: skip
_ORDER_COLUMNS = {
    "external_id": "Name", "currency": "Currency", "placed_at": "Created at", "shipping_minor": "Shipping",
    "note": "Notes", "lines": "Lineitem sku",
}  # fmt: skip
_CUSTOMER_COLUMNS = {"name": "Billing Name", "email": "Email", "phone": "Phone"}
_ADDRESS_COLUMNS = {
    "name": "Name", "street": "Street", "street2": "Address2", "city": "City", "postal_code": "Zip",
    "country": "Country", "company": "Company", "region": "Province", "phone": "Phone",
}  # fmt: skip
COLUMNS = (
    *REQUIRED, *_LINE_COLUMNS.values(), *_ORDER_COLUMNS.values(), *_CUSTOMER_COLUMNS.values(), "Id", "Total",
    "Subtotal", "Lineitem discount", "Financial Status", "Fulfillment Status", "Cancelled at", "Payment Method",
    *(f"{part} {field}" for part in ("Shipping", "Billing") for field in (*_ADDRESS_COLUMNS.values(), "Address1")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """One order of the export: its draft, and what else the shop says of it.

    `line` is where it begins in the file, `lines` where each line of the draft stands, and `part` the address (Shipping
    or Billing) that it goes to.
    """

    draft: OrderDraft
    line: int
    lines: tuple[int, ...]
    part: str
    is_unpaid: bool
    is_cancelled: bool

    def place_of(self, pointer: str) -> tuple[int, str]:
        """Return the line and the column that a fault of the draft (JSON pointer) is about."""
        head, *rest = pointer.strip("/").split("/")
        if head == "lines" and len(rest) == 2 and rest[0].isdigit():  # noqa: PLR2004 - its number and its field
            return self.lines[int(rest[0])], _LINE_COLUMNS.get(rest[1], rest[1])
        if head == "customer" and rest:
            return self.line, _CUSTOMER_COLUMNS.get(rest[0], rest[0])
        if head == "ship_to" and rest:
            field = _ADDRESS_COLUMNS.get(rest[0])
            return self.line, f"{self.part} {field}" if field else rest[0].capitalize()
        return self.line, _ORDER_COLUMNS.get(head, head)


def read_shopify(content: bytes, file: str) -> Sheet[ShopOrder]:
    """Read a Shopify order export: several rows an order, its header fields in one of them.

    An order with a faulty row is not tried at all: half an order would be a wrong one.

    Raises:
        Invalid: the file is empty, not UTF-8, not CSV, lacks a column, or names columns and holds nothing under them.
    """
    read = list(read_rows(decode(content, file), file, REQUIRED, known=COLUMNS))
    if not read:
        raise Invalid(f"{file} holds no order.", remedy="Export some orders, and send that file.", pointer=f"/{file}")
    named = list(_named(read))
    faults = list(_unfit_rows(named))
    spoiled = {fault.order for fault in faults}
    groups = _grouped(named)
    orders, skipped = [], []
    for name, rows in groups.items():
        if name in spoiled:
            continue
        first = _header_of(rows)
        left_out = reason_to_leave_out(name, first)
        wrong = [] if left_out else list(faults_of(name, first, rows))
        faults += wrong
        if left_out:
            skipped.append(left_out)
        elif not wrong:
            orders.append(_order(name, first, rows))
    values = {key_of(name, 0): worth(rows, _header_of(rows)) for name, rows in groups.items()}
    return Sheet(tuple(orders), tuple(faults), _columns(read), _raw_rows(named), tuple(skipped), values)


def _named(read: Sequence[Row | Defect]) -> Iterator[tuple[str, Row | Defect]]:
    """Yield each row with the order that it is of, empty when nobody can tell.

    A broken row is of the order whose name is in it: its cells may have moved. One without a name is of the order
    before it, unless it begins an order itself: only the first row of an order has a currency.
    """
    names = {row["Name"] for row in read if isinstance(row, Row)} - {""}
    before = ""
    for row in read:
        if isinstance(row, Defect):
            cells = [cell.strip() for cell in row.raw.values()]
            before = next((cell for cell in cells if cell in names), row.raw.get("Name", "").strip())
        elif row["Name"] or row["Currency"]:
            before = row["Name"]
        yield before, row


def _unfit_rows(named: Iterable[tuple[str, Row | Defect]]) -> Iterator[RowFault]:
    for name, row in named:
        if isinstance(row, Defect):
            yield RowFault(row.line, name, "", row.code, f"This row has {row.detail}. Mend or delete it.")
        elif not row["Name"]:
            message = "Every row names its order. Write the number of the order that this row is of."
            yield RowFault(row.line, name, "Name", "missing", message)


def _grouped(named: Iterable[tuple[str, Row | Defect]]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for name, row in named:
        if name and isinstance(row, Row):
            groups.setdefault(name, []).append(row)
    return groups


def _header_of(rows: Sequence[Row]) -> Row:
    """Return the row that tells of the order as a whole, wherever somebody sorted it."""
    return next((row for row in rows if row["Currency"]), rows[0])


def _columns(read: Sequence[Row | Defect]) -> tuple[str, ...]:
    first = next((row for row in read if isinstance(row, Row)), None)
    return first.columns if first else REQUIRED


def _raw_rows(named: Iterable[tuple[str, Row | Defect]]) -> dict[Key, tuple[Mapping[str, str], ...]]:
    found: dict[Key, list[Mapping[str, str]]] = {}
    for name, row in named:
        raw = row.raw if isinstance(row, Defect) else row.fields
        found.setdefault(key_of(name, row.line), []).append(raw)
    return {key: tuple(rows) for key, rows in found.items()}


def _order(name: str, first: Row, rows: Sequence[Row]) -> ShopOrder:
    places = decimals(currency(first))
    placed_at = instant(first["Created at"])
    assert placed_at is not None, "checked before"
    lines = [(row.line, draft) for row in rows for draft in line_drafts(row, places)]
    draft = OrderDraft(
        external_id=name,
        placed_at=placed_at,
        customer=_customer(first),
        ship_to=ship_to(first),
        lines=tuple(draft for _, draft in lines),
        currency=currency(first),
        shipping_minor=minor(first["Shipping"] or "0", places) or 0,
        split_policy="split",
        note=plain(first["Notes"]),
        channel=CHANNEL,
    )
    unpaid = word(first, "Financial Status") in UNPAID
    stand = tuple(line for line, _ in lines)
    return ShopOrder(draft, min(stand), stand, address_part(first), unpaid, bool(first["Cancelled at"]))


def _customer(first: Row) -> CustomerDraft:
    phone = first["Phone"] or first["Billing Phone"] or first["Shipping Phone"]
    name = first["Billing Name"] or first["Shipping Name"]
    return CustomerDraft(name=plain(name), email=first["Email"], phone=plain(phone))

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app.importers.csv_rows import Defect, Row, decode, read_rows
from app.importers.fields import grams, instant, millimeters, minor
from app.importers.totals import Totals
from fulfillment.api import Address, CustomerDraft, LineDraft, OrderDraft
from kernel.errors import Invalid

ZONE = ZoneInfo("America/Sao_Paulo")
CURRENCY = "BRL"
CHANNEL = "olist"
ORPHANAGE = "marketplace"
"""The merchant code for orders that name no seller, because they have no lines."""
_MISSPELT = {
    "product_name_lenght": "product_name_length",
    "product_description_lenght": "product_description_length",
}
_GIVEN_UP = ("canceled", "unavailable")
_COLUMNS = {
    "orders.csv": ("order_id", "customer_id", "order_status", "order_purchase_timestamp"),
    "order_items.csv": ("order_id", "product_id", "seller_id", "price", "freight_value"),
    "customers.csv": ("customer_id", "customer_unique_id"),
    "products.csv": ("product_id", "product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm"),
    "sellers.csv": ("seller_id",),
}


@dataclass(frozen=True, slots=True)
class Product:
    """A catalogue entry: grams and millimeters; 0 stands for unknown and is flagged."""

    sku: str
    name: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """One merchant's part of a marketplace order; `given_up_as` is the source's word for an order that ended early."""

    merchant: str
    draft: OrderDraft
    given_up_as: str
    line: int


@dataclass(slots=True)
class OlistSource:
    """Everything a folder holds: merchants and their products, orders oldest first, defects, control totals."""

    sellers: dict[str, str] = field(default_factory=dict)
    products: dict[str, dict[str, Product]] = field(default_factory=dict)
    orders: list[SourceOrder] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    set_aside: Totals = field(default_factory=Totals)


def read_olist(folder: Path) -> OlistSource:
    """Read a folder in the layout of Olist's public data set.

    One marketplace order becomes one order for each seller in it; equal products at an equal price become one line
    with a quantity. Nothing is dropped: what cannot be an order or a line is set aside as a defect, with its values in
    `set_aside`, so that `totals` = imported + set aside.

    Raises:
        Invalid: a file is missing, is not UTF-8 or lacks a column.
    """
    source = OlistSource()
    tables = {name: list(_rows(folder, name, source.defects)) for name in _COLUMNS}
    customers = _unique(tables["customers.csv"], "customer_id", "customers.csv", source.defects)
    orders = _unique(tables["orders.csv"], "order_id", "orders.csv", source.defects)
    catalogue = _catalogue(tables["products.csv"], source.defects)
    source.sellers = {row["seller_id"]: _seller_name(row) for row in tables["sellers.csv"]}
    pieces = _pieces(tables["order_items.csv"], orders, catalogue, source)
    _find_repeated_reviews(folder, source.defects)
    newest = max((at for row in orders.values() if (at := _placed_at(row))), default=datetime(2000, 1, 1, tzinfo=ZONE))
    for order_id, row in orders.items():
        parts = _split(order_id, row, pieces.get(order_id, []), customers, _placed_at(row) or newest)
        source.orders.extend(parts)
        source.defects.extend(_order_defects(order_id, row, parts))
    source.orders.sort(key=lambda order: (order.draft.placed_at, order.draft.external_id, order.merchant))
    _count_rows(source, len(orders))
    return source


def _count_rows(source: OlistSource, orders: int) -> None:
    """Count orders, and the rows that could not even be read: each is an order, or a piece, that was set aside."""
    lost = [defect for defect in source.defects if defect.set_aside]
    unread = Totals(
        orders=sum(defect.file == "orders.csv" for defect in lost),
        pieces=sum(defect.file == "order_items.csv" and defect.code == "malformed_row" for defect in lost),
    )
    source.totals += Totals(orders=orders) + unread
    source.set_aside += unread


def _rows(folder: Path, name: str, defects: list[Defect]) -> Iterator[Row]:
    path = folder / name
    if not path.is_file():
        raise Invalid(f"{name} is missing.", remedy=f"The folder must hold {', '.join(_COLUMNS)}.", pointer=f"/{name}")
    for row in read_rows(decode(path.read_bytes(), name), name, _COLUMNS[name], _MISSPELT):
        if isinstance(row, Defect):
            defects.append(row)
        else:
            yield row


def _unique(rows: Iterable[Row], key: str, file: str, defects: list[Defect]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        if row[key] in found or not row[key]:
            why = "repeated_key" if row[key] else "empty_key"
            defects.append(Defect(file, row.line, row[key], why, f"{key} was seen before", row.fields, set_aside=True))
        else:
            found[row[key]] = row
    return found


def _catalogue(rows: Iterable[Row], defects: list[Defect]) -> dict[str, Product]:
    catalogue = {}
    for row in rows:
        weight = grams(row["product_weight_g"])
        sides = [millimeters(row[f"product_{side}_cm"]) for side in ("length", "width", "height")]
        if not weight or not all(sides):
            detail = f"weight {weight} g, sides {sides} mm"
            defects.append(Defect("products.csv", row.line, row["product_id"], "size_unknown", detail, row.fields))
        name = (row["product_category_name"] or "product").replace("_", " ").capitalize()
        catalogue[row["product_id"]] = Product(row["product_id"], f"{name} {row['product_id'][:6]}", weight, *sides)
    return catalogue


@dataclass(frozen=True, slots=True)
class _Piece:
    seller: str
    sku: str
    price_minor: int
    freight_minor: int


def _pieces(
    rows: Iterable[Row], orders: Mapping[str, Row], catalogue: Mapping[str, Product], source: OlistSource
) -> dict[str, list[_Piece]]:
    pieces: dict[str, list[_Piece]] = {}
    for row in rows:
        price, freight = minor(row["price"]), minor(row["freight_value"])
        value = Totals(pieces=1, goods_minor=price or 0, freight_minor=freight or 0)
        source.totals += value
        fault = _piece_fault(row, orders, price, freight)
        if fault:
            source.set_aside += value
            source.defects.append(
                Defect("order_items.csv", row.line, row["order_id"], fault, "kept aside", row.fields, set_aside=True)
            )
            continue
        assert price is not None
        assert freight is not None
        _register(row, catalogue, source)
        pieces.setdefault(row["order_id"], []).append(_Piece(row["seller_id"], row["product_id"], price, freight))
    return pieces


def _piece_fault(row: Row, orders: Mapping[str, Row], price: int | None, freight: int | None) -> str:
    if row["order_id"] not in orders:
        return "unknown_order"
    if price is None or freight is None or price < 0 or freight < 0:
        return "amount_unreadable"
    return "" if row["seller_id"] and row["product_id"] else "empty_key"


def _register(row: Row, catalogue: Mapping[str, Product], source: OlistSource) -> None:
    """Enter the seller and its product; one that no file describes is entered without a size, and flagged."""
    seller, sku = row["seller_id"], row["product_id"]
    if seller not in source.sellers:
        source.sellers[seller] = f"Seller {seller[:6]}"
        _flag(source, row, "unknown_seller")
    mine = source.products.setdefault(seller, {})
    if sku not in mine:
        if sku not in catalogue:
            _flag(source, row, "unknown_product")
        mine[sku] = catalogue.get(sku, Product(sku, f"Product {sku[:6]}", 0, 0, 0, 0))


def _flag(source: OlistSource, row: Row, code: str) -> None:
    source.defects.append(Defect("order_items.csv", row.line, row["order_id"], code, "entered from here", row.fields))


def _split(
    order_id: str, row: Row, pieces: list[_Piece], customers: Mapping[str, Row], placed_at: datetime
) -> list[SourceOrder]:
    """Make one order for each seller of a marketplace order; one without pieces goes to nobody in particular."""
    customer, address = _person(customers.get(row["customer_id"]), row["customer_id"])
    flags = (*_order_flags(row, customers), *([] if pieces else ["no_lines"]))
    status = row["order_status"]
    parts = []
    for seller in sorted({piece.seller for piece in pieces}) or [ORPHANAGE]:
        mine = [piece for piece in pieces if piece.seller == seller]
        draft = OrderDraft(
            external_id=order_id,
            placed_at=placed_at,
            customer=customer,
            ship_to=address,
            lines=_lines(mine),
            currency=CURRENCY,
            shipping_minor=sum(piece.freight_minor for piece in mine),
            promised_on=_promise(row["order_estimated_delivery_date"], placed_at),
            split_policy="split",
            channel=CHANNEL,
            flags=flags,
        )
        parts.append(SourceOrder(seller, draft, status if status in _GIVEN_UP else "", row.line))
    return parts


def _order_defects(order_id: str, row: Row, parts: list[SourceOrder]) -> Iterator[Defect]:
    for flag in parts[0].draft.flags:
        yield Defect("orders.csv", row.line, order_id, flag, "kept and flagged", row.fields)


def _placed_at(row: Row) -> datetime | None:
    return instant(row["order_purchase_timestamp"], ZONE)


def _order_flags(row: Row, customers: Mapping[str, Row]) -> Iterator[str]:
    placed, approved, handed, delivered = (
        instant(row[column], ZONE)
        for column in (
            "order_purchase_timestamp",
            "order_approved_at",
            "order_delivered_carrier_date",
            "order_delivered_customer_date",
        )
    )
    if placed is None:
        yield "placed_at_unreadable"
    if row["customer_id"] not in customers:
        yield "unknown_customer"
    if approved and handed and handed < approved:
        yield "handed_over_before_approval"
    if handed and delivered and delivered < handed:
        yield "delivered_before_handed_over"
    if placed and approved and approved < placed:
        yield "approved_before_placed"


def _lines(pieces: Iterable[_Piece]) -> tuple[LineDraft, ...]:
    counted: dict[tuple[str, int], int] = {}
    for piece in pieces:
        counted[piece.sku, piece.price_minor] = counted.get((piece.sku, piece.price_minor), 0) + 1
    return tuple(LineDraft(sku=sku, quantity=n, unit_price_minor=price) for (sku, price), n in counted.items())


def _person(row: Row | None, customer_id: str) -> tuple[CustomerDraft, Address]:
    """The source knows no names: a person is called by the first signs of its id, so that pages can be read."""
    person = row["customer_unique_id"] if row else customer_id
    name = f"Cliente {person[:6].upper()}"
    mail = f"{person or 'unknown'}@customers.example"
    address = Address(
        name=name,
        street="",
        city=row["customer_city"].title() if row else "",
        postal_code=row["customer_zip_code_prefix"] if row else "",
        country="BR",
        region=row["customer_state"] if row else "",
        email=mail,
    )
    return CustomerDraft(external_id=person, name=name, email=mail, locale="pt"), address


def _seller_name(row: Row) -> str:
    city = row["seller_city"].title()
    return f"{city or 'Seller'} {row['seller_id'][:4].upper()}"


def _find_repeated_reviews(folder: Path, defects: list[Defect]) -> None:
    path = folder / "order_reviews.csv"
    if not path.is_file():
        return
    seen: set[str] = set()
    for row in read_rows(decode(path.read_bytes(), path.name), path.name, ("review_id",)):
        if isinstance(row, Defect):
            defects.append(row)
        elif row["review_id"] in seen:
            detail = "review_id was seen before"
            defects.append(Defect(path.name, row.line, row["review_id"], "repeated_review_id", detail, row.fields))
        else:
            seen.add(row["review_id"])


def _promise(text: str, placed_at: datetime) -> date | None:
    found = instant(text, ZONE)
    return found.date() if found and found.date() >= placed_at.astimezone(ZONE).date() else None

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from app.importers.csv_rows import Defect, Row
from app.importers.fields import grams, instant, millimeters, minor
from app.importers.olist.tables import find_repeated_reviews, read_tables, unique_rows
from app.importers.totals import Totals
from fulfillment.api import Address, CustomerDraft, LineDraft, OrderDraft
from inventory.api import is_sku
from kernel import clock

ZONE = ZoneInfo("America/Sao_Paulo")
CURRENCY = "BRL"
CHANNEL = "olist"
ORPHANAGE = "marketplace"
"""The merchant code for orders that name no seller, because they have no lines."""
_GIVEN_UP = ("canceled", "unavailable")
_CLOCKS_APART = timedelta(days=1)
_LONGEST_KIND = 100
_OTHER_DATES = (
    "order_approved_at",
    "order_delivered_carrier_date",
    "order_delivered_customer_date",
    "order_estimated_delivery_date",
)


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
    tables = read_tables(folder, source.defects)
    customers = unique_rows(tables["customers.csv"], "customer_id", "customers.csv", source.defects)
    orders = unique_rows(tables["orders.csv"], "order_id", "orders.csv", source.defects)
    products = unique_rows(tables["products.csv"], "product_id", "products.csv", source.defects)
    sellers = unique_rows(tables["sellers.csv"], "seller_id", "sellers.csv", source.defects)
    catalogue = _catalogue(products.values(), source.defects)
    source.sellers = {code: _seller_name(row) for code, row in sellers.items()}
    pieces = _pieces(tables["order_items.csv"], orders, catalogue, source)
    find_repeated_reviews(folder, source.defects)
    newest = max((at for row in orders.values() if (at := _placed_at(row))), default=datetime(2000, 1, 1, tzinfo=ZONE))
    for order_id, row in orders.items():
        parts = _split(order_id, row, pieces.get(order_id, []), customers, _dated(row) or newest)
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


def _catalogue(rows: Iterable[Row], defects: list[Defect]) -> dict[str, Product]:
    catalogue = {}
    for row in rows:
        weight = grams(row["product_weight_g"])
        sides = [millimeters(row[f"product_{side}_cm"]) for side in ("length", "width", "height")]
        if not weight or not all(sides):
            detail = f"weight {weight} g, sides {sides} mm"
            defects.append(Defect("products.csv", row.line, row["product_id"], "size_unknown", detail, row.fields))
        kind = row["product_category_name"] or "product"
        if not kind.isprintable() or len(kind) > _LONGEST_KIND:
            detail = "kept in part: too long, or with control characters"
            defects.append(Defect("products.csv", row.line, row["product_id"], "name_unprintable", detail, row.fields))
        catalogue[row["product_id"]] = Product(row["product_id"], _product_name(kind, row), weight, *sides)
    return catalogue


def _product_name(kind: str, row: Row) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in kind[:_LONGEST_KIND])
    return f"{printable.replace('_', ' ').capitalize()} {row['product_id'][:6]}"


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
    seen: set[tuple[str, str]] = set()
    for row in rows:
        price, freight = minor(row["price"]), minor(row["freight_value"])
        value = Totals(pieces=1, goods_minor=price or 0, freight_minor=freight or 0)
        source.totals += value
        number = row["order_id"], row["order_item_id"]
        fault = _piece_fault(row, orders, price, freight) or ("repeated_key" if number in seen else "")
        if row["order_item_id"]:
            seen.add(number)
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
    if not (row["seller_id"] and row["product_id"]):
        return "empty_key"
    return "" if is_sku(row["seller_id"]) and is_sku(row["product_id"]) else "unprintable_key"


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
    found = instant(row["order_purchase_timestamp"], ZONE)
    return found if found and found <= clock.now() + _CLOCKS_APART else None


def _dated(row: Row) -> datetime | None:
    """Return when an order was placed, or else the first thing that is known to have happened to it.

    The row alone decides: in another file with the same row, the order is the same.
    """
    others = (instant(row[column], ZONE) for column in _OTHER_DATES)
    return _placed_at(row) or next((at for at in others if at and at <= clock.now()), None)


def _order_flags(row: Row, customers: Mapping[str, Row]) -> Iterator[str]:
    placed, approved, handed, delivered = _placed_at(row), *(instant(row[name], ZONE) for name in _OTHER_DATES[:3])
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


def _promise(text: str, placed_at: datetime) -> date | None:
    found = instant(text, ZONE)
    return found.date() if found and found.date() >= placed_at.astimezone(ZONE).date() else None

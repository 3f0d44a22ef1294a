"""A small folder in the layout of Olist's public data, with a row of every kind that is not as it should be."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

ORDER_COLUMNS = (
    "order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
    "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date",
)  # fmt: skip
ITEM_COLUMNS = ("order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value")
CUSTOMER_COLUMNS = (
    "customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city", "customer_state",
)  # fmt: skip
PRODUCT_COLUMNS = (
    "product_id", "product_category_name", "product_name_lenght", "product_description_lenght", "product_photos_qty",
    "product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm",
)  # fmt: skip
SELLER_COLUMNS = ("seller_id", "seller_zip_code_prefix", "seller_city", "seller_state")
REVIEW_COLUMNS = ("review_id", "order_id", "review_score", "review_creation_date", "review_answer_timestamp")


@dataclass
class OlistFolder:
    """Rows to write; `add_order` writes an order with its customer and pieces (product, seller, price, freight)."""

    orders: list[tuple[str, ...]] = field(default_factory=list)
    items: list[tuple[str, ...]] = field(default_factory=list)
    customers: list[tuple[str, ...]] = field(default_factory=list)
    products: list[tuple[str, ...]] = field(default_factory=list)
    sellers: list[tuple[str, ...]] = field(default_factory=list)
    reviews: list[tuple[str, ...]] = field(default_factory=list)

    def add_product(self, product: str, weight: str = "450", sides: tuple[str, str, str] = ("20", "12", "9")) -> None:
        self.products.append((product, "cama_mesa_banho", "50", "381", "1", weight, *sides))

    def add_order(
        self,
        order: str,
        pieces: tuple[tuple[str, str, str, str], ...] = (),
        *,
        status: str = "delivered",
        placed: str = "2018-03-05 10:00:00",
        approved: str = "",
        handed: str = "2018-03-09 12:00:00",
        delivered: str = "2018-03-12 12:00:00",
    ) -> None:
        self.orders.append(
            (order, f"cust-{order}", status, placed, approved or placed, handed, delivered, "2018-03-29 00:00:00")
        )
        self.customers.append((f"cust-{order}", f"person-{order}", "04578", "sao paulo", "SP"))
        for number, (product, seller, price, freight) in enumerate(pieces, start=1):
            self.items.append((order, str(number), product, seller, "2018-03-09 10:00:00", price, freight))

    def write(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        _write(folder / "orders.csv", ORDER_COLUMNS, self.orders)
        _write(folder / "order_items.csv", ITEM_COLUMNS, self.items)
        _write(folder / "customers.csv", CUSTOMER_COLUMNS, self.customers)
        _write(folder / "products.csv", PRODUCT_COLUMNS, self.products)
        _write(folder / "sellers.csv", SELLER_COLUMNS, self.sellers)
        _write(folder / "order_reviews.csv", REVIEW_COLUMNS, self.reviews)
        return folder


def _write(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def sound_folder(orders: int = 12, *, days: int = 3) -> OlistFolder:
    """Return a folder of good orders over some working days: two sellers, five products, one to three pieces each."""
    made = OlistFolder()
    made.sellers = [("seller-a", "14405", "franca", "SP"), ("seller-b", "29156", "cariacica", "ES")]
    for number in range(5):
        made.add_product(f"product-{number}", weight=str(180 + 330 * number))
    for number in range(orders):
        seller = "seller-a" if number % 3 else "seller-b"
        pieces = tuple((f"product-{(number + n) % 5}", seller, "19.90", "7.39") for n in range(1 + number % 3))
        day, hour = 5 + number % days, 7 + number % 9
        placed = f"2018-03-{day:02d} {hour:02d}:{number % 60:02d}:00"
        made.add_order(f"order-{number:03d}", pieces, placed=placed)
    return made


def defective_folder() -> OlistFolder:
    """Return a folder with good orders, and one row for each defect that an importer has to survive."""
    made = sound_folder(orders=6)
    piece = ("product-0", "seller-a", "10.00", "2.50")
    made.add_order("order-grouped", (piece, piece, ("product-0", "seller-a", "9.00", "2.50")))
    made.add_order("order-two-sellers", (piece, ("product-1", "seller-b", "20.00", "3.00")))
    made.add_order("order-canceled", (piece,), status="canceled")
    made.add_order("order-no-lines", status="unavailable")
    made.add_order("order-early", (piece,), approved="2018-03-10 10:00:00")
    made.add_order("order-backwards", (piece,), delivered="2018-03-06 08:00:00")
    made.add_order("order-approved-first", (piece,), approved="2018-03-04 10:00:00")
    made.add_order("order-undated", (piece,), placed="yesterday")
    made.add_order("order-unknown-customer", (piece,))
    made.customers.pop()
    made.add_order("order-unknown-goods", (("product-99", "seller-z", "5.00", "1.00"),))
    made.add_product("product-sizeless", weight="0")
    made.add_order("order-sizeless", (("product-sizeless", "seller-a", "3.00", "1.00"),))
    made.orders.append(made.orders[0])
    made.orders.append(("", "cust", "delivered", "2018-03-05 10:00:00", "", "", "", "2018-03-29 00:00:00"))
    made.orders.append(("order-cut-off", "cust", "delivered"))
    made.items.append(("order-nobody-knows", "1", "product-0", "seller-a", "", "7.00", "1.00"))
    made.items.append(("order-000", "9", "product-0", "seller-a", "", "much", "1.00"))
    made.items.append(("order-000", "10", "", "seller-a", "", "4.00", "0.50"))
    made.reviews = [("review-1", "order-000", "5", "", ""), ("review-1", "order-001", "4", "", "")]
    return made

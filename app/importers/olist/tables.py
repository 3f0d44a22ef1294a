from collections.abc import Iterable, Iterator
from pathlib import Path

from app.importers.csv_rows import Defect, Row, decode, read_rows
from kernel.errors import Invalid

_MISSPELT = {
    "product_name_lenght": "product_name_length",
    "product_description_lenght": "product_description_length",
}
_COLUMNS = {
    "orders.csv": ("order_id", "customer_id", "order_status", "order_purchase_timestamp"),
    "order_items.csv": ("order_id", "product_id", "seller_id", "price", "freight_value"),
    "customers.csv": ("customer_id", "customer_unique_id"),
    "products.csv": ("product_id", "product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm"),
    "sellers.csv": ("seller_id",),
}


def read_tables(folder: Path, defects: list[Defect]) -> dict[str, list[Row]]:
    """Return the rows of each file of a folder by the file's name; rows that cannot be read become defects.

    Raises:
        Invalid: a file is missing, is not UTF-8 or lacks a column.
    """
    return {name: list(_rows(folder, name, defects)) for name in _COLUMNS}


def unique_rows(rows: Iterable[Row], key: str, file: str, defects: list[Defect]) -> dict[str, Row]:
    """Return the rows by their key; one without a key, or with that of an earlier one, becomes a defect."""
    found: dict[str, Row] = {}
    for row in rows:
        if row[key] in found or not row[key]:
            why = "repeated_key" if row[key] else "empty_key"
            defects.append(Defect(file, row.line, row[key], why, f"{key} was seen before", row.fields, set_aside=True))
        else:
            found[row[key]] = row
    return found


def find_repeated_reviews(folder: Path, defects: list[Defect]) -> None:
    """Add a defect for each review whose id was seen before; a folder without reviews has none."""
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


def _rows(folder: Path, name: str, defects: list[Defect]) -> Iterator[Row]:
    path = folder / name
    if not path.is_file():
        raise Invalid(f"{name} is missing.", remedy=f"The folder must hold {', '.join(_COLUMNS)}.", pointer=f"/{name}")
    for row in read_rows(decode(path.read_bytes(), name), name, _COLUMNS[name], _MISSPELT):
        if isinstance(row, Defect):
            defects.append(row)
        else:
            yield row

"""The columns of a catalogue as CSV, and an item as it stands in them."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from app.importers.csv_rows import Defect, Row, decode, read_header, read_rows
from inventory.api import ItemView
from kernel.csv_text import as_written, harmless
from kernel.errors import Invalid

SKU, NAME, MERCHANT, VERSION, GTINS, PACKS, ACTIVE = "sku", "name", "merchant", "version", "gtins", "packs", "active"
WEIGHT, WEIGHT_UNIT, SIDE_UNIT = "weight", "weight_unit", "dimension_unit"
TEMPERATURE, SHELF_DAYS, MAX_LOAD = "temperature_class", "min_shelf_days", "max_load_g"
SIDES: Final = ("length", "width", "height")
FLAGS: Final = (
    "keep_upright", "fragile", "hazmat", "lot_tracked", "serial_tracked", "mailer_ok", "own_container",
)  # fmt: skip
COLUMNS: Final = (
    MERCHANT, SKU, NAME, GTINS, PACKS, WEIGHT, WEIGHT_UNIT, *SIDES, SIDE_UNIT, *FLAGS, SHELF_DAYS, TEMPERATURE,
    MAX_LOAD, ACTIVE, VERSION,
)  # fmt: skip
WEIGHTS: Final = {f"weight_{unit}": unit for unit in ("g", "kg", "lb", "oz")}
"""Columns of a weight that name its unit themselves."""
MEASURED: Final = {f"{side}_{unit}": (side, unit) for side in SIDES for unit in ("mm", "cm", "in")}
KNOWN: Final = frozenset((*COLUMNS, *WEIGHTS, *MEASURED))
_ALIASES: Final = {
    "gtin": GTINS, "ean": GTINS, "upc": GTINS, "barcode": GTINS, "barcodes": GTINS, "article": SKU, "item": SKU,
    "title": NAME, "description": NAME, "upright": "keep_upright", "hazardous": "hazmat", "temperature": TEMPERATURE,
    "lots": "lot_tracked", "serials": "serial_tracked", "mailer": "mailer_ok", "cases": PACKS, "pack": PACKS,
    "length_unit": SIDE_UNIT, "size_unit": SIDE_UNIT, "dimensions_unit": SIDE_UNIT, "max_load": MAX_LOAD,
    "unit_of_weight": WEIGHT_UNIT, "shelf_days": SHELF_DAYS, "item_name": NAME,
}  # fmt: skip


def read_item_rows(content: bytes, file: str) -> list[Row | Defect]:
    """Read the rows of a catalogue: UTF-8 or Windows-1252, separated by commas, semicolons or tabs.

    Raises:
        Invalid: the file is empty, no CSV, lacks the column of SKUs, or holds nothing under its columns.
    """
    text = decode(content, file, of="items", fallback="cp1252")
    names, separator = read_header(text, file, ",;\t")
    read = list(read_rows(text, file, (SKU,), named_columns(names), separator=separator))
    if not read:
        raise Invalid(f"{file} holds no item.", remedy="Add a row for each item.", pointer=f"/{file}")
    return read


def sku_of(row: Row) -> str:
    """Return the SKU of a row, "" if it names none."""
    return as_written(row[SKU])


def named_columns(names: Iterable[str]) -> dict[str, str]:
    """Return the column that each name of a header stands for: `Weight (kg)` is `weight_kg`.

    Another word for a column stands for it only where nothing else does; a name that is none stays as it is.
    """
    plain = {name.strip(): re.sub(r"[^a-z0-9]+", "_", name.strip().casefold()).strip("_") for name in names}
    found = {name: word for name, word in plain.items() if word in KNOWN}
    for name, word in plain.items():
        meant = _ALIASES.get(word, "")
        if meant and meant not in found.values():
            found[name] = meant
    return found


def written(item: ItemView, merchant: str = "") -> dict[str, str]:
    """Return an item's cells by column, as they are exported: grams and millimeters, empty where nothing is known."""
    sides = {side: _or_empty(getattr(item, f"{side}_mm")) for side in SIDES}
    cells: Mapping[str, object] = {
        MERCHANT: merchant,
        SKU: item.sku,
        NAME: item.name,
        GTINS: " ".join(item.gtins),
        PACKS: " ".join(f"{pack.gtin}:{pack.units}" for pack in item.packs),
        WEIGHT: _or_empty(item.weight_g),
        WEIGHT_UNIT: "g",
        **sides,
        SIDE_UNIT: "mm",
        **{name: "yes" if getattr(item, name) else "no" for name in FLAGS},
        SHELF_DAYS: _or_empty(item.min_shelf_days),
        TEMPERATURE: item.temperature_class,
        MAX_LOAD: "" if item.max_load_g is None else str(item.max_load_g),
        ACTIVE: "yes" if item.active else "no",
        VERSION: str(item.version),
    }
    return {column: str(harmless(cell)) for column, cell in cells.items()}


def _or_empty(value: int) -> str:
    return str(value or "")

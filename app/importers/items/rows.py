"""What one row of a catalogue says of an item, beside what is known of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from app.importers.csv_rows import Row, RowFault
from app.importers.fields import unit_of
from app.importers.items import cells as item_cells
from app.importers.items.cells import NONE, NotRead, flag, measure, whole
from app.importers.items.columns import (
    ACTIVE,
    FLAGS,
    GTINS,
    MAX_LOAD,
    MEASURED,
    MERCHANT,
    NAME,
    PACKS,
    SHELF_DAYS,
    SIDE_UNIT,
    SIDES,
    TEMPERATURE,
    VERSION,
    WEIGHT,
    WEIGHT_UNIT,
    WEIGHTS,
    sku_of,
    written,
)
from inventory.api import TEMPERATURE_CLASSES, ItemDraft, ItemView
from kernel.csv_text import as_written
from shipping.api import find_known_slip

T = TypeVar("T")
_MOST = 10**9
_SLIPS: Final = {
    2.2046: "pounds taken for kilograms",
    28.35: "ounces taken for grams",
    453.6: "pounds taken for grams",
    1_000.0: "kilograms taken for grams",
}
_SIDE_SLIPS: Final = {
    2.54: "inches taken for centimeters",
    10.0: "centimeters taken for millimeters",
    25.4: "inches taken for millimeters",
}
_NEAR: Final = 0.005
_TELLING: Final = 50
"""From so many g or mm on, rounding does not hide which factor lies between two figures."""
OF_FIELD: Final = {
    "weight_g": WEIGHT, "length_mm": "length", "width_mm": "width", "height_mm": "height", "max_load_g": MAX_LOAD,
}  # fmt: skip
"""Where the column of a field has another name than it."""


@dataclass(slots=True)
class Described:
    """What a row makes of an item: its draft, whether it is sold, what is wrong with the row, and what is odd in it."""

    line: int
    sku: str
    known: ItemView | None
    draft: ItemDraft
    active: bool
    faults: list[RowFault] = field(default_factory=list)
    flags: list[RowFault] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Say whether the item is not as the row has it."""
        return self.known is None or self.active != self.known.active or self.draft != draft_of(self.known)

    def refuse(self, column: str, code: str, message: str) -> None:
        """Add a fault."""
        self.faults.append(RowFault(self.line, self.sku, column, code, message))


def describe(row: Row, known: ItemView | None, merchant: str) -> Described:
    """Read a row; a cell that is empty, or as it is exported, leaves what is known."""
    start = draft_of(known) if known else ItemDraft(sku_of(row), "", 0, 0, 0, 0)
    found = Described(row.line, sku_of(row), known, start, known.active if known else True)
    reading = _Reading(found, row, written(known, merchant) if known else {})
    if row[MERCHANT] not in ("", merchant):
        words = f"It is an item of {row[MERCHANT][:40]}, and these are imported for {merchant}. Leave it out."
        found.refuse(MERCHANT, "other_merchant", words)
    values: dict[str, Any] = {"name": as_written(row[NAME])} if reading.tells(NAME) else {}
    values |= reading.values((GTINS,), item_cells.gtins) | reading.values((PACKS,), item_cells.packs)
    values |= reading.values(FLAGS, flag) | reading.weight() | reading.sides()
    values |= reading.values((SHELF_DAYS,), lambda cell: _number_or(cell, 0, "days"))
    values |= reading.values((MAX_LOAD,), lambda cell: _number_or(cell, None, "grams"))
    values |= reading.values((TEMPERATURE,), _temperature)
    found.active = reading.values((ACTIVE,), flag).get(ACTIVE, found.active)
    found.draft = replace(start, **values)
    _judge(found)
    if known and found.is_changed and row[VERSION] not in ("", str(known.version)):
        words = f"The item is at version {known.version} by now. Export it again, or clear this cell to write over it."
        found.refuse(VERSION, "version_conflict", words)
    return found


def draft_of(item: ItemView) -> ItemDraft:
    """Return an item as a draft, its barcodes in the order of a file's."""
    return ItemDraft(
        item.sku, item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, tuple(sorted(item.gtins)),
        item.keep_upright, item.fragile, item.hazmat, item.lot_tracked, item.min_shelf_days, item.serial_tracked,
        tuple(sorted(item.packs, key=lambda pack: (pack.units, pack.gtin))), item.temperature_class, item.max_load_g,
        item.own_container, item.mailer_ok,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reading:
    """A row beside the item's cells as they are exported."""

    found: Described
    row: Row
    written: Mapping[str, str]

    def tells(self, *columns: str) -> bool:
        """Say whether the cells tell something that is not known."""
        cells = [self.row[column] for column in columns]
        return bool(cells[0]) and cells != [self.written.get(column, "").strip() for column in columns]

    def values(self, columns: tuple[str, ...], read: Callable[[str], T]) -> dict[str, T]:
        """Read the cells that tell something new."""
        told = {column: self._read(column, read) for column in columns if self.tells(column)}
        return {column: value[0] for column, value in told.items() if value}

    def weight(self) -> dict[str, int]:
        """Read the weight, from the one column that has it."""
        if not self.tells(WEIGHT, WEIGHT_UNIT) and not any(self.row[column] for column in WEIGHTS):
            return {}
        named = {WEIGHT: "", **WEIGHTS}
        value = self._measured(named, self.row[WEIGHT_UNIT], WEIGHT_UNIT, is_weight=True)
        return {"weight_g": value[0]} if value else {}

    def sides(self) -> dict[str, int]:
        """Read the sides, each from the one column that has it."""
        found: dict[str, int] = {}
        for side in SIDES:
            named = {side: "", **{column: unit for column, (of, unit) in MEASURED.items() if of == side}}
            if self.tells(side, SIDE_UNIT) or any(self.row[column] for column in named if column != side):
                value = self._measured(named, self.row[SIDE_UNIT], SIDE_UNIT, is_weight=False)
                found |= {f"{side}_mm": value[0]} if value else {}
        return found

    def _measured(self, named: Mapping[str, str], told: str, unit_column: str, *, is_weight: bool) -> tuple[int, ...]:
        full = [column for column in named if self.row[column]]
        if len(full) > 1:
            self.found.refuse(full[1], "contradiction", f"It stands in {full[0]} as well. Keep one of them.")
            return ()
        column = full[0]
        if self.row[column].casefold() == NONE:
            return (0,)
        unit = named[column] or (unit_of if is_weight else item_cells.length_unit)(told)
        if told and not unit:
            units = "g, kg, lb or oz" if is_weight else "mm, cm or in"
            self.found.refuse(unit_column, "unknown_unit", f"“{told[:40]}” is no unit here. Write {units}.")
            return ()
        return self._read(column, lambda cell: measure(cell, unit, is_weight=is_weight))

    def _read(self, column: str, read: Callable[[str], T]) -> tuple[T, ...]:
        """Return what a cell says, or nothing, with a fault, when it cannot be understood."""
        try:
            return (read(as_written(self.row[column])),)
        except NotRead as wrong:
            self.found.refuse(column, wrong.code, wrong.message)
            return ()


def _number_or(cell: str, otherwise: int | None, what: str) -> int | None:
    return otherwise if cell.casefold() == NONE else whole(cell, _MOST, what)


def _temperature(cell: str) -> str:
    told = cell.casefold()
    if told not in TEMPERATURE_CLASSES:
        raise NotRead("choice", f"“{cell[:40]}” is no class of temperature. Write {', '.join(TEMPERATURE_CLASSES)}.")
    return told


def _judge(found: Described) -> None:
    """Refuse sizes that no goods have, and flag those that a slip of units would explain."""
    sizes = [getattr(found.draft, f"{side}_mm") for side in SIDES]
    known = [getattr(found.known, f"{side}_mm") for side in SIDES] if found.known else [0, 0, 0]
    weight, before = found.draft.weight_g, found.known.weight_g if found.known else 0
    if (weight, sizes) == (before, known):
        return
    slip = find_known_slip(sizes[0], sizes[1], sizes[2], weight)
    if slip:
        found.refuse(WEIGHT if sizes == known else "length", "impossible", slip)
    if (words := _slip(before, weight, _SLIPS)) and not slip:
        _flag(found, WEIGHT, f"It weighed {before:,} g so far, and now {weight:,} g: as if {words}. Compare it.")
    likely = [_slip(old, new, _SIDE_SLIPS) for old, new in zip(known, sizes, strict=True)]
    if all(likely) and not slip:
        _flag(found, "length", f"Every side changed as if {likely[0]}. Compare them.")


def _slip(before: int, after: int, factors: Mapping[float, str]) -> str:
    if min(before, after) < 1 or max(before, after) < _TELLING:
        return ""
    ratio = max(before, after) / min(before, after)
    slack = max(_NEAR, 0.5 / min(before, after))
    return next((words for factor, words in factors.items() if abs(ratio / factor - 1) <= slack), "")


def _flag(found: Described, column: str, message: str) -> None:
    found.flags.append(RowFault(found.line, found.sku, column, "check", message))

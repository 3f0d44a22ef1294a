"""Substitutes as a file: one line for each, the best of an item first."""

import csv
from collections.abc import Iterator
from io import StringIO

from fulfillment.substitutes.registering import SubstituteDraft, all_substitutes, minor_price, set_substitutes
from inventory import api as inventory
from kernel.csv_text import as_written, csv_line
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid

COLUMNS = ("sku", "substitute_sku", "price_rule", "unit_price_minor")
MAX_ROWS = 10_000


def substitutes_to_csv(uow: UnitOfWork, tenant_id: str) -> str:
    """Return what a merchant said about all items, as it can be read again."""
    found = all_substitutes(uow, tenant_id)
    items = inventory.items_by_id(uow, {each.item_id for each in found}) if found else {}
    lines = [csv_line(COLUMNS)]
    for each in sorted(found, key=lambda each: (items[each.item_id].sku, each.rank)):
        price = "" if each.unit_price_minor is None else each.unit_price_minor
        lines.append(csv_line((items[each.item_id].sku, each.sku, each.price_rule, price)))
    return "".join(lines)


def read_substitutes_csv(uow: UnitOfWork, *, tenant_id: str, text: str) -> int:
    """Take the substitutes of the items that a file names, all of them or none; return for how many items. A line that
    names no substitute says that the item has none.

    Raises:
        Invalid: names the lines that cannot be right; nothing was changed.
    """
    rows = list(_rows(text))
    skus = sorted({row["sku"] for _, row in rows})
    items = inventory.items_by_sku(uow, tenant_id=tenant_id, skus=skus) if skus else {}
    wrong = [_fault(number, f"There is no item {row['sku']}.") for number, row in rows if row["sku"] not in items]
    if wrong:
        raise Invalid(wrong[0].message, remedy="Correct the file and send it again.", errors=tuple(wrong[:100]))
    drafts: dict[str, list[SubstituteDraft]] = {sku: [] for sku in skus}
    for number, row in rows:
        if row["substitute_sku"]:
            drafts[row["sku"]].append(
                SubstituteDraft(row["substitute_sku"], row["price_rule"] or "never_more", _price(number, row))
            )
    for sku, named in drafts.items():
        try:
            set_substitutes(uow, item_id=items[sku].id, drafts=named)
        except Invalid as fault:
            raise Invalid(f"{sku}: {fault.detail}", remedy="Correct the file and send it again.") from fault
    return len(drafts)


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS[:2] if name not in (reader.fieldnames or ())]
    if missing:
        raise Invalid(f"The file has no column {missing[0]}.", remedy=f"Its first line is {','.join(COLUMNS)}.")
    for number, row in enumerate(reader, start=2):
        if number > MAX_ROWS:
            raise Invalid(f"A file has at most {MAX_ROWS} lines.", remedy="Send it in parts.")
        yield number, {name: as_written((row.get(name) or "").strip()) for name in COLUMNS}


def _price(number: int, row: dict[str, str]) -> int | None:
    try:
        return minor_price(row["unit_price_minor"])
    except Invalid as wrong:
        fault = _fault(number, wrong.detail)
        raise Invalid(fault.message, remedy=wrong.remedy, errors=(fault,)) from wrong


def _fault(number: int, message: str) -> FieldError:
    return FieldError(f"/lines/{number}", "wrong", f"Line {number}: {message}")

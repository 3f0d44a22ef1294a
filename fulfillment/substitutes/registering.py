"""Which items may go out instead of which: said by the merchant, ranked, with what the customer pays."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, select

from fulfillment.domain.order_drafts import MAX_MINOR
from fulfillment.domain.substitution import PRICE_RULES
from fulfillment.models import ItemSubstitute
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid

MAX_SUBSTITUTES = 20


@dataclass(frozen=True, slots=True)
class SubstituteDraft:
    """An item that may go out instead: its SKU, by which rule it is priced, and its own price in minor units."""

    sku: str
    price_rule: str = "never_more"
    unit_price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class SubstituteView:
    """An item that may go out instead of another, the best first; `unit_price_minor` is its own price, if known."""

    item_id: str
    substitute_id: str
    sku: str
    name: str
    rank: int
    price_rule: str
    unit_price_minor: int | None


def minor_price(text: str) -> int | None:
    """Return a price as people write it in a file or a form: minor units, None where nothing is written.

    Raises:
        Invalid: it is no such number, or more than any price.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_MINOR))):
        raise Invalid(f"{text[:40]} is no price in minor units.", remedy="Write 1299 for 12.99.")
    return int(text)


def set_substitutes(uow: UnitOfWork, *, item_id: str, drafts: Sequence[SubstituteDraft]) -> tuple[SubstituteView, ...]:
    """Say which items of the same merchant may go out instead of one, the best first, in place of what was said before.

    Raises:
        UnknownItem: the actor sees no such item.
        Invalid: names each draft that cannot be right: unknown, the item itself, named twice, a kit, or kept apart from
            others (hazardous, chilled, frozen) where the item is not, or the reverse: they never share a cart.
    """
    item = inventory.get_item(uow, item_id)
    tenant_id = item.tenant_id
    found = inventory.items_by_sku(uow, tenant_id=tenant_id, skus=[each.sku for each in drafts]) if drafts else {}
    wrong = [fault for n, each in enumerate(drafts) for fault in _faults(n, each, item, found.get(each.sku))]
    if len({each.sku for each in drafts}) < len(drafts):
        wrong.append(FieldError("/substitutes", "twice", "An item is named twice."))
    if len(drafts) > MAX_SUBSTITUTES:
        wrong.append(FieldError("/substitutes", "too_many", f"At most {MAX_SUBSTITUTES} can be named."))
    if wrong:
        raise Invalid(wrong[0].message, errors=tuple(wrong))
    of_item = ItemSubstitute.tenant_id == tenant_id, ItemSubstitute.item_id == item_id
    uow.session.execute(delete(ItemSubstitute).where(*of_item))
    uow.session.add_all(
        ItemSubstitute(
            tenant_id=tenant_id, item_id=item_id, substitute_id=found[each.sku].id, rank=rank,
            price_rule=each.price_rule, unit_price_minor=each.unit_price_minor, changed_at=uow.now,
            changed_by=uow.actor.id,
        )
        for rank, each in enumerate(drafts, start=1)
    )  # fmt: skip
    uow.session.flush()
    uow.audit("substitutes.changed", subject=item_id, tenant_id=tenant_id, substitutes=[each.sku for each in drafts])
    return substitutes_of(uow, item_id)


def _faults(
    number: int, draft: SubstituteDraft, item: inventory.ItemView, other: inventory.ItemView | None
) -> list[FieldError]:
    at = f"/substitutes/{number}"
    faults = []
    if other is None:
        faults.append(FieldError(f"{at}/sku", "unknown_sku", f"There is no item {draft.sku}."))
    elif other.id == item.id:
        faults.append(FieldError(f"{at}/sku", "itself", "An item is no substitute of itself."))
    elif other.kit or item.kit:
        faults.append(FieldError(f"{at}/sku", "kit", "Kits have no substitutes; their parts can have some."))
    elif other.kept_apart != item.kept_apart:
        words = "Hazardous, chilled or frozen goods and others never take each other's place."
        faults.append(FieldError(f"{at}/sku", "kept_apart", words))
    if draft.price_rule not in PRICE_RULES:
        faults.append(FieldError(f"{at}/price_rule", "unknown", f"Choose one of {', '.join(PRICE_RULES)}."))
    if draft.unit_price_minor is not None and not 0 <= draft.unit_price_minor <= MAX_MINOR:
        faults.append(FieldError(f"{at}/unit_price_minor", "out_of_range", f"This lies between 0 and {MAX_MINOR}."))
    if draft.price_rule == "lower" and draft.unit_price_minor is None:
        faults.append(FieldError(f"{at}/unit_price_minor", "missing", "Without its price nobody knows what is lower."))
    return faults


def substitutes_of(uow: UnitOfWork, item_id: str) -> tuple[SubstituteView, ...]:
    """Return what may go out instead of an item, the best first."""
    return _views(uow, select(ItemSubstitute).where(ItemSubstitute.item_id == item_id))


def all_substitutes(uow: UnitOfWork, tenant_id: str) -> tuple[SubstituteView, ...]:
    """Return what a merchant said about all items, by item and rank."""
    return _views(uow, select(ItemSubstitute).where(ItemSubstitute.tenant_id == tenant_id))


def _views(uow: UnitOfWork, statement: Select[ItemSubstitute]) -> tuple[SubstituteView, ...]:
    rows = list(uow.session.scalars(statement.order_by(ItemSubstitute.item_id, ItemSubstitute.rank)))
    items = inventory.items_by_id(uow, {row.substitute_id for row in rows}) if rows else {}
    return tuple(
        SubstituteView(
            row.item_id, row.substitute_id, items[row.substitute_id].sku, items[row.substitute_id].name, row.rank,
            row.price_rule, row.unit_price_minor,
        )
        for row in rows
    )  # fmt: skip

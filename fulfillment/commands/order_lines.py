from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from fulfillment.domain.kits import part_prices
from fulfillment.domain.order_drafts import LineDraft
from fulfillment.domain.order_quantities import placed
from fulfillment.models import OrderKit, OrderLine, SalesOrder
from inventory import api as inventory
from kernel.errors import FieldError
from kernel.ids import new_id
from kernel.quantity import MAX_QUANTITY

Kits = Mapping[str, Sequence[inventory.KitPart]]


@dataclass(slots=True)
class NewLines:
    """The lines of a new order, its kits as they were ordered, and where in the draft each line stands, by line id."""

    lines: list[OrderLine] = field(default_factory=list)
    kits: list[OrderKit] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)


def kit_faults(lines: Sequence[LineDraft], items: Mapping[str, inventory.ItemView], kits: Kits) -> list[FieldError]:
    """Return the lines of which so many kits are ordered that their parts cannot be counted."""
    return [
        FieldError(f"/lines/{n}/quantity", "out_of_range", f"Together its parts are more than {MAX_QUANTITY}.")
        for n, line in enumerate(lines)
        if line.sku in items
        and any(line.quantity * p.quantity > MAX_QUANTITY for p in kits.get(items[line.sku].id, ()))
    ]


def new_lines(
    row: SalesOrder, drafts: Sequence[LineDraft], items: Mapping[str, inventory.ItemView], kits: Kits
) -> NewLines:
    """Return the lines of a new order, nothing reserved. A kit becomes its parts, each a line that tells the kit's name
    with its own: whatever picks, weighs or sends them needs to know no more. Those of a kit that is packed together, or
    of a line that is packed with others, are linked. The parts' prices add up to the kit's.
    """
    made = NewLines()
    for place, draft in enumerate(drafts):
        item = items.get(draft.sku)
        parts = kits.get(item.id, ()) if item else ()
        if item and parts:
            _add_kit(made, row, place, draft, item=item, parts=parts)
        else:
            name = draft.name or (item.name if item else "")
            _add(made, row, place, draft, item_id=item.id if item else "", name=name)
    return made


def _add_kit(
    made: NewLines, row: SalesOrder, place: int, draft: LineDraft, *, item: inventory.ItemView,
    parts: Sequence[inventory.KitPart],
) -> None:  # fmt: skip
    kit = OrderKit(
        tenant_id=row.tenant_id, id=new_id("kit"), order_id=row.id, number=len(made.kits) + 1,
        external_id=draft.external_id, item_id=item.id, sku=draft.sku, name=draft.name or item.name,
        quantity=draft.quantity, unit_price_minor=draft.unit_price_minor,
    )  # fmt: skip
    made.kits.append(kit)
    prices = part_prices(draft.unit_price_minor, [(part.quantity, part.value_share) for part in parts])
    # No order names a group with a space in it: this one is the kit's alone.
    together = draft.pack_with or (f"{draft.sku} (kit {kit.number})" if item.pack_together else "")
    for part, priced in zip(parts, prices, strict=True):
        for units, price in priced:
            of_part = LineDraft(part.sku, units * draft.quantity, price, draft.external_id, pack_with=together)
            name = f"{kit.name}: {part.name or part.sku}"
            _add(made, row, place, of_part, item_id=part.item_id, name=name, kit_id=kit.id)


def _add(
    made: NewLines, row: SalesOrder, place: int, draft: LineDraft, *, item_id: str, name: str, kit_id: str = ""
) -> None:
    line = OrderLine(
        tenant_id=row.tenant_id, id=new_id("lin"), order_id=row.id, number=len(made.lines) + 1,
        external_id=draft.external_id, item_id=item_id, sku=draft.sku, name=name,
        unit_price_minor=draft.unit_price_minor, kit_id=kit_id, substitutes=draft.substitutes,
        pack_with=draft.pack_with, **asdict(placed(draft.quantity, reserved=0)),
    )  # fmt: skip
    made.lines.append(line)
    made.places[line.id] = place

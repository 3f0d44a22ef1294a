from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.errors import FieldError
from kernel.quantity import MAX_QUANTITY

OVERSELL = ("none", "backorder", "preorder")
MAX_PARTS = 50
MAX_SAFETY = 200
MAX_CHANNEL = 64
MAX_SHARE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class SafetyStock:
    """Units of an item that a channel must leave at a site; an empty channel or site means every one.

    A channel's own figure goes before the one for every channel, and a site's own before the one for all sites.
    """

    units: int
    channel: str = ""
    site_id: str = ""


@dataclass(frozen=True, slots=True)
class Oversell:
    """How many units of an item may be sold beyond what is there, as promises on what is to arrive.

    `backorder` has no end, `preorder` ends with the day `until`, on which the goods are expected. `none` leaves it to
    the merchant's own rule for orders that lack stock.
    """

    policy: str = "none"
    units: int = 0
    until: date | None = None

    def room(self, today: date, *, waiting: int) -> int:
        """Return how many units can still be sold ahead, when so many wait for stock already."""
        if self.policy == "none" or (self.until is not None and self.until < today):
            return 0
        return max(0, self.units - waiting)


@dataclass(frozen=True, slots=True)
class KitPart:
    """How many units of an item are in one kit. Each unit bears `value_share` parts of the kit's price."""

    item_id: str
    quantity: int
    value_share: int = 1
    sku: str = ""
    name: str = ""


def safety_faults(rules: Sequence[SafetyStock]) -> Iterator[FieldError]:
    """Yield what cannot be right about safety stock, each with the JSON pointer of its field."""
    if len(rules) > MAX_SAFETY:
        yield FieldError("/safety_stock", "too_many", f"At most {MAX_SAFETY} rules are possible.")
    seen = set()
    for n, rule in enumerate(rules):
        if not 0 <= rule.units <= MAX_QUANTITY:
            yield FieldError(f"/safety_stock/{n}/units", "out_of_range", f"This lies between 0 and {MAX_QUANTITY}.")
        if len(rule.channel) > MAX_CHANNEL or not rule.channel.isprintable():
            yield FieldError(f"/safety_stock/{n}/channel", "format", f"At most {MAX_CHANNEL} printable characters.")
        if (rule.channel, rule.site_id) in seen:
            message = "This channel and site come twice: leave one of them out."
            yield FieldError(f"/safety_stock/{n}", "duplicate", message)
        seen.add((rule.channel, rule.site_id))


def oversell_faults(rule: Oversell, today: date) -> Iterator[FieldError]:
    """Yield what cannot be right about selling ahead, each with the JSON pointer of its field."""
    if rule.policy not in OVERSELL:
        yield FieldError("/oversell/policy", "unknown", f"Choose one of {', '.join(OVERSELL)}.")
        return
    ahead = rule.policy != "none"
    if not ahead <= rule.units <= MAX_QUANTITY * ahead:
        message = f"Between 1 and {MAX_QUANTITY} units can be sold ahead." if ahead else "Without a policy this is 0."
        yield FieldError("/oversell/units", "out_of_range", message)
    if rule.policy != "preorder" and rule.until is not None:
        yield FieldError("/oversell/until", "unexpected", "Only a preorder ends on a day: leave it out.")
    if rule.policy == "preorder" and (rule.until is None or rule.until < today):
        yield FieldError("/oversell/until", "missing", "Say on which day, from today, the goods are expected.")


def kit_faults(kit_id: str, parts: Sequence[KitPart]) -> Iterator[FieldError]:
    """Yield what cannot be right about a kit's parts, each with the JSON pointer of its field."""
    if len(parts) > MAX_PARTS:
        yield FieldError("/kit", "too_many", f"A kit has at most {MAX_PARTS} different parts.")
    seen = {kit_id}
    for n, part in enumerate(parts):
        if part.item_id in seen:
            message = "A kit is no part of itself." if part.item_id == kit_id else "Name each part once."
            yield FieldError(f"/kit/{n}/sku", "duplicate", message)
        seen.add(part.item_id)
        if not 1 <= part.quantity <= MAX_QUANTITY:
            yield FieldError(f"/kit/{n}/quantity", "out_of_range", f"This lies between 1 and {MAX_QUANTITY}.")
        if not 1 <= part.value_share <= MAX_SHARE:
            yield FieldError(f"/kit/{n}/value_share", "out_of_range", f"This lies between 1 and {MAX_SHARE}.")

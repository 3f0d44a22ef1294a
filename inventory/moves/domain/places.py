"""Where units of an item can lie: what a location bears, what may lie together, and which place is the best."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import hypot

from inventory.domain.segregation import AMBIENT
from kernel.quantity import MAX_QUANTITY

STORED = ("pick", "bulk")
"""The kinds of location that units are put away in."""
_MM_PER_M = 1_000


@dataclass(frozen=True, slots=True)
class Goods:
    """Units that want a place: one item and lot, grams and mm3 of one unit (0: not known), and the item's ABC class."""

    tenant_id: str
    item_id: str
    lot: str = ""
    weight_g: int = 0
    volume_mm3: int = 0
    hazmat: bool = False
    abc: str = "C"
    temperature_class: str = AMBIENT

    @property
    def key(self) -> tuple[str, str, str]:
        """The owner, the item and the lot."""
        return self.tenant_id, self.item_id, self.lot


@dataclass(frozen=True, slots=True)
class Slot:
    """A location that units can be put into: its limits (0: none known), and what lies there or is on its way.

    `held` are units by owner, item and lot; `face` the rule's maximum by owner and item, where there is one.
    """

    location_id: str
    code: str
    kind: str
    x_mm: int = 0
    y_mm: int = 0
    max_weight_g: int = 0
    max_volume_mm3: int = 0
    hazmat_ok: bool = False
    frozen: bool = False
    weight_g: int = 0
    volume_mm3: int = 0
    held: dict[tuple[str, str, str], int] = field(default_factory=dict)
    face: dict[tuple[str, str], int] = field(default_factory=dict)
    temperature_class: str = AMBIENT

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies here and nothing is on its way."""
        return not self.held

    def units_of(self, goods: Goods) -> int:
        """Return the units of the item here, of whatever lot."""
        return sum(units for key, units in self.held.items() if key[:2] == goods.key[:2])

    def holds_other_lot(self, goods: Goods) -> bool:
        """Say whether another lot of the item lies here."""
        return any(key[:2] == goods.key[:2] and key != goods.key for key in self.held)

    def with_units(self, goods: Goods, quantity: int) -> "Slot":
        """Return the location as it is with so many units more."""
        held = self.held | {goods.key: self.held.get(goods.key, 0) + quantity}
        return replace(
            self, held=held, weight_g=self.weight_g + quantity * goods.weight_g,
            volume_mm3=self.volume_mm3 + quantity * goods.volume_mm3,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where units are to go, how many of them, and why, in words. Without a location: why there is none."""

    location_id: str | None
    code: str
    quantity: int
    why: str


def room_for(slot: Slot, goods: Goods) -> int:
    """Return how many units of the goods the location bears beside what it holds, by weight, volume and rule."""
    rooms = [MAX_QUANTITY]
    if slot.max_weight_g and goods.weight_g:
        rooms.append((slot.max_weight_g - slot.weight_g) // goods.weight_g)
    if slot.max_volume_mm3 and goods.volume_mm3:
        rooms.append((slot.max_volume_mm3 - slot.volume_mm3) // goods.volume_mm3)
    if goods.key[:2] in slot.face:
        rooms.append(slot.face[goods.key[:2]] - slot.units_of(goods))
    return max(0, min(rooms))


def why_not(slot: Slot, goods: Goods, quantity: int) -> str:
    """Say why units cannot be put into a location, "" if they can."""
    if slot.kind not in STORED:
        return f"{slot.code} is a {slot.kind} location: units are put away in pick and bulk locations."
    if slot.frozen:
        return f"{slot.code} is frozen until it is counted."
    if apart := _why_apart(slot, goods):
        return apart
    if slot.max_weight_g and goods.weight_g and slot.weight_g + quantity * goods.weight_g > slot.max_weight_g:
        return f"{slot.code} bears {slot.max_weight_g / 1_000:g} kg: that would be too heavy."
    if slot.max_volume_mm3 and slot.volume_mm3 + quantity * goods.volume_mm3 > slot.max_volume_mm3:
        return f"{slot.code} is too small: {room_for(slot, goods)} more fit."
    return ""


def _why_apart(slot: Slot, goods: Goods) -> str:
    if goods.hazmat and not slot.hazmat_ok:
        return f"{slot.code} is not for hazardous goods."
    if goods.temperature_class != slot.temperature_class:
        return f"{slot.code} is a location for {slot.temperature_class} goods: these are {goods.temperature_class}."
    return ""


def suggest_places(
    slots: Iterable[Slot], goods: Goods, quantity: int, *, near: tuple[int, int], fast: bool = False
) -> list[Suggestion]:
    """Return the places for `quantity` units, best first, each with as many as it takes; the last one has no location
    when some find no place.

    The item's own pick face first, then where the same item and lot lie, then empty locations, then, when nothing else
    is free, where another lot or other items lie. Among equals a pick face goes before bulk, for class C goods behind
    it; then the nearest to `near` (mm), then by code. `fast` units leave again at once: pick locations come first,
    nearest first, and those last where another lot or other goods lie.
    """
    open_slots = [slot for slot in slots if not why_not(slot, goods, 0)]
    ranked = sorted(open_slots, key=lambda slot: (_rank(slot, goods, fast=fast), _way(slot, near), slot.code))
    found: list[Suggestion] = []
    for slot in ranked:
        units = min(quantity, room_for(slot, goods))
        if units > 0:
            quantity -= units
            found.append(Suggestion(slot.location_id, slot.code, units, _why(slot, goods, near, fast=fast)))
        if not quantity:
            return found
    return [*found, Suggestion(None, "", quantity, _why_nowhere(open_slots, goods))]


def _rank(slot: Slot, goods: Goods, *, fast: bool) -> tuple[int, int]:
    slow = (slot.kind == "bulk") != (goods.abc == "C" and not fast)
    tier = _tier(slot, goods)
    if fast:
        return slot.kind == "bulk", tier >= _OTHER_LOT
    return tier, slow


_FACE, _SAME, _EMPTY, _OTHER_LOT, _SHARED = range(5)


def _tier(slot: Slot, goods: Goods) -> int:
    if slot.holds_other_lot(goods):
        return _OTHER_LOT
    if goods.key[:2] in slot.face:
        return _FACE
    if goods.key in slot.held:
        return _SAME
    return _EMPTY if slot.is_empty and not slot.face else _SHARED


def _way(slot: Slot, near: tuple[int, int]) -> float:
    return hypot(slot.x_mm - near[0], slot.y_mm - near[1])


def _why(slot: Slot, goods: Goods, near: tuple[int, int], *, fast: bool) -> str:
    away = f"{round(_way(slot, near) / _MM_PER_M)} m"
    if fast:
        return f"Orders wait for it: the {slot.kind} location nearest to packing, {away} from it."
    told = {
        _FACE: f"Its pick face, for up to {slot.face.get(goods.key[:2], 0)} units.",
        _SAME: "The same goods lie there.",
        _EMPTY: f"Empty, {away} away; its goods are class {goods.abc}.",
        _OTHER_LOT: "Nothing else is free: another lot of it lies there.",
        _SHARED: "Nothing is empty: other goods lie there.",
    }
    return told[_tier(slot, goods)]


def _why_nowhere(open_slots: Sequence[Slot], goods: Goods) -> str:
    cold = "" if goods.temperature_class == AMBIENT else f"{goods.temperature_class} "
    if (goods.hazmat or cold) and not open_slots:
        return f"No location is for {cold}{'hazardous ' if goods.hazmat else ''}goods."
    return "No location has room: free one, or choose another."

"""Items get another pick face: their units are to be carried there, and the face's rule goes with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import text

from inventory.moves.commands import tasks
from inventory.moves.commands.forward_picks import FaceRule, remove_forward_pick, set_forward_picks
from inventory.moves.commands.tasks import location_codes, plan_alone, want_move
from inventory.moves.domain.places import Goods, Slot, Suggestion, why_not
from inventory.moves.domain.tasks import MoveCause
from inventory.moves.models import ForwardPick
from inventory.moves.repository import slots_of
from kernel.db.transactions import UnitOfWork
from kernel.errors import Refusal

Source: TypeAlias = tuple[str, str, str]
"""Tenant, item and location: what lies where."""
_OF = "unnest(cast(:tenants as text[]), cast(:items as text[]), cast(:places as text[])) s(tenant_id, item_id, place)"
_FREE = text(
    "select b.tenant_id, b.item_id, b.location_id, b.lot, b.quantity - b.allocated as free"  # noqa: S608 - constants
    f" from {_OF} join bin_stock b on b.tenant_id = s.tenant_id and b.item_id = s.item_id and b.location_id = s.place"
    " where b.quantity > b.allocated order by b.lot"
)
_MOVING = text(
    f"select distinct s.tenant_id, s.item_id, s.place from {_OF} join move_task t"  # noqa: S608 - constants
    " on t.tenant_id = s.tenant_id and t.item_id = s.item_id and s.place in (t.from_location_id, t.to_location_id)"
    " where t.state in ('open', 'claimed')"
)
_GOODS = text(
    f"select distinct i.tenant_id, i.id, i.weight_g, i.length_mm * i.width_mm * i.height_mm as volume_mm3, i.hazmat,"  # noqa: S608 - constants
    " i.temperature_class"
    f" from {_OF} join item i on i.tenant_id = s.tenant_id and i.id = s.item_id"
)


class StaleRelocation(Refusal):
    """Stock moved since the relocation was worked out: it cannot be done as it was meant."""

    code = "relocation_stale"
    title = "Stock has moved meanwhile"


@dataclass(frozen=True, slots=True)
class Relocation:
    """One item from one pick location to another: the units by lot that lay there when it was worked out.

    `min_units` and `max_units` are the rule of the new face where the old one has none.
    """

    tenant_id: str
    item_id: str
    from_id: str
    to_id: str
    lots: tuple[tuple[str, int], ...]
    min_units: int
    max_units: int
    why: str

    @property
    def source(self) -> Source:
        """What is carried, and where it lies."""
        return self.tenant_id, self.item_id, self.from_id


def stale_relocations(uow: UnitOfWork, *, site_id: str, wanted: Mapping[int, Sequence[Relocation]]) -> dict[int, str]:
    """Say of sets of relocations, by number, why they cannot be done as they were worked out; others are left out.

    What was picked since makes no difference as long as some is left; other lots, more units than were reckoned with,
    or other goods in the new place do.
    """
    seen = _look(uow, site_id, [each for relocations in wanted.values() for each in relocations])
    return {number: why for number, relocations in wanted.items() if (why := _why_stale(seen, relocations))}


def relocate(uow: UnitOfWork, *, site_id: str, relocations: Sequence[Relocation]) -> list[str]:
    """Have items carried to their new pick faces, all or none, and return the ids of the moves.

    The rule of the old face becomes the new one's.

    Emits:
        MoveWanted for each lot.

    Raises:
        StaleRelocation: stock moved since it was worked out; nothing was changed.
    """
    plan_alone(uow)
    seen = _look(uow, site_id, relocations)
    if why := _why_stale(seen, relocations):
        raise StaleRelocation(why, remedy="Work out a new plan.")
    return [move_id for each in relocations for move_id in _relocate(uow, site_id, each, seen.free[each.source])]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What lies in the places of relocations: free units by lot and the items that are being moved, by source."""

    slots: dict[str, Slot]
    free: dict[Source, dict[str, int]]
    moving: set[Source]
    goods: dict[tuple[str, str], Goods]


def _look(uow: UnitOfWork, site_id: str, relocations: Sequence[Relocation]) -> _Seen:
    uow.session.flush()
    sources = sorted({each.source for each in relocations})
    columns = {"tenants": [s[0] for s in sources], "items": [s[1] for s in sources], "places": [s[2] for s in sources]}
    free: dict[Source, dict[str, int]] = {source: {} for source in sources}
    for row in uow.session.execute(_FREE, columns):
        free[row.tenant_id, row.item_id, row.location_id][row.lot] = int(row.free)
    return _Seen(
        slots_of(uow, site_id=site_id, places=sorted({p for each in relocations for p in (each.from_id, each.to_id)})),
        free,
        {(row.tenant_id, row.item_id, row.place) for row in uow.session.execute(_MOVING, columns)},
        {
            (row.tenant_id, row.id): Goods(
                row.tenant_id,
                row.id,
                "",
                row.weight_g,
                row.volume_mm3,
                row.hazmat,
                temperature_class=row.temperature_class,
            )
            for row in uow.session.execute(_GOODS, columns)
        },
    )


def _why_stale(seen: _Seen, relocations: Sequence[Relocation]) -> str:
    ours = {(each.tenant_id, each.item_id) for each in relocations}
    return next((why for each in relocations if (why := _why_not(seen, each, ours))), "")


def _why_not(seen: _Seen, each: Relocation, ours: set[tuple[str, str]]) -> str:
    target, units = seen.slots[each.to_id], sum(seen.free[each.source].values())
    if why := _why_not_from(seen, each, units):
        return why
    if any(key[:2] not in ours for key in (*target.held, *target.face)):
        return f"{target.code} is not free any more."
    return why_not(target, seen.goods[each.tenant_id, each.item_id], units)


def _why_not_from(seen: _Seen, each: Relocation, units: int) -> str:
    source, meant = seen.slots[each.from_id], dict(each.lots)
    if each.source in seen.moving:
        return f"Units of it are to be moved from or to {source.code} already."
    if source.frozen:
        return f"{source.code} is frozen until it is counted."
    if not units:
        return f"None of it lies free in {source.code} any more."
    if seen.free[each.source].keys() - meant.keys():
        return f"Another lot lies in {source.code} meanwhile."
    more = units > sum(meant.values())
    return f"{units} units lie in {source.code} by now, not {sum(meant.values())}." if more else ""


def _relocate(uow: UnitOfWork, site_id: str, each: Relocation, free: dict[str, int]) -> list[str]:
    codes = location_codes(uow, [each.from_id, each.to_id])
    _hand_on_face(uow, site_id, each, codes, sum(free.values()))
    moves = []
    for lot, units in free.items():
        source = tasks.Source(each.tenant_id, site_id, each.item_id, lot, each.from_id, codes[each.from_id])
        to = Suggestion(each.to_id, codes[each.to_id], units, each.why)
        moves.append(want_move(uow, source, to, cause=MoveCause.RESLOT).id)
    return moves


def _hand_on_face(uow: UnitOfWork, site_id: str, each: Relocation, codes: dict[str, str], units: int) -> None:
    """Give the new pick face the old one's rule, or one of its own; it takes at least what is carried there."""
    old = uow.session.get(ForwardPick, (each.tenant_id, each.item_id, each.from_id), populate_existing=True)
    least, most = (old.min_units, old.max_units) if old else (each.min_units, each.max_units)
    if old:
        remove_forward_pick(
            uow, tenant_id=each.tenant_id, site_id=site_id, item_id=each.item_id, location_code=codes[each.from_id]
        )
    rule = FaceRule(each.item_id, codes[each.to_id], least, max(most, units, least + 1))
    set_forward_picks(uow, tenant_id=each.tenant_id, site_id=site_id, rules=[rule])

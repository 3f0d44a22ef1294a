"""The rules of pick faces: how many units of an item are to lie where they are picked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, text

from inventory.models import Location
from inventory.moves.errors import UnknownForwardPick
from inventory.moves.models import ForwardPick
from inventory.repository import location_ids, require_items
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid
from kernel.quantity import MAX_QUANTITY

_UPSERT = text(
    """
    insert into forward_pick (tenant_id, item_id, location_id, min_units, max_units, updated_at, updated_by)
    select :tenant, u.item, u.place, u.min_units, u.max_units, :now, :actor
    from unnest(cast(:items as text[]), cast(:places as text[]), cast(:least as bigint[]), cast(:most as bigint[]))
         u(item, place, min_units, max_units)
    order by u.item, u.place
    on conflict (tenant_id, item_id, location_id) do update set min_units = excluded.min_units,
      max_units = excluded.max_units, updated_at = excluded.updated_at, updated_by = excluded.updated_by
    """
)


@dataclass(frozen=True, slots=True)
class FaceRule:
    """A pick face of an item: it is filled up to `max_units` when `min_units` or fewer are free."""

    item_id: str
    location_code: str
    min_units: int
    max_units: int


def set_forward_picks(uow: UnitOfWork, *, tenant_id: str, site_id: str, rules: Sequence[FaceRule]) -> None:
    """Set the rules of a merchant's pick faces at a site, all or none; others stay as they are.

    Raises:
        UnknownItem, UnknownLocation, KitHasNoStock, Invalid: a rule cannot be right; nothing was changed.
    """
    require_items(uow, tenant_id=tenant_id, item_ids=[rule.item_id for rule in rules])
    places = location_ids(uow, site_id=site_id, codes=[rule.location_code for rule in rules])
    wanted = select(Location.code, Location.kind).where(Location.id.in_(places.values()))
    kinds = {row.code: row.kind for row in uow.session.execute(wanted)}
    errors = [error for n, rule in enumerate(rules) for error in _errors(f"/rules/{n}", rule, kinds)]
    if errors:
        raise Invalid(errors[0].message, errors=tuple(errors))
    unique = {(rule.item_id, places[rule.location_code]): rule for rule in rules}
    columns = {
        "tenant": tenant_id, "now": uow.now, "actor": uow.actor.id, "items": [item for item, _ in unique],
        "places": [place for _, place in unique], "least": [rule.min_units for rule in unique.values()],
        "most": [rule.max_units for rule in unique.values()],
    }  # fmt: skip
    uow.session.execute(_UPSERT, columns)
    for (item_id, _), rule in unique.items():
        uow.audit(
            "forward_pick.set", subject=item_id, tenant_id=tenant_id, location=rule.location_code,
            min_units=rule.min_units, max_units=rule.max_units,
        )  # fmt: skip


def remove_forward_pick(uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str, location_code: str) -> None:
    """Remove the rule of a pick face; moves that are wanted already stay.

    Raises:
        UnknownForwardPick, UnknownLocation: there is none.
    """
    place = location_ids(uow, site_id=site_id, codes=[location_code])[location_code]
    gone = delete(ForwardPick).where(
        ForwardPick.tenant_id == tenant_id, ForwardPick.item_id == item_id, ForwardPick.location_id == place
    )
    if not uow.session.execute(gone.returning(ForwardPick.item_id)).all():
        raise UnknownForwardPick("There is no such rule.", remedy="Look at the list of rules.")
    uow.audit("forward_pick.removed", subject=item_id, tenant_id=tenant_id, location=location_code)


def _errors(at: str, rule: FaceRule, kinds: dict[str, str]) -> list[FieldError]:
    errors = []
    if kinds[rule.location_code] != "pick":
        words = f"{rule.location_code} is a {kinds[rule.location_code]} location: choose a pick location."
        errors.append(FieldError(f"{at}/location_code", "choice", words))
    if not 0 <= rule.min_units < rule.max_units <= MAX_QUANTITY:
        words = f"The minimum is 0 or more and less than the maximum, which is {MAX_QUANTITY} at most."
        errors.append(FieldError(f"{at}/max_units", "range", words))
    return errors

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from fulfillment.models import FloorSetting, PickerZone
from fulfillment.queries.legs import zones_of_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid


def set_pick_and_pass(uow: UnitOfWork, *, site_id: str, on: bool) -> None:
    """Say whether walks of a site are passed from zone to zone: those that are planned from now on.

    Raises:
        Invalid: the floor in force has less than two zones.
    """
    if on and len(zones_of_site(uow, site_id)) <= 1:
        raise Invalid(
            "The floor plan has less than two zones with locations.", remedy="Give its locations zones first.",
            pointer="/pick_and_pass",
        )  # fmt: skip
    chosen = {"pick_and_pass": on, "changed_at": uow.now, "changed_by": uow.actor.id}
    statement = insert(FloorSetting).values(site_id=site_id, zero_checks=True, **chosen)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=chosen))
    uow.audit("floor.pick_and_pass", subject=site_id, on=on)


def choose_zone(uow: UnitOfWork, *, site_id: str, user_id: str, zone: str) -> None:
    """Say in which zone a person picks from now on, "" for any. What they have in hand stays theirs.

    Raises:
        Invalid: the floor has no such zone.
    """
    if not zone:
        mine = PickerZone.site_id == site_id, PickerZone.user_id == user_id
        uow.session.execute(delete(PickerZone).where(*mine))
        return
    if zone not in zones_of_site(uow, site_id):
        raise Invalid(f"The floor has no zone {zone[:40]}.", remedy="Choose one of its zones.", pointer="/zone")
    values = {"zone": zone, "changed_at": uow.now}
    statement = insert(PickerZone).values(site_id=site_id, user_id=user_id, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id", "user_id"], set_=values))
    uow.session.expire_all()

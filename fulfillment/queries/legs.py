"""Pick and pass as it stands: whether a site works so, who picks where, and where totes wait."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Integer, cast, select

from fulfillment.domain.legs import ZonedFloor
from fulfillment.models import FloorSetting, PickBatch, PickerZone, PickTask
from fulfillment.queries.floor import zoned_floor
from fulfillment.repository import OPEN_TASK_STATES
from kernel.db.transactions import UnitOfWork


def passes_zones(uow: UnitOfWork, site_id: str) -> bool:
    """Say whether new walks of a site are passed from zone to zone."""
    return uow.session.scalar(select(FloorSetting.pick_and_pass).where(FloorSetting.site_id == site_id)) is True


def leg_floor(uow: UnitOfWork, site_id: str) -> ZonedFloor | None:
    """Return the floor with its zones if new walks are passed from zone to zone, else None."""
    return zoned_floor(uow, site_id) if passes_zones(uow, site_id) else None


def zones_of_site(uow: UnitOfWork, site_id: str) -> tuple[str, ...]:
    """Return the zones in which units are picked at a site, by name."""
    floor = zoned_floor(uow, site_id)
    return tuple(sorted({zone for zone in floor.points if zone})) if floor else ()


def zone_of_picker(uow: UnitOfWork, site_id: str, user_id: str) -> str:
    """Return the zone in which a person picks, "" for any."""
    row = uow.session.get(PickerZone, (site_id, user_id))
    return row.zone if row else ""


def picker_zones(uow: UnitOfWork, site_id: str) -> dict[str, str]:
    """Return in which zone each person picks who has one, by user id."""
    rows = uow.session.scalars(select(PickerZone).where(PickerZone.site_id == site_id))
    return {row.user_id: row.zone for row in rows}


def is_for(zone: str) -> ColumnElement[bool]:
    """Return the condition that who picks in a zone ("" for any) may take a walk as far as it is."""
    if not zone:
        return PickBatch.id.is_not(None)
    now = PickBatch.zones.op("->>")(cast(PickBatch.leg, Integer))
    return (PickBatch.zones == []) | (now == zone) | (now == "")


def waiting_zones(uow: UnitOfWork, batch: PickBatch) -> dict[str, int]:
    """Return how many picks of a walk are open, by zone."""
    open_ = PickTask.batch_id == batch.id, PickTask.kind == "pick", PickTask.state.in_(OPEN_TASK_STATES)
    found: dict[str, int] = {}
    for zone in zones_of_places(uow, batch.site_id, uow.session.scalars(select(PickTask.location_code).where(*open_))):
        found[zone] = found.get(zone, 0) + 1
    return found


def zones_of_places(uow: UnitOfWork, site_id: str, codes: Iterable[str]) -> list[str]:
    """Return the zones of locations, "" where none is known."""
    floor = zoned_floor(uow, site_id)
    known: Mapping[str, str] = floor.zone_of if floor else {}
    return [known.get(code, "") for code in codes]

"""How a site sends its orders to the floor: as a stream, in waves, or by hand."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from fulfillment.domain.release import Floor, Pace, ReleaseMode
from fulfillment.releasing.models import ReleaseSetting
from fulfillment.releasing.pace import measured_pace
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

MOST_PICKERS, MOST_LINES_PER_HOUR, MOST_MINUTES, MOST_WAVES = 2_000, 2_000, 24 * 60, 24
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """How orders go to the floor: minutes of work to keep it busy for, the slack before a collection below which an
    order goes at once, local times of waves. People and the lines an hour of one are measured where none are given.
    """

    mode: str = ReleaseMode.STREAM.value
    keep_busy_minutes: int = 60
    slack_minutes: int = 45
    wave_times: tuple[str, ...] = ()
    pickers: int | None = None
    lines_per_hour: int | None = None

    def pace(self, measured: Pace) -> Pace:
        """Return the pace to plan with: what was set, or else measured."""
        return replace(
            measured,
            pickers=measured.pickers if self.pickers is None else self.pickers,
            lines_per_hour=measured.lines_per_hour if self.lines_per_hour is None else self.lines_per_hour,
        )


def release_settings(uow: UnitOfWork, site_id: str) -> ReleaseSettings:
    """Return how a site releases; streaming at the measured pace while nobody said otherwise."""
    row = uow.session.get(ReleaseSetting, site_id)
    if row is None:
        return ReleaseSettings()
    return ReleaseSettings(
        row.mode, row.keep_busy_minutes, row.slack_minutes, tuple(row.wave_times), row.pickers, row.lines_per_hour
    )


def set_release_settings(uow: UnitOfWork, *, site_id: str, settings: ReleaseSettings) -> None:
    """Say how a site sends orders to the floor from now on; a wave whose time is past today goes tomorrow.

    Raises:
        Invalid: an unknown mode, no wave or one at no time of day, or a number out of range.
    """
    _check(settings)
    values = asdict(settings) | {"changed_at": uow.now, "changed_by": uow.actor.id, "last_wave_at": uow.now}
    values["wave_times"] = sorted(set(settings.wave_times))
    statement = insert(ReleaseSetting).values(site_id=site_id, **values)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=values))
    uow.session.expire_all()
    uow.audit("floor.release_settings", subject=site_id, **asdict(settings))


def floor_of(uow: UnitOfWork, *, site_id: str, zone: str, lines_open: int) -> Floor:
    """Return a site's floor as of now: its pace, what it has to do, and when the next wave goes or was due."""
    settings = release_settings(uow, site_id)
    row = uow.session.get(ReleaseSetting, site_id)
    return Floor(
        pace=settings.pace(measured_pace(uow, site_id=site_id)),
        lines_open=lines_open,
        mode=ReleaseMode(settings.mode),
        keep_busy=timedelta(minutes=settings.keep_busy_minutes),
        slack=timedelta(minutes=settings.slack_minutes),
        wave_at=next(_waves(settings.wave_times, row.last_wave_at, zone), None) if row else None,
    )


def mark_wave(uow: UnitOfWork, site_id: str) -> None:
    """Note that the wave that was due has gone."""
    uow.session.execute(update(ReleaseSetting).where(ReleaseSetting.site_id == site_id).values(last_wave_at=uow.now))


def _waves(times: tuple[str, ...], after: datetime, zone: str) -> Iterator[datetime]:
    """Yield the waves after an instant in order, for two days of the site."""
    local = ZoneInfo(zone)
    first = after.astimezone(local).date()
    for day in (first + timedelta(days=n) for n in range(3)):
        for clock in sorted(times):
            at = datetime.combine(day, time.fromisoformat(clock), local)
            if at > after:
                yield at.astimezone(after.tzinfo)


def _check(settings: ReleaseSettings) -> None:
    if settings.mode not in set(ReleaseMode):
        raise Invalid(f"Choose one of {', '.join(ReleaseMode)}.", pointer="/mode")
    if settings.mode == ReleaseMode.WAVES and not settings.wave_times:
        raise Invalid("Name at least one time at which a wave goes.", pointer="/wave_times")
    if len(settings.wave_times) > MOST_WAVES or not all(map(_CLOCK.fullmatch, settings.wave_times)):
        raise Invalid(f"Waves go at up to {MOST_WAVES} times of day, such as 09:30.", pointer="/wave_times")
    _within(settings.keep_busy_minutes, 0, MOST_MINUTES, "minutes", "/keep_busy_minutes")
    _within(settings.slack_minutes, 0, MOST_MINUTES, "minutes", "/slack_minutes")
    _within(settings.pickers, 0, MOST_PICKERS, "pickers", "/pickers")
    _within(settings.lines_per_hour, 1, MOST_LINES_PER_HOUR, "lines an hour", "/lines_per_hour")


def _within(value: int | None, least: int, most: int, unit: str, pointer: str) -> None:
    if value is not None and not least <= value <= most:
        raise Invalid(f"Give {least} to {most} {unit}.", pointer=pointer)

"""Somebody asks what another floor would save; a worker replays the walks, because it takes longer than a page may."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fulfillment.domain.slotting import WALK_MM_PER_SECOND
from fulfillment.models import FloorPlan, FloorPlanVersion
from fulfillment.whatif.models import WhatIf
from kernel import runs
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.ids import new_id

MOST_DAYS, MOST_COST_MINOR = 365, 1_000_000
_DAYS_A_YEAR = 365
_CURRENCY = re.compile("[A-Z]{3}")


class WhatIfUnderWay(Refusal):
    """A question of the site is being worked out already."""

    code = "what_if_under_way"
    title = "A question is being worked out"


@dataclass(frozen=True, slots=True)
class DayReplayed:
    """The walks of one day: as they were planned now, and as they would be, in mm."""

    day: str
    walks: int
    before_mm: int
    after_mm: int


@dataclass(frozen=True, slots=True)
class WhatIfView:
    """A question and, once it is `ready`, its answer; `note` says what was left out, or why there is no answer."""

    id: str
    site_id: str
    state: str
    floor_version: int | None
    fast_items_nearer: bool
    days: int
    progress: int
    note: str
    by_day: tuple[DayReplayed, ...]
    hour_cost_minor: int
    currency: str
    created_at: datetime
    created_by: str

    @property
    def before_mm(self) -> int:
        """How long all walks are on the floor in force."""
        return sum(day.before_mm for day in self.by_day)

    @property
    def after_mm(self) -> int:
        """How long they would be."""
        return sum(day.after_mm for day in self.by_day)

    @property
    def saved_minor_a_year(self) -> int:
        """What a year of such days would save: the walking, at the cost of an hour."""
        if not self.by_day:
            return 0
        hours = (self.before_mm - self.after_mm) / WALK_MM_PER_SECOND / 3_600
        return round(hours * self.hour_cost_minor * _DAYS_A_YEAR / len(self.by_day))


def ask_what_if(
    uow: UnitOfWork, *, site_id: str, floor_version: int | None = None, fast_items_nearer: bool = False,
    days: int = 28, hour_cost_minor: int = 0, currency: str = "EUR",
) -> str:  # fmt: skip
    """Have the walks of the last `days` days replayed on another version of the floor, with what is picked most often
    lying nearest, or both; return the question's id.

    Raises:
        Invalid: nothing would be different, or a figure is out of range.
        NotFound: there is no such version of the floor.
        WhatIfUnderWay: a question is being worked out already.
    """
    if floor_version is None and not fast_items_nearer:
        raise Invalid("Say what would be different.", remedy="Choose another floor, or nearer items.", pointer="/floor")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"Give 1 to {MOST_DAYS} days.", pointer="/days")
    if not 0 <= hour_cost_minor <= MOST_COST_MINOR:
        raise Invalid("This is not what an hour costs.", pointer="/hour_cost_minor")
    if not _CURRENCY.fullmatch(currency):
        raise Invalid("Give a currency's three letters.", pointer="/currency")
    _require_floor(uow, site_id, floor_version)
    stored = runs.ask(
        uow, WhatIf, id=new_id("wif"), site_id=site_id, floor_version=floor_version,
        fast_items_nearer=fast_items_nearer, days=days, hour_cost_minor=hour_cost_minor, currency=currency,
    )  # fmt: skip
    if stored is None:
        found = runs.under_way(uow, WhatIf, site_id=site_id)
        raise WhatIfUnderWay("A question is being worked out.", remedy="Wait for its answer.", what_if_id=found)
    uow.audit("what_if.asked", subject=stored, site_id=site_id, floor_version=floor_version, days=days)
    return stored


def get_what_if(uow: UnitOfWork, what_if_id: str, *, site_id: str) -> WhatIfView:
    """Return one question.

    Raises:
        NotFound: the site has no such question.
    """
    unknown = NotFound("There is no such question.", remedy="Look at the list of questions.")
    return _view(runs.find(uow, WhatIf, what_if_id, site_id=site_id, unknown=unknown))


def find_what_ifs(uow: UnitOfWork, *, site_id: str, limit: int = 20) -> Sequence[WhatIfView]:
    """Return the latest questions of a site, newest first."""
    return [_view(row) for row in runs.newest(uow, WhatIf, site_id=site_id, limit=limit)]


def _require_floor(uow: UnitOfWork, site_id: str, version: int | None) -> None:
    if uow.session.get(FloorPlan, site_id) is None:
        raise NotFound("This site has no floor plan in force.", remedy="Load one first.")
    if version is None:
        return
    kind = select(FloorPlanVersion.kind).where(FloorPlanVersion.site_id == site_id, FloorPlanVersion.version == version)
    found = uow.session.scalar(kind)
    if found is None:
        raise NotFound("There is no such version of the floor.", remedy="Look at the floor's versions.")
    if found == "faulty":
        raise Invalid("This version has faults.", remedy="Correct it first.", pointer="/floor")


def _view(row: WhatIf) -> WhatIfView:
    return WhatIfView(
        row.id, row.site_id, row.state, row.floor_version, row.fast_items_nearer, row.days, row.progress, row.note,
        tuple(DayReplayed(**day) for day in row.by_day), row.hour_cost_minor, row.currency, row.created_at,
        row.created_by,
    )  # fmt: skip

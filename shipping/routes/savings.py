from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from kernel.access.queries import require_site
from kernel.db.transactions import transaction
from kernel.web.paging import DEFAULT_LIMIT
from kernel.web.values import Day
from shipping.freight.savings import SavingsFilter, find_savings, ledger_days, savings_totals
from shipping.routes.callers import Cursor, Limit, Reader

router = APIRouter(prefix="/v1")


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SavingsEntryOut(_Out):
    """One parcel: what was paid, and what the baseline would have cost, in minor units of `currency`."""

    tenant_id: str
    parcel_id: str
    order_id: str = Field(validation_alias="reference")
    tracking_number: str
    ship_date: date
    carrier: str
    service: str
    currency: str
    price_minor: int = Field(description="The quote that was chosen")
    paid_minor: int = Field(description="What the carrier charged, or the quote where it said nothing")
    arrives_on: date | None
    promised_on: date | None
    why: str
    baseline: str = Field(description="carrier/service, or empty where the baseline took no such parcel")
    baseline_minor: int | None
    baseline_arrives_on: date | None
    baseline_refused: str = Field(description="Why the baseline did not take the dangerous goods inside, or empty")
    saved_minor: int


class SavingsTotalOut(_Out):
    """The sums in one currency, over all pages."""

    currency: str
    parcels: int
    compared: int = Field(description="Parcels that the baseline gave a price for; only these count as saved")
    paid_minor: int
    compared_paid_minor: int
    baseline_minor: int
    saved_minor: int
    dearer: int = Field(description="Parcels that cost more than by the baseline")
    baseline_late: int = Field(description="Parcels that would have come after their promise by the baseline")
    saved_in_time_minor: int = Field(description="What was saved on all others")


class SavingsPage(_Out):
    """The savings ledger; `next` is the cursor of the next page."""

    totals: list[SavingsTotalOut]
    items: list[SavingsEntryOut]
    next: str | None


@router.get("/freight/savings", operation_id="listSavings", summary="What was saved on freight", tags=["rates"])
def savings(
    actor: Reader,
    since: Day | None = None,
    until: Day | None = None,
    site_id: Annotated[str | None, Query(max_length=60)] = None,
    baseline: Annotated[str, Query(max_length=120, description="carrier/service; left out: the one recorded")] = "",
    search: Annotated[str, Query(max_length=60, description="Part of a tracking number, carrier or service")] = "",
    sort: Annotated[str, Query(pattern="^-?(shipped|paid|saved)$")] = "-shipped",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> SavingsPage:
    """Return parcel by parcel what was paid against a named baseline; the last 30 days where none are named.

    `GET /v1/parcels/{parcel_id}/quotes` gives all quotes that each was chosen from.
    """
    with transaction(actor) as uow:
        site = require_site(uow, actor, site_id) if site_id else actor.site or ""
        first, last = ledger_days(since, until, today=uow.now.date())
        wanted = SavingsFilter(first, last, site, baseline=baseline, search=search)
        page, totals = find_savings(uow, wanted, sort=sort, cursor=cursor, limit=limit), savings_totals(uow, wanted)
    return SavingsPage.model_validate({"totals": totals, "items": page.items, "next": page.next})

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from shipping.consolidation.commands.keep_hubs import drop_hub, keep_hub
from shipping.consolidation.commands.plan_consolidation import MOST_PARCELS, ask_for_consolidation, cancel_consolidation
from shipping.consolidation.queries import find_consolidations, get_consolidation, injection_hubs, planned_parcels
from shipping.consolidation.views import InjectionHub, LooseParcel
from shipping.routes.callers import Planner, dump, site_of

router = APIRouter()
SiteId = Annotated[str | None, Query(max_length=60)]
PlanId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_]+$")]
Code = Annotated[str, Path(max_length=20, examples=["MUC-1"], description="The hub's code")]
Minor = Annotated[int, Field(ge=0, le=10_000_000)]
Side = Annotated[int, Field(ge=1, le=10_000)]
DangerousKind = Literal["excepted", "excepted_on_ground", "limited_quantities", "fully_regulated"]
Words = Annotated[str, Field(min_length=1, max_length=100)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class InjectionHubIn(_In):
    """A place that takes pallets of parcels: what a dispatch costs once and each pallet, in minor units."""

    name: Words = Field(examples=["Munich depot"])
    country: str = Field(pattern="^[A-Z]{2}$", examples=["DE"])
    postal_code: str = Field(min_length=1, max_length=40, examples=["85356"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["EUR"])
    fixed_minor: Minor = Field(default=0, examples=[4_000], description="What a dispatch costs, however many pallets")
    pallet_minor: Minor = Field(examples=[9_500])
    max_volume_mm3: int = Field(ge=1, le=10**11, examples=[1_800_000_000])
    max_weight_g: int = Field(ge=1, le=10**8, examples=[590_000])
    transit_days: int = Field(ge=0, le=60, examples=[1], description="Working days from the house to the hub")
    carrier: Words = Field(examples=["swift_parcel"], description="Who delivers from there")
    service: Words = Field(examples=["ground"])


class InjectionHubOut(_Out):
    """A hub of the site."""

    code: str
    name: str
    country: str
    postal_code: str
    currency: str
    fixed_minor: int
    pallet_minor: int
    max_volume_mm3: int
    max_weight_g: int
    transit_days: int
    carrier: str
    service: str


class InjectionHubList(_Out):
    """The hubs of a site by code."""

    items: list[InjectionHubOut]


class LooseParcelIn(_In):
    """A parcel that may not exist: outer sides in mm and weight in g."""

    reference: str = Field(default="", max_length=40)
    country: str = Field(pattern="^[A-Z]{2}$", examples=["DE"])
    postal_code: str = Field(min_length=1, max_length=40, examples=["80331"])
    length_mm: Side = Field(examples=[300])
    width_mm: Side = Field(examples=[200])
    height_mm: Side = Field(examples=[150])
    weight_g: int = Field(ge=1, le=2_000_000, examples=[1_800])
    service_level: str = Field(default="standard", pattern="^(economy|standard|express)$")
    promised_on: date | None = None
    is_residential: bool = True
    dangerous_goods: tuple[DangerousKind, ...] = Field(default=(), max_length=4, description="The kinds inside")


class ConsolidationIn(_In):
    """What to plan: the site's own parcels of a ship date, or `parcels` that are named here."""

    ship_on: date = Field(examples=["2026-11-24"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["EUR"])
    parcels: list[LooseParcelIn] | None = Field(default=None, min_length=1, max_length=MOST_PARCELS)


class PlannedHubOut(_Out):
    """What should go to one hub; `why` says of one that gets nothing what speaks against it."""

    code: str
    name: str
    parcels: int
    pallets: int
    volume_mm3: int
    weight_g: int
    linehaul_minor: int
    last_mile_minor: int
    direct_minor: int
    saved_minor: int
    why: str


class ConsolidationOut(_Out):
    """A proposal; it changes no parcel. No plan can save more than `bound_minor` of `baseline_minor`."""

    id: str
    site_id: str
    state: str = Field(description="waiting, computing, ready, cancelled or failed")
    source: str
    ship_on: date
    currency: str
    progress: int
    note: str
    parcels: int
    direct_parcels: int
    baseline_minor: int
    saved_minor: int
    bound_minor: int
    hubs: list[PlannedHubOut]
    created_at: datetime
    created_by: str
    finished_at: datetime | None


class ConsolidationList(_Out):
    """The latest plans of a site, newest first."""

    items: list[ConsolidationOut]


class PlannedParcelOut(_Out):
    """Where one parcel should go: `hub` is "" for straight from the house."""

    reference: str
    hub: str
    direct_minor: int
    via_minor: int | None


class PlannedParcelList(_Out):
    """Where a plan sends each parcel."""

    items: list[PlannedParcelOut]


@router.get("/v1/injection-hubs", operation_id="listInjectionHubs", summary="Hubs that take pallets", tags=["freight"])
def list_hubs(actor: Planner, site_id: SiteId = None) -> InjectionHubList:
    """Return the hubs of a site."""
    with transaction(actor) as uow:
        found = injection_hubs(uow, site_id=site_of(uow, actor, site_id))
    return InjectionHubList.model_validate({"items": found})


@router.put(
    "/v1/injection-hubs/{hub_code}", operation_id="keepInjectionHub", summary="Describe a hub", tags=["freight"],
    responses={200: {"model": InjectionHubOut}},
)  # fmt: skip
def put_hub(
    request: Request, actor: Planner, hub_code: Code, body: InjectionHubIn, site_id: SiteId = None
) -> Response:  # fmt: skip
    """Keep a hub, or its new terms."""

    def work(uow: UnitOfWork) -> Answer:
        hub = InjectionHub(code=hub_code, **body.model_dump())
        keep_hub(uow, hub, site_id=site_of(uow, actor, site_id))
        return Answer(dump(InjectionHubOut, hub))

    return act(request, actor, [site_id, hub_code, body.model_dump()], work)


@router.delete(
    "/v1/injection-hubs/{hub_code}", operation_id="dropInjectionHub", summary="Plan a hub no more", tags=["freight"],
    responses={200: {"model": InjectionHubList}},
)  # fmt: skip
def delete_hub(request: Request, actor: Planner, hub_code: Code, site_id: SiteId = None) -> Response:
    """Take a hub off the list; plans that were made keep what they say of it."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        drop_hub(uow, hub_code, site_id=site)
        return Answer(dump(InjectionHubList, {"items": injection_hubs(uow, site_id=site)}))

    return act(request, actor, [site_id, hub_code], work)


@router.post(
    "/v1/consolidation-plans", operation_id="planConsolidation", summary="Plan which parcels ride to which hub",
    tags=["freight"], status_code=202, responses={202: {"model": ConsolidationOut}},
)  # fmt: skip
def post_plan(request: Request, actor: Planner, body: ConsolidationIn, site_id: SiteId = None) -> Response:
    """Have a worker plan it; read the plan again for its progress and its answer. No parcel is changed."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        parcels = None if body.parcels is None else _loose(body.parcels)
        found = ask_for_consolidation(
            uow, site_id=site, ship_on=body.ship_on, currency=body.currency, parcels=parcels
        )  # fmt: skip
        return Answer(dump(ConsolidationOut, get_consolidation(uow, found, site_id=site)), 202)

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.get(
    "/v1/consolidation-plans", operation_id="listConsolidationPlans", summary="List the plans", tags=["freight"]
)
def list_plans(actor: Planner, site_id: SiteId = None) -> ConsolidationList:
    """Return the latest plans of a site, newest first."""
    with transaction(actor) as uow:
        found = find_consolidations(uow, site_id=site_of(uow, actor, site_id))
    return ConsolidationList.model_validate({"items": found})


@router.get(
    "/v1/consolidation-plans/{plan_id}", operation_id="getConsolidationPlan", summary="Get a plan", tags=["freight"]
)
def get_plan(actor: Planner, plan_id: PlanId, site_id: SiteId = None) -> ConsolidationOut:
    """Return a plan: hub by hub what goes there, what it saves, and why others get nothing."""
    with transaction(actor) as uow:
        found = get_consolidation(uow, plan_id, site_id=site_of(uow, actor, site_id))
    return ConsolidationOut.model_validate(found)


@router.get(
    "/v1/consolidation-plans/{plan_id}/parcels", operation_id="listPlannedParcels",
    summary="Where a plan sends each parcel", tags=["freight"],
)  # fmt: skip
def get_planned_parcels(actor: Planner, plan_id: PlanId, site_id: SiteId = None) -> PlannedParcelList:
    """Return the hub of each parcel, none before the plan is ready."""
    with transaction(actor) as uow:
        found = planned_parcels(uow, plan_id, site_id=site_of(uow, actor, site_id))
    return PlannedParcelList.model_validate({"items": found})


@router.post(
    "/v1/consolidation-plans/{plan_id}/cancel", operation_id="cancelConsolidationPlan", summary="Cancel a plan",
    tags=["freight"], responses={200: {"model": ConsolidationOut}},
)  # fmt: skip
def cancel_plan(request: Request, actor: Planner, plan_id: PlanId, site_id: SiteId = None) -> Response:
    """Have the worker stop."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        cancel_consolidation(uow, plan_id, site_id=site)
        return Answer(dump(ConsolidationOut, get_consolidation(uow, plan_id, site_id=site)))

    return act(request, actor, [site_id, plan_id], work)


def _loose(parcels: Sequence[LooseParcelIn]) -> list[LooseParcel]:
    return [LooseParcel(**each.model_dump()) for each in parcels]

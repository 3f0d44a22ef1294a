from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import Planner, SiteId, json_response, site_of
from fulfillment.routes.schemas import Strict
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1/labor")


class StrainLimitsIn(Strict):
    """What one person may do in a shift at most, null for no limit, and from which level up a pick is a reach."""

    weight_g: int | None = Field(default=None, examples=[4_000_000])
    bends: int | None = Field(default=None, examples=[400])
    reach_level: int = Field(default=4, examples=[4])
    reaches: int | None = Field(default=None, examples=[300])
    walked_m: int | None = Field(default=None, examples=[15_000])


@router.get(
    "/forecast", operation_id="getLaborForecast", summary="See how many hands each hour needs", tags=["work"],
    responses={200: {"model": api.LaborForecast}},
)  # fmt: skip
def get_forecast(actor: Planner, site_id: SiteId = "") -> Response:
    """Return for each of the next 24 hours what comes in, what is to be done, and the people that takes."""
    with transaction(actor) as uow:
        found = api.labor_forecast(uow, site_id=site_of(uow, actor, site_id))
    return json_response(found)


@router.get(
    "/drill", operation_id="drillOrders", summary="Ask what if orders doubled", tags=["work"],
    responses={200: {"model": api.Drill}},
)  # fmt: skip
def get_drill(
    actor: Planner,
    times: Annotated[float, Query(description="How many times as many orders, 1 to 20")] = 2.0,
    pickers: Annotated[int | None, Query(description="People who pick; as many as now, if none is given")] = None,
    site_id: SiteId = "",
) -> Response:
    """Return the heads by hour and the promises to change if so many times as many orders waited. Changes nothing."""
    with transaction(actor) as uow:
        found = api.drill_orders(uow, site_id=site_of(uow, actor, site_id), times=times, pickers=pickers)
    return json_response(found)


@router.get(
    "/strain", operation_id="getStrain", summary="See what the work asked of each person", tags=["work"],
    responses={200: {"model": dict[str, api.Strain]}},
)  # fmt: skip
def get_strain(actor: Planner, site_id: SiteId = "") -> Response:
    """Return kilograms, bends, reaches and meters of each person's walks in this shift, by user id."""
    with transaction(actor) as uow:
        found = api.strain_of_people(uow, site_id=site_of(uow, actor, site_id))
    return json_response(found)


@router.get(
    "/strain-limits", operation_id="getStrainLimits", summary="What one person may do in a shift", tags=["work"],
    responses={200: {"model": api.StrainLimits}},
)  # fmt: skip
def get_limits(actor: Planner, site_id: SiteId = "") -> Response:
    """Return what a site asks of a person at most."""
    with transaction(actor) as uow:
        found = api.strain_limits(uow, site_of(uow, actor, site_id))
    return json_response(found)


@router.put(
    "/strain-limits", operation_id="setStrainLimits", summary="Change what one person may do in a shift",
    tags=["work"], responses={200: {"model": api.StrainLimits}},
)  # fmt: skip
def put_limits(request: Request, actor: Planner, body: StrainLimitsIn, site_id: SiteId = "") -> Response:
    """Change what a site asks of a person at most. Walks beyond it are not offered any more."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.set_strain_limits(uow, site_id=site, limits=api.StrainLimits(**body.model_dump()))
        return Answer(api.strain_limits(uow, site))

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)

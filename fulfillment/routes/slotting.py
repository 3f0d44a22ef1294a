from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from fulfillment.routes.callers import Planner, SiteId, json_response, site_of
from fulfillment.routes.schemas import Strict
from fulfillment.slotting.accepting import accept_slotting
from fulfillment.slotting.asking import ask_slotting
from fulfillment.slotting.reading import find_slotting_plans, get_slotting_plan
from fulfillment.slotting.views import Acceptance, SlottingHead, SlottingView
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, MAX_LIMIT, Page

router = APIRouter(prefix="/v1/slotting-plans")

PlanId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_]+$")]
Cursor = Annotated[str, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


class SlottingIn(Strict):
    """What a plan is worked out from: the walks of so many days; which changes it may have, and how soon they pay."""

    days: int = Field(default=28, ge=1, le=365, examples=[28])
    most_changes: int = Field(default=40, ge=1, le=200, examples=[40])
    payback_days: int = Field(default=30, ge=1, le=365, examples=[30])


class AcceptIn(Strict):
    """The numbers of the changes that are to be carried out, or all of them."""

    changes: list[Annotated[int, Field(ge=1, le=200)]] | Literal["all"] = Field(examples=[[1, 2, 5]])


@router.post(
    "", operation_id="askSlottingPlan", summary="Have a slotting plan worked out", tags=["slotting"],
    status_code=202, responses={202: {"model": SlottingView}},
)  # fmt: skip
def post_plan(request: Request, actor: Planner, body: SlottingIn, site_id: SiteId = "") -> Response:
    """Have a worker find out which items would better lie elsewhere, from the walks that were made; read the plan
    again for its progress.
    """

    def work(uow: UnitOfWork) -> Answer:
        plan_id = ask_slotting(
            uow, site_id=site_of(uow, actor, site_id), days=body.days, most_changes=body.most_changes,
            payback_days=body.payback_days,
        )  # fmt: skip
        return Answer(get_slotting_plan(uow, plan_id), status=202)

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.get(
    "", operation_id="listSlottingPlans", summary="List slotting plans", tags=["slotting"],
    responses={200: {"model": Page[SlottingHead]}},
)  # fmt: skip
def list_plans(actor: Planner, site_id: SiteId = "", cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Response:
    """Return the site's plans, latest first."""
    with transaction(actor) as uow:
        return json_response(find_slotting_plans(uow, site_id=site_of(uow, actor, site_id), cursor=cursor, limit=limit))


@router.get(
    "/{plan_id}", operation_id="getSlottingPlan", summary="Read a slotting plan", tags=["slotting"],
    responses={200: {"model": SlottingView}},
)  # fmt: skip
def read_plan(actor: Planner, plan_id: PlanId) -> Response:
    """Return a plan: each change with what it saves and costs, and whether stock moved since."""
    with transaction(actor) as uow:
        return json_response(get_slotting_plan(uow, plan_id, site_id=actor.site))


@router.post(
    "/{plan_id}/accept", operation_id="acceptSlottingPlan", summary="Accept changes of a plan", tags=["slotting"],
    responses={200: {"model": Acceptance}},
)  # fmt: skip
def post_accept(request: Request, actor: Planner, plan_id: PlanId, body: AcceptIn) -> Response:
    """Have changes carried out, all or those named. Those whose stock moved since the plan was made are refused, each
    with its reason; the others become moves, and rules of pick faces.
    """

    def work(uow: UnitOfWork) -> Answer:
        numbers = None if body.changes == "all" else body.changes
        return Answer(accept_slotting(uow, plan_id=plan_id, site_id=actor.site, numbers=numbers))

    return act(request, actor, [plan_id, body.model_dump(mode="json")], work)

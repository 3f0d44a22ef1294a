from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import Key, Planner, SiteId, json_response, site_of
from fulfillment.routes.schemas import Strict
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1/what-ifs")


class WhatIfIn(Strict):
    """What would be different: another version of the floor, what is picked most often lying nearest, or both."""

    floor_version: int | None = Field(default=None, ge=1, le=1_000_000_000, examples=[2])
    fast_items_nearer: bool = Field(default=False, examples=[True])
    days: int = Field(default=28, examples=[28])
    hour_cost_minor: int = Field(default=0, examples=[2_400], description="What an hour of walking costs, minor units")
    currency: str = Field(default="EUR", max_length=3, examples=["EUR"])


@router.post(
    "", operation_id="askWhatIf", summary="Have past walks replayed on another floor", tags=["work"],
    status_code=202, responses={202: {"model": api.WhatIfView}},
)  # fmt: skip
def post_what_if(request: Request, actor: Planner, body: WhatIfIn, site_id: SiteId = "") -> Response:
    """Have a worker replay the walks of the last days; read the question again for its progress and its answer."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        found = api.ask_what_if(uow, site_id=site, **body.model_dump())
        return Answer(api.get_what_if(uow, found, site_id=site), 202)

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.get(
    "", operation_id="listWhatIfs", summary="List the questions", tags=["work"],
    responses={200: {"model": Sequence[api.WhatIfView]}},
)  # fmt: skip
def list_what_ifs(actor: Planner, site_id: SiteId = "") -> Response:
    """Return the latest questions with their answers, newest first."""
    with transaction(actor) as uow:
        found = api.find_what_ifs(uow, site_id=site_of(uow, actor, site_id))
    return json_response(found)


@router.get(
    "/{what_if_id}", operation_id="getWhatIf", summary="Get a question", tags=["work"],
    responses={200: {"model": api.WhatIfView}},
)  # fmt: skip
def get_what_if(actor: Planner, what_if_id: Key, site_id: SiteId = "") -> Response:
    """Return a question and, once it is `ready`, the walks of each day on both floors."""
    with transaction(actor) as uow:
        found = api.get_what_if(uow, what_if_id, site_id=site_of(uow, actor, site_id))
    return json_response(found)

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import Key, Picker, Planner, SiteId, json_response, site_of
from fulfillment.routes.schemas import ReasonIn, Strict
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1")
floor = APIRouter(prefix="/v1/work")


class ReleaseSettingsIn(Strict):
    """How orders go to the floor: as it has room (`stream`), in waves at local times (`waves`), or `by_hand`.

    Without `pickers` or `lines_per_hour` (of one picker) both are measured.
    """

    mode: str = Field(default="stream", max_length=10, examples=["stream"])
    keep_busy_minutes: int = Field(default=60, examples=[60], description="Minutes of work that the floor is kept with")
    slack_minutes: int = Field(default=45, examples=[45], description="With less to spare, an order goes at once")
    wave_times: list[Annotated[str, Field(max_length=5)]] = Field(default=[], max_length=24, examples=[["09:30"]])
    pickers: int | None = Field(default=None, examples=[None])
    lines_per_hour: int | None = Field(default=None, examples=[None])

    def settings(self) -> api.ReleaseSettings:
        """Return the settings that the command takes."""
        return api.ReleaseSettings(**self.model_dump() | {"wave_times": tuple(self.wave_times)})


class MoveIn(Strict):
    """Which late promises are moved, and why; customers read the cause."""

    cause: str = Field(max_length=200, examples=["we are closed on 24 December"])
    order_ids: list[Annotated[str, Field(max_length=64)]] = Field(
        default=[], max_length=2_000, description="Empty: all late ones of the site"
    )


class MovedOut(BaseModel):
    """How many promises were moved."""

    moved: int = Field(examples=[12])


class LatePromisesOut(BaseModel):
    """Orders whose promise cannot be kept, promised soonest first."""

    items: list[api.LatePromise]


class UnitsOut(BaseModel):
    """How many units it was about."""

    units: int


@floor.get(
    "/release-outlook", operation_id="getReleaseOutlook", summary="See whether the collections are made",
    tags=["work"], responses={200: {"model": api.ReleaseOutlook}},
)  # fmt: skip
def get_outlook(actor: Picker, limit: Annotated[int, Query(ge=0, le=500)] = 100, site_id: SiteId = "") -> Response:
    """Return for each cut-off what is left and when it will be picked at the floor's pace, and the queue."""
    with transaction(actor) as uow:
        found = api.release_outlook(uow, site_id=site_of(uow, actor, site_id), shown=limit)
    return json_response(found)


@floor.get(
    "/release-settings", operation_id="getReleaseSettings", summary="How orders go to the floor", tags=["work"],
    responses={200: {"model": api.ReleaseSettings}},
)  # fmt: skip
def get_settings(actor: Picker, site_id: SiteId = "") -> Response:
    """Return how a site sends its orders to the floor."""
    with transaction(actor) as uow:
        found = api.release_settings(uow, site_of(uow, actor, site_id))
    return json_response(found)


@floor.put(
    "/release-settings", operation_id="setReleaseSettings", summary="Change how orders go to the floor",
    tags=["work"], responses={200: {"model": api.ReleaseSettings}},
)  # fmt: skip
def put_settings(request: Request, actor: Planner, body: ReleaseSettingsIn, site_id: SiteId = "") -> Response:
    """Change how a site sends its orders to the floor from now on."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.set_release_settings(uow, site_id=site, settings=body.settings())
        return Answer(api.release_settings(uow, site))

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@floor.get(
    "/late-promises", operation_id="listLatePromises", summary="See which promises cannot be kept", tags=["work"],
    responses={200: {"model": LatePromisesOut}},
)  # fmt: skip
def list_late(actor: Planner, site_id: SiteId = "") -> Response:
    """Return the orders that no service would bring by their promised day any more, with the day that is possible."""
    with transaction(actor) as uow:
        found = api.late_promises(uow, site_id=site_of(uow, actor, site_id))
    return json_response({"items": found})


@floor.post(
    "/late-promises/move", operation_id="moveLatePromises", summary="Promise the day that can be kept", tags=["work"],
    responses={200: {"model": MovedOut}},
)  # fmt: skip
def move_late(request: Request, actor: Planner, body: MoveIn, site_id: SiteId = "") -> Response:
    """Promise late orders the first day that is possible, and write to their customers."""

    def work(uow: UnitOfWork) -> Answer:
        ids = body.order_ids or None
        moved = api.move_promises(uow, site_id=site_of(uow, actor, site_id), cause=body.cause, order_ids=ids)
        return Answer({"moved": moved})

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.post(
    "/orders/{order_id}/rush", operation_id="rushOrder", summary="Put an order first", tags=["work"],
    responses={200: {"model": api.RushAnswer}},
)  # fmt: skip
def rush(request: Request, actor: Planner, order_id: Key, body: ReasonIn) -> Response:
    """Put an order before all others: onto a walk under way where one has room, else onto the next one claimed."""

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        return Answer(api.rush_order(uow, tenant_id=order.tenant_id, order_id=order_id, reason=body.reason))

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/orders/{order_id}/pull-back", operation_id="pullBackOrder", summary="Pull an order back from the floor",
    tags=["work"], responses={200: {"model": UnitsOut}},
)  # fmt: skip
def pull_back(request: Request, actor: Planner, order_id: Key, body: ReasonIn) -> Response:
    """Take an order of which nothing is picked back into the queue, where it waits until somebody releases it."""

    def work(uow: UnitOfWork) -> Answer:
        order = api.get_order(uow, order_id)
        units = api.pull_back_order(uow, tenant_id=order.tenant_id, order_id=order_id, reason=body.reason)
        return Answer({"units": units})

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/batches/{batch_id}/hand-over", operation_id="handOverBatch", summary="Hand a walk over", tags=["work"],
    responses={200: {"model": api.WorkPackage}},
)  # fmt: skip
def hand_over(request: Request, actor: Planner, batch_id: Key) -> Response:
    """End the claim on a walk that is not finished: whoever claims work next goes on with it."""

    def work(uow: UnitOfWork) -> Answer:
        api.hand_over_batch(uow, batch_id=batch_id)
        return Answer(api.work_package(uow, batch_id))

    return act(request, actor, {}, work)

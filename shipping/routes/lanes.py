from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from shipping.lanes import LaneView, get_lane, sort_lanes
from shipping.routes.callers import Packer, Planner, dump, site_of
from shipping.routes.lane_schemas import LaneChange, LaneIn, LaneList, LaneOut
from shipping.sorting.commands.set_lane import LaneDraft, change_lane, close_lane, open_lane

router = APIRouter(prefix="/v1/lanes", tags=["sorting"])


@router.get("", operation_id="listLanes", summary="List the lanes of a site")
def list_lanes(actor: Packer, site_id: Annotated[str | None, Query(max_length=60)] = None) -> LaneList:
    """Return the open lanes with what stands on them. A site without lanes loads straight from the bench."""
    with transaction(actor) as uow:
        found = sort_lanes(uow, site_id=site_of(uow, actor, site_id))
    return LaneList(items=[LaneOut.model_validate(lane) for lane in found])


@router.post("", operation_id="openLane", summary="Open a lane", responses={201: {"model": LaneOut}})
def open_one(request: Request, actor: Planner, body: LaneIn) -> Response:
    """Open a lane; of several that take a parcel the one with the most specific rule does."""

    def work(uow: UnitOfWork) -> Answer:
        draft = LaneDraft(
            body.carrier, tuple(body.services), tuple(body.routes), body.requires_staging, body.loads_by_scan
        )
        opened = open_lane(uow, site_id=site_of(uow, actor, body.site_id), code=body.code, draft=draft)
        return Answer(dump(LaneOut, opened), 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.patch("/{lane_id}", operation_id="changeLane", summary="Change a lane", responses={200: {"model": LaneOut}})
def change_one(request: Request, actor: Planner, lane_id: str, body: LaneChange) -> Response:
    """Change what a lane takes; what stands on it stays there."""

    def work(uow: UnitOfWork) -> Answer:
        lane = get_lane(uow, lane_id=lane_id)
        require_site(uow, actor, lane.site_id)
        return Answer(dump(LaneOut, change_lane(uow, lane_id=lane_id, draft=_changed(lane, body))))

    return act(request, actor, [lane_id, body.model_dump(mode="json")], work)


@router.post("/{lane_id}/close", operation_id="closeLane", summary="Close a lane", responses={200: {"model": LaneList}})
def close_one(request: Request, actor: Planner, lane_id: str) -> Response:
    """Close a lane on which nothing stands, and return those that stay."""

    def work(uow: UnitOfWork) -> Answer:
        lane = get_lane(uow, lane_id=lane_id)
        require_site(uow, actor, lane.site_id)
        close_lane(uow, lane_id=lane_id)
        return Answer(dump(LaneList, {"items": sort_lanes(uow, site_id=lane.site_id)}))

    return act(request, actor, lane_id, work)


def _changed(lane: LaneView, body: LaneChange) -> LaneDraft:
    return LaneDraft(
        lane.carrier if body.carrier is None else body.carrier,
        lane.services if body.services is None else tuple(body.services),
        lane.routes if body.routes is None else tuple(body.routes),
        lane.requires_staging if body.requires_staging is None else body.requires_staging,
        lane.loads_by_scan if body.loads_by_scan is None else body.loads_by_scan,
    )

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.domain.work_ops import OpAck
from fulfillment.queries.pick_list import pick_list
from fulfillment.queries.work import WorkPackage
from fulfillment.routes.callers import (
    Key,
    Picker,
    Planner,
    SiteId,
    json_response,
    site_of,
)
from fulfillment.routes.work_schemas import (
    AcksOut,
    ClaimIn,
    FloorSettings,
    PlanIn,
    PlanRunIn,
    WorkOpsIn,
    ZoneIn,
)
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.web.acting import Answer, act

batches = APIRouter(prefix="/v1/batches")
floor = APIRouter(prefix="/v1/work")


@floor.post(
    "/release", operation_id="releaseOrders", summary="Have orders released", tags=["work"], status_code=202,
    responses={202: {"model": api.PlanRunView}},
)  # fmt: skip
def release(request: Request, actor: Planner, body: PlanIn, site_id: SiteId = "") -> Response:
    """Have a worker send what can go to the floor, against the carriers' cut-offs and from the places that make the
    walks short, and plan the walks. Read the run as one of `planBatches`, and each order for why it went or waits.
    """

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        asked = api.ask_for_plan(uow, site_id=site, release=True, max_orders=body.max_orders)
        return Answer(api.get_plan_run(uow, asked, site_id=site), 202)

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@batches.get(
    "", operation_id="listBatches", summary="List batches", tags=["work"],
    responses={200: {"model": Sequence[api.BatchSummary]}},
)  # fmt: skip
def list_batches(
    actor: Picker,
    state: Annotated[list[str] | None, Query(max_length=4)] = None,
    site_id: SiteId = "",
) -> Response:
    """Return the site's batches, open ones by cut-off first."""
    states = tuple(s for s in state or () if s in ("DRAFT", "ASSIGNED", "IN_PROGRESS", "DONE"))
    with transaction(actor) as uow:
        found = api.find_batches(uow, site_id=site_of(uow, actor, site_id), states=states)
    return json_response(found)


@batches.post(
    "/plan", operation_id="planBatches", summary="Have batches planned", tags=["work"], status_code=202,
    responses={202: {"model": api.PlanRunView}},
)  # fmt: skip
def plan(request: Request, actor: Planner, body: PlanRunIn, site_id: SiteId = "") -> Response:
    """Have a worker put released orders onto carts with routed walks; read the run again for its progress. While one is
    under way at the site, the answer is that one.
    """

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        asked = api.ask_for_plan(uow, site_id=site, release=body.release, max_orders=body.max_orders)
        return Answer(api.get_plan_run(uow, asked, site_id=site), 202)

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@batches.get(
    "/plan/{run_id}", operation_id="getPlanRun", summary="How far batches are planned", tags=["work"],
    responses={200: {"model": api.PlanRunView}},
)  # fmt: skip
def get_plan(actor: Planner, run_id: Key, site_id: SiteId = "") -> Response:
    """Return how far a worker is, and once it is `ready`, how many orders it released and batches it planned."""
    with transaction(actor) as uow:
        found = api.get_plan_run(uow, run_id, site_id=site_of(uow, actor, site_id))
    return json_response(found)


@batches.post(
    "/plan/{run_id}/cancel", operation_id="cancelPlanRun", summary="Stop planning batches", tags=["work"],
    responses={200: {"model": api.PlanRunView}},
)  # fmt: skip
def cancel_plan(request: Request, actor: Planner, run_id: Key, site_id: SiteId = "") -> Response:
    """Have the worker stop: what it has released and planned by then stays, the rest waits."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.cancel_plan_run(uow, run_id, site_id=site)
        return Answer(api.get_plan_run(uow, run_id, site_id=site))

    return act(request, actor, [site_id, run_id], work)


@batches.post(
    "/claim", operation_id="claimBatch", summary="Claim a batch", tags=["work"],
    responses={200: {"model": WorkPackage}},
)  # fmt: skip
def claim(request: Request, actor: Picker, body: ClaimIn, site_id: SiteId = "") -> Response:
    """Lease the most urgent batch, or the one named, and return its work."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        return Answer(api.claim_batch(uow, site_id=site, batch_id=body.batch_id or None, tote=body.tote))

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@batches.get(
    "/{batch_id}", operation_id="getBatch", summary="Get a batch's work", tags=["work"],
    responses={200: {"model": WorkPackage}},
)  # fmt: skip
def get_batch(actor: Picker, batch_id: Key) -> Response:
    """Return a batch with its slots and tasks in walking order."""
    with transaction(actor) as uow:
        package = api.work_package(uow, batch_id)
    return json_response(package)


@batches.get(
    "/{batch_id}/pick-list.pdf", operation_id="getPickList", summary="Print a pick list", tags=["work"],
    response_class=Response, responses={200: {"content": {"application/pdf": {}}, "description": "The pick list"}},
)  # fmt: skip
def get_pick_list(actor: Picker, batch_id: Key) -> Response:
    """Return the paper pick list of a batch: map, and lines in walking order."""
    with transaction(actor) as uow:
        document = pick_list(uow, batch_id)
    headers = {"content-disposition": f'inline; filename="{batch_id}.pdf"', "cache-control": "private, no-store"}
    return Response(document, media_type="application/pdf", headers=headers)


@floor.get(
    "/to-pull", operation_id="listParcelsToPull", summary="List parcels to pull", tags=["work"],
    responses={200: {"model": Sequence[api.ParcelToPull]}},
)  # fmt: skip
def list_to_pull(actor: Planner, site_id: SiteId = "") -> Response:
    """Return the parcels on closed manifests whose units were cancelled, the longest known first."""
    with transaction(actor) as uow:
        found = api.parcels_to_pull(uow, site_id=site_of(uow, actor, site_id))
    return json_response(found)


@floor.post(
    "/ops", operation_id="applyWorkOps", summary="Report work", tags=["work"],
    responses={200: {"model": AcksOut}},
)  # fmt: skip
def apply_ops(actor: Picker, body: WorkOpsIn, site_id: SiteId = "") -> Response:
    """Apply operations of a handheld, oldest first, each in a transaction of its own. Each `op_id` is its own
    idempotency key: sent again, it gets the answer it got. Nothing here is refused as a whole.
    """
    with transaction(actor) as uow:
        site = site_of(uow, actor, site_id)
    acks: list[OpAck] = []
    for sent in body.ops:
        op = sent.op()
        acks.append(run(actor, partial(api.apply_work_op, site_id=site, op=op)))
    return json_response({"acks": acks})


@floor.get(
    "/settings", operation_id="getFloorSettings", summary="How the floor works", tags=["work"],
    responses={200: {"model": FloorSettings}},
)  # fmt: skip
def get_settings(actor: Picker, site_id: SiteId = "") -> Response:
    """Return how a site's floor works."""
    with transaction(actor) as uow:
        site = site_of(uow, actor, site_id)
        settings = {"zero_checks": api.asks_zero_checks(uow, site), "pick_and_pass": api.passes_zones(uow, site)}
    return json_response(settings)


@floor.put(
    "/settings", operation_id="setFloorSettings", summary="Change how the floor works", tags=["work"],
    responses={200: {"model": FloorSettings}},
)  # fmt: skip
def put_settings(request: Request, actor: Planner, body: FloorSettings, site_id: SiteId = "") -> Response:
    """Change how a site's floor works from now on."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.set_zero_checks(uow, site_id=site, on=body.zero_checks)
        if body.pick_and_pass is not None:
            api.set_pick_and_pass(uow, site_id=site, on=body.pick_and_pass)
        return Answer({"zero_checks": body.zero_checks, "pick_and_pass": api.passes_zones(uow, site)})

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@floor.put(
    "/zone", operation_id="choosePickZone", summary="Choose the zone to pick in", tags=["work"],
    responses={200: {"model": ZoneIn}},
)  # fmt: skip
def put_zone(request: Request, actor: Picker, body: ZoneIn, site_id: SiteId = "") -> Response:
    """Say in which zone the caller picks from now on: of walks that are passed from zone to zone they get those that
    are there.
    """

    def work(uow: UnitOfWork) -> Answer:
        api.choose_zone(uow, site_id=site_of(uow, actor, site_id), user_id=actor.id, zone=body.zone)
        return Answer(body.model_dump())

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@floor.get(
    "/board", operation_id="getBoard", summary="Get the board", tags=["work"],
    responses={200: {"model": api.Board}},
)  # fmt: skip
def get_board(actor: Picker, site_id: SiteId = "") -> Response:
    """Return the site's backlog by stage, its live batches and how the floor goes."""
    with transaction(actor) as uow:
        found = api.board(uow, site_id=site_of(uow, actor, site_id))
    return json_response(found)

import secrets
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from app.web.handheld.device_ops import DeviceOp, DeviceOps
from app.web.handheld.entries import Entry, judge
from app.web.handheld.loading import LOAD
from app.web.handheld.loading_form import judge_load, load_page
from app.web.handheld.operations import AnothersScans, apply_ops, finish_walk
from app.web.handheld.package import Person, my_batch, read_work
from app.web.handheld.shell import shell_page, worker_script
from app.web.handheld.unscripted import page
from app.web.pages import Frame, ScanVerdict
from app.web.routes.answers import PageRoute, Submitted, page_response, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, require_form_of_ours, visitor
from fulfillment import api as fulfillment
from kernel import clock
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import NotFound
from kernel.settings import settings

router = APIRouter()
pages = APIRouter(route_class=PageRoute)
Picker = Annotated[Visit, Depends(visitor("work:pick", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
Job = Annotated[str, Query(max_length=20)]
Truck = Annotated[str, Query(max_length=60)]
DEVICE_COOKIE = "pickstream_device"
_A_YEAR_S = 31_536_000


class Claim(BaseModel):
    """The wish for the next batch; a lost answer is asked for again with the same id."""

    op_id: str = Field(min_length=8, max_length=64)
    tote: str = Field(default="", max_length=40)


class ZoneChoice(BaseModel):
    """The zone in which a person picks, empty for any."""

    zone: str = Field(default="", max_length=40)


@pages.get("/scan")
def show_scan(request: Request, visit: Picker, job: Job = "", truck: Truck = "") -> Response:
    """Show the handheld: as a page of its own that the script, where it runs, takes over."""
    response = _shown(request, visit, None, job=job, truck=truck)
    if DEVICE_COOKIE not in request.cookies:
        response.set_cookie(
            DEVICE_COOKIE, secrets.token_hex(8), max_age=_A_YEAR_S, path="/scan", httponly=True, samesite="lax",
            secure=settings().secure_cookies,
        )  # fmt: skip
    return response


@pages.post("/scan")
def scan_without_script(request: Request, visit: Picker, form: Sent) -> Response:
    """Take one scan from the plain page, and show the next step or what is wrong."""
    require_form_of_ours(visit, form.csrf_token)
    if form["task"] == "zone":
        _choose_zone(request, visit, form["zone"])
        return _shown(request, visit, None)
    if form["task"] == "claim":
        return _shown(request, visit, _claimed(request, visit))
    with desk_of(visit) as desk:
        person = _person(request, desk)
        work = read_work(desk.uow, person, form["job"], form["truck"])
    entry = Entry(
        form.op_id, form["task"], form["step"], form["code"], form["qty"], form["reason"], bool(form["take"]),
        form["note"][:200],
    )  # fmt: skip
    at_dock = {"op_id": form.op_id, "code": form["code"], "reason": form["reason"]}
    judged = judge_load(work, **at_dock) if work.get("job") == LOAD else judge(work, entry)
    if isinstance(judged, ScanVerdict):
        return _shown(request, visit, judged, job=form["job"], truck=form["truck"])
    ack = apply_ops(person, [judged.model_dump()])["acks"][0]
    verdict = ScanVerdict(ack["tone"], ack["title"], advice=ack["text"])
    after = entry if _is_counted_here(judged, ack) else None
    return _shown(request, visit, verdict, after=after, job=form["job"], truck=form["truck"])


@pages.get("/scan/shell")
def show_shell(visit: Picker) -> Response:
    """Show the handheld without anybody's work or name: what a device keeps, and opens without a network."""
    _ = visit
    return page_response(shell_page(Frame(clock.now(), "UTC")))


@pages.get("/scan/worker.js")
def get_worker(visit: Picker) -> Response:
    """Answer the service worker of this release, which keeps the shell and the files that belong to it."""
    _ = visit
    headers = {"service-worker-allowed": "/scan", "cache-control": "no-cache"}
    return Response(worker_script(), media_type="text/javascript", headers=headers)


@router.get("/scan/api/work")
def get_work(request: Request, visit: Picker, job: Job = "", truck: Truck = "") -> Response:
    """Answer the leased work of the signed-in person, or what waits to be sorted, or to be loaded."""
    with desk_of(visit) as desk:
        work = read_work(desk.uow, _person(request, desk), job, truck)
    return _json(work)


@router.post("/scan/api/claim")
def claim(request: Request, visit: Picker, body: Claim) -> Response:
    """Claim the next batch, and answer like the work. Who has a batch gets that one, whatever the op id."""
    require_form_of_ours(visit, request.headers.get("x-csrf-token", ""))
    _claimed(request, visit, tote=body.tote)
    with desk_of(visit) as desk:
        work = read_work(desk.uow, _person(request, desk))
    return _json(work)


@router.post("/scan/api/zone")
def choose_zone(request: Request, visit: Picker, body: ZoneChoice) -> Response:
    """Choose the zone in which the person picks, and answer like the work."""
    require_form_of_ours(visit, request.headers.get("x-csrf-token", ""))
    _choose_zone(request, visit, body.zone)
    with desk_of(visit) as desk:
        work = read_work(desk.uow, _person(request, desk))
    return _json(work)


@router.post("/scan/api/ops")
def take_ops(request: Request, visit: Picker, body: DeviceOps) -> Response:
    """Take what a device stored, oldest first; each op is answered by itself, and never refused as a whole."""
    require_form_of_ours(visit, request.headers.get("x-csrf-token", ""))
    if body.person not in ("", visit.actor.id):
        raise AnothersScans("Another person is signed in on this device.", remedy="They go out when you sign in.")
    with desk_of(visit) as desk:
        person = _person(request, desk)
    return _json(apply_ops(person, body.ops))


def _choose_zone(request: Request, visit: Visit, zone: str) -> None:
    def work(uow: UnitOfWork) -> None:
        person = _person(request, at_desk(uow, visit))
        fulfillment.choose_zone(uow, site_id=person.site.id, user_id=person.actor.id, zone=zone)

    run(visit.actor, work)


def _claimed(request: Request, visit: Visit, *, tote: str = "") -> ScanVerdict | None:
    """Claim a batch; when none waits, say so in a verdict."""

    def work(uow: UnitOfWork) -> None:
        person = _person(request, at_desk(uow, visit))
        finish_walk(uow, person)
        if my_batch(uow, person) is None:
            fulfillment.claim_batch(uow, site_id=person.site.id, tote=tote)

    try:
        run(visit.actor, work)
    except fulfillment.NothingToPick:
        return ScanVerdict("attention", "No batch is waiting", advice="Look again when orders were released.")
    return None


def _is_counted_here(op: DeviceOp, ack: dict[str, Any]) -> bool:
    """Say whether only the page knows that a step is over: the books count items, not totes at the bench."""
    taken = ack["status"] in ("applied", "duplicate")
    return taken and (op.task.partition(":")[0], op.step) in (("pack", "tote"), ("back", "item"), ("sort", "label"))


def _shown(
    request: Request, visit: Visit, verdict: ScanVerdict | None, *, after: Entry | None = None, job: str = "",
    truck: str = "",
) -> Response:  # fmt: skip
    with desk_of(visit) as desk:
        work = read_work(desk.uow, _person(request, desk), job, truck)
    told: Any = {"frame": desk.frame, "person": visit.actor.name, "csrf_token": visit.csrf_token, "verdict": verdict}
    shown = load_page(work, **told) if work.get("job") == LOAD else page(work, **told, after=after)
    return page_response(shown, flash_shown=bool(visit.notices))


def _person(request: Request, desk: Desk) -> Person:
    if desk.site is None:
        raise NotFound("There is no site yet.", remedy="Set one up first.")
    return Person(desk.visit.actor, desk.site, request.cookies.get(DEVICE_COOKIE, "")[:64], desk.visit.csrf_token)


def _json(content: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")


router.include_router(pages)

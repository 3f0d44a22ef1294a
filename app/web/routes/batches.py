from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.labels import person_words
from app.web.pages import BatchesPage, BatchRow, Chip, Empty, Fact, Form
from app.web.routes.answers import PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.batch_search import (
    cart_form,
    change_cart,
    change_detour,
    change_loading,
    change_passing,
    detour_form,
    loading_form,
    passing_form,
    search_forms,
    search_words,
    steer_search,
)
from app.web.routes.pick_zones import change_zones, zones_form
from app.web.routes.plan_run import ask_form, ask_now, cancel, planning_card
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from app.web.wording_care import care_marks
from fulfillment import api as fulfillment
from kernel.csv_text import csv_line

router = APIRouter(route_class=PageRoute)
_LIVE = ("DRAFT", "ASSIGNED", "IN_PROGRESS")
_COLUMNS = (
    "batch", "state", "orders", "lines", "stops", "walk_m", "merchant", "merchant_picks", "merchant_m", "planned_at",
    "finished_at",
)  # fmt: skip
_MOST_IN_CSV = 5_000
_EMPTY = Empty("Batches will be listed here.", "Release orders, and their walks are planned.")
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Planner = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]


@router.get("/batches")
def list_batches(visit: Viewer, show: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Show the walks of the site."""
    return staff_page(visit, _page(visit, done=show == "done"))


@router.get("/batches.csv")
def download_batches(visit: Viewer, show: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Return the walks as CSV, one line for each merchant with picks on one; the meters of a walk's lines add up."""
    with desk_of(visit) as desk:
        states = ("DONE",) if show == "done" else _LIVE
        found = fulfillment.find_batches(desk.uow, site_id=desk.site_id, states=states, limit=_MOST_IN_CSV)
        names = desk.merchants()
    lines = [
        csv_line((
            fulfillment.batch_label(batch.id), batch.state, batch.orders, batch.lines, batch.stops,
            batch.length_mm / 1000, names.get(share.tenant_id, share.tenant_id), share.picks, share.length_mm / 1000,
            batch.created_at.isoformat(), batch.finished_at.isoformat() if batch.finished_at else "",
        ))
        for batch in found for share in batch.merchants
    ]  # fmt: skip
    headers = {"content-disposition": 'attachment; filename="batches.csv"'}
    return Response("".join((csv_line(_COLUMNS), *lines)), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/batches/release")
def release_now(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Have a worker release what can go, and plan its walks."""
    return submit(request, visit, form, lambda uow: ask_now(uow, visit, form), again=lambda: _page(visit))


@router.post("/batches/release/cancel")
def cancel_release(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Have the worker stop."""
    return submit(request, visit, form, lambda uow: cancel(uow, visit, form), again=lambda: _page(visit))


@router.post("/batches/search")
def steer(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Stop the search for shorter walks, or have it start anew."""
    return submit(request, visit, form, lambda uow: steer_search(uow, visit, form), again=lambda: _page(visit))


@router.post("/batches/loading")
def set_loading(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Change what goes into the totes first."""
    return submit(request, visit, form, lambda uow: change_loading(uow, visit, form), again=lambda: _page(visit))


@router.post("/batches/detour")
def set_detour(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Change how far walks keep out of the way of others."""
    return submit(request, visit, form, lambda uow: change_detour(uow, visit, form), again=lambda: _page(visit))


@router.post("/batches/passing")
def set_passing(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Change whether walks are passed from zone to zone."""
    return submit(request, visit, form, lambda uow: change_passing(uow, visit, form), again=lambda: _page(visit))


@router.post("/batches/zones")
def set_zones(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Say who picks in which zone."""
    return submit(request, visit, form, lambda uow: change_zones(uow, visit, form), again=lambda: _page(visit))


@router.post("/batches/cart")
def set_cart(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Change what a cart of the site takes."""
    return submit(request, visit, form, lambda uow: change_cart(uow, visit, form), again=lambda: _page(visit))


def _page(visit: Visit, *, done: bool = False) -> BatchesPage:
    with desk_of(visit) as desk:
        states = ("DONE",) if done else _LIVE
        found = fulfillment.find_batches(desk.uow, site_id=desk.site_id, states=states)
        people, names = desk.people(), desk.merchants()
        may_plan = visit.may("work:plan")
        planning = planning_card(desk) if may_plan and not done else None
        is_planning = planning is not None and planning.cancel is not None
        return BatchesPage(
            frame=desk.frame,
            shell=desk.shell("/batches"),
            rows=tuple(_row(batch, people, names) for batch in found),
            empty=_EMPTY,
            figures=_figures(desk),
            queue_href=visit.link("/release", "work:plan"),
            release=None if is_planning or not may_plan else ask_form(desk, "Release and plan now"),
            planning=planning,
            refresh_s=2 if is_planning else 0,
            chips=(
                Chip("On the floor", "/batches", selected=not done),
                Chip("Done", "/batches?show=done", selected=done),
            ),
            csv_href="/batches.csv?show=done" if done else "/batches.csv",
            search="" if done else search_words(desk),
            search_forms=search_forms(desk) if may_plan and not done else (),
            settings=_settings(desk) if may_plan and not done else (),
        )


def _settings(desk: Desk) -> tuple[Form, ...]:
    offered = cart_form(desk), loading_form(desk), detour_form(desk), passing_form(desk), zones_form(desk)
    return tuple(form for form in offered if form)


def _row(batch: fulfillment.BatchSummary, people: dict[str, str], names: dict[str, str]) -> BatchRow:
    by_name = batch.length_by_name_order_mm
    saved = round(100 * (by_name - batch.length_mm) / by_name) if by_name else 0
    return BatchRow(
        fulfillment.batch_label(batch.id), batch.state, person_words(batch.picker, people), batch.orders, batch.lines,
        batch.lines_done, batch.stops, round(batch.length_mm / 1000), saved, batch.cut_off_at,
        f"/v1/batches/{batch.id}/pick-list.pdf", f"fills {batch.loads} carts" if batch.loads > 1 else "",
        _shares(batch, names), round(batch.loading_mm / 1000), round(batch.congestion_mm / 1000),
        tuple(care_marks(batch.kept_apart)), _legs(batch),
    )  # fmt: skip


def _legs(batch: fulfillment.BatchSummary) -> str:
    if not batch.zones or batch.state == "DONE":
        return ""
    here, waits = batch.zones[batch.leg], batch.leg > 0 and not batch.picker
    way = " \N{RIGHTWARDS ARROW} ".join(batch.zones)
    if waits:
        return f"Waits at the hand-over of zone {batch.zones[batch.leg - 1]} for zone {here} ({way})"
    return f"Zone {here} ({way})" if len(batch.zones) > 1 else f"Zone {here}"


def _shares(batch: fulfillment.BatchSummary, names: dict[str, str]) -> str:
    if len(batch.merchants) <= 1 or not batch.length_mm:
        return ""
    meters = fulfillment.apportioned(round(batch.length_mm / 1000), [share.length_mm for share in batch.merchants])
    return ", ".join(
        f"{names.get(share.tenant_id, share.tenant_id)} {part:,}\N{NO-BREAK SPACE}m"
        for share, part in zip(batch.merchants, meters, strict=True)
    )


def _figures(desk: Desk) -> tuple[Fact, ...]:
    floor = fulfillment.board(desk.uow, site_id=desk.site_id)
    orders = {stage.state: stage.orders for stage in floor.stages}
    listed = desk.visit.link("/orders?stage=PROMISED", "orders:read")
    return (
        Fact("Orders ready to release", str(orders.get("PROMISED", 0)), listed),
        Fact("Lines to pick", str(floor.lines_open)),
        Fact("Lines picked in the last hour", str(floor.lines_last_hour)),
        Fact("Units to put back", str(floor.put_backs_open), tone="warn" if floor.put_backs_open else "plain"),
    )

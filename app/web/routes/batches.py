from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.formats import counted
from app.web.labels import person_words
from app.web.pages import BatchesPage, BatchRow, Chip, Empty, Fact, Form
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork

router = APIRouter(route_class=PageRoute)
_LIVE = ("DRAFT", "ASSIGNED", "IN_PROGRESS")
_EMPTY = Empty("Batches will be listed here.", "Release orders, and their walks are planned.")
Viewer = Annotated[Visit, Depends(visitor("work:pick", "work:plan", of_the_house=True))]
Planner = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]


@router.get("/batches")
def list_batches(visit: Viewer, show: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Show the walks of the site."""
    return staff_page(visit, _page(visit, done=show == "done"))


@router.post("/batches/release")
def release_now(request: Request, visit: Planner, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Release what can go, and plan its walks."""

    def work(uow: UnitOfWork) -> Done:
        return _release(at_desk(uow, visit).require_site(form["site"]), uow)

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _release(site_id: str, uow: UnitOfWork) -> Done:
    decisions = fulfillment.release_orders(uow, site_id=site_id)
    uow.session.flush()
    batches = fulfillment.plan_batches(uow, site_id=site_id)
    released = sum(decision.released for decision in decisions)
    waiting = [decision for decision in decisions if not decision.released]
    words = f"{counted(released, 'order')} released, {counted(len(batches), 'new batch', 'new batches')} planned."
    if waiting:
        words += f" {counted(len(waiting), 'order waits', 'orders wait')}; the first because: {waiting[0].why}"
    return Done("/batches", words)


def _page(visit: Visit, *, done: bool = False) -> BatchesPage:
    with desk_of(visit) as desk:
        states = ("DONE",) if done else _LIVE
        found = fulfillment.find_batches(desk.uow, site_id=desk.site_id, states=states)
        people = desk.people()
        return BatchesPage(
            frame=desk.frame,
            shell=desk.shell("/batches"),
            rows=tuple(_row(batch, people) for batch in found),
            empty=_EMPTY,
            figures=_figures(desk),
            queue_href=visit.link("/release", "work:plan"),
            release=Form("/batches/release", "Release and plan now", (desk.site_field(),), csrf_token=visit.csrf_token)
            if visit.may("work:plan")
            else None,
            chips=(
                Chip("On the floor", "/batches", selected=not done),
                Chip("Done", "/batches?show=done", selected=done),
            ),
        )


def _row(batch: fulfillment.BatchSummary, people: dict[str, str]) -> BatchRow:
    by_name = batch.length_by_name_order_mm
    saved = round(100 * (by_name - batch.length_mm) / by_name) if by_name else 0
    return BatchRow(
        fulfillment.batch_label(batch.id), batch.state, person_words(batch.picker, people), batch.orders, batch.lines,
        batch.lines_done, batch.stops, round(batch.length_mm / 1000), saved, batch.cut_off_at,
        f"/v1/batches/{batch.id}/pick-list.pdf",
    )  # fmt: skip


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

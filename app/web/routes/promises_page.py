from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.promises import LatePromiseRow, LatePromisesPage
from app.web.faces.shell import Empty, Field, Form, Link
from app.web.formats import long_date
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
_SHOWN = 100
_EMPTY = Empty("Every promise can be kept.", "Orders stand here when a closed day or a long wait makes them late.")


@router.get("/promises")
def show(visit: Lead) -> Response:
    """Show the orders that no service would bring by their promised day any more."""
    return staff_page(visit, _page(visit))


@router.post("/promises/move")
def move(request: Request, visit: Lead, form: Annotated[Submitted, Depends(submitted)]) -> Response:
    """Promise these orders what can be kept, and write to their customers."""

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        moved = fulfillment.move_promises(uow, site_id=site_id, cause=form["cause"])
        return Done("/promises", f"{counted(moved, 'promise')} moved. Their customers are written to.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _page(visit: Visit) -> LatePromisesPage:
    with desk_of(visit) as desk:
        found = fulfillment.late_promises(desk.uow, site_id=desk.site_id)
        names = desk.merchants()
        more = len(found) - _SHOWN
        return LatePromisesPage(
            frame=desk.frame,
            shell=desk.shell("/batches"),
            rows=tuple(_row(each, names) for each in found[:_SHOWN]),
            empty=_EMPTY,
            heading=f"{counted(len(found), 'promise')} cannot be kept" if found else "Promises",
            more=f"And {counted(more, 'order')} more." if more > 0 else "",
            move=_form(desk, len(found)) if found else None,
        )


def _row(late: fulfillment.LatePromise, names: dict[str, str]) -> LatePromiseRow:
    return LatePromiseRow(
        Link(late.order_number, f"/orders/{late.order_id}"), names.get(late.tenant_id, ""), late.state,
        long_date(late.promised_on), long_date(late.possible_on),
    )  # fmt: skip


def _form(desk: Desk, late: int) -> Form:
    cause = Field(
        "cause", "Because", required=True, maximum=200,
        hint="The customers read it: “... is now promised for ..., because we are closed on 24 December”.",
    )  # fmt: skip
    return Form(
        "/promises/move", f"Move {counted(late, 'promise')} and write to the customers", (desk.site_field(), cause),
        "Promise what can be kept", "Each gets the first day that is possible, and a letter.",
        csrf_token=desk.visit.csrf_token,
    )  # fmt: skip

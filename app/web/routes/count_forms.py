from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.count_list import Counter, Lead, Viewer
from app.web.routes.count_page import count_page
from app.web.wording_counts import OUTCOMES, difference_words
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid

router = APIRouter(route_class=PageRoute)
Sent = Annotated[Submitted, Depends(submitted)]


@router.get("/counts/{count_id}")
def show_count(visit: Viewer, count_id: str) -> Response:
    """Show one count: to count it, to decide on it, or what came of it."""
    return staff_page(visit, count_page(visit, count_id))


@router.post("/counts/{count_id}/count")
def count(request: Request, visit: Counter, count_id: str, form: Sent) -> Response:
    """Take a count, and lead on to the next bin."""

    def work(uow: UnitOfWork) -> Done:
        if not form["barcode"]:
            raise Invalid("Scan the item.", remedy="Only an empty bin is counted without.", pointer="/barcode")
        return _count(uow, count_id, form, form.units("counted"))

    return submit(request, visit, form, work, again=lambda: count_page(visit, count_id))


@router.post("/counts/{count_id}/empty")
def count_none(request: Request, visit: Counter, count_id: str, form: Sent) -> Response:
    """Take a count of a bin in which there is nothing to scan."""
    return submit(
        request, visit, form, lambda uow: _count(uow, count_id, form, 0), again=lambda: count_page(visit, count_id)
    )


@router.post("/counts/{count_id}/withdraw")
def withdraw(request: Request, visit: Counter, count_id: str, form: Sent) -> Response:
    """Take a slip of the finger back."""

    def work(uow: UnitOfWork) -> Done:
        inventory.withdraw_count(uow, count_id=count_id)
        return Done(f"/counts/{count_id}", "Your count is taken back. Count again, or leave it to somebody else.")

    return submit(request, visit, form, work, again=lambda: count_page(visit, count_id))


@router.post("/counts/{count_id}/approve")
def approve(request: Request, visit: Lead, count_id: str, form: Sent) -> Response:
    """Book one of the counts, and show whom it took units from."""

    def work(uow: UnitOfWork) -> Done:
        number = int(form["number"]) if form["number"].isdecimal() else 0
        lot = form["lot"] or None
        inventory.approve_count(uow, count_id=count_id, number=number, reason=form["reason"], lot=lot)
        booked = inventory.get_count(uow, count_id)
        units = sum(each.quantity for each in booked.shorted)
        lost = f" {units:,} promised units are lost: see below who is told." if units else ""
        words = f"Booked: {difference_words(booked.head.difference or 0)}.{lost}"
        return Done(f"/counts/{count_id}", words, "warn" if units else "ok")

    return submit(request, visit, form, work, again=lambda: count_page(visit, count_id))


@router.post("/counts/{count_id}/return")
def send_back(request: Request, visit: Lead, count_id: str, form: Sent) -> Response:
    """Have it counted once more."""

    def work(uow: UnitOfWork) -> Done:
        inventory.return_count(uow, count_id=count_id, reason=form["reason"])
        return Done("/counts", "Somebody else counts it again.")

    return submit(request, visit, form, work, again=lambda: count_page(visit, count_id))


@router.post("/counts/{count_id}/ask")
def ask_anew(request: Request, visit: Lead, count_id: str, form: Sent) -> Response:
    """Have a bin counted anew whose count is finished: the way back from a wrong decision."""

    def work(uow: UnitOfWork) -> Done:
        head = inventory.get_count(uow, count_id).head
        (task,) = inventory.ask_counts(
            uow, site_id=head.site_id, tenant_id=head.tenant_id, item_id=head.item_id,
            location_code=head.location_code, reason=form["reason"],
        )  # fmt: skip
        return Done(f"/counts/{task}", f"{head.location_code} is to be counted anew.")

    return submit(request, visit, form, work, again=lambda: count_page(visit, count_id))


@router.post("/counts/{count_id}/cancel")
def cancel(request: Request, visit: Lead, count_id: str, form: Sent) -> Response:
    """Do without a count."""

    def work(uow: UnitOfWork) -> Done:
        inventory.cancel_count(uow, count_id=count_id, reason=form["reason"])
        return Done("/counts", "The count is cancelled; the book stays as it is.", "warn")

    return submit(request, visit, form, work, again=lambda: count_page(visit, count_id))


def _count(uow: UnitOfWork, count_id: str, form: Submitted, units: int) -> Done:
    state = inventory.submit_count(
        uow, count_id=count_id, location_code=form["location_code"], barcode=form["barcode"], counted=units
    )
    following = inventory.next_to_count(uow, count_id)
    more = "" if following else " That was the last one."
    words = f"{form['location_code']} is counted. {OUTCOMES[state]}{more}"
    return Done(f"/counts/{following}" if following else "/counts", words, "ok" if state == "approved" else "warn")

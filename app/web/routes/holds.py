from collections import Counter
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.formats import long_date, money
from app.web.labels import parcel_label
from app.web.pages import Empty, Field, Form, Link, ParcelHold, ParcelHoldsPage
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Visit, desk_of, visitor
from app.web.weighing import tolerance_g, typed_sentence
from fulfillment import api as fulfillment
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Sent = Annotated[Submitted, Depends(submitted)]
_CAUSES = 3
"""So many causes are named: a longer list would only delay who counts."""
_EMPTY = Empty("Nothing is held.", "A parcel whose weight is not as expected stops here, with its likeliest cause.")


@router.get("/holds")
def list_holds(
    visit: Annotated[Visit, Depends(visitor("audit:release", "work:pack", "orders:read", of_the_house=True))],
) -> Response:
    """Show what the weight audit holds."""
    return staff_page(visit, _page(visit))


@router.post("/parcels/{parcel_id}/release")
def release(
    request: Request, visit: Annotated[Visit, Depends(visitor("audit:release", of_the_house=True))], parcel_id: str,
    form: Sent,
) -> Response:  # fmt: skip
    """Let a held parcel go on, on the person's word."""

    def work(uow: UnitOfWork) -> Done:
        held = shipping.parcel_by_id(uow, parcel_id=parcel_id)
        shipping.release_held_parcel(
            uow, tenant_id=held.tenant_id, parcel_id=parcel_id, reason=form["reason"], evidence=form["evidence"],
            contents_confirmed=bool(form["contents_confirmed"]),
        )  # fmt: skip
        shipping.request_label(uow, tenant_id=held.tenant_id, parcel_id=parcel_id)
        return Done("/holds", f"Parcel {parcel_label(held.sscc)} is released, and its label is being bought.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/parcels/{parcel_id}/reopen")
def reopen(
    request: Request, visit: Annotated[Visit, Depends(visitor("work:pack", of_the_house=True))], parcel_id: str,
    form: Sent,
) -> Response:  # fmt: skip
    """Send a wrongly packed parcel back to the bench."""

    def work(uow: UnitOfWork) -> Done:
        wrong = shipping.parcel_by_id(uow, parcel_id=parcel_id)
        fulfillment.reopen_parcel(
            uow, tenant_id=wrong.tenant_id, parcel_id=parcel_id, reason=form["reason"],
            carton_reusable=bool(form["carton_reusable"]),
        )  # fmt: skip
        return Done("/holds", f"Parcel {parcel_label(wrong.sscc)} is taken apart: its order is at the bench again.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _page(visit: Visit) -> ParcelHoldsPage:
    with desk_of(visit) as desk:
        people = desk.people()
        held = shipping.held_parcels(desk.uow, site_id=desk.site_id)
        orders = fulfillment.order_heads(desk.uow, [parcel.reference for parcel, _ in held])
        holds = tuple(_hold(visit, parcel, audit, orders[parcel.reference], people) for parcel, audit in held)
        at_stake = _at_stake(parcel for parcel, _ in held)
        return ParcelHoldsPage(desk.frame, desk.shell("/holds"), holds, _EMPTY, at_stake)


def _hold(
    visit: Visit, parcel: shipping.ParcelView, audit: shipping.AuditView, order: fulfillment.OrderHead,
    people: dict[str, str],
) -> ParcelHold:  # fmt: skip
    where = f"/orders/{order.id}" if visit.may("orders:read") else f"/parcels/{parcel.id}"
    return ParcelHold(
        parcel_label(parcel.sscc), Link(order.external_id, where), audit.weighed_at, audit.reading_g, audit.expected_g,
        tolerance_g(audit), next(iter(audit.explanations), "No single cause explains it: count the contents."),
        audit.explanations[1:_CAUSES], tuple(f"{each.quantity} x {each.sku}" for each in parcel.contents),
        money(parcel.value_minor, parcel.currency), long_date(parcel.promised_on), people.get(parcel.packed_by, ""),
        release_form(visit, parcel.id), reopen_form(visit, parcel.id), typed_sentence(audit.typed),
    )  # fmt: skip


def _at_stake(parcels: Iterable[shipping.ParcelView]) -> str:
    """Say what the goods in these parcels are worth together, by currency."""
    sums: Counter[str] = Counter()
    for parcel in parcels:
        sums[parcel.currency] += parcel.value_minor
    return " and ".join(money(minor, currency) for currency, minor in sorted(sums.items()))


def release_form(visit: Visit, parcel_id: str) -> Form | None:
    """Return the form that releases a held parcel, for those who may."""
    if not visit.may("audit:release"):
        return None
    fields = (
        Field("reason", "Why may it go", required=True, maximum=500),
        Field("evidence", "What did you look at", required=True, maximum=500, hint="Such as: opened, 3 of 3 counted."),
        Field("contents_confirmed", "I counted the contents: learn this weight", "checkbox"),
    )
    return Form(f"/parcels/{parcel_id}/release", "Release the parcel", fields, "Release", tone="stop",
                csrf_token=visit.csrf_token)  # fmt: skip


def reopen_form(visit: Visit, parcel_id: str) -> Form | None:
    """Return the form that sends a parcel back to the bench, for those who may."""
    if not visit.may("work:pack"):
        return None
    why = Field("reason", "What is wrong with it", required=True, maximum=500)
    address = f"/parcels/{parcel_id}/reopen"
    again = Field("carton_reusable", "The carton can be used again", "checkbox")
    return Form(address, "Take it apart", (why, again), "Pack it anew", csrf_token=visit.csrf_token)

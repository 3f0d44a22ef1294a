from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.shell import Empty, Field, Form, Link, Option
from app.web.faces.weights import WeightCard, WeightsPage
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Visit, desk_of, visitor
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Sent = Annotated[Submitted, Depends(submitted)]
_KINDS: Final = {
    "catalog": "Catalog weight of", "item": "Item", "scale": "Scale", "packer": "Packer", "carton": "Carton",
}  # fmt: skip
_EMPTY: Final = Empty(
    "Nothing stands out.",
    "Catalog weights that are grossly wrong, and scales, items, packers and cartons that drift, are named here.",
)


@router.get("/weights")
def show_weights(visit: Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]) -> Response:
    """Show what weighing shows and nobody settled."""
    return staff_page(visit, _page(visit))


@router.post("/weights/{finding_id}/settle")
def settle(
    request: Request, visit: Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))], finding_id: str,
    form: Sent,
) -> Response:  # fmt: skip
    """Settle a finding: something was corrected, or it is right as it is."""

    def work(uow: UnitOfWork) -> Done:
        shipping.settle_weight_finding(uow, finding_id=finding_id, outcome=form["outcome"], note=form["note"])
        return Done("/weights", "The finding is settled.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _page(visit: Visit) -> WeightsPage:
    with desk_of(visit) as desk:
        people = desk.people()
        found = shipping.weight_findings(desk.uow, site_id=desk.site_id)
        cards = tuple(_card(visit, each, people) for each in found)
        return WeightsPage(desk.frame, desk.shell("/board"), cards, _EMPTY)


def _card(visit: Visit, each: shipping.WeightFinding, people: dict[str, str]) -> WeightCard:
    name = people.get(each.code, each.name) if each.kind == "packer" else each.name
    href = f"/items/{each.code}" if each.kind in {"catalog", "item"} else ""
    return WeightCard(
        _KINDS[each.kind], Link(name, href), each.what, round(each.believed_g), round(each.learned_g), each.parcels,
        each.found_at, _settle_form(visit, each),
    )  # fmt: skip


def _settle_form(visit: Visit, each: shipping.WeightFinding) -> Form:
    options = (Option("corrected", "I corrected it"), Option("kept", "It is right as it is"))
    fields = (
        Field("outcome", "What became of it", "select", options=options, required=True),
        Field("note", "What you did or saw", required=True, maximum=500),
    )
    return Form(f"/weights/{each.id}/settle", "Settle it", fields, "Settle", csrf_token=visit.csrf_token)

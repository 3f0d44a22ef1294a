from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from app.web.faces.packing import PackingCarton, PackingPage, PackingStep
from app.web.faces.shell import Field, Form, Option
from app.web.handheld.cartons import contents_of, journey_of, package_name
from app.web.routes.answers import PageRoute, page_response
from app.web.routes.visits import Visit, desk_of, visitor
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
_TIMES: Final = " \N{MULTIPLICATION SIGN} "
_INTO_THE_BAG: Final = (
    "Stack it on the flat bag as shown, slide the stack in from the right, fold the flap and seal it."
)
_CLOSED: Final = ("voided", "manifested", "handed_over")


@router.get("/packing/{order_id}")
def show_packing(
    visit: Annotated[Visit, Depends(visitor("work:pack", of_the_house=True))], order_id: str,
    carton: Annotated[str, Query(max_length=40)] = "",
) -> Response:  # fmt: skip
    """Show how an order is packed, step by step: in the proposed cartons, in those that it was packed into already, or
    in the one that is named.
    """
    with desk_of(visit) as desk:
        order = fulfillment.get_order(desk.uow, order_id)
        contents = _in_totes(desk.uow, order.id)
        if contents:
            planned, told = _planned(desk.uow, order, contents, carton)
        else:
            planned, told = _packed(desk.uow, order)
        other = _other_form(desk.uow, order, contents, carton) if contents else None
        shown = tuple(_shown(each, number, len(planned)) for number, each in enumerate(planned, start=1))
        return page_response(PackingPage(desk.frame, visit.actor.name, order.external_id, shown, tuple(told), other))


def _in_totes(uow: UnitOfWork, order_id: str) -> list[shipping.Content]:
    work = fulfillment.pack_work(uow, order_id)
    return contents_of(uow, work, inventory.items_by_id(uow, {line.item_id for line in work.lines}))


def _planned(
    uow: UnitOfWork, order: fulfillment.OrderView, contents: Sequence[shipping.Content], carton_code: str
) -> tuple[Sequence[shipping.PlannedCarton], list[str]]:
    if carton_code:
        chosen = shipping.plan_into(uow, site_id=order.site_id, contents=contents, carton_code=carton_code)
        return ([chosen], []) if chosen else ([], [f"No way is known to pack all of it into {carton_code}."])
    try:
        plan = shipping.plan_parcels(
            uow, tenant_id=order.tenant_id, site_id=order.site_id, contents=contents, journey=journey_of(order)
        )
    except shipping.SizeUnknown as unknown:
        return [], [unknown.detail, unknown.remedy]
    return plan.cartons, [*plan.statements, *(["No cheaper carton holds it."] if plan.is_proven else [])]


def _packed(uow: UnitOfWork, order: fulfillment.OrderView) -> tuple[Sequence[shipping.PlannedCarton], list[str]]:
    """Return how the goods lie in the cartons that they were packed into and that are still here."""
    parcels = shipping.parcels_of(uow, tenant_id=order.tenant_id, reference=order.id)
    here = [parcel for parcel in parcels if parcel.kind == "outbound" and parcel.state not in _CLOSED]
    if not here:
        return [], ["Nothing of this order is in a tote or in a parcel here."]
    items = inventory.items_by_id(uow, {content.item_id for parcel in here for content in parcel.contents})
    found = [
        shipping.plan_into(
            uow, site_id=parcel.site_id, contents=_with_care(parcel.contents, items), carton_code=parcel.carton_code
        )
        for parcel in here
    ]
    return [carton for carton in found if carton], ["It is packed already."]


def _with_care(contents: Sequence[shipping.Content], items: Mapping[str, inventory.ItemView]) -> list[shipping.Content]:
    """Return a parcel's contents with what their items need, which the parcel does not keep."""
    found = []
    for each in contents:
        item = items.get(each.item_id)
        if item is None:
            found.append(each)
            continue
        care = replace(each, keep_upright=item.keep_upright, fragile=item.fragile, max_load_g=item.max_load_g)
        found.append(replace(care, mailer_ok=item.mailer_ok))
    return found


def _shown(carton: shipping.PlannedCarton, number: int, of: int) -> PackingCarton:
    guide = shipping.packing_guide(carton, name=f"c{number}")
    steps = tuple(PackingStep(step.sentence, _goods(step.content), step.picture) for step in guide)
    kind = "Mailer" if carton.is_mailer else "Carton"
    name = package_name(carton.carton_name, is_mailer=carton.is_mailer)
    heading = f"{kind} {number} of {of}: {name}" if of > 1 else name
    if carton.flat_mm is None:
        return PackingCarton(heading, f"{_sides(carton.inner_mm)} mm inside", carton.gross_weight_g, steps)
    sides = f"Flat bag, {_sides(carton.flat_mm[:2])} mm inside"
    return PackingCarton(heading, sides, carton.gross_weight_g, steps, _INTO_THE_BAG)


def _goods(content: shipping.Content) -> str:
    care = [word for word, is_so in (("upright", content.keep_upright), ("fragile", content.fragile)) if is_so]
    sides = f"{_sides((content.length_mm, content.width_mm, content.height_mm))} mm"
    load = [] if content.max_load_g is None else [_load(content.max_load_g)]
    linked = [f"packed together: {content.pack_with}"] if content.pack_with else []
    return ", ".join([content.name, sides, *care, *load, *linked])


def _load(most_g: int) -> str:
    return f"at most {most_g:,} g on it" if most_g else "nothing on it"


def _sides(sides: tuple[int, ...]) -> str:
    return _TIMES.join(str(side) for side in sides)


def _other_form(
    uow: UnitOfWork, order: fulfillment.OrderView, contents: Sequence[shipping.Content], chosen: str
) -> Form | None:
    fitting = [each for each in shipping.cartons(uow, site_id=order.site_id) if each.may_hold(contents)]
    if not fitting:
        return None
    options = (Option("", "As proposed"), *(Option(each.code, each.name, each.code == chosen) for each in fitting))
    field = Field("carton", "See it in another carton", "select", options=options)
    return Form(f"/packing/{order.id}", "Show", (field,), method="get")

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.addresses import address
from app.web.faces.carrier_services import CarrierServiceRow, CarrierServicesPage
from app.web.faces.shell import Empty, Field, Form, Option
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, visitor
from kernel.db.transactions import UnitOfWork
from kernel.quantity import counted
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
Word = Annotated[str, Query(max_length=130)]
_PATH: Final = "/carrier-services"
_TAKES: Final = {
    shipping.NOT_STATED: "Not stated: takes everything",
    "none": "None",
    shipping.EXCEPTED: "Section II batteries",
    shipping.LIMITED: "Limited quantities",
    shipping.REGULATED: "All, with papers",
}
_CHOICES: Final = {
    "none": "No dangerous goods",
    shipping.EXCEPTED: "Batteries of special provision 188 (Section II)",
    shipping.LIMITED: "These, and limited quantities",
    shipping.REGULATED: "All dangerous goods, with their papers",
}
_MODES: Final = {"": "\N{EN DASH}", "ground": "On the ground", "air": "By air"}
_INTRO: Final = (
    "From the next label on, a parcel with goods that it does not take goes by another service. By air, batteries that"
    " are packed alone are fully regulated, and a service takes batteries of Section II at most."
)


@router.get(_PATH)
def show(visit: Lead, service: Word = "") -> Response:
    """Show the services of the site, and which dangerous goods each takes."""
    return staff_page(visit, _page(visit, service))


@router.post(_PATH)
def state(request: Request, visit: Lead, form: Sent) -> Response:
    """State which dangerous goods a service takes, and whether it flies."""

    def work(uow: UnitOfWork) -> Done:
        carrier, _, service = form["service"].partition("/")
        stated = shipping.set_service_goods(
            uow, site_id=at_desk(uow, visit).require_site(form["site"]), carrier=carrier, service=service,
            goods=shipping.GoodsTerms(form["dangerous_goods"], form["mode"]),
        )  # fmt: skip
        takes = _TAKES[stated.dangerous_goods].lower()
        return Done(_PATH, f"Saved. {stated.carrier_name} {stated.service_name}, dangerous goods: {takes}.")

    return submit(request, visit, form, work, again=lambda: _page(visit, form["service"]))


def _page(visit: Visit, chosen: str) -> CarrierServicesPage:
    with desk_of(visit) as desk:
        services = shipping.carrier_services(desk.uow, site_id=desk.site_id)
        unstated = [each for each in services if not each.goods_terms.is_stated]
        named = next((each for each in services if _key(each) == chosen), None)
        return CarrierServicesPage(
            frame=desk.frame,
            shell=desk.shell("/release"),
            to_decide=_to_decide(unstated),
            rows=tuple(_row(each) for each in sorted(services, key=lambda each: each.goods_terms.is_stated)),
            empty=Empty("The site uses no carrier service.", "Parcels cannot leave before it has one."),
            form=_form(desk, services, named or next(iter(unstated or services))) if services else None,
        )


def _to_decide(unstated: list[shipping.CarrierService]) -> str:
    if not unstated:
        return ""
    names = ", ".join(f"{each.carrier_name} {each.service_name}" for each in unstated[:8])
    return (
        f"Nobody has stated which dangerous goods they take, so that {counted(len(unstated), 'service')} may get any:"
        f" {names}."
    )


def _row(each: shipping.CarrierService) -> CarrierServiceRow:
    terms = each.goods_terms
    return CarrierServiceRow(
        each.carrier_name, each.service_name, each.cut_off, _MODES[terms.mode], _TAKES[terms.accepts],
        "plain" if terms.is_stated else "warn", address(_PATH, service=_key(each)),
    )  # fmt: skip


def _form(desk: Desk, services: tuple[shipping.CarrierService, ...], chosen: shipping.CarrierService) -> Form:
    terms = chosen.goods_terms
    known = tuple(
        Option(_key(each), f"{each.carrier_name} {each.service_name}", each is chosen) for each in services
    )  # fmt: skip
    unknown = () if terms.is_stated else (Option("", "Choose", selected=True),)
    takes = tuple(Option(key, words, key == terms.accepts) for key, words in _CHOICES.items())
    modes = tuple(Option(mode, _MODES[mode], mode == terms.mode) for mode in shipping.MODES)
    fields = (
        desk.site_field(),
        Field("service", "Service", "select", _key(chosen), options=known, required=True),
        Field("dangerous_goods", "Dangerous goods", "select", options=(*unknown, *takes), required=True),
        Field("mode", "Way", "select", options=(*unknown, *modes), required=True),
    )
    return Form(_PATH, "Save", fields, "State what a service takes", _INTRO, csrf_token=desk.visit.csrf_token)


def _key(each: shipping.CarrierService) -> str:
    return f"{each.carrier}/{each.service}"

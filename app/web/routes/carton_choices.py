from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.carton_choices import BarredCarton, CartonChoicesPage, OverruledRow
from app.web.faces.shell import Empty, Form
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, desk_of, visitor
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
_TIMES: Final = "\N{MULTIPLICATION SIGN}"
_EMPTY: Final = Empty(
    "Packers took every carton that was planned.",
    "When they take another one, it is told here with their reason. A carton that is overruled again and again for the "
    "same items is planned no more for them.",
)


@router.get("/carton-choices")
def show_choices(visit: Lead) -> Response:
    """Show which plans packers overrule, by carton and items, and which cartons are planned no more."""
    return staff_page(visit, _page(visit))


@router.post("/carton-choices/{bar_id}/take-back")
def take_back(request: Request, visit: Lead, bar_id: str, form: Sent) -> Response:
    """Plan a carton for its items again."""

    def work(uow: UnitOfWork) -> Done:
        shipping.lift_carton_bar(uow, bar_id=bar_id)
        return Done("/carton-choices", "The carton is planned for these items again.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _page(visit: Visit) -> CartonChoicesPage:
    with desk_of(visit) as desk:
        bars = shipping.carton_bars(desk.uow, site_id=desk.site_id)
        plans = shipping.overruled_plans(desk.uow, site_id=desk.site_id)
        mixes = [each.mix for each in bars] + [each.mix for each in plans]
        items = inventory.items_by_id(desk.uow, {item for mix in mixes for item in mix})
        names = _names(desk)
        merchants = desk.merchants()
        barred = tuple(
            BarredCarton(
                _cartons(each.carton_code, names), _mix(each.mix, items), merchants.get(each.tenant_id, ""),
                each.barred_at, _take_back_form(visit, each),
            )
            for each in bars
        )  # fmt: skip
        rows = tuple(_row(each, names, _mix(each.mix, items), merchants) for each in plans)
        return CartonChoicesPage(desk.frame, desk.shell("/board"), barred, rows, _EMPTY)


def _names(desk: Desk) -> dict[str, str]:
    names = {carton.code: carton.name for carton in shipping.cartons(desk.uow, site_id=desk.site_id)}
    return names | {shipping.OWN_CONTAINER: "Own container", shipping.FOREIGN_CONTAINER: "Somebody else's container"}


def _row(
    each: shipping.OverruledPlan, names: Mapping[str, str], mix: str, merchants: Mapping[str, str]
) -> OverruledRow:
    reasons = sorted(each.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    why = ", ".join(f"{shipping.OVERRULES[reason]} ({count})" for reason, count in reasons)
    return OverruledRow(
        _cartons(each.carton_code, names), mix, merchants.get(each.tenant_id, ""), each.overruled, each.followed, why,
        each.note, _cartons(each.instead, names), each.last_at,
    )  # fmt: skip


def _cartons(codes: str, names: Mapping[str, str]) -> str:
    return " + ".join(names.get(code, code) for code in codes.split("+"))


def _mix(mix: Mapping[str, int], items: Mapping[str, inventory.ItemView]) -> str:
    return ", ".join(
        f"{count} {_TIMES} {items[item_id].sku if item_id in items else item_id}" for item_id, count in mix.items()
    )


def _take_back_form(visit: Visit, bar: shipping.CartonBar) -> Form:
    return Form(f"/carton-choices/{bar.id}/take-back", "Plan it again", tone="plain", csrf_token=visit.csrf_token)

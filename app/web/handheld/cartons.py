"""Which carton an order goes into: the proposed one first, any other of the site with a reason."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.web.handheld.codes import comparable
from app.web.handheld.tasks import Step, new_step
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

Items = Mapping[str, inventory.ItemView]

AS_PLANNED: Final = "AS-PLANNED"


def carton_step(uow: UnitOfWork, order: fulfillment.OrderView, work: fulfillment.PackWork, items: Items) -> Step:
    """Return the step that asks for a carton: every carton of the site may be scanned or tapped.

    The proposed one comes first, then those against which nothing speaks, then the others. Without a proposal, because
    an item's size is not known, none is marked and no reason is asked for. `items` are those of the work's lines.
    """
    contents = contents_of(uow, work, items)
    proposed = _proposed(uow, order, contents)
    others = _others(uow, order.site_id, contents)
    taken = {choice["code"] for choice in proposed}
    choices = [*proposed, *(choice for choice in others if choice["code"] not in taken)]
    reasons = [_reason(code, name) for code, name in shipping.OVERRULES.items()] if proposed else []
    codes = [comparable(choice["code"]) for choice in choices]
    return new_step("carton", "scan_carton", "CARTON", codes, choices=choices, reasons=reasons)


def _reason(code: str, name: str) -> dict[str, Any]:
    """Return a reason to choose from; the one that is on no list goes with a note."""
    return {"code": code, "name": name} | ({"note": True} if code == shipping.OTHER else {})


def contents_of(uow: UnitOfWork, work: fulfillment.PackWork, items: Items) -> list[shipping.Content]:
    """Return what goes into the cartons of an order, by its lines."""
    kinds = fulfillment.dangerous_kinds(uow, items.values())
    return [
        shipping.Content(
            item_id=item.id, line_id=line.line_id, sku=line.sku, name=line.name or item.name, quantity=line.picked,
            weight_g=item.weight_g, length_mm=item.length_mm, width_mm=item.width_mm, height_mm=item.height_mm,
            keep_upright=item.keep_upright, fragile=item.fragile, kept_apart=item.kept_apart,
            max_load_g=item.max_load_g, own_container=item.own_container, pack_with=line.pack_with,
            mailer_ok=item.mailer_ok, dangerous_goods=kinds[item.id],
        )
        for line in work.lines
        for item in [items[line.item_id]]
    ]  # fmt: skip


def package_name(name: str, *, is_mailer: bool) -> str:
    """Return how people call a carton, or a mailer, whose name may not say what it is."""
    return f"{name} (mailer)" if is_mailer and "mailer" not in name.lower() else name


def journey_of(order: fulfillment.OrderView) -> shipping.Journey:
    """Return where an order's parcels go and how."""
    to = order.ship_to
    return shipping.Journey(
        to.country, to.postal_code, order.currency, service_level=order.service_level, promised_on=order.promised_on,
        value_minor=order.goods_minor,
    )  # fmt: skip


def _proposed(
    uow: UnitOfWork, order: fulfillment.OrderView, contents: Sequence[shipping.Content]
) -> list[dict[str, Any]]:
    try:
        plan = shipping.plan_parcels(
            uow, tenant_id=order.tenant_id, site_id=order.site_id, contents=contents, journey=journey_of(order)
        )
    except shipping.SizeUnknown:
        return []
    cartons = plan.cartons
    if len(cartons) > 1:
        what = "parcels" if any(carton.is_mailer for carton in cartons) else "cartons"
        names = (package_name(carton.carton_name, is_mailer=carton.is_mailer) for carton in cartons)
        return [{"code": AS_PLANNED, "name": f"{len(cartons)} {what}: {' + '.join(names)}", "suggested": True}]
    name = package_name(cartons[0].carton_name, is_mailer=cartons[0].is_mailer)
    return [{"code": cartons[0].carton_code, "name": name, "suggested": True}]


def _others(uow: UnitOfWork, site_id: str, contents: Sequence[shipping.Content]) -> list[dict[str, Any]]:
    stocked = shipping.cartons(uow, site_id=site_id)
    fitting = [_choice(carton) for carton in stocked if carton.may_hold(contents)]
    small = [
        _choice(carton, "not for these goods" if carton.is_mailer else "seems too small")
        for carton in reversed(stocked)
        if not carton.may_hold(contents)
    ]
    single = len(contents) == 1 and contents[0].quantity == 1
    own = {"code": shipping.OWN_CONTAINER, "name": "Own container", "note": "no carton of ours"}
    foreign = {"code": shipping.FOREIGN_CONTAINER, "name": "Somebody else's container", "note": "weigh it empty first"}
    return [*fitting, *([own] if single else []), foreign, *small]


def _choice(carton: shipping.CartonView, doubt: str = "") -> dict[str, Any]:
    shown = carton.inner_mm[:2] if carton.is_mailer else carton.inner_mm
    inner = " \N{MULTIPLICATION SIGN} ".join(str(round(side / 10)) for side in shown)
    note = doubt or (f"{inner} cm flat" if carton.is_mailer else f"{inner} cm")
    name = package_name(carton.name, is_mailer=carton.is_mailer)
    return {"code": carton.code, "name": name, "note": f"{note}, none left" if carton.on_hand == 0 else note}

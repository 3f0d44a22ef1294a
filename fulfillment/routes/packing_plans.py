from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from fulfillment.dangerous_kinds import dangerous_kinds
from fulfillment.routes.callers import Reader, tenant_of
from fulfillment.routes.packing_schemas import (
    CostOut,
    PackingPlanOut,
    PackingPlansIn,
    PackingPlansOut,
    PassedOverOut,
    PieceIn,
    PlacementOut,
    PlannedCartonOut,
)
from inventory import api as inventory
from kernel.access.queries import get_merchant, require_site, site_of_merchant
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import FieldError, Invalid
from shipping import api as shipping

router = APIRouter(prefix="/v1")


@router.post(
    "/packing/plans", operation_id="planPacking", summary="Plan how goods are packed", tags=["packing"]
)  # fmt: skip
def plans(actor: Reader, body: PackingPlansIn) -> PackingPlansOut:
    """Return ways to pack goods in a site's cartons, cheapest first: cartons, where each unit lies, weights, costs by
    parts, whether no cheaper carton can hold them, and what kept the plan from being cheaper. It records nothing.
    """
    with transaction(actor) as uow:
        tenant_id = _merchant(uow, actor, body)
        site_id = require_site(uow, actor, body.site_id) if body.site_id else _own_site(uow, actor, tenant_id)
        currency = body.currency or (get_merchant(uow, tenant_id).currency if tenant_id else "")
        contents = _contents(uow, tenant_id, body.items)
        ranked = shipping.rank_pack_plans(
            uow, tenant_id=tenant_id, site_id=site_id, contents=contents, journey=_journey(body, currency),
            dunnage_minor_per_l=body.dunnage_minor_per_l, takes_own_container=body.own_container,
        )  # fmt: skip
    sides = {content.line_id: (content.length_mm, content.width_mm, content.height_mm) for content in contents}
    told = [_plan(rank, plan, sides) for rank, plan in enumerate(ranked, start=1)]
    return PackingPlansOut(site_id=site_id, currency=currency, plans=told)


def _merchant(uow: UnitOfWork, actor: Actor, body: PackingPlansIn) -> str:
    """Return whose items are meant; staff who plan bare pieces only need not say."""
    by_sku = any(piece.sku is not None for piece in body.items)
    is_staff = actor.tenant in ("", "*")
    return tenant_of(uow, actor, body.merchant_id) if by_sku or body.merchant_id or not is_staff else ""


def _own_site(uow: UnitOfWork, actor: Actor, tenant_id: str) -> str:
    if actor.site:
        return actor.site
    if not tenant_id:
        raise Invalid("Say which site.", pointer="/site_id")
    return site_of_merchant(uow, tenant_id).id


def _journey(body: PackingPlansIn, currency: str) -> shipping.Journey | None:
    to = body.destination
    if to is None:
        return None
    if not currency:
        raise Invalid("Say in which currency freight is told.", pointer="/currency")
    return shipping.Journey(
        to.country, to.postal_code, currency, to.residential, body.service_level, body.service
    )  # fmt: skip


def _contents(uow: UnitOfWork, tenant_id: str, pieces: Sequence[PieceIn]) -> list[shipping.Content]:
    skus = {piece.sku for piece in pieces if piece.sku is not None}
    known = inventory.items_by_sku(uow, tenant_id=tenant_id, skus=skus) if skus else {}
    errors = tuple(
        FieldError(f"/items/{i}/sku", "unknown_sku", f"There is no item with the SKU {piece.sku}.")
        for i, piece in enumerate(pieces)
        if piece.sku is not None and piece.sku not in known
    )
    if errors:
        raise Invalid(errors[0].message, remedy="Use the SKUs of your own items.", errors=errors)
    kinds = dangerous_kinds(uow, known.values())
    return [
        _of_item(i, known[piece.sku], piece, kinds) if piece.sku is not None else _bare(i, piece)
        for i, piece in enumerate(pieces)
    ]


def _of_item(i: int, item: inventory.ItemView, piece: PieceIn, kinds: Mapping[str, str]) -> shipping.Content:
    return shipping.Content(
        item_id=item.id, line_id=str(i), sku=item.sku, name=item.name, quantity=piece.quantity, weight_g=item.weight_g,
        length_mm=item.length_mm, width_mm=item.width_mm, height_mm=item.height_mm, keep_upright=item.keep_upright,
        fragile=item.fragile, kept_apart=item.kept_apart, max_load_g=item.max_load_g,
        own_container=item.own_container, pack_with=piece.pack_with,
        mailer_ok=item.mailer_ok, dangerous_goods=kinds[item.id],
    )  # fmt: skip


def _bare(i: int, piece: PieceIn) -> shipping.Content:
    return shipping.Content(
        item_id="", line_id=str(i), sku="", name=piece.name or f"Piece {i + 1}", quantity=piece.quantity,
        weight_g=piece.weight_g or 0, length_mm=piece.length_mm or 0, width_mm=piece.width_mm or 0,
        height_mm=piece.height_mm or 0, keep_upright=piece.keep_upright, fragile=piece.fragile,
        max_load_g=piece.max_load_g, own_container=piece.own_container, pack_with=piece.pack_with,
        mailer_ok=piece.mailer_ok,
    )  # fmt: skip


def _plan(rank: int, plan: shipping.PricedPlan, sides: dict[str, tuple[int, int, int]]) -> PackingPlanOut:
    return PackingPlanOut(
        rank=rank, cartons=[_carton(each, sides) for each in plan.cartons], total_minor=plan.total_minor,
        is_proven=plan.is_proven, constraint=plan.constraint, statements=list(plan.statements),
        passed_over=[PassedOverOut.model_validate(each) for each in plan.passed_over],
    )  # fmt: skip


def _carton(each: shipping.PricedCarton, sides: dict[str, tuple[int, int, int]]) -> PlannedCartonOut:
    planned = each.planned
    parts = {content.line_id: content for content in planned.contents}
    contents_g = sum(content.weight_g * content.quantity for content in planned.contents)
    contents_mm3 = sum(c.length_mm * c.width_mm * c.height_mm * c.quantity for c in planned.contents)
    return PlannedCartonOut(
        carton_code=planned.carton_code, carton_name=planned.carton_name, inner_mm=planned.inner_mm,
        outer_mm=planned.outer_mm, contents_g=contents_g, gross_g=planned.gross_weight_g, contents_mm3=contents_mm3,
        void_mm3=each.void_mm3, cost=CostOut.model_validate(each.cost), service=each.service,
        flat_mm=planned.flat_mm,
        placements=[_placement(place, parts[place[0]], sides[place[0]]) for place in planned.placements],
    )  # fmt: skip


def _placement(
    place: tuple[str, int, int, int, int, int, int], content: shipping.Content, sides: tuple[int, int, int]
) -> PlacementOut:
    ref, x, y, z, length, width, height = place
    return PlacementOut(
        item=int(ref), sku=content.sku, name=content.name, x_mm=x, y_mm=y, z_mm=z, length_mm=length, width_mm=width,
        height_mm=height, orientation=shipping.orientation_of(sides, (length, width, height)),
    )  # fmt: skip

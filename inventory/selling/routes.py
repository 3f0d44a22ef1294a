from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from inventory.queries import get_item
from inventory.selling import queries as selling
from inventory.selling.commands.rules import set_selling_rules
from inventory.selling.domain import KitPart, Oversell, SafetyStock
from inventory.selling.schemas import (
    KitPartIn,
    KitPartOut,
    OversellOut,
    SafetyStockIn,
    SafetyStockOut,
    SellingOut,
    SellingPatch,
)
from inventory.web.answers import json_response, tagged_response, version_of
from inventory.web.parameters import Id, Reader, Writer
from inventory.web.scope import ids_of
from kernel.access.models import MerchantSite, Site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import FieldError, Invalid
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1")


@router.get(
    "/items/{item_id}/selling", operation_id="getSellingRules", summary="How an item is sold", tags=["items"],
    responses={200: {"model": SellingOut}},
)  # fmt: skip
def get_selling_rules(actor: Reader, item_id: Id) -> Response:
    """Return an item's safety stock by channel, how far it may be sold ahead, and the parts of a kit. The ETag is the
    item's.
    """
    with transaction(actor) as uow:
        return tagged_response(json_response(_out(uow, selling.selling_rules(uow, item_id))))


@router.patch(
    "/items/{item_id}/selling", operation_id="editSellingRules", summary="Change how an item is sold", tags=["items"],
    responses={200: {"model": SellingOut}},
)  # fmt: skip
def patch_selling_rules(request: Request, body: SellingPatch, actor: Writer, item_id: Id) -> Response:
    """Replace the rules that are named; `If-Match` carries the ETag that was read. What is promised keeps its units."""
    version = version_of(request.headers.get("if-match", ""))

    def work(uow: UnitOfWork) -> Answer:
        item = get_item(uow, item_id)
        rules = set_selling_rules(
            uow, tenant_id=item.tenant_id, item_id=item_id, version=version,
            safety_stock=None if body.safety_stock is None else _safety(uow, item.tenant_id, body.safety_stock),
            oversell=Oversell(**body.oversell.model_dump()) if body.oversell else None,
            kit=None if body.kit is None else _parts(uow, item.tenant_id, body.kit),
            pack_together=body.pack_together,
        )  # fmt: skip
        return Answer(_out(uow, rules))

    return tagged_response(act(request, actor, body.model_dump(mode="json") | {"version": version}, work))


def _safety(uow: UnitOfWork, tenant_id: str, rules: Sequence[SafetyStockIn]) -> list[SafetyStock]:
    ids = {code: site_id for site_id, code in _sites(uow, tenant_id).items()}
    wrong = tuple(
        FieldError(f"/safety_stock/{n}/site", "unknown_site", f"No site {rule.site} handles these goods.")
        for n, rule in enumerate(rules)
        if rule.site and rule.site not in ids
    )
    if wrong:
        raise Invalid(wrong[0].message, remedy="Leave `site` out, or send the code of one that does.", errors=wrong)
    return [SafetyStock(rule.units, rule.channel, ids.get(rule.site, "")) for rule in rules]


def _parts(uow: UnitOfWork, tenant_id: str, parts: Sequence[KitPartIn]) -> list[KitPart]:
    ids = ids_of(uow, tenant_id, [(f"/kit/{n}/sku", part.sku) for n, part in enumerate(parts)])
    return [KitPart(ids[part.sku], part.quantity, part.value_share) for part in parts]


def _sites(uow: UnitOfWork, tenant_id: str) -> dict[str, str]:
    statement = select(Site.id, Site.code).join(MerchantSite, MerchantSite.site_id == Site.id)
    rows = uow.session.execute(statement.where(MerchantSite.merchant_id == tenant_id))
    return {row.id: row.code for row in rows}


def _out(uow: UnitOfWork, rules: selling.SellingRules) -> SellingOut:
    codes = _sites(uow, get_item(uow, rules.item_id).tenant_id) if any(r.site_id for r in rules.safety_stock) else {}
    return SellingOut(
        rules.item_id, rules.sku, rules.version,
        tuple(SafetyStockOut(r.units, r.channel, codes.get(r.site_id, r.site_id)) for r in rules.safety_stock),
        OversellOut(rules.oversell.policy, rules.oversell.units, rules.oversell.until),
        tuple(KitPartOut(p.sku, p.item_id, p.name, p.quantity, p.value_share) for p in rules.kit),
        rules.pack_together,
    )  # fmt: skip

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from inventory.queries import get_item
from inventory.selling import queries as selling
from inventory.selling.commands.rules import set_selling_rules
from inventory.selling.domain import MAX_CHANNEL, MAX_PARTS, MAX_SAFETY, MAX_SHARE, KitPart, Oversell, SafetyStock
from inventory.web.answers import json_response, tagged_response, version_of
from inventory.web.parameters import Id, Reader, Writer
from inventory.web.schemas import PRINTABLE, Body, Quantity, Sku, Word
from inventory.web.scope import ids_of
from kernel.access.models import MerchantSite, Site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import FieldError, Invalid
from kernel.quantity import MAX_QUANTITY
from kernel.web.acting import Answer, act
from kernel.web.values import Day

router = APIRouter()


class SafetyStockIn(Body):
    """Units that a channel must leave at a site; without a channel every one, without a site each of yours."""

    units: int = Field(ge=0, le=MAX_QUANTITY, examples=[5])
    channel: str = Field(default="", max_length=MAX_CHANNEL, pattern=PRINTABLE, examples=["marketplace"])
    site: Word = Field(default="", examples=["main"])


class OversellIn(Body):
    """How many units may be sold beyond what is there; a preorder also says when the goods are expected."""

    policy: Literal["none", "backorder", "preorder"] = Field(examples=["backorder"])
    units: int = Field(default=0, ge=0, le=MAX_QUANTITY, examples=[20])
    until: Day | None = Field(default=None, examples=["2026-12-20"])


class KitPartIn(Body):
    """How many units of another item are in one kit. Each bears `value_share` parts of the kit's price."""

    sku: Sku
    quantity: Quantity
    value_share: int = Field(default=1, ge=1, le=MAX_SHARE, examples=[1])


class SellingPatch(Body):
    """The rules that change; each that is named replaces what there was. An empty `kit` makes a plain item of a kit."""

    safety_stock: list[SafetyStockIn] | None = Field(default=None, max_length=MAX_SAFETY)
    oversell: OversellIn | None = None
    kit: list[KitPartIn] | None = Field(default=None, max_length=MAX_PARTS)


@dataclass(frozen=True, slots=True)
class SafetyStockOut:
    """Units that a channel must leave at a site, by its code; empty means every one."""

    units: int
    channel: str
    site: str


@dataclass(frozen=True, slots=True)
class OversellOut:
    """How many units may be sold beyond what is there, and until when."""

    policy: str
    units: int
    until: date | None


@dataclass(frozen=True, slots=True)
class KitPartOut:
    """A part of a kit."""

    sku: str
    item_id: str
    name: str
    quantity: int
    value_share: int


@dataclass(frozen=True, slots=True)
class SellingOut:
    """The rules by which an item is sold; `version` is the item's."""

    item_id: str
    sku: str
    version: int
    safety_stock: tuple[SafetyStockOut, ...]
    oversell: OversellOut
    kit: tuple[KitPartOut, ...]


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
    )  # fmt: skip

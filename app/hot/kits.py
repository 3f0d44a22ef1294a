"""The ordinary way for what the hot function does not know: kits, which are held as their parts."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import or_, select
from starlette.requests import Request
from starlette.responses import Response

from app.hot.requests import ReservationLine, ReservationRequest
from inventory import api as inventory
from kernel.access.models import MerchantSite, Site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from kernel.quantity import MAX_QUANTITY
from kernel.web.access import authenticate
from kernel.web.acting import Answer, act

_Parts = Mapping[str, tuple[inventory.KitPart, ...]]


def hold_kits(request: Request, wanted: ReservationRequest) -> Response | None:
    """Hold what a request wants, kits as their parts; None when it names no kit, or something that nobody knows.

    The stored answer of its Idempotency-Key is the one that the hot function finds when the request is repeated.

    Raises:
        InsufficientStock, Invalid: as the hot function refuses.
    """
    actor = authenticate(request)
    if actor is None:
        return None
    skus = {line.sku for line in wanted.lines}
    with transaction(actor) as uow:
        items = inventory.items_by_sku(uow, tenant_id=actor.tenant, skus=skus)
        kits = inventory.kit_parts(uow, tenant_id=actor.tenant, kit_ids=[item.id for item in items.values()])
    if not kits or skus - {sku for sku, item in items.items() if item.active}:
        return None
    ids = {sku: item.id for sku, item in items.items()}
    return act(request, actor, wanted, lambda uow: _hold(uow, actor.tenant, wanted, ids, kits))


def _hold(uow: UnitOfWork, tenant_id: str, wanted: ReservationRequest, ids: Mapping[str, str], kits: _Parts) -> Answer:
    site_id = _site(uow, tenant_id, wanted.site)
    expires_at = uow.now + timedelta(seconds=wanted.expires_in_seconds)
    demands = {line.line_id: _demands(n, line, ids[line.sku], kits) for n, line in enumerate(wanted.lines)}
    together = wanted.policy == "all_or_nothing"
    groups = [[d for each in demands.values() for d in each]] if together else list(demands.values())
    reserved: dict[str, int] = {}
    for group in groups:
        whole = together or len(group) > 1
        reserved |= inventory.reserve_stock(
            uow, tenant_id=tenant_id, site_id=site_id, order_id=wanted.reference, customer_id="", demands=group,
            policy="all_or_nothing" if whole else "split", channel=wanted.channel, expires_at=expires_at, hold=True,
        ).reserved  # fmt: skip
    if not reserved:
        raise _short(uow, tenant_id, site_id, wanted)
    lines = [_told(line, demands[line.line_id], reserved.get(line.line_id, 0)) for line in wanted.lines]
    complete = all(line["reserved"] == line["requested"] for line in lines)
    return Answer(
        {
            "reference": wanted.reference, "site_id": site_id,
            "outcome": "reserved" if complete else "partly_reserved",
            "expires_at": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}", "lines": lines,
        },
        201,
    )  # fmt: skip


def _site(uow: UnitOfWork, tenant_id: str, named: str) -> str:
    statement = select(Site.id).join(MerchantSite, MerchantSite.site_id == Site.id)
    statement = statement.where(MerchantSite.merchant_id == tenant_id).order_by(Site.code).limit(1)
    found = uow.session.scalar(statement.where(or_(Site.code == named, Site.id == named)) if named else statement)
    if found is None:
        raise Invalid(
            f"No site {named!r} handles your goods.",
            remedy="Leave `site` out, or send the code of one that does.",
            pointer="/site",
        )
    return found


def _demands(n: int, line: ReservationLine, item_id: str, kits: _Parts) -> list[inventory.Demand]:
    parts = kits.get(item_id) or (inventory.KitPart(item_id, 1),)
    if any(line.quantity * part.quantity > MAX_QUANTITY for part in parts):
        raise Invalid(f"Together its parts are more than {MAX_QUANTITY}.", pointer=f"/lines/{n}/quantity")
    return [inventory.Demand(line.line_id, part.item_id, line.quantity * part.quantity) for part in parts]


def _told(line: ReservationLine, demands: list[inventory.Demand], units: int) -> dict[str, str | int]:
    """Tell a line in what was asked for: units of the parts in kits."""
    in_one = sum(demand.quantity for demand in demands) // line.quantity
    return {
        "line_id": line.line_id, "sku": line.sku, "requested": line.quantity, "reserved": units // in_one
    }  # fmt: skip


def _short(uow: UnitOfWork, tenant_id: str, site_id: str, wanted: ReservationRequest) -> inventory.InsufficientStock:
    found = inventory.availability(
        uow, tenant_id=tenant_id, skus=[line.sku for line in wanted.lines], channel=wanted.channel
    )
    free = {each.sku: sum(s.available for s in each.by_site if s.site_id == site_id) for each in found}
    shortfalls: list[dict[str, str | int]] = [
        {"line_id": line.line_id, "sku": line.sku, "requested": line.quantity, "available": free[line.sku]}
        for line in wanted.lines
        if free[line.sku] < line.quantity
    ]
    # Two lines may each find enough, and not both together.
    words = ", ".join(f"{s['sku']}: {s['requested']} asked, {s['available']} free" for s in shortfalls[:5])
    words = words or "The lines together want more of an item than is free"
    return inventory.InsufficientStock(
        f"Nothing was reserved. {words}.",
        remedy="Ask for fewer, or send policy split to take what there is.",
        shortfalls=shortfalls,
    )

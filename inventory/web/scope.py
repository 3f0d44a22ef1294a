from collections.abc import Iterable

from sqlalchemy import select

from inventory.errors import UnknownItem
from inventory.queries import items_by_sku
from inventory.web.schemas import SiteBody
from kernel.access.models import Site
from kernel.access.queries import get_merchant, site_for
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Forbidden, Invalid


def tenant_of(uow: UnitOfWork, actor: Actor, merchant_id: str) -> str:
    """Return whose goods a request is about: an API key's own merchant's, or the one that staff name.

    Raises:
        Forbidden: a merchant named another.
        Invalid: staff named none.
        NotFound: the actor sees no such merchant.
    """
    if actor.tenant not in ("", ALL_TENANTS):
        if merchant_id not in ("", actor.tenant):
            raise Forbidden("These are another merchant's goods.", remedy="Leave merchant_id out.")
        return actor.tenant
    if not merchant_id:
        raise Invalid("Say whose goods these are.", remedy="Send merchant_id.", pointer="/merchant_id")
    return get_merchant(uow, merchant_id).id


def floor_of(uow: UnitOfWork, actor: Actor, code: str) -> str:
    """Return the site whose floor a request is about: the one it names by code, or the actor's own.

    Raises:
        Invalid: there is no such site, or none was named, or it is not the actor's.
    """
    found = uow.session.scalar(select(Site.id).where(Site.code == code)) if code else actor.site
    if not found or (actor.site and actor.site != found):
        raise Invalid("Say which site of yours is meant.", remedy="Send its code as `site`.", pointer="/site")
    return found


def list_site(uow: UnitOfWork, actor: Actor, code: str) -> str:
    """Return the site that a list is about, as `floor_of`; empty for all sites, when the actor has none and names none.

    Raises:
        Invalid: as `floor_of`.
    """
    return floor_of(uow, actor, code) if code or actor.site else ""


def ids_of(uow: UnitOfWork, tenant_id: str, skus: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return item ids by SKU; `skus` are (JSON pointer, SKU).

    Raises:
        UnknownItem: names every SKU that the merchant has no item for.
    """
    wanted = list(skus)
    found = items_by_sku(uow, tenant_id=tenant_id, skus=[sku for _, sku in wanted])
    wrong = [
        FieldError(at, "unknown_item", f"There is no item with SKU {sku}.") for at, sku in wanted if sku not in found
    ]
    if wrong:
        refusal = UnknownItem(wrong[0].message, remedy="Create it first, or check it.")
        refusal.facts["errors"] = [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in wrong]
        raise refusal
    return {sku: item.id for sku, item in found.items()}


def item_of(uow: UnitOfWork, tenant_id: str, sku: str) -> str:
    """Return the id of the item that a body names as `sku`.

    Raises:
        UnknownItem: the merchant has no such item.
    """
    return ids_of(uow, tenant_id, [("/sku", sku)])[sku]


def place_of(uow: UnitOfWork, actor: Actor, body: SiteBody) -> tuple[str, str]:
    """Return whose goods a body is about, and at which site.

    Raises:
        Forbidden, Invalid, NotFound: as `tenant_of`; or no such site handles these goods.
    """
    tenant_id = tenant_of(uow, actor, body.merchant_id)
    return tenant_id, site_for(uow, actor, tenant_id, body.site)

from typing import Annotated

import msgspec
from fastapi import Depends, Path, Query
from starlette.responses import Response

from fulfillment.routes.schemas import ID
from kernel.access.queries import get_merchant, require_site
from kernel.actors import ALL_TENANTS, Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Forbidden, Invalid
from kernel.web.access import requires

Reader = Annotated[Actor, Depends(requires("orders:read"))]
Writer = Annotated[Actor, Depends(requires("orders:write"))]
Picker = Annotated[Actor, Depends(requires("work:pick"))]
Planner = Annotated[Actor, Depends(requires("work:plan"))]
Key = Annotated[str, Path(max_length=64, pattern=ID)]
SiteId = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$", description="Only for administrators")]
MerchantId = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_]*$", description="Only for staff")]


def json_response(content: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return any msgspec-encodable value as JSON."""
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json", headers=headers)


def tenant_of(uow: UnitOfWork, actor: Actor, merchant_id: str) -> str:
    """Return whose orders are meant: an API key's own merchant's, or the one that staff name."""
    if actor.tenant not in ("", ALL_TENANTS):
        if merchant_id not in ("", actor.tenant):
            raise Forbidden("This key belongs to another merchant.", remedy="Leave merchant_id out.")
        return actor.tenant
    if not merchant_id:
        raise Invalid("Say which merchant's order this is.", pointer="/merchant_id")
    return get_merchant(uow, merchant_id).id


def site_of(uow: UnitOfWork, actor: Actor, site_id: str) -> str:
    """Return the site of the floor: the one that is named, if it is the actor's, or the actor's own.

    Raises:
        Forbidden: the actor works at no site.
        NotFound: there is no such site for this actor.
        Invalid: an administrator named none.
    """
    if actor.tenant != ALL_TENANTS and not actor.site:
        raise Forbidden("The floor is for people who work at a site.", remedy="Sign in at that site.")
    if not (site_id or actor.site):
        raise Invalid("Say which site is meant.", pointer="/site_id")
    return require_site(uow, actor, site_id) if site_id else actor.site

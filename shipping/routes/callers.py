from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from kernel.access.queries import require_site, site_of_merchant
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from kernel.web.access import requires
from kernel.web.paging import MAX_LIMIT

Reader = Annotated[Actor, Depends(requires("orders:read"))]
Packer = Annotated[Actor, Depends(requires("work:pack"))]
Planner = Annotated[Actor, Depends(requires("work:plan"))]
Judge = Annotated[Actor, Depends(requires("audit:release"))]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=300)]
PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "The document"}}


def dump(model: type[BaseModel], value: object) -> dict[str, Any]:
    """Return a view as the JSON values of its response model."""
    return model.model_validate(value).model_dump(mode="json")


def pdf(document: bytes, name: str) -> Response:
    """Return a document that a browser shows under a name of its own."""
    headers = {"content-disposition": f'inline; filename="{name}.pdf"', "cache-control": "private, no-store"}
    return Response(document, media_type="application/pdf", headers=headers)


def site_of(uow: UnitOfWork, actor: Actor, named: str | None) -> str:
    """Return the site that is named, if it is one of the actor's, or else the actor's own."""
    if named:
        return require_site(uow, actor, named)
    if actor.tenant in ("", "*") and not actor.site:
        raise Invalid("Say which site.", pointer="/site_id")
    return actor.site or site_of_merchant(uow, actor.tenant).id

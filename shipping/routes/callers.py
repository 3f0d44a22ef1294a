from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from kernel.actors import Actor
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

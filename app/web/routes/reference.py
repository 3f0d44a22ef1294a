from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.reference import ReferencePage
from app.web.pages import Frame
from app.web.reference import operation_groups, scopes_of
from app.web.routes.answers import PageRoute, page_response
from kernel import clock

router = APIRouter(route_class=PageRoute)


@router.get("/docs")
def show_reference(request: Request) -> Response:
    """Show the interface in words: the same document that `/openapi.json` gives to machines. It is public."""
    document = request.app.openapi()
    introduction = tuple(part.replace("\n", " ") for part in document["info"]["description"].strip().split("\n\n"))
    groups = operation_groups(document, scopes_of(request.app.routes))
    page = ReferencePage(Frame(clock.now(), "UTC"), "The interface", introduction, groups)
    return page_response(page)

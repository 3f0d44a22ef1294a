"""How an error leaves the house: as a page for a person with a browser, as a problem document for everything else."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.web.error_pages import Trouble, mishap_page, wants_page
from kernel.errors import Refusal
from kernel.web.problems import problem, problem_response

_PAGES: dict[int, Trouble] = {
    404: Trouble(
        404, "There is no such page", "Nothing is at this address. It may be mistyped, or the page has moved.",
        "Check the address, or go on from the first page.",
    ),
    405: Trouble(
        405, "This address takes no such request", "It is the address of a form, and not of a page to look at.",
        "Go back, open the page again, and use the form on it.",
    ),
    500: Trouble(
        500, "Something went wrong on our side", "The page broke while it was being made.",
        "Open the page again and look whether your last action is done before you repeat it. If it breaks again, tell"
        " an administrator the reference below.",
        "The error is in the log under the reference below. An action that was not finished was undone as a whole.",
    ),
    503: Trouble(
        503, "The database does not answer", "This lasts seconds as a rule.", "Open the page again in a moment.",
    ),
}  # fmt: skip


def tell_refusal(request: Request, refusal: Refusal, headers: Mapping[str, str]) -> Response:
    """Return a refusal in the form that the caller reads."""
    if not wants_page(request):
        return problem_response(request, refusal, headers=dict(headers))
    told = Trouble(refusal.status, refusal.title, refusal.detail, refusal.remedy)
    return _with(mishap_page(request, told), headers)


def tell_problem(request: Request, members: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """Return problem members (type, title, status, detail, code) in the form that the caller reads."""
    if not wants_page(request):
        return problem(request, dict(members), headers=dict(headers))
    plain = Trouble(members["status"], members["title"], f"{members['detail']}.")
    return _with(mishap_page(request, _PAGES.get(members["status"], plain)), headers)


def _with(response: Response, headers: Mapping[str, str]) -> Response:
    for name, value in headers.items():
        response.headers[name] = value
    return response

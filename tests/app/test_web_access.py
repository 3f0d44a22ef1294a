"""Deny by default: every address asks who comes, and every role gets the pages of its work and no others."""

import re
from collections.abc import Callable, Iterator

import pytest
from conftest import Visitor
from web_house import WebHouse

from app.hot.routes import hot_routes
from app.main import API_ROUTERS
from app.web.faces.shell import NAVIGATION
from app.web.routes import routers as web_routers

PUBLIC = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/docs"),
    ("GET", "/brand/{accent}.css"),
}
"""Beside the trackers, which are opened by their token."""
EVERYBODY = {"picker", "packer", "service", "manager", "admin", "merchant"}
HOUSE = EVERYBODY - {"merchant"}
PAGES: dict[str, set[str]] = {
    "/": EVERYBODY,
    "/board": {"service", "manager", "admin"},
    "/batches": {"picker", "packer", "manager", "admin"},
    "/batches.csv": {"picker", "packer", "manager", "admin"},
    "/orders": {"service", "manager", "admin", "merchant"},
    "/orders.csv": {"service", "manager", "admin", "merchant"},
    "/savings": {"service", "manager", "admin", "merchant"},
    "/savings.csv": {"service", "manager", "admin", "merchant"},
    "/freight-invoices": {"service", "manager", "admin", "merchant"},
    "/scan": {"picker", "packer", "manager", "admin"},
    "/scan/shell": {"picker", "packer", "manager", "admin"},
    "/scan/worker.js": {"picker", "packer", "manager", "admin"},
    "/scan/api/work": {"picker", "packer", "manager", "admin"},
    "/holds": {"packer", "service", "manager", "admin"},
    "/manifests": {"packer", "manager", "admin"},
    "/manifests/reconciliation": {"manager", "admin"},
    "/lanes": {"packer", "manager", "admin"},
    "/returns": {"packer", "service", "manager", "admin", "merchant"},
    "/items": EVERYBODY,
    "/items/new": {"manager", "admin", "merchant"},
    "/arrivals": EVERYBODY,
    "/arrivals/new": {"manager", "admin", "merchant"},
    "/lots": EVERYBODY,
    "/counts": {"picker", "packer", "manager", "admin"},
    "/counts.csv": {"picker", "packer", "manager", "admin"},
    "/locations": {"picker", "packer", "manager", "admin"},
    "/locations.csv": {"picker", "packer", "manager", "admin"},
    "/locations/new": {"manager", "admin"},
    "/moves": {"picker", "packer", "manager", "admin"},
    "/moves.csv": {"picker", "packer", "manager", "admin"},
    "/forward-picks": {"picker", "packer", "manager", "admin"},
    "/plates": {"picker", "packer", "manager", "admin"},
    "/slotting": {"manager", "admin"},
    "/release": {"manager", "admin"},
    "/site-days": {"manager", "admin"},
    "/carrier-services": {"manager", "admin"},
    "/promises": {"manager", "admin"},
    "/shorts": {"manager", "admin"},
    "/weights": {"manager", "admin"},
    "/weight-checks": {"packer", "service", "manager", "admin"},
    "/carton-choices": {"manager", "admin"},
    "/carrier-accounts": {"manager", "admin"},
    "/cartons": {"manager", "admin"},
    "/consolidation": {"manager", "admin"},
    "/consolidation/hubs": {"manager", "admin"},
    "/export-terms": {"service", "manager", "admin", "merchant"},
    "/order-policy": {"service", "manager", "admin", "merchant"},
    "/value-added-services": {"service", "manager", "admin", "merchant"},
    "/floor/live": {"manager", "admin"},
    "/labor": {"manager", "admin"},
    "/what-if": {"manager", "admin"},
    "/labor/promises.csv": {"manager", "admin"},
    "/floor": {"manager", "admin"},
    "/floor/edit": {"manager", "admin"},
    "/messages": {"service", "manager", "admin", "merchant"},
    "/webhooks": {"service", "manager", "admin", "merchant"},
    "/imports": {"manager", "admin"},
    "/admin/users": {"admin"},
    "/admin/keys": {"admin"},
}
SignIn = Callable[[str], Visitor]


def routes(router: object) -> Iterator[tuple[str, str]]:
    """All (method, path) of a router and of those included in it."""
    for route in router.routes:  # type: ignore[attr-defined]
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes(inner)
        elif getattr(route, "path", None) is not None:
            yield from ((method, route.path) for method in sorted(route.methods - {"HEAD"}))


WEB = sorted({found for router in web_routers for found in routes(router)})
API = sorted({found for router in API_ROUTERS for found in routes(router)})


def filled(path: str) -> str:
    """The path with something in the place of each parameter."""
    dated = path.replace("{ship_date}", "2026-11-24")
    return re.sub(r"{[^}]+}", "x" * 8, dated)


def test_all_routes_are_found() -> None:
    assert len(WEB) > 50
    assert len(API) > 40


def test_nobody_gets_a_page_without_signing_in(visitor: Visitor) -> None:
    wrong = []
    for method, path in WEB:
        if (method, path) in PUBLIC or path.startswith("/t/"):
            continue
        answer = visitor.request(method, filled(path))
        asked = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        if not asked and not (path.startswith("/scan/api") and answer.status_code == 401):
            wrong.append((method, path, answer.status_code))
    assert wrong == []


def test_nobody_gets_an_answer_of_the_interface_without_a_key(visitor: Visitor) -> None:
    hot = [(method, route.path) for route in hot_routes for method in sorted(route.methods or ())]
    wrong = []
    for method, path in [*API, *hot]:
        if (method, path) in PUBLIC or not path.startswith("/v1"):
            continue
        answer = visitor.request(method, filled(path))
        if answer.status_code != 401:
            wrong.append((method, path, answer.status_code))
    assert wrong == []


def test_a_tracker_opens_by_its_token_only(visitor: Visitor) -> None:
    trackers = [(method, path) for method, path in WEB if path.startswith("/t/")]
    assert len(trackers) >= 9
    assert {visitor.request(method, filled(path)).status_code for method, path in trackers} == {404}


def test_what_is_public_is_on_the_list() -> None:
    assert PUBLIC - set(WEB) == set()


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_every_role_gets_its_pages_and_no_others(signed_in: SignIn, role: str) -> None:
    client = signed_in(role)
    got = {path: client.get(path).status_code for path in PAGES}
    expected = {path: (303 if path == "/" else 200) if role in roles else 403 for path, roles in PAGES.items()}
    assert got == expected


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_the_header_offers_exactly_the_pages_that_open(role: str) -> None:
    offered = set(NAVIGATION[role])  # type: ignore[index]
    allowed = {path for path, roles in PAGES.items() if role in roles and path in NAVIGATION["admin"]}
    assert offered == allowed


def test_every_page_is_in_the_matrix() -> None:
    pages = {path for method, path in WEB if method == "GET" and "{" not in path}
    assert pages - set(PAGES) - {"/sign-in", "/docs"} == set()


def test_no_form_is_taken_that_is_not_of_the_session(signed_in: SignIn) -> None:
    admin = signed_in("admin")
    taken = []
    for method, path in WEB:
        if method != "POST" or (method, path) in PUBLIC or path.startswith("/t/"):
            continue
        json = {"json": {"op_id": "12345678", "ops": []}} if path.startswith("/scan/api") else {}
        answer = admin.post(filled(path), **json)  # type: ignore[arg-type]
        if answer.status_code not in (403, 404):
            taken.append((path, answer.status_code))
    assert taken == []


def test_a_form_from_another_site_is_refused(signed_in: SignIn) -> None:
    answer = signed_in("admin").post("/batches/release", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_a_refusal_is_a_page_for_people_and_a_problem_for_machines(signed_in: SignIn, house: WebHouse) -> None:
    picker = signed_in("picker")
    page = picker.get("/board")
    assert page.headers["content-type"].startswith("text/html")
    assert "Your role, picker, does not include this page." in page.text
    assert picker.get("/v1/orders").headers["content-type"] == "application/problem+json"
    merchant = signed_in("merchant").get("/scan/api/work")
    assert merchant.status_code == 403
    assert merchant.headers["content-type"] == "application/problem+json"

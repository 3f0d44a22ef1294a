"""Lists of the interface that can be narrowed to a site: what is of it, and 404 for a site that is none of theirs."""

from collections.abc import Callable

import pytest
from conftest import Visitor
from web_house import WebHouse, delivered, do

from fulfillment import api as fulfillment
from kernel.access.commands import create_site
from notifications.api import find_messages
from returns import api as returns
from tests.application import application

SignIn = Callable[[str], Visitor]
NO_LISTS = {"/v1/floor-plans/in-force"}
"""What a site may have none of."""


def lists_by_site() -> list[str]:
    found = [
        path
        for path, operations in application().openapi()["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", ())
        if parameter["name"] == "site_id" and "{" not in path and path not in NO_LISTS
    ]
    assert {"/v1/orders", "/v1/returns", "/v1/messages", "/v1/manifests", "/v1/batches"} <= set(found)
    return found


@pytest.fixture(scope="module")
def branch(house: WebHouse) -> str:
    return do(
        lambda uow: create_site(
            uow, code="ZRH", name="Zürich", time_zone="Europe/Zurich", country="CH", company_prefix="7612345"
        )
    )


@pytest.mark.thorough
@pytest.mark.parametrize("role", ["admin", "manager"])
def test_a_site_that_nobody_knows_is_not_found(house: WebHouse, signed_in: SignIn, branch: str, role: str) -> None:
    client = signed_in(role)
    for path in lists_by_site():
        answer = client.get(path, params={"site_id": "sit_nowhere"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/site_id"), (path, answer.text)
        own = client.get(path, params={"site_id": house.site})
        assert own.status_code == 200, (path, own.text)
        other = client.get(path, params={"site_id": branch})
        assert other.status_code == (200 if role == "admin" else 404), (path, other.text)


@pytest.mark.thorough
def test_returns_and_messages_are_those_of_the_site(house: WebHouse, signed_in: SignIn, branch: str) -> None:
    order_id = delivered(house, ("MUG-BL", 1))
    line = do(lambda uow: fulfillment.get_order(uow, order_id)).lines[0]
    drafts = [returns.ReturnLineDraft(line.id, 1, "too_small")]
    do(lambda uow: returns.request_return(uow, order_id=order_id, lines=drafts))
    assert do(lambda uow: find_messages(uow, order_id=order_id)).items
    admin = signed_in("admin")
    for path in ("/v1/returns", "/v1/messages"):
        here, there = (admin.get(path, params={"site_id": site}).json()["items"] for site in (house.site, branch))
        assert order_id in {row["order_id"] for row in here}
        assert there == []

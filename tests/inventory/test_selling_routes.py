"""The rules by which an item is sold, over HTTP."""

import asyncio

import httpx
import pytest
from sqlalchemy import Connection

from inventory.routes import routers
from kernel.access.commands import issue_key
from kernel.actors import system
from kernel.db.transactions import transaction
from tests.application import serving
from tests.inventory.warehouse import Warehouse, build, everything, stock

RULES = {
    "safety_stock": [{"units": 2}, {"units": 4, "channel": "market", "site": "HAM"}],
    "oversell": {"policy": "preorder", "units": 9, "until": "2999-01-31"},
}


@pytest.fixture
def house(database: Connection) -> Warehouse:
    with transaction(system()) as uow:
        house = build(uow, skus=("A", "B", "SET"))
        stock(uow, house, A={"P-1": 5})
    return house


def send(house: Warehouse, method: str, body: object = None, *, sku: str = "A", **options: str) -> httpx.Response:
    """Send a request as the merchant, or with the scopes or as the tenant that `options` name."""
    with transaction(system()) as uow:
        scopes = options.pop("scopes", "stock:read stock:write").split()
        secret = issue_key(uow, tenant_id=options.pop("tenant", house.tenant), name="k", scopes=scopes).secret
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": secret} | {
        name.replace("_", "-"): value for name, value in options.items()
    }
    app = serving(*routers)

    async def sent() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://dc.test") as client:
            path = f"/v1/items/{house.items[sku]}/selling"
            return await client.request(method, path, json=body, headers=headers)

    return asyncio.run(sent())


def state() -> dict[str, list[tuple[object, ...]]]:
    with transaction(system()) as uow:
        return {table: rows for table, rows in everything(uow).items() if "key" not in table and table != "audit_log"}


def test_rules_are_read_changed_in_part_and_read_again(house: Warehouse) -> None:
    first = send(house, "GET")
    assert first.json()["oversell"] == {"policy": "none", "units": 0, "until": None}
    edited = send(house, "PATCH", RULES, if_match=first.headers["etag"])
    assert (edited.status_code, edited.headers["etag"]) == (200, '"v2"'), edited.text
    assert edited.json()["safety_stock"] == [
        {"units": 2, "channel": "", "site": ""},
        {"units": 4, "channel": "market", "site": "HAM"},
    ]
    kit = {"kit": [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1, "value_share": 3}]}
    made = send(house, "PATCH", kit, sku="SET", if_match='"v1"').json()["kit"]
    assert [(part["sku"], part["quantity"], part["value_share"]) for part in made] == [("A", 2, 1), ("B", 1, 3)]
    together = send(house, "PATCH", {"pack_together": True}, sku="SET", if_match='"v2"').json()
    assert (together["pack_together"], len(together["kit"])) == (True, 2)
    plain = send(house, "PATCH", {"kit": []}, sku="SET", if_match='"v3"').json()
    assert (plain["pack_together"], plain["kit"]) == (False, [])
    none = send(house, "PATCH", {"oversell": {"policy": "none"}}, if_match='"v2"').json()
    assert (none["oversell"]["policy"], len(none["safety_stock"]), none["version"]) == ("none", 2, 3)
    assert send(house, "GET").json() == none


def test_what_cannot_be_right_is_refused_by_field_and_changes_nothing(house: Warehouse) -> None:
    before = state()
    wrong: list[tuple[object, int, str]] = [
        ({"safety_stock": [{"units": -1}]}, 422, "/safety_stock/0/units"),
        ({"safety_stock": [{"units": 1, "site": "NOPE"}]}, 422, "/safety_stock/0/site"),
        ({"oversell": {"policy": "backorder"}}, 422, "/oversell/units"),
        ({"oversell": {"policy": "preorder", "units": 1}}, 422, "/oversell/until"),
        ({"kit": [{"sku": "B", "quantity": 1}]}, 409, "/kit"),
        ({"pack_together": True}, 422, "/pack_together"),
        ({"kit": [{"sku": "none", "quantity": 1}]}, 404, "/kit/0/sku"),
        ({"price": 1}, 422, "/price"),
    ]
    for body, status, pointer in wrong:
        answer = send(house, "PATCH", body, if_match="*")
        assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (status, [pointer]), body
    assert send(house, "PATCH", RULES).status_code == 428
    assert send(house, "PATCH", RULES, if_match='"v9"').status_code == 412
    assert send(house, "PATCH", RULES, if_match="*", scopes="stock:read").status_code == 403
    assert state() == before


def test_nobody_sees_or_changes_the_rules_of_another_merchant(house: Warehouse) -> None:
    with transaction(system()) as uow:
        rival = build(uow, code="RIVAL", site="BER").tenant
    before = state()
    assert send(house, "GET", tenant=rival).status_code == 404
    assert send(house, "PATCH", RULES, tenant=rival, if_match="*").status_code == 404
    assert state() == before

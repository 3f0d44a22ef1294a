"""Moves over HTTP: people of the floor carry, leads set rules and cancel, merchants read their own."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from inventory.moves.commands.planning import MOVE_PLANNING
from inventory.routes import routers
from kernel.access.commands import create_merchant
from kernel.actors import Role, system
from kernel.db.transactions import transaction
from tests.application import serving
from tests.inventory.test_counts_routes import key, person
from tests.inventory.warehouse import Warehouse, assert_invariants, bins, build, stock

SCANS = {"from_code": "DOCK", "barcode": "A", "to_code": "P-1", "quantity": 4}


@pytest.fixture
def house(database: Connection) -> Warehouse:
    with transaction(system()) as uow:
        built = build(uow)
        stock(uow, built, A={"DOCK": 10, "P-1": 1})
        for step in MOVE_PLANNING:
            step(uow)
        return built


@pytest.fixture
def app(house: Warehouse) -> FastAPI:
    return serving(*routers)


def test_a_move_is_claimed_carried_taken_back_and_cancelled(app: FastAPI, house: Warehouse) -> None:
    picker, lead, merchant = person(app, house, Role.PICKER), person(app, house, Role.MANAGER), key(app, house.tenant)
    (move,) = picker("GET", "/v1/move-tasks").json()["items"]
    path = f"/v1/move-tasks/{move['id']}"
    assert (move["to_code"], move["quantity"], move["why"]) == ("P-1", 10, "The same goods lie there.")
    assert picker("POST", f"{path}/claim", {}).json()["head"]["state"] == "claimed"
    assert lead("POST", f"{path}/steps", SCANS).json()["code"] == "move_claimed"
    assert picker("POST", f"{path}/release", {}).json()["head"]["state"] == "open"
    wrong = picker("POST", f"{path}/steps", SCANS | {"to_code": "P-2"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/reason")
    done = picker("POST", f"{path}/steps", SCANS).json()
    assert (done["head"]["moved"], done["steps"][0]["to_code"]) == (4, "P-1")
    assert picker("POST", f"{path}/undo", {"number": 1}).json()["steps"][0]["undone"] is True
    assert picker("POST", f"{path}/cancel", {"reason": "No"}).status_code == 403
    assert merchant("POST", f"{path}/steps", SCANS).status_code == 403
    assert lead("POST", f"{path}/cancel", {"reason": "Sold from here"}).json()["note"] == "Sold from here"
    listed = merchant("GET", "/v1/move-tasks?state=cancelled").json()["items"]
    assert [each["id"] for each in listed] == [move["id"]]
    with transaction(system()) as uow:
        assert bins(uow, house, "A") == {"DOCK": (10, 0), "P-1": (1, 0)}
    assert_invariants()


def test_a_merchant_sees_no_move_of_another(app: FastAPI, house: Warehouse) -> None:
    with transaction(system()) as uow:
        other = create_merchant(uow, code="OTHER", name="Other", currency="EUR")
    lead, stranger = person(app, house, Role.MANAGER), key(app, other)
    (move,) = lead("GET", "/v1/move-tasks").json()["items"]
    assert stranger("GET", "/v1/move-tasks").json()["items"] == []
    assert stranger("GET", f"/v1/move-tasks/{move['id']}").status_code == 404


@pytest.mark.thorough
def test_rules_are_set_listed_and_removed(app: FastAPI, house: Warehouse) -> None:
    lead, picker = person(app, house, Role.MANAGER), person(app, house, Role.PICKER)
    face = {"sku": "A", "location_code": "P-1"}
    body = {"merchant_id": house.tenant, "rules": [face | {"min_units": 2, "max_units": 9}]}
    assert picker("PUT", "/v1/forward-picks", body).status_code == 403
    assert lead("PUT", "/v1/forward-picks", body).json()["items"][0]["held"] == 1
    wrong = lead("PUT", "/v1/forward-picks", body | {"rules": [face | {"min_units": 9, "max_units": 9}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/rules/0/max_units")
    assert [each["min_units"] for each in picker("GET", "/v1/forward-picks").json()["items"]] == [2]
    assert lead("POST", "/v1/forward-picks/remove", {"merchant_id": house.tenant} | face).json()["items"] == []
    assert lead("POST", "/v1/forward-picks/remove", {"merchant_id": house.tenant} | face).status_code == 404


def test_a_lead_asks_where_units_would_go(app: FastAPI, house: Warehouse) -> None:
    lead = person(app, house, Role.MANAGER)
    asked = {"merchant_id": house.tenant, "sku": "B", "quantity": 3, "from_code": "DOCK"}
    (found,) = lead("POST", "/v1/move-tasks/suggestions", asked).json()
    assert (found["code"], found["quantity"]) == ("BULK", 3)
    assert found["why"].startswith("Empty, 0 m away")

"""Counts over HTTP: pickers count blind, leads decide, merchants read what came of their own goods."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from inventory.routes import routers
from kernel.access.commands import create_user, issue_key, sign_in
from kernel.actors import Role, system
from kernel.db.transactions import transaction
from tests.application import serving
from tests.inventory.test_inventory_routes import Caller
from tests.inventory.warehouse import Warehouse, assert_invariants, build, everything, reserve, stock

REQUEST = {"location_code": "P-1", "reason": "Looks off"}
SCAN = {"location_code": "P-1", "barcode": "A"}


@pytest.fixture
def house(database: Connection) -> Warehouse:
    with transaction(system()) as uow:
        built = build(uow)
        stock(uow, built, A={"P-1": 100})
        return built


@pytest.fixture
def app(house: Warehouse) -> FastAPI:
    return serving(*routers)


def person(app: FastAPI, house: Warehouse, role: Role, name: str = "") -> Caller:
    email = f"{role.value}{name}@dc.example"
    with transaction(system()) as uow:
        create_user(uow, email=email, name="P", role=role, password="long enough", site_id=house.site)
        token = sign_in(uow, email=email, password="long enough")
    return Caller(app, {"cookie": f"pickstream_session={token}"})


def key(app: FastAPI, tenant: str) -> Caller:
    with transaction(system()) as uow:
        secret = issue_key(uow, tenant_id=tenant, name="k", scopes=["stock:write", "stock:read"]).secret
    return Caller(app, {"authorization": f"Bearer {secret}"})


def test_a_count_goes_from_request_to_decision(app: FastAPI, house: Warehouse) -> None:
    ann, bob, lead = person(app, house, Role.PICKER, "1"), person(app, house, Role.PICKER, "2"), None
    lead = person(app, house, Role.MANAGER)
    with transaction(system()) as uow:
        reserve(uow, house, "ord_1", ("l1", "A", 90))
    asked = lead("POST", "/v1/counts/requests", REQUEST)
    (task,) = asked.json()
    path = f"/v1/counts/{task['id']}"
    assert (asked.status_code, task["state"], task["cause"]) == (201, "open", "requested")
    listed = ann("GET", "/v1/counts")
    counted = ann("POST", f"{path}/entries", SCAN | {"counted": 60})
    for answer in (listed, counted, bob("GET", path), lead("GET", path)):
        assert answer.status_code == 200
        assert "100" not in answer.text.replace(task["id"], ""), "the book's figure reaches nobody who may count"
    assert counted.json()["head"]["state"] == "recount"
    assert bob("POST", f"{path}/entries", SCAN | {"counted": 60}).json()["head"]["state"] == "counted"
    (effect, _) = lead("GET", f"{path}/effects").json()
    assert (effect["booked"], [p["quantity"] for p in effect["shorted"]]) == (60, [30])
    booked = lead("POST", f"{path}/approve", {"number": 2, "reason": "Both say so"})
    shorted = booked.json()["shorted"]
    assert [(p["kind"], p["reference"], p["quantity"]) for p in shorted] == [("order", "ord_1", 30)]
    assert booked.json()["shorted"][0]["told"] == ["merchant", "customer"]
    merchant = key(app, house.tenant)
    assert merchant("GET", path).json()["head"]["difference"] == -40
    assert bob("GET", path).json()["head"]["difference"] is None
    total = merchant("GET", "/v1/counts/accuracy").json()["total"]
    assert (total["counts"], total["right"], total["unit_share"]) == (1, 0, 0.6)
    assert_invariants()


def test_the_same_request_twice_is_one_count(app: FastAPI, house: Warehouse) -> None:
    lead, ann = person(app, house, Role.MANAGER), person(app, house, Role.PICKER)
    (task,) = lead("POST", "/v1/counts/requests", REQUEST).json()
    body = SCAN | {"counted": 99}
    answers = [ann("POST", f"/v1/counts/{task['id']}/entries", body, idempotency_key="once") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(answers[0].json()["entries"]) == 1


def test_who_may_do_what(app: FastAPI, house: Warehouse) -> None:
    lead, ann, merchant = person(app, house, Role.MANAGER), person(app, house, Role.PICKER), key(app, house.tenant)
    (task,) = lead("POST", "/v1/counts/requests", REQUEST).json()
    path = f"/v1/counts/{task['id']}"
    decide = {"number": 1, "reason": "x"}
    refused = [
        ann("POST", "/v1/counts/requests", REQUEST),
        ann("POST", f"{path}/approve", decide),
        ann("POST", f"{path}/cancel", {"reason": "x"}),
        ann("GET", f"{path}/effects"),
        merchant("POST", f"{path}/entries", SCAN | {"counted": 1}),
        merchant("POST", f"{path}/cancel", {"reason": "x"}),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    with transaction(system()) as uow:
        other = build(uow, code="OTHER", site="MUC")
    assert key(app, other.tenant)("GET", path).status_code == 404
    assert key(app, other.tenant)("GET", "/v1/counts").json()["items"] == []


def test_bad_input_is_a_clear_refusal_and_nothing_moves(app: FastAPI, house: Warehouse) -> None:
    lead, ann = person(app, house, Role.MANAGER), person(app, house, Role.PICKER)
    (task,) = lead("POST", "/v1/counts/requests", REQUEST).json()
    with transaction(system()) as uow:
        before = everything(uow)
    bad: list[tuple[dict[str, object], int, str]] = [
        ({"counted": 5.5}, 422, "invalid"),
        ({"counted": -1}, 422, "invalid"),
        ({"counted": 10**12}, 422, "invalid"),
        ({"barcode": "4006381333931"}, 404, "unknown_barcode"),
        ({"barcode": "B"}, 422, "scan_mismatch"),
        ({"location_code": "P-2"}, 422, "scan_mismatch"),
    ]
    for body, status, code in bad:
        answer = ann("POST", f"/v1/counts/{task['id']}/entries", SCAN | {"counted": 100} | body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    with transaction(system()) as uow:
        assert everything(uow) == before


def test_a_picker_reports_a_bin_that_is_not_empty(app: FastAPI, house: Warehouse) -> None:
    ann = person(app, house, Role.PICKER)
    check = {"location_code": "P-3", "barcode": "A", "empty": True}
    assert ann("POST", "/v1/counts/zero-checks", check).json() == []
    (task,) = ann("POST", "/v1/counts/zero-checks", check | {"empty": False}).json()
    assert (task["cause"], task["location_code"]) == ("zero_check", "P-3")


def test_periods_and_cursors_that_cannot_be_right_are_refused(app: FastAPI, house: Warehouse) -> None:
    ann = person(app, house, Role.PICKER)
    for query in ("since=2026-02-01&until=2026-01-01", "until=0001-01-01", "until=9999-12-31", "since=never"):
        assert ann("GET", f"/v1/counts/accuracy?{query}").status_code == 422
    assert ann("GET", "/v1/counts?cursor=abc").status_code == 422
    assert ann("GET", "/v1/counts?state=lost").status_code == 422
    assert ann("GET", "/v1/counts/cnt_nothing").status_code == 404

"""Arrivals over HTTP: merchants announce and read their own, the house receives."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from inventory.routes import routers
from kernel.access.commands import create_user, issue_key, sign_in
from kernel.actors import Role, system
from kernel.db.transactions import transaction
from tests.application import serving
from tests.inventory.test_inventory_routes import Caller
from tests.inventory.warehouse import Warehouse, assert_invariants, build, everything

TODAY = datetime.now(UTC).date()
BODY = {
    "external_id": "ASN-1",
    "supplier": "Mill",
    "expected_on": str(TODAY + timedelta(days=3)),
    "lines": [{"sku": "A", "quantity": 10}, {"sku": "B", "quantity": 4}],
}
SCAN = {"barcode": "A", "quantity": 4, "location_code": "P-1"}


@pytest.fixture
def house(database: Connection) -> Warehouse:
    with transaction(system()) as uow:
        return build(uow, skus=("A", "B", "C"))


@pytest.fixture
def app(house: Warehouse) -> FastAPI:
    return serving(*routers)


def key(app: FastAPI, tenant: str, *scopes: str) -> Caller:
    with transaction(system()) as uow:
        secret = issue_key(uow, tenant_id=tenant, name="k", scopes=list(scopes)).secret
    return Caller(app, {"authorization": f"Bearer {secret}"})


@pytest.fixture
def merchant(app: FastAPI, house: Warehouse) -> Caller:
    return key(app, house.tenant, "stock:write", "stock:read")


@pytest.fixture
def picker(app: FastAPI, house: Warehouse) -> Caller:
    with transaction(system()) as uow:
        create_user(uow, email="p@dc.example", name="P", role=Role.PICKER, password="long enough", site_id=house.site)
        token = sign_in(uow, email="p@dc.example", password="long enough")
    return Caller(app, {"cookie": f"pickstream_session={token}"})


@pytest.fixture
def path(merchant: Caller) -> str:
    return f"/v1/arrivals/{merchant('POST', '/v1/arrivals', BODY).json()['id']}"


def test_an_arrival_is_announced_received_and_closed(merchant: Caller, picker: Caller) -> None:
    made = merchant("POST", "/v1/arrivals", BODY)
    again = merchant("POST", "/v1/arrivals", BODY)
    assert (made.status_code, again.status_code, again.json()) == (201, 200, made.json())
    path = f"/v1/arrivals/{made.json()['id']}"
    took = picker("POST", f"{path}/receive", SCAN)
    assert (took.status_code, took.json()["sku"], took.json()["location_code"]) == (201, "A", "P-1")
    picker("POST", f"{path}/receive", SCAN | {"quantity": 1, "condition": "damaged", "location_code": ""})
    closed = picker("POST", f"{path}/close", {"missing": 9})
    told = [(line["sku"], line["received"], line["damaged"], line["missing"]) for line in closed.json()["lines"]]
    assert (closed.status_code, told) == (200, [("A", 4, 1, 5), ("B", 0, 0, 4)])
    assert merchant("GET", path).json() == closed.json()
    assert [r["quantity"] for r in merchant("GET", f"{path}/receipts").json()] == [1, 4]
    (listed,) = merchant("GET", "/v1/arrivals?state=closed&search=asn").json()["items"]
    assert (listed["expected"], listed["received"], listed["damaged"], listed["missing"]) == (14, 4, 1, 9)
    assert_invariants()


def test_a_repeated_scan_is_one_receipt(picker: Caller, merchant: Caller, path: str) -> None:
    first, again = (picker("POST", f"{path}/receive", SCAN, idempotency_key="scan-1") for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert merchant("GET", path).json()["lines"][0]["received"] == 4
    undone = picker("POST", f"{path}/receipts/{first.json()['id']}/undo", {})
    assert undone.json()["undone_at"] is not None
    assert merchant("GET", path).json()["state"] == "announced"


def test_an_arrival_that_did_not_change_is_not_sent_again(merchant: Caller, picker: Caller, path: str) -> None:
    etag = merchant("GET", path).headers["etag"]
    assert merchant("GET", path, if_none_match=etag).status_code == 304
    picker("POST", f"{path}/receive", SCAN)
    assert merchant("GET", path, if_none_match=etag).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "pointers"),
    [
        ({"lines": [{"sku": "A", "quantity": 1}, {"sku": "NOPE", "quantity": 1}]}, 404, ["/lines/1/sku"]),
        ({"lines": [{"sku": "A", "quantity": 0}]}, 422, ["/lines/0/quantity"]),
        ({"lines": [{"sku": "A", "quantity": -1}]}, 422, ["/lines/0/quantity"]),
        ({"lines": [{"sku": "A", "quantity": 10**12}]}, 422, ["/lines/0/quantity"]),
        ({"lines": []}, 422, ["/lines"]),
        ({"expected_on": str(TODAY - timedelta(days=400))}, 422, ["/expected_on"]),
        ({"expected_on": "9999-12-31"}, 422, ["/expected_on"]),
        ({"expected_on": "soon"}, 422, ["/expected_on"]),
        ({"site": "MOON"}, 422, ["/site"]),
        ({"external_id": " "}, 422, ["/external_id"]),
    ],
)
def test_an_impossible_announcement_names_its_fields(
    merchant: Caller, change: dict[str, object], status: int, pointers: list[str]
) -> None:
    refused = merchant("POST", "/v1/arrivals", BODY | change)
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.status_code, [e["pointer"] for e in refused.json()["errors"]]) == (status, pointers)
    assert merchant("GET", "/v1/arrivals").json()["items"] == []


@pytest.mark.parametrize(
    ("change", "status", "pointer", "code"),
    [
        ({"barcode": "NOPE"}, 404, "/barcode", "unknown_barcode"),
        ({"quantity": 0}, 422, "/quantity", None),
        ({"quantity": -1}, 422, "/quantity", None),
        ({"quantity": 10**15}, 422, "/quantity", None),
        ({"condition": "wet"}, 422, "/condition", None),
        ({"location_code": "NOWHERE"}, 404, "/location_code", "unknown_location"),
        ({"location_code": "HOSP"}, 422, "/location_code", "wrong_location"),
        ({"location_code": ""}, 422, "/location_code", "invalid"),
        ({"barcode": "C"}, 409, "/reason", "not_announced"),
    ],
)
def test_an_impossible_scan_names_its_field(  # noqa: PLR0917 - what is sent, and what is answered
    picker: Caller, path: str, change: dict[str, object], status: int, pointer: str, code: str | None
) -> None:
    with transaction(system()) as uow:
        before = everything(uow)
    refused = picker("POST", f"{path}/receive", SCAN | change)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"]) == (status, pointer)
    assert code in (None, error["code"])
    with transaction(system()) as uow:
        assert everything(uow) == before


def test_other_content_under_the_same_number_is_a_conflict(merchant: Caller, path: str) -> None:
    refused = merchant("POST", "/v1/arrivals", BODY | {"supplier": "Other"})
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_arrival")
    assert path.endswith(refused.json()["arrival_id"])


def test_merchants_receive_nothing_and_see_no_others_arrival(
    app: FastAPI, house: Warehouse, merchant: Caller, picker: Caller, path: str
) -> None:
    with transaction(system()) as uow:
        other = build(uow, code="OTHER", site="BRE", skus=("X",))
    rival = key(app, other.tenant, "stock:write", "stock:read")
    assert merchant("POST", f"{path}/receive", SCAN).status_code == 403
    assert merchant("POST", f"{path}/close", {}).status_code == 403
    assert rival("GET", path).status_code == 404
    assert rival("GET", f"{path}/receipts").status_code == 404
    assert rival("POST", f"{path}/cancel", {}).status_code == 404
    assert rival("POST", "/v1/arrivals", BODY | {"merchant_id": house.tenant}).status_code == 403
    assert rival("GET", "/v1/arrivals").json()["items"] == []
    assert key(app, house.tenant, "stock:read")("POST", "/v1/arrivals", BODY).status_code == 403
    assert picker("POST", "/v1/arrivals", BODY).status_code == 403
    assert merchant("GET", path).json()["state"] == "announced"


def test_nothing_comes_of_a_cancelled_arrival(merchant: Caller, picker: Caller, path: str) -> None:
    assert merchant("POST", f"{path}/cancel", {}).json()["state"] == "cancelled"
    refused = picker("POST", f"{path}/receive", SCAN)
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")
    assert merchant("POST", f"{path}/cancel", {}).status_code == 409


def test_the_explanation_names_what_is_announced(merchant: Caller, path: str) -> None:
    (site,) = merchant("GET", "/v1/availability/A/explain").json()["sites"]
    (relief,) = site["reliefs"]
    told = (relief["cause"], relief["quantity"], relief["on"], relief["reference"])
    assert told == ("arrival", 10, BODY["expected_on"], path.rpartition("/")[2])

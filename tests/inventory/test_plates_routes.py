"""License plates over HTTP: the floor carries, merchants read their own, and nobody another's."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from inventory.domain.barcodes import with_check_digit
from inventory.routes import routers
from kernel.access.commands import create_merchant, serve_merchants
from kernel.actors import Role, system
from kernel.db.transactions import transaction
from tests.application import serving
from tests.inventory.test_counts_routes import key, person
from tests.inventory.warehouse import Warehouse, assert_invariants, bins, build

SSCC = with_check_digit("34012345000000009")


@pytest.fixture
def house(database: Connection) -> Warehouse:
    with transaction(system()) as uow:
        return build(uow)


@pytest.fixture
def app(house: Warehouse) -> FastAPI:
    return serving(*routers)


def test_a_plate_is_announced_received_carried_and_broken_up(app: FastAPI, house: Warehouse) -> None:
    picker, lead, shop = person(app, house, Role.PICKER), person(app, house, Role.MANAGER), key(app, house.tenant)
    body = {"external_id": "ASN-1", "expected_on": "2026-03-02", "lines": [{"sku": "A", "quantity": 6, "sscc": SSCC}]}
    lines = body | {"lines": [{"sku": "A", "quantity": 6, "sscc": SSCC[:-1] + str((int(SSCC[-1]) + 1) % 10)}]}
    mine = {"merchant_id": house.tenant}
    assert lead("POST", "/v1/arrivals", lines | mine).json()["errors"][0]["pointer"] == "/lines/0/sscc"
    arrival = lead("POST", "/v1/arrivals", body | mine).json()["id"]
    taken = {"sscc": SSCC, "location_code": "DOCK"}
    assert shop("POST", f"/v1/arrivals/{arrival}/plates", taken).status_code == 403
    plate = picker("POST", f"/v1/arrivals/{arrival}/plates", taken)
    assert (plate.status_code, plate.json()["head"]["units"]) == (201, 6)
    path = f"/v1/plates/{plate.json()['head']['id']}"

    assert shop("GET", f"/v1/plates/by-sscc/(00){SSCC}").json()["contents"][0]["quantity"] == 6
    assert shop("POST", f"{path}/move", {"to_code": "BULK"}).status_code == 403
    told = picker("POST", f"{path}/move", {"to_code": "HOSP"})
    assert (told.status_code, told.json()["code"]) == (422, "wrong_target")
    assert picker("POST", f"{path}/move", {"to_code": "BULK"}).json()["head"]["location_code"] == "BULK"
    assert [each["sscc"] for each in lead("GET", "/v1/plates?search=BULK").json()["items"]] == [SSCC]
    assert picker("POST", f"{path}/break", {}).json()["head"]["state"] == "broken"
    with transaction(system()) as uow:
        assert bins(uow, house, "A") == {"BULK": (6, 0)}
        rival = create_merchant(uow, code="RIVAL", name="Rival", currency="EUR")
        serve_merchants(uow, site_id=house.site, merchant_ids=[rival])
    other = key(app, rival)
    assert other("GET", path).status_code == other("GET", f"/v1/plates/by-sscc/{SSCC}").status_code == 404
    assert other("GET", "/v1/plates?state=").json()["items"] == []
    assert_invariants()

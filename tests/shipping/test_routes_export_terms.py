"""Export terms over the API: told by staff for each merchant, by a merchant for itself; a label says what lacks."""

from dataclasses import replace
from typing import Any

import pytest
from httpx import Response

from app.simulators.ups import UpsDesk
from kernel.actors import Role
from shipping.routes import routers
from tests.application import serving
from tests.shipping.accounts import house, house_key, ups, ups_url
from tests.shipping.house import ANN, House, pack, weigh
from tests.shipping.test_routes_shipping import Client, staff

pytestmark = pytest.mark.thorough

__all__ = ["house", "house_key", "ups", "ups_url"]
PATH = "/v1/export-terms"
TERMS = {
    "eori": "DE1234567", "vat_number": "DE811111111", "signer": "Petra Muster", "phone": "+4930123456",
    "incoterm": "DDP",
}  # fmt: skip


@pytest.fixture
def client() -> Client:
    return Client(serving(*routers))


def put(client: Client, of: dict[str, str], body: dict[str, Any], headers: dict[str, str]) -> Response:
    return client.send("PUT", PATH, params=of, json=body, headers=headers)


def test_staff_say_it_for_each_merchant_and_a_label_names_what_lacks(
    client: Client, house: House, ups: UpsDesk
) -> None:
    manager = staff(house, Role.MANAGER) | {"idempotency-key": "k-1"}
    mine, theirs = {"merchant_id": house.tenant}, {"merchant_id": house.other_tenant}
    told = put(client, mine, TERMS | {"version": 0}, manager)
    assert (told.status_code, told.json()) == (200, TERMS | {"merchant_id": house.tenant, "version": 1})
    assert client.send("GET", PATH, params=mine, headers=manager).json() == told.json()
    other = client.send("GET", PATH, params=theirs, headers=manager).json()
    assert (other["version"], other["signer"], other["incoterm"]) == (0, "", "DAP")
    unnamed = client.send("GET", PATH, headers=manager)
    assert (unnamed.status_code, unnamed.json()["errors"][0]["pointer"]) == (422, "/merchant_id")
    wrong = client.send(
        "PUT", PATH, params=mine, json=TERMS | {"eori": "12"}, headers=manager | {"idempotency-key": "k-2"}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/eori")
    stale = client.send(
        "PUT", PATH, params=mine, json=TERMS | {"version": 0}, headers=manager | {"idempotency-key": "k-3"}
    )
    assert stale.status_code == 412

    packer = staff(house, Role.PACKER)
    assert (
        client.send("PUT", PATH, params=mine, json=TERMS, headers=packer | {"idempotency-key": "k-4"}).status_code
        == 403
    )
    parcel = pack(house, ship_to=replace(ANN, city="Bern", postal_code="3000", country="CH", phone="+41 31 555"))
    weigh(house, parcel)
    label = client.send("POST", f"/v1/parcels/{parcel.id}/label", headers=packer | {"idempotency-key": "k-5"})
    assert (label.status_code, label.json()["code"]) == (409, "export_facts_missing")
    assert list(label.json()["missing"]) == ["SKU-1"]
    assert ups.log_ins == 0

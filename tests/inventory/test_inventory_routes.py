import asyncio
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from inventory.api import expire_reservations, reserve_stock
from inventory.routes import routers
from kernel.access.commands import create_user, issue_key, sign_in
from kernel.actors import Role, system
from kernel.db.transactions import transaction
from tests.application import serving
from tests.inventory.warehouse import Warehouse, build, everything, level, stock, want

MUG = {"sku": "MUG", "name": "Mug", "weight_g": 350, "gtins": ["4006381333931"]}


@dataclass(slots=True)
class Caller:
    """Somebody who talks to the API, with a new Idempotency-Key for each request unless told otherwise."""

    app: FastAPI
    headers: dict[str, str]
    sent: int = 0

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        self.sent += 1
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        mine = {"idempotency-key": f"{id(self)}-{self.sent}"} | self.headers | extra
        return asyncio.run(self._send(method, path, body, mine))

    async def _send(self, method: str, path: str, body: object, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://dc.test") as client:
            return await client.request(method, path, json=body, headers=headers)


@pytest.fixture
def house(database: Connection) -> Warehouse:
    with transaction(system()) as uow:
        house = build(uow)
        stock(uow, house, A={"P-1": 5})
    return house


@pytest.fixture
def app(house: Warehouse) -> FastAPI:
    return serving(*routers)


@pytest.fixture
def merchant(app: FastAPI, house: Warehouse) -> Caller:
    with transaction(system()) as uow:
        secret = issue_key(uow, tenant_id=house.tenant, name="k", scopes=["stock:write", "stock:read"]).secret
    return Caller(app, {"authorization": f"Bearer {secret}"})


@pytest.fixture
def manager(app: FastAPI, house: Warehouse) -> Caller:
    with transaction(system()) as uow:
        create_user(uow, email="m@dc.example", name="M", role=Role.MANAGER, password="long enough", site_id=house.site)
        token = sign_in(uow, email="m@dc.example", password="long enough")
    return Caller(app, {"cookie": f"pickstream_session={token}"})


def state() -> dict[str, list[tuple[object, ...]]]:
    with transaction(system()) as uow:
        return everything(uow)


def test_an_item_is_created_read_edited_and_found(merchant: Caller) -> None:
    made = merchant("POST", "/v1/items", MUG)
    assert (made.status_code, made.headers["etag"]) == (201, '"v1"')
    path = f"/v1/items/{made.json()['id']}"
    edited = merchant("PATCH", path, {"weight_g": 360}, if_match='"v1"')
    assert (edited.status_code, edited.headers["etag"], edited.json()["weight_g"]) == (200, '"v2"', 360)
    read = merchant("GET", path)
    assert read.json() == edited.json() == made.json() | {"weight_g": 360, "version": 2}
    assert [i["sku"] for i in merchant("GET", "/v1/items?search=mug").json()["items"]] == ["MUG"]
    assert [i["sku"] for i in merchant("GET", "/v1/barcodes/4006381333931").json()] == ["MUG"]


def test_what_may_lie_on_an_item_is_told_kept_and_lifted(merchant: Caller) -> None:
    made = merchant("POST", "/v1/items", MUG | {"max_load_g": 500, "own_container": True}).json()
    assert (made["max_load_g"], made["own_container"]) == (500, True)
    path = f"/v1/items/{made['id']}"

    untold = merchant("POST", "/v1/items", MUG | {"name": "Mug, large"}).json()
    assert (untold["max_load_g"], untold["own_container"]) == (500, True)
    nothing = merchant("PATCH", path, {"max_load_g": 0, "own_container": False}, if_match="*").json()
    assert (nothing["max_load_g"], nothing["own_container"]) == (0, False)
    assert merchant("PATCH", path, {"max_load_g": ""}, if_match="*").json()["max_load_g"] is None
    assert merchant("PATCH", path, {"max_load_g": -1}, if_match="*").status_code == 422


def test_an_item_may_go_into_a_mailer_unless_it_needs_a_box(merchant: Caller) -> None:
    tee = MUG | {"sku": "TEE", "gtins": [], "mailer_ok": True}
    made = merchant("POST", "/v1/items", tee).json()
    path = f"/v1/items/{made['id']}"
    assert made["mailer_ok"] is True
    assert merchant("POST", "/v1/items", tee | {"name": "Tee", "mailer_ok": False}).json()["mailer_ok"] is True
    for care in (
        {"fragile": True},
        {"keep_upright": True},
        {"hazmat": True},
        {"max_load_g": 9},
        {"own_container": True},
    ):
        refused = merchant("PATCH", path, care, if_match="*")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/items/0/mailer_ok")
    assert merchant("PATCH", path, {"temperature_class": "chilled"}, if_match="*").status_code == 422
    assert merchant("PATCH", path, {"mailer_ok": False}, if_match="*").json()["mailer_ok"] is False
    assert merchant("POST", "/v1/items", MUG).json()["mailer_ok"] is False


def test_an_edit_of_an_old_version_is_refused(merchant: Caller) -> None:
    path = f"/v1/items/{merchant('POST', '/v1/items', MUG).json()['id']}"
    before = state()
    assert merchant("PATCH", path, {"name": "X"}).status_code == 428
    assert merchant("PATCH", path, {"name": "X"}, if_match='"v7"').status_code == 412
    assert merchant("PATCH", path, {"name": "X"}, if_match="nonsense").status_code == 422
    assert merchant("PATCH", "/v1/items/itm_none", {"name": "X"}, if_match="*").status_code == 404
    assert state() == before


def test_a_repeated_creation_gets_the_same_answer(merchant: Caller) -> None:
    first, again = (merchant("POST", "/v1/items", MUG, idempotency_key="k") for _ in range(2))
    assert (again.status_code, again.json(), again.headers["etag"]) == (201, first.json(), '"v1"')
    assert merchant("POST", "/v1/items", MUG | {"name": "Other"}, idempotency_key="k").status_code == 422


def test_a_delivery_a_move_and_a_count_change_the_book(merchant: Caller, house: Warehouse) -> None:
    line = {"sku": "A", "location_code": "DOCK", "quantity": 10}
    taken = merchant("POST", "/v1/receipts", {"reference": "ASN-1", "lines": [line]})
    assert (taken.status_code, taken.json()["items"][0]["available"]) == (201, 15)
    move = {"sku": "A", "from_code": "DOCK", "to_code": "P-2", "quantity": 10}
    assert merchant("POST", "/v1/moves", move).status_code == 200
    counted = merchant("POST", "/v1/counts", {"sku": "A", "location_code": "P-2", "counted": 8})
    assert counted.json() == {"difference": -2}
    adjusted = merchant("POST", "/v1/adjustments", {"sku": "A", "location_code": "P-1", "delta": 1, "reason": "found"})
    assert adjusted.json()["items"][0]["on_hand"] == 14
    held = merchant("GET", f"/v1/items/{house.items['A']}/stock").json()
    assert [(b["location_code"], b["quantity"]) for b in held["bins"]] == [("P-1", 6), ("P-2", 8)]
    reasons = [m["reason"] for m in merchant("GET", f"/v1/items/{house.items['A']}/movements").json()["items"]]
    assert reasons == ["adjust:found", "adjust:cycle_count", "put_away", "receipt", "receipt"]


def test_what_is_carried_to_the_hospital_leaves_the_shop_and_comes_back(merchant: Caller, house: Warehouse) -> None:
    """erpnext#37581, over HTTP: nobody is offered what lies among damaged goods."""
    there = {"sku": "A", "from_code": "P-1", "to_code": "HOSP", "quantity": 4}
    back = {"sku": "A", "from_code": "HOSP", "to_code": "P-2", "quantity": 1}
    assert merchant("POST", "/v1/moves", there).json()["items"][0]["available"] == 1
    explained = merchant("GET", "/v1/availability/A/explain").json()["sites"][0]
    assert (explained["available"], explained["reliefs"][0]["cause"]) == (1, "hospital")
    held = merchant("GET", f"/v1/items/{house.items['A']}/stock").json()
    assert [(b["bucket"], b["quantity"]) for b in held["buckets"]] == [("HOSPITAL", 4)]
    assert merchant("POST", "/v1/moves", back).json()["items"][0]["available"] == 2
    before = state()
    refused = merchant("POST", "/v1/moves", back | {"quantity": 4})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough_in_bucket")
    assert state() == before


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/receipts", {"lines": []}, 422),
        ("/v1/receipts", {"lines": [{"sku": "A", "location_code": "P-1", "quantity": 0}]}, 422),
        ("/v1/receipts", {"lines": [{"sku": "A", "location_code": "P-1", "quantity": 1_000_001}]}, 422),
        ("/v1/receipts", {"lines": [{"sku": "A", "location_code": "P-1", "quantity": "7"}]}, 422),
        ("/v1/receipts", {"lines": [{"sku": "zz", "location_code": "P-1", "quantity": 1}]}, 404),
        ("/v1/receipts", {"lines": [{"sku": "A", "location_code": "zz", "quantity": 1}]}, 404),
        ("/v1/receipts", {"site": "zz", "lines": [{"sku": "A", "location_code": "P-1", "quantity": 1}]}, 422),
        ("/v1/adjustments", {"sku": "A", "location_code": "P-1", "delta": -6, "reason": "gone"}, 409),
        ("/v1/adjustments", {"sku": "A", "location_code": "P-1", "delta": 0, "reason": "gone"}, 422),
        ("/v1/moves", {"sku": "A", "from_code": "P-1", "to_code": "P-2", "quantity": 6}, 409),
        ("/v1/items", {"sku": "X", "name": "X", "gtins": ["4006381333932"]}, 422),
        ("/v1/items", {"sku": "X", "name": "X", "merchant_id": "mer_other"}, 403),
        ("/v1/items", {"sku": "X", "name": "X", "price": 1}, 422),
    ],
)
def test_a_wrong_request_changes_nothing(merchant: Caller, path: str, body: object, status: int) -> None:
    before = state()
    assert merchant("POST", path, body).status_code == status
    assert state() == before


def test_the_floor_belongs_to_the_staff(merchant: Caller, manager: Caller, house: Warehouse) -> None:
    made = manager("POST", "/v1/locations", {"locations": [{"code": "Z-1"}]})
    assert (made.status_code, list(made.json()["locations"])) == (201, ["Z-1"])
    assert "Z-1" in [place["code"] for place in manager("GET", "/v1/locations").json()]
    assert merchant("POST", "/v1/locations", {"site": "HAM", "locations": [{"code": "Z-2"}]}).status_code == 403
    lying = manager("GET", "/v1/locations/P-1/stock").json()
    assert [(b["sku"], b["quantity"]) for b in lying] == [("A", 5)]
    assert manager("GET", "/v1/locations/zz/stock").status_code == 404
    found = {"sku": "A", "location_code": "P-1", "delta": 2, "reason": "found"}
    assert manager("POST", "/v1/adjustments", found).status_code == 422
    assert manager("POST", "/v1/adjustments", found | {"merchant_id": house.tenant}).status_code == 200


def test_orders_are_not_released_like_holds(merchant: Caller, house: Warehouse) -> None:
    with transaction(system()) as uow:
        reserve_stock(
            uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", customer_id="",
            demands=want(house, ("l1", "A", 2)),
        )  # fmt: skip
    assert merchant("POST", "/v1/reservations/release", {"reference": "o1"}).json() == {"released": 0}
    with transaction(system()) as uow:
        assert level(uow, house, "A") == (5, 2)
        assert expire_reservations(uow, limit=5) == 0


def test_another_merchant_finds_nothing(app: FastAPI, house: Warehouse) -> None:
    with transaction(system()) as uow:
        other = build(uow, code="OTHER", skus=("C",))
        secret = issue_key(uow, tenant_id=other.tenant, name="k", scopes=["stock:write", "stock:read"]).secret
    stranger = Caller(app, {"authorization": f"Bearer {secret}"})
    theirs = f"/v1/items/{house.items['A']}"
    before = state()
    answers = [
        stranger("GET", theirs),
        stranger("GET", f"{theirs}/stock"),
        stranger("GET", f"{theirs}/movements"),
        stranger("PATCH", theirs, {"name": "mine"}, if_match="*"),
        stranger("POST", "/v1/counts", {"sku": "A", "location_code": "P-1", "counted": 0}),
    ]
    assert [a.status_code for a in answers] == [404] * 5
    assert [i["sku"] for i in stranger("GET", "/v1/items").json()["items"]] == ["C"]
    assert stranger("GET", f"/v1/items?merchant_id={house.tenant}").json()["items"] == []
    assert state() == before

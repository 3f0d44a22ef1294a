"""Which dangerous goods a service takes, over the API: stated by a lead, read by a merchant, obeyed by prices."""

import pytest

from kernel.actors import Role
from shipping.routes import routers
from tests.application import serving
from tests.shipping.house import House, build_house
from tests.shipping.test_routes_shipping import Client, key, staff

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.thorough]
LIST = "/v1/carrier-services"
PATH = f"{LIST}/swift_parcel/express/dangerous-goods"
BOX = {
    "length_mm": 300, "width_mm": 200, "height_mm": 100, "weight_g": 900, "country": "DE", "postal_code": "04109",
}  # fmt: skip


@pytest.fixture
def client() -> Client:
    return Client(serving(*routers))


def test_a_lead_states_it_and_prices_keep_to_it(client: Client) -> None:
    house: House = build_house()
    lead, shop = staff(house, Role.MANAGER), key(house)
    body = {"site_id": house.site, "dangerous_goods": "none", "mode": "air"}
    for number, who in enumerate((shop, staff(house, Role.PACKER))):
        denied = client.send("PUT", PATH, json=body, headers=who | {"idempotency-key": f"g-{number}"})
        assert denied.status_code == 403
    for number, wrong in enumerate(({"dangerous_goods": "not_stated"}, {"mode": ""}, {"mode": "sea"})):
        refused = client.send("PUT", PATH, json=body | wrong, headers=lead | {"idempotency-key": f"w-{number}"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{next(iter(wrong))}")
    for accepts in ("limited_quantities", "fully_regulated"):
        told = body | {"dangerous_goods": accepts}
        refused = client.send("PUT", PATH, json=told, headers=lead | {"idempotency-key": f"a-{accepts}"})
        fault = refused.json()["errors"][0]
        assert (refused.status_code, fault["pointer"], fault["code"]) == (422, "/dangerous_goods", "needs_declaration")
    unknown = PATH.replace("express", "balloon")
    assert client.send("PUT", unknown, json=body, headers=lead | {"idempotency-key": "u"}).status_code == 404

    stated = client.send("PUT", PATH, json=body, headers=lead | {"idempotency-key": "s"})
    assert (stated.status_code, stated.json()["dangerous_goods"], stated.json()["mode"]) == (200, "none", "air")
    listed = client.get(LIST, headers=shop).json()["items"]
    assert [each["dangerous_goods"] for each in listed if each["service"] == "express"] == ["none"]

    asked = BOX | {"currency": "EUR", "dangerous_goods": ["excepted"]}
    priced = client.post("/v1/rates", json=asked, headers=shop).json()["items"]
    assert {each["service"]: each["refused"] for each in priced if each["refused"]} == {
        "express": "It takes by air no dangerous goods; inside: batteries of special provision 188 (Section II)."
    }
    many = {"currency": "EUR", "parcels": [BOX, BOX | {"dangerous_goods": ["excepted"]}]}
    answer = client.post("/v1/rates/many", json=many, headers=shop).json()
    plain, excepted = answer["costs"]
    at = answer["services"].index("swift_parcel/express")
    assert plain[at] is not None
    assert [number for number, cost in enumerate(excepted) if cost is None] == [at]

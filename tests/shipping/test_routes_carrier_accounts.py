"""Carrier accounts over the API: connected, tried, used, changed and closed, their secrets never told again."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from typing import Any

import pytest
from sqlalchemy import text

from app.simulators.ups import CLIENT_SECRET, UpsDesk, UpsFaults
from kernel.actors import Actor, Role
from kernel.db.transactions import transaction
from kernel.settings import settings
from kernel.vault import VaultClosed, lock_away, take_out
from shipping.accounts.commands import keep_carrier_account
from shipping.routes import routers
from tests.application import serving
from tests.shipping.accounts import house_key, labels, ups, ups_url
from tests.shipping.house import House, build_house, everything, label, pack, weigh
from tests.shipping.test_routes_shipping import Client, key, staff
from tests.ups_server import ACCOUNT

pytestmark = pytest.mark.usefixtures("database", "house_key")
__all__ = ["house_key", "ups", "ups_url"]
TABLES = ("carrier_account", "carrier_route")


@pytest.fixture
def house() -> House:
    return build_house()


@pytest.fixture
def client() -> Client:
    return Client(serving(*routers))


class Desk:
    """A manager at the API."""

    def __init__(self, client: Client, house: House, url: str) -> None:
        self.client, self.url, self.headers = client, url, staff(house, Role.MANAGER)
        self.calls = 0

    def act(self, method: str, path: str, body: Any = None) -> Any:
        self.calls += 1
        headers = self.headers | {"idempotency-key": f"k-{self.calls}"}
        return self.client.send(method, path, json=body, headers=headers)

    def open(self, **changes: Any) -> Any:
        body = {
            "name": "UPS, our contract", "connector": "ups", "settings": dict(ACCOUNT), "test_mode": True,
            "server_url": self.url,
        }  # fmt: skip
        return self.act("POST", "/v1/carrier-accounts", body | changes)


@pytest.fixture
def desk(client: Client, house: House, ups_url: str) -> Iterator[Desk]:
    return Desk(client, house, ups_url)


def test_an_account_is_connected_tried_and_used(desk: Desk, house: House, ups: UpsDesk) -> None:
    opened = desk.open()
    account = opened.json()
    assert opened.status_code == 201
    assert account["shown"] == {"account_country_code": "DE", "account_number": "A1B2C3"}
    tried = desk.act("POST", f"/v1/carrier-accounts/{account['id']}/try").json()
    assert tried["tried_well"] is True
    assert tried["tried_said"].startswith("The carrier answered with 5 prices")
    for carrier, service in (("northpost", "economy"), ("northpost", "tracked"), ("swift_parcel", "ground"),
                             ("swift_parcel", "express")):  # fmt: skip
        path = f"/v1/carrier-accounts/{account['id']}/services/{carrier}/{service}"
        assert desk.act("PUT", path, {"service_code": "ups_standard"}).status_code == 200
    parcel = pack(house)
    weigh(house, parcel)
    assert label(parcel).tracking_number == ups.books.paid[0].number
    (listed,) = desk.client.get("/v1/carrier-accounts", headers=desk.headers).json()["items"]
    assert [route["service"] for route in listed["routes"]] == ["economy", "tracked", "express", "ground"]
    assert CLIENT_SECRET not in str(listed)
    assert CLIENT_SECRET not in str(everything(*TABLES))


def test_a_trial_that_fails_says_why(desk: Desk) -> None:
    account = desk.open(settings=dict(ACCOUNT) | {"client_secret": "wrong"}).json()
    tried = desk.act("POST", f"/v1/carrier-accounts/{account['id']}/try").json()
    said = "The log-in failed: The carrier answered with status 401"
    assert (tried["tried_well"], tried["tried_said"]) == (False, said)
    changed = desk.act("PATCH", f"/v1/carrier-accounts/{account['id']}", {"settings": {"client_secret": CLIENT_SECRET}})
    assert changed.json()["tried_well"] is None
    again = desk.act("POST", f"/v1/carrier-accounts/{account['id']}/try").json()
    assert again["tried_well"] is True


def test_what_cannot_be_right_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    before = everything(*TABLES)
    for changes, pointer in (
        ({"connector": "pigeon"}, "/connector"),
        ({"settings": {"client_id": "x", "client_secret": "y"}}, "/settings/account_number"),
        ({"settings": dict(ACCOUNT) | {"pin": "1"}}, "/settings/pin"),
        ({"server_url": "http://metadata.internal/"}, "/server_url"),
        ({"server_url": "https://u:p@host"}, "/server_url"),
        ({"merchant_id": "mer_unknown"}, "/merchant_id"),
        ({"name": "  "}, "/name"),
    ):
        refused = desk.open(**changes)
        assert refused.status_code in {404, 422}, changes
        assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert everything(*TABLES) == before


def test_a_service_has_one_account_of_an_owner(desk: Desk, house: House) -> None:
    first, second = desk.open().json()["id"], desk.open(name="Another").json()["id"]
    theirs = desk.open(name="Theirs", merchant_id=house.tenant).json()["id"]
    body = {"service_code": "ups_standard"}
    place = "services/swift_parcel/ground"
    assert desk.act("PUT", f"/v1/carrier-accounts/{first}/{place}", body).status_code == 200
    taken = desk.act("PUT", f"/v1/carrier-accounts/{second}/{place}", body)
    assert (taken.status_code, taken.json()["code"]) == (409, "service_taken")
    assert desk.act("PUT", f"/v1/carrier-accounts/{theirs}/{place}", body).status_code == 200
    unknown = desk.act("PUT", f"/v1/carrier-accounts/{first}/services/swift_parcel/rocket", body)
    assert unknown.status_code == 404
    assert desk.act("DELETE", f"/v1/carrier-accounts/{first}/{place}").json()["routes"] == []
    assert desk.act("DELETE", f"/v1/carrier-accounts/{first}/{place}").status_code == 404
    closed = desk.act("DELETE", f"/v1/carrier-accounts/{first}")
    assert [each["id"] for each in closed.json()["items"]] == [second, theirs]
    assert desk.act("POST", f"/v1/carrier-accounts/{first}/try").status_code == 404


def test_only_who_plans_sees_accounts_and_no_merchant_sees_another_s(desk: Desk, house: House, client: Client) -> None:
    desk.open()
    theirs = desk.open(name="Theirs", merchant_id=house.tenant).json()["id"]
    for headers in (staff(house, Role.PACKER), key(house)):
        assert client.get("/v1/carrier-accounts", headers=headers).status_code == 403
    for tenant, seen in ((house.tenant, [theirs]), (house.other_tenant, [])):
        with transaction(Actor("key_1", Role.MERCHANT, tenant=tenant)) as uow:
            assert list(uow.session.execute(text("select id from carrier_account")).scalars()) == seen


def test_a_doubt_is_listed_and_settled(desk: Desk, house: House, ups: UpsDesk) -> None:
    account = desk.open().json()["id"]
    for carrier, service in (("northpost", "economy"), ("northpost", "tracked"), ("swift_parcel", "ground")):
        path = f"/v1/carrier-accounts/{account}/services/{carrier}/{service}"
        desk.act("PUT", path, {"service_code": "ups_standard"})
    parcel = pack(house)
    weigh(house, parcel)
    ups.faults = UpsFaults(lose_after=1, blind=10)
    pending = label(parcel)
    (listed,) = desk.client.get("/v1/doubtful-labels", headers=desk.headers).json()["items"]
    assert (listed["label_id"], listed["parcel_id"]) == (pending.label_id, parcel.id)
    (sold,) = ups.books.paid
    path = f"/v1/doubtful-labels/{pending.label_id}/settle"
    wrong = desk.act("POST", path, {"tracking_number": "no number!"})
    assert wrong.status_code == 422
    settled = desk.act("POST", path, {"tracking_number": sold.number.lower()}).json()
    assert (settled["state"], settled["tracking_number"]) == ("purchased", sold.number)
    assert labels() == [("purchased", sold.number, "")]
    assert desk.act("POST", path, {"tracking_number": ""}).status_code == 409
    assert desk.act("POST", "/v1/doubtful-labels/lbl_unknown/settle", {"tracking_number": ""}).status_code == 404


def test_without_the_libraries_the_house_says_what_to_install(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(keep_carrier_account, "version", missing)
    refused = desk.open()
    assert (refused.status_code, refused.json()["code"]) == (409, "connector_missing")
    assert "pip install 'pickstream[karrio]'" in refused.json()["detail"]


def test_a_secret_opens_for_its_purpose_and_under_its_key_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = lock_away("carrier-account:1", "a secret")
    assert take_out("carrier-account:1", sealed) == "a secret"
    assert lock_away("carrier-account:1", "a secret") != sealed
    for purpose, text_ in (("carrier-account:2", sealed), ("carrier-account:1", sealed[:-8] + "AAAAAAA="),
                           ("carrier-account:1", "x")):  # fmt: skip
        with pytest.raises(VaultClosed):
            take_out(purpose, text_)
    monkeypatch.setenv("PICKSTREAM_SECRET_KEY", "another")
    settings.cache_clear()
    with pytest.raises(VaultClosed, match="another key"):
        take_out("carrier-account:1", sealed)
    monkeypatch.setenv("PICKSTREAM_SECRET_KEY", "")
    settings.cache_clear()
    with pytest.raises(VaultClosed, match="no key"):
        lock_away("carrier-account:1", "x")

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from kernel import clock
from kernel.access.commands import create_merchant, create_site, create_user, issue_key, serve_merchants, sign_in
from kernel.actors import Role, system
from kernel.db.transactions import run, transaction
from kernel.settings import settings
from kernel.web.access import COOKIE
from shipping.routes import routers
from tests.application import serving
from tests.shipping.house import House, assert_sound, build_house, content, everything, pack, ready, weigh

pytestmark = pytest.mark.usefixtures("database")
SECRET = "a carrier's secret"
TABLES = ("parcel", "label", "manifest", "manifest_parcel", "raw_push", "raw_scan", "tracking_scan")


class Client:
    """Sends one request after the other into the application, without a socket."""

    def __init__(self, app: FastAPI) -> None:
        self.transport = httpx.ASGITransport(app=app)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._send("GET", path, options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._send("POST", path, options))

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._send(method, path, options))

    async def _send(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        given = {name: value for name, value in options.pop("params", {}).items() if value is not None}
        async with httpx.AsyncClient(transport=self.transport, base_url="http://house.test") as client:
            return await client.request(method, path, params=given, **options)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("PICKSTREAM_CARRIER_WEBHOOK_SECRET", SECRET)
    settings.cache_clear()
    app = serving(*routers)
    yield Client(app)
    settings.cache_clear()


@pytest.fixture
def house() -> House:
    return build_house()


def staff(house: House, role: Role) -> dict[str, str]:
    email = f"{role.value}@house.test"
    with transaction(system()) as uow:
        create_user(uow, email=email, name=role.value, role=role, password="long enough", site_id=house.site)
        return {"cookie": f"{COOKIE}={sign_in(uow, email=email, password='long enough')}"}


def key(house: House, tenant: str = "") -> dict[str, str]:
    with transaction(system()) as uow:
        issued = issue_key(uow, tenant_id=tenant or house.tenant, name="k", scopes=["orders:read"])
    return {"authorization": f"Bearer {issued.secret}"}


def push(client: Client, events: list[dict[str, Any]], carrier: str = "northpost", **changes: Any) -> Any:
    body = changes.get("body", json.dumps({"carrier": carrier, "events": events}).encode())
    stamp = str(int(changes.get("at", time.time())))
    mac = hmac.new(changes.get("secret", SECRET).encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"carrier-signature": f"t={stamp},v1={mac}", "content-type": "application/json"}
    return client.post(f"/carriers/{changes.get('to', 'northpost')}/events", content=body, headers=headers)


def told(number: str, code: str = "N40", event_id: str = "e-1") -> dict[str, Any]:
    return {
        "event_id": event_id, "tracking_number": number, "code": code, "occurred_at": "2026-11-26T09:30:00+00:00",
        "description": "", "location": {"city": "Leeds", "region": "", "country": "GB"},
    }  # fmt: skip


def test_a_packer_weighs_and_labels(client: Client, house: House) -> None:
    packer = staff(house, Role.PACKER)
    parcel = pack(house)
    path = f"/v1/parcels/{parcel.id}"
    reading = {"reading_g": parcel.expected_g, "scale_code": "PACK-1"}
    audit = client.post(f"{path}/weigh", json=reading, headers=packer | {"idempotency-key": "w-1"})
    assert (audit.status_code, audit.json()["decision"]) == (200, "PASS")
    label = client.post(f"{path}/label", headers=packer | {"idempotency-key": "l-1"})
    again = client.post(f"{path}/label", headers=packer | {"idempotency-key": "l-1"})
    assert label.status_code == again.status_code == 200
    assert label.json() == again.json()
    assert_sound()


def test_a_repeated_reading_with_the_same_key_is_judged_once(client: Client, house: House) -> None:
    packer = staff(house, Role.PACKER)
    parcel = pack(house, [content(1, 3)])
    reading = {"reading_g": parcel.expected_g - 300, "scale_code": "PACK-1"}
    answers = [
        client.post(f"/v1/parcels/{parcel.id}/weigh", json=reading, headers=packer | {"idempotency-key": "w-1"})
        for _ in range(3)
    ]
    assert {answer.json()["decision"] for answer in answers} == {"HOLD"}
    assert {answer.json()["attempt"] for answer in answers} == {1}


def test_a_typed_reading_goes_with_its_reason(client: Client, house: House) -> None:
    packer = staff(house, Role.PACKER)
    parcel = pack(house)
    path = f"/v1/parcels/{parcel.id}/weigh"
    typed = {"reading_g": parcel.expected_g, "scale_code": "PACK-1", "entry": "typed"}
    for number, wrong in enumerate(
        ({}, {"reason": "OTHER"}, {"entry": "scale", "reason": "NO_SCALE"}, {"reason": "X"})
    ):
        refused = client.post(path, json=typed | wrong, headers=packer | {"idempotency-key": f"w-{number}"})
        assert refused.status_code == 422, wrong
    told = typed | {"reason": "OTHER", "note": "The display is dark"}
    audit = client.post(path, json=told, headers=packer | {"idempotency-key": "w-9"})
    assert (audit.status_code, audit.json()["typed"]) == (200, "Something else: The display is dark")


@pytest.mark.parametrize("wrong", [{"reading_g": True}, {"reading_g": "702"}, {"reading_g": 702.0}, {"stable": "no"}])
def test_a_reading_is_a_number_and_no_guess(client: Client, house: House, wrong: dict[str, object]) -> None:
    parcel = pack(house, [content(1, 3)])
    headers = staff(house, Role.PACKER) | {"idempotency-key": "w-1"}
    reading = {"reading_g": parcel.expected_g, "scale_code": "PACK-1", "stable": True} | wrong

    refused = client.post(f"/v1/parcels/{parcel.id}/weigh", json=reading, headers=headers)

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"/{name}" for name in wrong]


def test_a_lead_says_on_which_days_the_site_works_and_a_merchant_reads_it(client: Client, house: House) -> None:
    lead, shop = staff(house, Role.MANAGER), key(house)
    day = (clock.now() + timedelta(days=40)).date().isoformat()
    path, body = f"/v1/site-days/{day}", {"works": False, "reason": "Stocktaking"}
    assert client.send("PUT", path, json=body, headers=shop | {"idempotency-key": "d-0"}).status_code == 403
    refused = client.send("PUT", "/v1/site-days/2020-01-01", json=body, headers=lead | {"idempotency-key": "d-1"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/day")

    said = [client.send("PUT", path, json=body, headers=lead | {"idempotency-key": "d-2"}) for _ in range(2)]

    assert [answer.status_code for answer in said] == [200, 200]
    assert said[0].json() == said[1].json()
    listed = client.get("/v1/site-days", params={"first": day, "last": day}, headers=shop).json()
    assert [(each["kind"], each["reason"]) for each in listed["items"]] == [("closed", "Stocktaking")]
    assert client.get("/v1/site-days", params={"site_id": "sit_other"}, headers=shop).status_code == 404
    assert client.get("/v1/site-days", params={"last": "2020-01-01"}, headers=shop).status_code == 422
    assert client.send("DELETE", path, headers=lead | {"idempotency-key": "d-3"}).status_code == 200
    assert client.send("DELETE", path, headers=lead | {"idempotency-key": "d-4"}).status_code == 404
    with transaction(system()) as uow:
        audited = uow.session.execute(text("select action from audit_entry where action like 'site.day%' order by id"))
        assert audited.scalars().all() == ["site.day_set", "site.day_cleared"]


def test_a_lead_describes_a_mailer(client: Client, house: House) -> None:
    lead, packer, shop = staff(house, Role.MANAGER), staff(house, Role.PACKER), key(house)
    path = "/v1/cartons/BAG-M"
    body = {"name": "Bag", "kind": "mailer", "inner_mm": [350, 260, 60], "tare_g": 15, "max_weight_g": 3_000}
    for other in (packer, shop):
        assert client.send("PUT", path, json=body, headers=other | {"idempotency-key": "m-0"}).status_code == 403
    thick = body | {"inner_mm": [350, 260, 200]}
    refused = client.send("PUT", path, json=thick, headers=lead | {"idempotency-key": "m-1"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/inner_mm")

    said = client.send("PUT", path, json=body, headers=lead | {"idempotency-key": "m-2"})
    assert said.status_code == 200
    assert [(each["kind"], each["on_hand"]) for each in said.json()["items"]] == [("mailer", None)]
    again = client.send("PUT", path, json=body | {"cost_minor": 11}, headers=lead | {"idempotency-key": "m-3"})
    assert again.json()["items"][0]["cost_minor"] == 11


def test_a_lead_counts_cartons_and_receives_new_ones(client: Client, house: House) -> None:
    lead, packer, shop = staff(house, Role.MANAGER), staff(house, Role.PACKER), key(house)
    path, body = "/v1/cartons/XL/stock", {"on_hand": 3, "reorder_point": 5, "tell": "Purchasing"}
    for other in (packer, shop):
        assert client.send("PUT", path, json=body, headers=other | {"idempotency-key": "c-0"}).status_code == 403
    refused = client.send("PUT", "/v1/cartons/NO/stock", json=body, headers=lead | {"idempotency-key": "c-1"})
    assert (refused.status_code, refused.headers["content-type"]) == (404, "application/problem+json")

    said = [client.send("PUT", path, json=body, headers=lead | {"idempotency-key": "c-2"}) for _ in range(2)]

    assert [answer.status_code for answer in said] == [200, 200]
    assert said[0].json() == said[1].json()
    more = [
        client.post("/v1/cartons/XL/receipts", json={"quantity": 10}, headers=lead | {"idempotency-key": "c-3"})
        for _ in range(2)
    ]
    assert [answer.json()["items"][0]["on_hand"] for answer in more] == [13, 13]
    parcel = pack(house, carton_code="XL")
    void = {"reason": "torn label", "carton_reusable": True}
    gone = client.post(f"/v1/parcels/{parcel.id}/void", json=void, headers=lead | {"idempotency-key": "c-4"})
    assert gone.status_code == 200
    listed = client.get("/v1/cartons", headers=lead).json()["items"]
    assert [(each["on_hand"], each["is_low"]) for each in listed if each["carton_code"] == "XL"] == [(13, False)]
    assert client.send("DELETE", path, headers=lead | {"idempotency-key": "c-5"}).status_code == 200
    assert client.send("DELETE", path, headers=lead | {"idempotency-key": "c-6"}).status_code == 404


def test_only_a_judge_releases_and_says_why(client: Client, house: House) -> None:
    parcel = pack(house, [content(1, 3)])
    weigh(house, parcel, parcel.expected_g - 300)
    path, body = f"/v1/parcels/{parcel.id}/release", {"reason": "catalog is wrong", "evidence": "counted 3 of 3"}
    packer, manager = staff(house, Role.PACKER), staff(house, Role.MANAGER)
    held = client.get("/v1/parcels/held", params={"site_id": house.site}, headers=packer).json()["items"]
    assert held[0]["audit"]["explanations"][0] == "1 x SKU-1 is missing."
    before = everything(*TABLES)
    refused = client.post(path, json=body, headers=packer | {"idempotency-key": "r-1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    blank = client.post(path, json=body | {"evidence": "   "}, headers=manager | {"idempotency-key": "r-2"})
    assert blank.status_code == 422
    assert everything(*TABLES) == before
    released = client.post(path, json=body, headers=manager | {"idempotency-key": "r-3"})
    assert (released.status_code, released.json()["clearance"]) == (200, "released")
    assert_sound()


def test_a_merchant_sees_its_own_parcels_and_nobody_elses(client: Client, house: House) -> None:
    ((parcel, bought),) = ready(house)
    mine, theirs = key(house), key(house, house.other_tenant)
    page = client.get("/v1/parcels", params={"order_id": "ord_0"}, headers=mine).json()
    assert [item["id"] for item in page["items"]] == [parcel.id]
    assert page["items"][0]["order_id"] == "ord_0"
    assert client.get(f"/v1/tracking/{bought.tracking_number}", headers=mine).status_code == 200
    quotes = client.get(f"/v1/parcels/{parcel.id}/quotes", headers=mine).json()["items"]
    assert [quote["chosen"] for quote in quotes].count(True) == 1
    assert client.get("/v1/parcels", headers=theirs).json()["items"] == []
    for path in (f"/v1/parcels/{parcel.id}", f"/v1/tracking/{bought.tracking_number}"):
        assert client.get(path, headers=theirs).status_code == 404
    assert client.get("/v1/manifests", headers=mine).status_code == 403
    assert client.get(f"/v1/parcels/{parcel.id}").status_code == 401


def test_parcels_come_in_pages_without_gap_or_repetition(client: Client, house: House) -> None:
    made = {pack(house, reference=f"ord_{n}").id for n in range(7)}
    headers, seen, cursor = key(house), [], None
    while True:
        page = client.get("/v1/parcels", params={"limit": 3, "cursor": cursor}, headers=headers).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == made


def test_rates_are_compared_without_recording_anything(client: Client, house: House) -> None:
    before = everything(*TABLES)
    body = {
        "length_mm": 300, "width_mm": 200, "height_mm": 100, "weight_g": 1_850, "country": "DE",
        "postal_code": "04109", "currency": "EUR",
    }  # fmt: skip
    answer = client.post("/v1/rates", json=body, headers=key(house)).json()
    prices = [quote["price_minor"] for quote in answer["items"]]
    assert len(prices) == 6
    assert prices == sorted(prices)
    assert everything(*TABLES) == before
    assert client.get("/v1/cut-offs", headers=key(house)).json()["items"][0]["at_utc"].endswith("Z")


def test_another_site_is_as_unknown_as_none(client: Client, house: House) -> None:
    ((_, bought),) = ready(house)
    with transaction(system()) as uow:
        other = create_site(uow, code="other", name="O", time_zone="UTC", country="DE", company_prefix="4099999")
        served = create_merchant(uow, code="served", name="Served there too", currency="EUR")
        serve_merchants(uow, site_id=other, merchant_ids=[served])
        bodies = {"email": "m@other.test", "name": "M", "role": Role.MANAGER, "password": "long enough"}
        create_user(uow, **bodies, site_id=other)  # type: ignore[arg-type]  # the fields of a user
        stranger = {"cookie": f"{COOKIE}={sign_in(uow, email='m@other.test', password='long enough')}"}
    size = {"length_mm": 300, "width_mm": 200, "height_mm": 100, "weight_g": 900, "country": "DE", "currency": "EUR"}
    close = {"carrier": bought.carrier, "ship_date": bought.ship_date.isoformat()}
    for site in (house.site, "sit_unknown"):
        wanted = {"site_id": site}
        answers = [
            client.post("/v1/rates", json=size | wanted, headers=key(house, served)),
            client.get("/v1/cut-offs", params=wanted, headers=key(house, served)),
            client.get("/v1/parcels/held", params=wanted, headers=stranger),
            client.post("/v1/manifests", json=close | wanted, headers=stranger | {"idempotency-key": site}),
        ]
        assert [(a.status_code, a.json()["errors"][0]["pointer"]) for a in answers] == [(404, "/site_id")] * 4
    assert client.get("/v1/cut-offs", params={"site_id": other}, headers=key(house, served)).status_code == 200


def test_a_planner_closes_and_hands_over_a_manifest(client: Client, house: House) -> None:
    ((_, bought),) = ready(house)
    manager = staff(house, Role.MANAGER)
    body = {"site_id": house.site, "carrier": bought.carrier, "ship_date": bought.ship_date.isoformat()}
    first = client.post("/v1/manifests", json=body, headers=manager | {"idempotency-key": "m-1"})
    again = client.post("/v1/manifests", json=body, headers=manager | {"idempotency-key": "m-1"})
    assert (first.status_code, first.json()["parcel_count"]) == (201, 1)
    assert first.json() == again.json()
    path = f"/v1/manifests/{first.json()['id']}"
    done = client.post(f"{path}/hand-over", json={"driver": "Joe"}, headers=manager | {"idempotency-key": "h-1"})
    assert done.json()["state"] == "handed_over"
    assert [m["id"] for m in client.get("/v1/manifests", headers=manager).json()["items"]] == [first.json()["id"]]
    empty = client.post("/v1/manifests", json=body, headers=manager | {"idempotency-key": "m-2"})
    assert (empty.status_code, empty.json()["code"]) == (409, "nothing_to_manifest")
    assert_sound()


def test_a_signed_push_is_stored_before_it_is_answered_and_taken_once(client: Client, house: House) -> None:
    ((parcel, bought),) = ready(house)
    answers = [push(client, [told(bought.tracking_number)]) for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == {"recorded": 1, "repeated": 0, "quarantined": 0}
    assert answers[1].json() == {"recorded": 0, "repeated": 1, "quarantined": 0}
    found = client.get(f"/v1/tracking/{bought.tracking_number}", headers=key(house)).json()
    assert (found["parcel"]["id"], found["parcel"]["tracking_status"]) == (parcel.id, "out_for_delivery")
    assert found["scans"][0]["sentence"] == "Out for delivery in Leeds"
    with transaction(system()) as uow:
        kept = uow.session.execute(
            text("select p.body from raw_push p join raw_scan s on s.push_id = p.id")
        ).scalar_one()
    assert json.loads(kept)["events"][0]["event_id"] == "e-1"
    assert_sound()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": "another"}, 401),
        ({"at": 1_000_000_000}, 401),
        ({"body": b"x" * (256 * 1024 + 1)}, 413),
    ],
)
def test_an_unproven_push_changes_nothing(client: Client, house: House, changes: dict[str, Any], status: int) -> None:
    ((_, bought),) = ready(house)
    before = everything(*TABLES)
    answer = push(client, [told(bought.tracking_number)], **changes)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert everything(*TABLES) == before


@pytest.mark.parametrize("changes", [{"body": b"\xff not json \0"}, {"carrier": "swift_parcel"}])
def test_a_proven_push_that_cannot_be_read_is_kept_for_a_person(
    client: Client, house: House, changes: dict[str, Any]
) -> None:
    ((_, bought),) = ready(house)
    manager = staff(house, Role.MANAGER)
    answer = push(client, [told(bought.tracking_number)], **changes)
    assert answer.json() == {"recorded": 0, "repeated": 0, "quarantined": 1}
    (found,) = client.get("/v1/quarantine", headers=manager).json()["items"]
    assert found["carrier"] == "northpost"
    assert run(system(), lambda uow: uow.session.execute(text("select count(*) from tracking_scan")).scalar()) == 0


def test_a_lead_keeps_hubs_and_has_a_consolidation_planned(client: Client, house: House) -> None:
    lead, packer, shop = staff(house, Role.MANAGER), staff(house, Role.PACKER), key(house)
    hub = {
        "name": "Vienna", "country": "AT", "postal_code": "1230", "currency": "EUR", "pallet_minor": 900,
        "max_volume_mm3": 1_800_000_000, "max_weight_g": 590_000, "transit_days": 1, "carrier": "swift_parcel",
        "service": "ground",
    }  # fmt: skip
    path, plans = "/v1/injection-hubs/VIE", "/v1/consolidation-plans"
    for other in (packer, shop):
        assert client.send("PUT", path, json=hub, headers=other | {"idempotency-key": "h-0"}).status_code == 403
        assert client.get(plans, headers=other).status_code == 403
    refused = client.send("PUT", path, json=hub | {"service": "no"}, headers=lead | {"idempotency-key": "h-1"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/service")
    assert client.send("PUT", path, json=hub, headers=lead | {"idempotency-key": "h-2"}).json()["code"] == "VIE"
    parcel = {
        "country": "AT", "postal_code": "1010", "length_mm": 300, "width_mm": 200, "height_mm": 150, "weight_g": 1_500
    }  # fmt: skip
    body = {"ship_on": "2026-11-24", "currency": "EUR", "parcels": [parcel | {"promised_on": "2026-12-24"}] * 9}
    asked = client.post(plans, json=body, headers=lead | {"idempotency-key": "h-3"})
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    wanted = f"{plans}/{asked.json()['id']}"
    second = client.post(plans, json=body, headers=lead | {"idempotency-key": "h-4"})
    assert (second.status_code, second.json()["code"]) == (409, "consolidation_under_way")
    assert client.get(f"{wanted}/parcels", headers=lead).json() == {"items": []}
    cancelled = client.post(f"{wanted}/cancel", headers=lead | {"idempotency-key": "h-5"})
    assert cancelled.json()["state"] == "cancelled"
    assert (
        client.get(wanted, headers=lead).json()
        == cancelled.json()
        == client.get(plans, headers=lead).json()["items"][0]
    )
    assert client.get(f"{plans}/csl_none", headers=lead).status_code == 404
    assert client.send("DELETE", path, headers=lead | {"idempotency-key": "h-6"}).json() == {"items": []}
    assert client.get("/v1/injection-hubs", headers=lead).json() == {"items": []}


def test_a_scales_own_line_is_a_reading(client: Client, house: House) -> None:
    packer = staff(house, Role.PACKER)
    parcel = pack(house)
    line = f"S S {parcel.expected_g // 1000}.{parcel.expected_g % 1000:03} kg\r\n"
    sent = {"line": line, "scale_code": "PACK-1"}
    audit = client.post(f"/v1/parcels/{parcel.id}/weigh", json=sent, headers=packer | {"idempotency-key": "w-1"})
    assert (audit.status_code, audit.json()["decision"]) == (200, "PASS")
    assert audit.json()["reading_g"] == parcel.expected_g


@pytest.mark.parametrize(
    ("line", "state", "words"),
    [
        ("S D 0.702 kg", "unstable", "Wait until it stands still"), ("S +", "over", "use a larger one"),
        ("-0.020 kg", "under", "set it to zero"), ("0.000 kg", "zero", "Put it on"), ("ES", "fault", "off and on"),
        ("4006381333931", "unreadable", "type what it shows"),
    ],
)  # fmt: skip
def test_a_line_without_a_weight_is_named_and_not_stored(
    client: Client, house: House, line: str, state: str, words: str
) -> None:
    parcel = pack(house)
    before = everything(*TABLES, "weight_audit")
    headers = staff(house, Role.PACKER) | {"idempotency-key": "w-1"}
    sent = {"line": line, "scale_code": "PACK-1"}
    refused = client.post(f"/v1/parcels/{parcel.id}/weigh", json=sent, headers=headers)
    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (409, "unusable_reading", state)
    assert words in refused.json()["detail"]
    assert everything(*TABLES, "weight_audit") == before


@pytest.mark.parametrize("sent", [{}, {"reading_g": 702, "line": "0.702 kg"}])
def test_a_reading_is_a_weight_or_a_line(client: Client, house: House, sent: dict[str, object]) -> None:
    headers = staff(house, Role.PACKER) | {"idempotency-key": "w-1"}
    path = f"/v1/parcels/{pack(house).id}/weigh"
    assert client.post(path, json=sent | {"scale_code": "PACK-1"}, headers=headers).status_code == 422


def test_a_dock_scale_checks_stops_and_is_released_over_http(client: Client, house: House) -> None:
    packer, lead, shop = staff(house, Role.PACKER), staff(house, Role.MANAGER), key(house)
    plate = {"sd_g": 12.0, "interval_g": 20, "max_g": 60_000, "calibrated_until": "2099-12-31"}
    put = client.send("PUT", "/v1/scales/DOCK-1", json=plate, headers=lead | {"idempotency-key": "s-1"})
    assert (put.status_code, put.json()["code"]) == (200, "DOCK-1")
    assert client.send("PUT", "/v1/scales/X", json=plate, headers=packer | {"idempotency-key": "s"}).status_code == 403
    ((parcel, _),) = ready(house)
    sent = {"parcel": parcel.sscc, "line": "ST,GS,+  9.000kg", "scale_code": "DOCK-1", "reading_id": "7"}
    assert client.post("/v1/weight-checks", json=sent, headers=shop | {"idempotency-key": "k"}).status_code == 403
    answers = [
        client.post("/v1/weight-checks", json=sent, headers=packer | {"idempotency-key": f"c-{number}"})
        for number in (1, 1, 2)
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1, "the same reading, whatever the request's own key"
    assert answers[0].json()["outcome"] == "stopped"
    unit = {"unit": parcel.sscc}
    stopped = client.post("/v1/sorting/load", json=unit, headers=packer | {"idempotency-key": "l-1"})
    assert (stopped.status_code, stopped.json()["reason"]) == (409, "weight_differs")
    (waiting,) = client.get("/v1/weight-checks", headers=packer).json()["items"]
    path, body = f"/v1/weight-checks/{waiting['id']}/release", {"reason": "Two touched", "evidence": "Weighed alone"}
    assert client.post(path, json=body, headers=packer | {"idempotency-key": "r-1"}).status_code == 403
    released = client.post(path, json=body, headers=lead | {"idempotency-key": "r-2"})
    assert (released.status_code, released.json()["verdict"]) == (200, "released")
    assert client.get("/v1/weight-checks", headers=packer).json()["items"] == []
    assert_sound()


def test_somebody_elses_container_is_stated_over_http(client: Client, house: House) -> None:
    packer = staff(house, Role.PACKER)
    parcel = pack(house, carton_code="foreign")
    reading = {"reading_g": 2_000, "scale_code": "PACK-1"}
    early = client.post(f"/v1/parcels/{parcel.id}/weigh", json=reading, headers=packer | {"idempotency-key": "w-1"})
    assert (early.status_code, early.json()["code"]) == (409, "tare_unknown")
    tare = {"tare_g": 1_250, "source": "On its lid", "sides_mm": [600, 400, 300]}
    path = f"/v1/parcels/{parcel.id}/container"
    stated = client.send("PUT", path, json=tare, headers=packer | {"idempotency-key": "t-1"})
    assert (stated.status_code, stated.json()["expected_g"]) == (200, parcel.expected_g + 1_250)
    empty = {"line": "1.300 kg", "scale_code": "PACK-1"}
    weighed = client.post(f"{path}/weigh", json=empty, headers=packer | {"idempotency-key": "t-2"})
    assert weighed.json()["expected_g"] == parcel.expected_g + 1_300

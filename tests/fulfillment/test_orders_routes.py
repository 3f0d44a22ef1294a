import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.commands.follow_parcel import follow_parcel
from fulfillment.domain.order_state import ParcelState
from fulfillment.jobs import answer_plan_request
from fulfillment.routes import routers
from kernel import clock
from kernel.access.commands import create_user, issue_key, sign_in
from kernel.actors import Role, system
from kernel.db.transactions import transaction
from kernel.web.paging import encode_cursor
from shipping import api as shipping
from tests.application import serving
from tests.fulfillment import house as h

PASSWORD = "pickstream-demo"


class Caller:
    """Somebody with an API key or a session, and a fresh Idempotency-Key for each request."""

    def __init__(self, app: FastAPI, headers: dict[str, str]) -> None:
        self._transport = httpx.ASGITransport(app=app)
        self._headers = headers
        self._sent = 0

    def get(self, path: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._send("GET", path, headers))

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        self._sent += 1
        key = {"Idempotency-Key": f"{id(self)}-{self._sent}"}
        return asyncio.run(self._send("POST", path, key | headers, json=body))

    def put(self, path: str, body: object, **headers: str) -> httpx.Response:
        self._sent += 1
        key = {"Idempotency-Key": f"{id(self)}-{self._sent}"}
        return asyncio.run(self._send("PUT", path, key | headers, json=body))

    def patch(self, path: str, body: object, **headers: str) -> httpx.Response:
        self._sent += 1
        key = {"Idempotency-Key": f"{id(self)}-{self._sent}"}
        return asyncio.run(self._send("PATCH", path, key | headers, json=body))

    async def _send(self, method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://house.test") as client:
            return await client.request(method, path, headers=self._headers | headers, **options)


class Desk:
    def __init__(self, app: FastAPI) -> None:
        with transaction(system(), now=h.NOW) as uow:
            self.house = h.build(uow)
            h.stock(uow, self.house, A={"A-01-01-1": 9})
            scopes = ["orders:read", "orders:write", "stock:read", "stock:write"]
            keys = [
                issue_key(uow, tenant_id=tenant, name="key", scopes=scopes).secret
                for tenant in (self.house.tenant, self.house.other)
            ]
            for role in (Role.PICKER, Role.MANAGER):
                mail = f"{role.value}@example.com"
                create_user(uow, email=mail, name=role.value, role=role, password=PASSWORD, site_id=self.house.site)
            uow.session.flush()
            sessions = [sign_in(uow, email=f"{r}@example.com", password=PASSWORD) for r in ("picker", "manager")]
        self.shop, self.rival = (Caller(app, {"Authorization": f"Bearer {key}"}) for key in keys)
        self.picker, self.manager = (Caller(app, {"Cookie": f"pickstream_session={token}"}) for token in sessions)


@pytest.fixture
def desk(database: Connection) -> Iterator[Desk]:
    app = serving(*routers)
    with clock.at(h.NOW):
        yield Desk(app)


def body(number: str = "10482", **other: object) -> dict[str, object]:
    return {
        "external_id": number,
        "placed_at": "2026-11-24T08:12:00Z",
        "customer": {"external_id": "c-1", "name": "Ana Kovac", "email": "ana@example.com"},
        "ship_to": {"name": "Ana", "street": "S 1", "city": "Hamburg", "postal_code": "20095", "country": "DE"},
        "lines": [{"sku": "A", "quantity": 2, "unit_price_minor": 1000}],
        "currency": "EUR",
        "promised_on": "2026-11-27",
    } | other


def test_an_order_is_placed_once_and_read_with_its_version(desk: Desk) -> None:
    made = desk.shop.post("/v1/orders", body())
    again = desk.shop.post("/v1/orders", body())

    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["id"] == again.json()["id"]
    read = desk.shop.get(f"/v1/orders/{made.json()['id']}")
    assert read.json()["state"] == "PROMISED"
    assert read.json()["units"]["promised"] == 2
    same = desk.shop.get(f"/v1/orders/{made.json()['id']}", **{"If-None-Match": read.headers["etag"]})
    assert same.status_code == 304


@pytest.mark.parametrize("sent", ["{tag}", "W/{tag}", '"v0", {tag}', "*"])
def test_a_version_that_the_caller_has_is_not_sent_again(desk: Desk, sent: str) -> None:
    path = f"/v1/orders/{desk.shop.post('/v1/orders', body()).json()['id']}"
    tag = desk.shop.get(path).headers["etag"]

    assert desk.shop.get(path, **{"If-None-Match": sent.format(tag=tag)}).status_code == 304
    assert desk.shop.get(path, **{"If-None-Match": '"v999"'}).status_code == 200


@pytest.mark.parametrize(
    ("sent", "status"), [("{tag}", 201), ('"v0", {tag}', 201), ("*", 201), ("W/{tag}", 412), ('"v999"', 412)]
)
def test_an_edit_is_based_on_one_of_the_versions_it_names(desk: Desk, sent: str, status: int) -> None:
    path = f"/v1/orders/{desk.shop.post('/v1/orders', body()).json()['id']}"
    tag = desk.shop.get(path).headers["etag"]

    noted = desk.shop.post(f"{path}/notes", {"text": "Call first"}, **{"If-Match": sent.format(tag=tag)})

    assert noted.status_code == status


def test_another_body_under_a_number_is_a_conflict(desk: Desk) -> None:
    desk.shop.post("/v1/orders", body())

    refused = desk.shop.post("/v1/orders", body(currency="EUR", note="other"))

    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate_order")
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"lines": [{"sku": "A", "quantity": 0, "unit_price_minor": 1}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "A", "quantity": 10**30, "unit_price_minor": 1}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "NOPE", "quantity": 1, "unit_price_minor": 1}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "A\x00", "quantity": 1, "unit_price_minor": 1}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "A", "quantity": 1, "unit_price_minor": 1}] * 501}, "/lines"),
        ({"lines": []}, "/lines"),
        ({"currency": "USD"}, "/currency"),
        ({"promised_on": "2020-01-01"}, "/promised_on"),
        ({"placed_at": "2026-11-24T08:12:00"}, "/placed_at"),
        ({"note": "\x00"}, "/note"),
        ({"external_id": "x" * 201}, "/external_id"),
        ({"surprise": 1}, "/surprise"),
        ({"lines": [{"sku": "A", "quantity": True, "unit_price_minor": 1}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "A", "quantity": "2", "unit_price_minor": 1}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "A", "quantity": 1, "unit_price_minor": 12.0}]}, "/lines/0/unit_price_minor"),
        ({"lines": [{"sku": "A", "quantity": 10**6, "unit_price_minor": 10**12}] * 500}, "/lines"),
        ({"gift": "yes"}, "/gift"),
        ({"placed_at": 1_700_000_000}, "/placed_at"),
        ({"placed_at": "1700000000"}, "/placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "/placed_at"),
        ({"promised_on": 0}, "/promised_on"),
        ({"external_id": "\u200b"}, "/external_id"),
        (
            {"ship_to": {"name": "\u200b ", "street": "S", "city": "C", "postal_code": "1", "country": "DE"}},
            "/ship_to/name",
        ),
        (
            {"ship_to": {"name": "Ana", "street": "S", "city": "C", "postal_code": "1", "country": "de"}},
            "/ship_to/country",
        ),
    ],
)
def test_a_wrong_field_is_named(desk: Desk, wrong: dict[str, object], pointer: str) -> None:
    refused = desk.shop.post("/v1/orders", body(**wrong))

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert desk.shop.get("/v1/orders").json()["items"] == []


def test_the_same_instant_in_another_zone_is_the_same_order(desk: Desk) -> None:
    made = desk.shop.post("/v1/orders", body(placed_at="2026-11-24T08:12:00Z"))

    again = desk.shop.post("/v1/orders", body(placed_at="2026-11-24T09:12:00+01:00"))

    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])


def test_one_order_too_dear_to_count_does_not_take_a_bulk_down(desk: Desk) -> None:
    lines = [{"sku": "A", "quantity": 10**6, "unit_price_minor": 10**12}] * 500

    answer = desk.shop.post("/v1/orders/bulk", {"orders": [body("1"), body("2", lines=lines), body("3")]})

    assert [item["status"] for item in answer.json()["items"]] == [201, 422, 201]
    assert answer.json()["items"][1]["problem"]["errors"][0]["pointer"] == "/lines"


def test_bulk_orders_are_answered_one_by_one(desk: Desk) -> None:
    wrong = body("2", currency="USD")

    answer = desk.shop.post("/v1/orders/bulk", {"orders": [body("1"), wrong, body("1")]})

    assert answer.status_code == 207
    assert [item["status"] for item in answer.json()["items"]] == [201, 422, 200]
    assert answer.json()["items"][1]["problem"]["errors"][0]["pointer"] == "/currency"


def test_a_merchant_sees_and_touches_only_its_own_orders(desk: Desk) -> None:
    order_id = desk.shop.post("/v1/orders", body()).json()["id"]

    assert desk.rival.get(f"/v1/orders/{order_id}").status_code == 404
    assert desk.rival.get("/v1/orders").json()["items"] == []
    assert desk.rival.get("/v1/orders?search=10482").json()["items"] == []
    assert desk.rival.post(f"/v1/orders/{order_id}/cancel", {"reason": "mine"}).status_code == 404
    assert desk.rival.post(f"/v1/orders/{order_id}/notes", {"text": "mine"}).status_code == 404
    stolen = desk.rival.post(f"/v1/orders?merchant_id={desk.house.tenant}", body("9"))
    assert stolen.status_code == 403
    assert desk.shop.get("/v1/batches").status_code == 403


def test_an_order_is_cancelled_by_its_newest_version(desk: Desk) -> None:
    made = desk.shop.post("/v1/orders", body()).json()
    tag = f'"v{made["version"]}"'
    desk.shop.post(f"/v1/orders/{made['id']}/holds", {"kind": "payment", "reason": "late"})

    stale = desk.shop.post(f"/v1/orders/{made['id']}/cancel", {"reason": "x"}, **{"If-Match": tag})
    done = desk.shop.post(f"/v1/orders/{made['id']}/cancel", {"reason": "x"})

    assert stale.status_code == 412
    assert (done.status_code, done.json()["state"], done.json()["cancelled"]) == (200, "ACCEPTED", 2)


def test_holds_and_notes_are_kept_with_the_order(desk: Desk) -> None:
    order_id = desk.shop.post("/v1/orders", body()).json()["id"]
    hold = desk.shop.post(f"/v1/orders/{order_id}/holds", {"kind": "fraud", "reason": "look"})
    desk.shop.post(f"/v1/orders/{order_id}/notes", {"text": "Call before delivery"})

    held = desk.shop.get(f"/v1/orders/{order_id}").json()
    free = desk.shop.post(f"/v1/orders/{order_id}/holds/{hold.json()['id']}/release", {"reason": "fine"})

    assert (held["state"], held["notes"][0]["text"]) == ("ON_HOLD", "Call before delivery")
    assert free.json() == {"holds_left": 0}
    assert desk.shop.post(f"/v1/orders/{order_id}/holds", {"kind": "mood", "reason": "x"}).status_code == 422
    assert desk.shop.post(f"/v1/orders/{order_id}/holds", {"kind": "fraud", "reason": ""}).status_code == 422


def test_a_batch_goes_over_http_from_release_to_totes(desk: Desk) -> None:
    order_id = desk.shop.post("/v1/orders", body()).json()["id"]
    assert desk.picker.post("/v1/work/release", {}).status_code == 403
    planned = desk.manager.post("/v1/batches/plan", {}).json()
    asked = desk.manager.post("/v1/work/release", {})
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert (asked.json()["id"], planned["release"], asked.json()["release"]) == (planned["id"], False, True)
    assert answer_plan_request() == 1
    run = desk.manager.get(f"/v1/batches/plan/{asked.json()['id']}").json()
    assert (run["state"], run["progress"], run["batches"]) == ("ready", 100, 1)
    assert desk.manager.post(f"/v1/batches/plan/{run['id']}/cancel", {}).status_code == 409

    work = desk.picker.post("/v1/batches/claim", {}).json()
    batch_id = work["batch_id"]
    (task,) = work["tasks"]
    ops = [
        {"op_id": "op-1", "kind": "bind_tote", "batch_id": batch_id, "slot": 1, "tote": "T-0001"},
        {
            "op_id": "op-2", "kind": "pick", "task_id": task["task_id"], "location_code": task["location_code"],
            "barcode": task["gtins"][0], "quantity": 2, "tote": "T-0001",
        },
        {"op_id": "op-3", "kind": "done", "batch_id": batch_id},
    ]  # fmt: skip
    acks = [desk.picker.post("/v1/work/ops", {"ops": ops}).json()["acks"] for _ in range(2)]

    assert run["released"] == 1
    assert [[ack["status"] for ack in sent] for sent in acks] == [["applied"] * 3, ["duplicate"] * 3]
    assert desk.shop.get(f"/v1/orders/{order_id}").json()["state"] == "PICKED"
    assert [b["state"] for b in desk.picker.get("/v1/batches").json()] == ["DONE"]
    assert desk.picker.get(f"/v1/batches/{batch_id}").json()["stage"] == "pack"
    pdf = desk.picker.get(f"/v1/batches/{batch_id}/pick-list.pdf")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    assert [s["state"] for s in desk.picker.get("/v1/work/board").json()["stages"]] == ["PICKED"]


def test_lists_refuse_cursors_that_were_not_given_out(desk: Desk) -> None:
    assert desk.shop.get("/v1/orders?cursor=abc").status_code == 422


def test_a_cursor_leads_on_in_its_own_list_only(desk: Desk) -> None:
    for number in ("1", "2"):
        desk.shop.post("/v1/orders", body(number))
    following = desk.shop.get("/v1/orders?limit=1").json()["next"]

    rest = desk.shop.get(f"/v1/orders?limit=1&cursor={following}").json()
    elsewhere = [
        desk.shop.get(f"/v1/orders?sort=due&cursor={following}"),
        desk.shop.get(f"/v1/orders?cursor={encode_cursor('items', 'A', 'itm_1')}"),
    ]

    assert [len(rest["items"]), rest["next"]] == [1, None]
    assert [(r.status_code, r.json()["errors"][0]["pointer"]) for r in elsewhere] == [(422, "/cursor")] * 2
    assert desk.shop.get("/v1/orders?state=NOPE").status_code == 422
    assert desk.shop.get("/v1/orders?search=%00").status_code == 422
    assert desk.shop.get("/v1/orders/ord_%00").status_code in (404, 422)


def test_staff_see_orders_of_their_site_and_name_the_merchant(desk: Desk) -> None:
    desk.shop.post("/v1/orders", body())

    assert len(desk.manager.get("/v1/orders?search=kovac").json()["items"]) == 1
    assert desk.manager.post("/v1/orders", body("2")).json()["errors"][0]["pointer"] == "/merchant_id"
    assert desk.manager.post(f"/v1/orders?merchant_id={desk.house.tenant}", body("2")).status_code == 201
    assert api.OrderState.PROMISED == "PROMISED"


def test_a_parcel_that_did_not_arrive_is_settled_over_http(desk: Desk) -> None:
    with transaction(system(), now=h.NOW) as uow:
        order, (parcel,) = h.packed(uow, desk.house, ("A", 2))
        follow_parcel(uow, tenant_id=desk.house.tenant, parcel_id=parcel.id, to=ParcelState.SHIPPED)
    at = f"/v1/orders/{order.id}/parcels/{parcel.id}"
    early = desk.manager.post(f"{at}/refund", {"reason": "too early"})
    assert (early.status_code, early.json()["code"]) == (409, "illegal_transition")
    lost = desk.manager.post(f"{at}/lost", {"reason": "no scan for ten days"})
    assert (lost.status_code, lost.json()["order_state"], lost.json()["parcel_state"]) == (200, "EXCEPTION", "LOST")
    refunded = desk.manager.post(f"{at}/refund", {"reason": "lost"})
    assert refunded.json() == {
        "order_state": "CLOSED_SHORT", "parcel_state": "LOST_SETTLED", "decision": "refund", "replacement_id": "",
        "refund_minor": 2_490, "currency": "EUR",
    }  # fmt: skip
    back = desk.manager.post(f"{at}/received-back", {"note": "it turned up", "damaged": {order.lines[0].id: 1}})
    assert (back.status_code, back.json()["parcel_state"]) == (200, "BACK_SETTLED")


def test_a_cancelled_parcel_is_pulled_off_its_manifest_over_http(desk: Desk) -> None:
    with transaction(system(), now=h.NOW) as uow:
        order, (parcel,) = h.packed(uow, desk.house, ("A", 2))
        shipping.weigh_parcel(
            uow, tenant_id=desk.house.tenant, parcel_id=parcel.id, reading_g=parcel.expected_g, scale_code="PACK-1"
        )
        label = shipping.request_label(uow, tenant_id=desk.house.tenant, parcel_id=parcel.id)
        shipping.close_manifest(uow, site_id=desk.house.site, carrier=label.carrier, ship_date=label.ship_date)
    asked = desk.shop.post(f"/v1/orders/{order.id}/cancel", {"reason": "bought twice"})
    assert asked.json()["state"] == "PENDING_INTERCEPT"
    (wanted,) = desk.manager.get("/v1/work/to-pull").json()
    assert (wanted["parcel_id"], wanted["reason"]) == (parcel.id, "bought twice")
    at = f"/v1/orders/{order.id}/parcels/{parcel.id}/pull"

    assert desk.shop.post(at, {"reason": "mine"}).status_code == 403
    assert desk.manager.post(at.replace(parcel.id, "par_none"), {"reason": "found"}).status_code == 404
    pulled = desk.manager.post(at, {"reason": "found in the lane"})
    again = desk.manager.post(at, {"reason": "found in the lane"})

    assert (pulled.status_code, pulled.json()["state"], pulled.json()["cancelled"]) == (200, "ACCEPTED", 2)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert desk.manager.get("/v1/work/to-pull").json() == []
    assert desk.shop.get(f"/v1/orders/{order.id}").json()["state"] == "CANCELLED"


def test_an_order_policy_is_read_and_changed_by_its_own_merchant(desk: Desk) -> None:
    first = desk.shop.get("/v1/order-policy")
    short = {"substitutes": "agreed", "on_short": "wait", "answer_hours": 24, "on_silence": "wait"}
    assert first.json() == {
        "on_shortage": "wait", "horizon_days": 14, "version": 0, "when_short": short, "customs_facts": "optional",
        "dangerous_facts": "optional",
    }  # fmt: skip
    changed = desk.shop.patch("/v1/order-policy", {"on_shortage": "refuse"}, **{"If-Match": first.headers["etag"]})
    assert changed.json() == {
        "on_shortage": "refuse", "horizon_days": 14, "version": 1, "when_short": short, "customs_facts": "optional",
        "dangerous_facts": "optional",
    }  # fmt: skip
    asking = desk.shop.patch("/v1/order-policy", {"substitutes": "ask", "answer_hours": 8})
    assert asking.json()["when_short"] == short | {"substitutes": "ask", "answer_hours": 8}
    strict = desk.shop.patch("/v1/order-policy", {"customs_facts": "required"})
    assert (strict.json()["customs_facts"], strict.json()["on_shortage"]) == ("required", "refuse")
    assert strict.json()["dangerous_facts"] == "optional"
    both = desk.shop.patch("/v1/order-policy", {"dangerous_facts": "required"}).json()
    assert (both["dangerous_facts"], both["customs_facts"]) == ("required", "required")
    stale = desk.shop.patch("/v1/order-policy", {"horizon_days": 3}, **{"If-Match": first.headers["etag"]})
    assert stale.status_code == 412
    assert desk.shop.patch("/v1/order-policy", {"horizon_days": 400}).status_code == 422
    assert desk.rival.get("/v1/order-policy").json()["on_shortage"] == "wait"
    refused = desk.shop.post("/v1/orders", body(lines=[{"sku": "A", "quantity": 99, "unit_price_minor": 1}]))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/lines/0/quantity")
    assert desk.shop.get("/v1/orders").json()["items"] == []


def test_an_order_for_a_later_day_is_scheduled_and_there_is_nothing_to_choose_about_it(desk: Desk) -> None:
    placed = desk.shop.post("/v1/orders", body(ship_on="2027-01-15"))
    assert (placed.status_code, placed.json()["state"], placed.json()["ship_on"]) == (201, "SCHEDULED", "2027-01-15")
    path = f"/v1/orders/{placed.json()['id']}/shortfall"
    assert desk.shop.post(path, {"choice": "wait"}).json()["code"] == "no_shortfall"
    assert desk.shop.post(path, {"choice": "never"}).status_code == 422
    assert desk.rival.post(path, {"choice": "wait"}).status_code == 404


def test_substitutes_are_said_by_their_own_merchant_and_questions_are_answered(desk: Desk) -> None:
    item = desk.house.items["A"]
    named = {"substitutes": [{"sku": "B", "price_rule": "lower", "unit_price_minor": 900}]}
    said = desk.shop.put(f"/v1/items/{item}/substitutes", named)
    assert [each["sku"] for each in said.json()] == ["B"]
    wrong = desk.shop.put(f"/v1/items/{item}/substitutes", {"substitutes": [{"sku": "NOPE"}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/substitutes/0/sku")
    assert desk.shop.get(f"/v1/items/{item}/substitutes").json() == said.json()
    assert desk.rival.get(f"/v1/items/{item}/substitutes").status_code == 404
    file = desk.shop.get("/v1/substitutes.csv").text
    assert desk.shop.post("/v1/substitutes/file", {"csv": file}).json() == {"items": 1}
    assert desk.rival.post("/v1/substitutes/file", {"csv": file}).status_code == 422
    order = desk.shop.post("/v1/orders", body()).json()
    assert desk.shop.get(f"/v1/orders/{order['id']}/questions").json() == []
    answer = f"/v1/orders/{order['id']}/questions/qst_x/answer"
    assert desk.shop.post(answer, {"choice": "wait"}).status_code == 404
    assert desk.shop.post(answer, {"choice": "dance"}).status_code == 422
    assert desk.rival.get(f"/v1/orders/{order['id']}/questions").status_code == 404

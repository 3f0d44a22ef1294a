import asyncio
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from kernel.access.commands import create_merchant, issue_key
from kernel.db.transactions import transaction
from notifications.domain.signing import parse_secret
from notifications.routes import routers
from tests.application import serving
from tests.notifications.desk import SYSTEM, Desk, opened
from tests.plugin.databases import FreshDatabase

PATH = "/v1/webhook-endpoints"
HOSTILE = [
    "http://example.com/",
    "https://127.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://10.0.0.5/",
    "https://user:secret@example.com/",
    "https://example.com:22/",
    "https://2130706433/",
    "https://exa\x00mple.com/",
    "ftp://example.com/",
    "nonsense",
]


class Shop:
    """A merchant's program: an API key, and the service to send to."""

    def __init__(self, desk: Desk, tenant: str) -> None:
        self.desk, self.tenant = desk, tenant
        self.app = serving(*routers)
        with transaction(SYSTEM) as uow:
            self.key = issue_key(uow, tenant_id=tenant, name="x", scopes=["webhooks:manage", "orders:read"]).secret

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {"authorization": f"Bearer {self.key}", "idempotency-key": str(uuid.uuid4())}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
                return await client.request(method, path, json=body, headers=sent)

        return asyncio.run(send())

    def register(self, **fields: Any) -> dict[str, Any]:
        answer = self.ask("POST", PATH, {"url": self.desk.receiver.url} | fields)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def shop(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with opened(monkeypatch) as desk:
        yield Shop(desk, desk.tenant)


def test_an_endpoint_is_registered_and_its_secret_is_shown_once(shop: Shop) -> None:
    made = shop.ask("POST", PATH, {"url": shop.desk.receiver.url, "types": ["tests.*"]}, idempotency_key="one")
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert len(parse_secret(secret)) == 32
    assert made.headers["cache-control"] == "no-store"
    again = shop.ask("POST", PATH, {"url": shop.desk.receiver.url, "types": ["tests.*"]}, idempotency_key="one")
    assert (again.json(), again.headers["idempotency-replayed"]) == (made.json(), "true")
    listed = shop.ask("GET", PATH).json()["items"]
    assert [(one["id"], one["state"], one["types"]) for one in listed] == [(made.json()["id"], "active", ["tests.*"])]
    assert "secret" not in listed[0]
    with transaction(SYSTEM) as uow:
        stored = uow.session.execute(text("select convert_from(body, 'UTF8') from idempotency_key")).scalars().all()
        log = uow.session.execute(text("select row_to_json(e)::text from webhook_endpoint e")).scalars().all()
    assert not [row for row in [*stored, *log] if secret.removeprefix("whsec_") in str(row)]


@pytest.mark.parametrize("url", HOSTILE)
def test_an_address_that_is_never_called_is_refused(shop: Shop, url: str) -> None:
    refused = shop.ask("POST", PATH, {"url": url})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    (error,) = refused.json()["errors"]
    assert error["pointer"] == "/url"
    assert "https URL on port 443 or 8443" in error["message"]
    assert shop.ask("GET", PATH).json() == {"items": []}


@pytest.mark.parametrize(
    ("field", "value"),
    [("description", "a\x00b"), ("types", ["Tests.*"]), ("types", ["a\x00"]), ("types", ["*.v1"]), ("colour", "red")],
)
def test_a_field_that_cannot_be_right_is_named(shop: Shop, field: str, value: object) -> None:
    refused = shop.ask("POST", PATH, {"url": shop.desk.receiver.url, field: value})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith(f"/{field}")


def test_an_edit_names_the_version_that_it_is_based_on(shop: Shop) -> None:
    path = f"{PATH}/{shop.register()['id']}"
    tag = shop.ask("GET", path).headers["etag"]
    assert tag == '"1"'
    assert shop.ask("PATCH", path, {"description": "x"}).status_code == 428
    edited = shop.ask("PATCH", path, {"description": "CRM", "types": ["tests.*"]}, if_match=tag)
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    assert (edited.json()["description"], edited.json()["types"]) == ("CRM", ["tests.*"])
    assert shop.ask("PATCH", path, {"description": "y"}, if_match=tag).status_code == 412
    refused = shop.ask("PATCH", path, {"url": "https://[::1]/"}, if_match='"2"')
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/url")
    assert shop.ask("DELETE", path, if_match=tag).status_code == 412
    newest = shop.ask("GET", path).headers["etag"]
    assert shop.ask("DELETE", path, if_match=newest).status_code == 200
    assert shop.ask("GET", path).status_code == 404


def test_a_new_secret_signs_beside_the_old_one(shop: Shop) -> None:
    made = shop.register()
    rotated = shop.ask("POST", f"{PATH}/{made['id']}/rotate-secret", {"overlap_seconds": 60})
    assert rotated.status_code == 200
    assert rotated.json()["secret"] != made["secret"]
    shop.desk.tell(1)
    shop.desk.deliver()
    assert len(shop.desk.receiver.taken[0].headers["webhook-signature"].split(" ")) == 2


def test_deliveries_are_seen_replayed_retried_and_skipped(shop: Shop) -> None:
    path = f"{PATH}/{shop.register()['id']}"
    since = datetime.now(UTC) - timedelta(minutes=1)
    shop.desk.receiver.answer = lambda one: 500 if one.number == 2 else 204
    shop.desk.tell(1, 2, 3)
    shop.desk.deliver()
    page = shop.ask("GET", f"{path}/deliveries?limit=2").json()
    assert [(one["n"], one["state"]) for one in page["items"]] == [(3, "pending"), (2, "retry")]
    attempt = page["items"][1]["attempts"][0]
    assert (attempt["number"], attempt["status"], attempt["error"]) == (1, 500, "status_500")
    rest = shop.ask("GET", f"{path}/deliveries?limit=2&cursor={page['next']}").json()
    assert [(one["n"], one["state"]) for one in rest["items"]] == [(1, "delivered")]
    assert rest["next"] is None
    assert shop.ask("GET", path).json()["waiting"] == 2

    place = {"stream": "cus_a", "n": 2}
    assert shop.ask("POST", f"{path}/deliveries/retry", place | {"n": 3}).json()["code"] == "delivery_not_next"
    assert shop.ask("POST", f"{path}/deliveries/retry", place).status_code == 200
    shop.desk.deliver()
    skipped = shop.ask("POST", f"{path}/deliveries/skip", place | {"reason": "by hand"})
    assert skipped.status_code == 200
    shop.desk.deliver()
    assert shop.desk.receiver.numbers("cus_a") == [1, 3]

    event = rest["items"][0]["event_id"]
    assert shop.ask("POST", f"{path}/replay", {"event_ids": [event]}).json() == {"queued": 1, "reopened": 0}
    assert shop.ask("POST", f"{path}/replay", {"failed_since": since.isoformat()}).json()["queued"] == 1
    shop.desk.receiver.answer = lambda _: 204
    shop.desk.deliver()
    assert shop.desk.receiver.numbers("cus_a") == [1, 3, 1, 2]
    only = shop.ask("GET", f"{path}/deliveries?event_id={event}").json()["items"]
    assert [(one["n"], one["replay"]) for one in only] == [(4, True), (1, False)]


@pytest.mark.parametrize(
    "body", [{}, {"event_ids": ["evt_1"], "since": "2026-11-22T00:00:00Z"}, {"since": "2026-11-22T00:00:00"}]
)
def test_a_replay_says_exactly_what_it_wants(shop: Shop, body: dict[str, object]) -> None:
    path = f"{PATH}/{shop.register()['id']}/replay"
    assert shop.ask("POST", path, body).status_code == 422


def test_pause_resume_and_test(shop: Shop) -> None:
    path = f"{PATH}/{shop.register()['id']}"
    assert shop.ask("POST", f"{path}/pause").json()["state"] == "paused"
    assert shop.ask("POST", f"{path}/pause").status_code == 409
    assert shop.ask("POST", f"{path}/test").status_code == 202
    shop.desk.tell()
    assert shop.desk.deliver() == 0
    assert shop.ask("POST", f"{path}/resume").json()["state"] == "active"
    assert shop.desk.deliver() >= 1
    assert b"notifications.endpoint_tested.v1" in shop.desk.receiver.taken[0].body


def test_another_merchant_finds_nothing(shop: Shop) -> None:
    made = shop.register()
    with transaction(SYSTEM) as uow:
        rival = create_merchant(uow, code="rival", name="Rival", currency="EUR")
    other = Shop(shop.desk, rival)
    path = f"{PATH}/{made['id']}"
    assert other.ask("GET", PATH).json() == {"items": []}
    asked = [
        other.ask("GET", path),
        other.ask("GET", f"{path}/deliveries"),
        other.ask("PATCH", path, {"description": "mine"}, if_match='"1"'),
        other.ask("DELETE", path, if_match='"1"'),
        *(other.ask("POST", f"{path}/{verb}") for verb in ("pause", "resume", "test")),
        other.ask("POST", f"{path}/rotate-secret", {}),
        other.ask("POST", f"{path}/replay", {"event_ids": ["evt_1"]}),
        other.ask("POST", f"{path}/deliveries/skip", {"stream": "cus_a", "n": 1, "reason": "x"}),
    ]
    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert other.ask("POST", PATH, {"url": shop.desk.receiver.url, "merchant_id": shop.tenant}).status_code == 404
    assert shop.ask("GET", path).json()["version"] == 1


def test_letters_need_their_own_scope_and_may_be_none(shop: Shop) -> None:
    assert shop.ask("GET", "/v1/messages?state=sent").json() == {"items": [], "next": None}
    with transaction(SYSTEM) as uow:
        key = issue_key(uow, tenant_id=shop.tenant, name="y", scopes=["events:read"]).secret
    assert shop.ask("GET", "/v1/messages", authorization=f"Bearer {key}").status_code == 403
    assert shop.ask("GET", PATH, authorization=f"Bearer {key}").status_code == 403
    assert shop.ask("GET", PATH, authorization="Bearer nobody").status_code == 401

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, text

from kernel import actors, clock
from kernel.access import commands
from kernel.access.routes import router
from kernel.actors import Role
from kernel.db.transactions import transaction
from kernel.web.access import COOKIE
from tests.application import serving

PASSWORD = "correct horse battery"
Post = Callable[..., httpx.Response]


@pytest.fixture
def merchant(database: Connection) -> str:
    with transaction(actors.system()) as uow:
        commands.create_site(
            uow, code="dc", name="DC", time_zone="Europe/Berlin", country="DE", company_prefix="4012345"
        )
        return commands.create_merchant(uow, code="acme", name="Acme", currency="EUR")


@pytest.fixture
def post(merchant: str) -> Post:
    """An administrator who sends requests."""
    with transaction(actors.system()) as uow:
        commands.create_user(uow, email="admin@dc.example", name="Ada", role=Role.ADMIN, password=PASSWORD)
        token = commands.sign_in(uow, email="admin@dc.example", password=PASSWORD)
    app = serving(router)
    transport = httpx.ASGITransport(app=app)

    def send(path: str, body: dict[str, Any], key: str = "k-1") -> httpx.Response:
        async def call() -> httpx.Response:
            headers = {"cookie": f"{COOKIE}={token}", "idempotency-key": key}
            async with httpx.AsyncClient(transport=transport, base_url="http://house.test", headers=headers) as client:
                return await client.post(path, json=body)

        return asyncio.run(call())

    return send


def key_for(merchant: str, **other: object) -> dict[str, object]:
    return {"merchant_id": merchant, "name": "shop", "scopes": ["orders:read"]} | other


def test_the_secret_of_a_key_is_in_the_first_answer_and_nowhere_else(post: Post, merchant: str) -> None:
    first, again = post("/v1/keys", key_for(merchant)), post("/v1/keys", key_for(merchant))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() | {"secret": ""}
    assert first.json()["secret"].startswith("psk_live_")
    with transaction(actors.system()) as uow:
        kept = uow.session.execute(text("select convert_from(body, 'UTF8') from idempotency_key")).scalars().all()
    assert len(kept) == 1
    assert first.json()["secret"] not in kept[0]


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2027-01-01T00:00:00", "2020-01-01T00:00:00Z", 0]
)
def test_a_key_ends_at_a_time_that_can_be(post: Post, merchant: str, at: object) -> None:
    refused = post("/v1/keys", key_for(merchant, expires_at=at))

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/expires_at"]


def test_a_key_ends_when_it_says(post: Post, merchant: str) -> None:
    end = clock.now() + timedelta(hours=1)
    secret = post("/v1/keys", key_for(merchant, expires_at=end.isoformat())).json()["secret"]

    with transaction(actors.system()) as uow:
        assert commands.authenticate_key(uow, secret=secret)
    with transaction(actors.system(), now=end) as uow:
        assert commands.authenticate_key(uow, secret=secret) is None


@pytest.mark.parametrize(
    "place",
    [
        {"role": "merchant", "merchant_code": "acme", "site_code": "dc"},
        {"role": "picker", "merchant_code": "acme", "site_code": "dc"},
        {"role": "admin", "merchant_code": "acme"},
    ],
)
def test_a_user_belongs_to_a_merchant_or_to_a_site(post: Post, place: dict[str, str]) -> None:
    """Both together would show a merchant's user all merchants of the site."""
    refused = post("/v1/users", {"email": "eve@acme.example", "name": "Eve", "password": PASSWORD} | place)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


def test_an_account_with_both_sees_its_merchant_only(merchant: str) -> None:
    with transaction(actors.system()) as uow:
        commands.create_user(
            uow, email="eve@acme.example", name="Eve", role=Role.MERCHANT, password=PASSWORD, merchant_id=merchant
        )
        uow.session.execute(text("update staff_user set site_id = (select id from site)"))
        uow.session.expire_all()
        token = commands.sign_in(uow, email="eve@acme.example", password=PASSWORD)
        actor = commands.authenticate_session(uow, token=token)

    assert actor is not None
    assert (actor.tenant, actor.site) == (merchant, "")


def test_another_password_is_another_request(post: Post) -> None:
    picker = {"email": "ana@dc.example", "name": "Ana", "role": "picker", "site_code": "dc", "password": PASSWORD}

    made = post("/v1/users", picker)
    other = post("/v1/users", picker | {"password": "quite another one"})

    assert made.status_code == 201
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_who_asks_while_the_first_request_runs_hears_when_to_ask_again(post: Post, merchant: str) -> None:
    post("/v1/keys", key_for(merchant))
    with transaction(actors.system()) as uow:
        uow.session.execute(text("update idempotency_key set state = 'started'"))

    early = post("/v1/keys", key_for(merchant))

    assert (early.status_code, early.headers["retry-after"]) == (409, "1")

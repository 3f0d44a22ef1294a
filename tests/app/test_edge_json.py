"""Bodies that readers of JSON understand differently, on every route of the interface that takes one."""

import asyncio
import json
from collections.abc import Sequence

import httpx
import pytest
from shopify_house import SYSTEM, set_up_merchant
from sqlalchemy import Connection

from app.edge.json_bodies import require_one_meaning
from kernel.access.commands import issue_key
from kernel.db.transactions import transaction
from kernel.errors import FieldError, Invalid
from tests.application import application

ORDER = {
    "external_id": "1", "placed_at": "2026-11-20T10:00:00Z", "currency": "EUR",
    "ship_to": {"name": "A", "street": "B", "city": "C", "postal_code": "1", "country": "DE"},
    "lines": [{"sku": "PEN", "quantity": 1, "unit_price_minor": 1}],
}  # fmt: skip
SCOPES = [
    "orders:read",
    "orders:write",
    "returns:read",
    "returns:write",
    "webhooks:manage",
    "stock:read",
    "stock:write",
]


def faults(body: str) -> tuple[FieldError, ...]:
    with pytest.raises(Invalid) as refusal:
        require_one_meaning(body.encode())
    return refusal.value.errors


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ('{"a": 1, "a": 1}', [("/a", "repeated_name")]),
        ('{"lines": [{}, {"x/y": {"q": 1, "\\u0071": 2}}]}', [("/lines/1/x~1y/q", "repeated_name")]),
        ('{"a": NaN, "b": [-Infinity]}', [("/a", "not_a_number"), ("/b/0", "not_a_number")]),
        ("NaN", [("/", "not_a_number")]),
        ('{"a": "\\ud800"}', [("/a", "half_a_character")]),
        ('{"\\udc00": 1}', [("/?", "half_a_character")]),
        ('["\\uDFFF"]', [("/0", "half_a_character")]),
    ],
)
def test_a_place_without_a_single_meaning_is_named(body: str, places: list[tuple[str, str]]) -> None:
    assert [(fault.pointer, fault.code) for fault in faults(body)] == places


@pytest.mark.parametrize(
    "body",
    ['{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}', '"\\ud83d\\ude00"', '"\\\\ud800"', "[" * 100_000, "{", "\xff", ""],
)
def test_what_has_one_meaning_or_is_no_json_is_left_alone(body: str) -> None:
    require_one_meaning(body.encode("latin-1"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_is_utf_8(encoding: str) -> None:
    with pytest.raises(Invalid, match="UTF-8"):
        require_one_meaning('{"a": 1}'.encode(encoding))
    require_one_meaning('\ufeff{"a": "\u00e4"}'.encode())


@pytest.mark.parametrize("depth", [200, 300, 500])
def test_a_deep_place_without_a_single_meaning_is_refused_too(depth: int) -> None:
    with pytest.raises(Invalid):
        require_one_meaning(b"[" * depth + b"NaN" + b"]" * depth)


def send(requests: Sequence[tuple[str, bytes, str]], secret: str) -> list[httpx.Response]:
    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=application(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://house.test") as client:
            answers = []
            for number, (path, body, kind) in enumerate(requests):
                headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"k{number}", "Content-Type": kind}
                method, _, where = path.partition(" ")
                answers.append(await client.request(method, where, content=body, headers=headers))
            return answers

    return asyncio.run(all_of_them())


def paths_with_bodies() -> list[str]:
    document = application().openapi()
    return [
        f"{method.upper()} {path.replace('{', '').replace('}', '')}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


@pytest.fixture
def secret(database: Connection) -> str:
    tenant = set_up_merchant()
    with transaction(SYSTEM) as uow:
        return issue_key(uow, tenant_id=tenant, name="shop", scopes=SCOPES).secret


HOSTILE = [
    b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": "\\ud800"}', b'{"\\ud800": 1}', b"[" * 200_000, b'{"a":' * 50_000,
    b'{"a": ' + b"9" * 5_000 + b"}", b'{"a": 1e999}', b'{"a": 1} x', b"", b"null", b"[]", b'"x"', b"{}{}",
    b"\xff\xfe{}", b"[" * 500 + b"NaN" + b"]" * 500,
    "{}".encode("utf-16"), b"{\x00}", b"1" * 400,
]  # fmt: skip


@pytest.mark.thorough
def test_no_body_breaks_any_route(secret: str) -> None:
    paths = paths_with_bodies()
    assert "POST /v1/orders" in paths
    requests = [(path, body, "application/json") for path in paths for body in HOSTILE]
    for (path, body, _), answer in zip(requests, send(requests, secret), strict=True):
        assert 400 <= answer.status_code < 500, (path, body[:40], answer.text)
        assert answer.headers["content-type"] == "application/problem+json", (path, body[:40])


@pytest.mark.thorough
def test_no_value_breaks_an_order(secret: str) -> None:
    texts = [
        '"\\ud800"',
        "NaN",
        "1e400",
        "-1",
        "9" * 4_000,
        "9" * 5_000,
        "{}",
        "[[]]",
        "null",
        "true",
        '"\\u0000"',
        "1.5",
    ]
    wholes = [json.dumps(ORDER).replace(json.dumps(value), text, 1) for value in ("1", "EUR", 1) for text in texts]
    bodies = [whole.encode() for whole in wholes]
    requests = [("POST /v1/orders", body, "application/json") for body in bodies]
    requests += [("POST /v1/orders/bulk", b'{"orders": [' + body + b"]}", "application/json") for body in bodies]
    for (_, body, _), answer in zip(requests, send(requests, secret), strict=True):
        assert answer.status_code < 500, (body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


def test_an_order_with_a_name_twice_is_refused_and_says_which(secret: str) -> None:
    doubled = json.dumps(ORDER).replace('"quantity": 1', '"quantity": 1, "quantity": 9').encode()
    (answer,) = send([("POST /v1/orders", doubled, "application/json")], secret)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/lines/0/quantity"
    (right,) = send([("POST /v1/orders", json.dumps(ORDER).encode(), "application/json")], secret)
    assert right.status_code == 201


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x"])
def test_another_media_type_is_told_what_to_send(secret: str, kind: str) -> None:
    (answer,) = send([("POST /v1/orders", json.dumps(ORDER).encode(), kind)], secret)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), answer.text

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

import httpx
import pytest
from sqlalchemy import NullPool, create_engine, text
from starlette.applications import Starlette

from app.hot.batching import Batcher
from app.hot.routes import close_hot_pool, hot_routes, open_hot_pool
from inventory.api import (
    ItemDraft,
    KitPart,
    SafetyStock,
    StockReserved,
    create_items,
    expire_reservations,
    set_selling_rules,
)
from kernel import clock
from kernel.access.commands import issue_key, revoke_key
from kernel.access.secrets import digest
from kernel.actors import system
from kernel.db.feed import read_feed, sequence_feed
from kernel.db.transactions import UnitOfWork, transaction
from kernel.ids import new_id
from tests.inventory.warehouse import Warehouse, assert_invariants, build, everything, level, stock
from tests.plugin.databases import FreshDatabase


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant with stock, and an API key that may do everything with it."""

    house: Warehouse
    key: str
    key_id: str

    def headers(self, key: str = "k-1") -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", "idempotency-key": key}


def open_shop(code: str = "ACME", **held: dict[str, int]) -> Shop:
    with transaction(system()) as uow:
        house = build(uow, code=code)
        stock(uow, house, **(held or {"A": {"P-1": 5}, "B": {"P-2": 1}}))
        issued = issue_key(uow, tenant_id=house.tenant, name="shop", scopes=["stock:write", "stock:read"])
    return Shop(house, issued.secret, issued.id)


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=hot_routes)
    await open_hot_pool(app)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client
    await close_hot_pool(app)


def on_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def body(*lines: tuple[str, int], **rest: object) -> dict[str, object]:
    return {"reference": "cart-1", "lines": [{"sku": sku, "quantity": n} for sku, n in lines]} | rest


def state() -> dict[str, list[tuple[object, ...]]]:
    with transaction(system()) as uow:
        return everything(uow)


def levels(shop: Shop) -> dict[str, tuple[int, int]]:
    with transaction(system()) as uow:
        return {sku: level(uow, shop.house, sku) for sku in ("A", "B")}


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_a_reservation_is_held_answered_and_told() -> None:
    shop = open_shop()
    async with serving() as client:
        answer = await client.post("/v1/reservations", json=body(("A", 3), ("B", 1)), headers=shop.headers())
    assert answer.status_code == 201
    told = answer.json()
    assert (told["outcome"], told["reference"], told["site_id"]) == ("reserved", "cart-1", shop.house.site)
    assert [(line["line_id"], line["sku"], line["reserved"]) for line in told["lines"]] == [
        ("1", "A", 3),
        ("2", "B", 1),
    ]
    assert levels(shop) == {"A": (5, 3), "B": (1, 1)}
    with transaction(system()) as uow:
        sequence_feed(uow)
        envelope = read_feed(uow, after=0, limit=10, types=[StockReserved.TYPE])[0]
    event = envelope.event(StockReserved)
    assert (envelope.stream, envelope.actor, envelope.tenant_id) == ("cart-1", shop.key_id, shop.house.tenant)
    assert (envelope.order_id, envelope.customer_id) == ("", "")
    assert [(line["item_id"], line["quantity"]) for line in event.lines] == [
        (shop.house.items["A"], 3),
        (shop.house.items["B"], 1),
    ]
    assert envelope.summary == event.summary() == "4 units set aside."
    assert (envelope.audience, event.stream) == (StockReserved.AUDIENCE, "cart-1")
    assert_invariants()


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_a_shortage_is_refused_with_its_size_and_changes_nothing() -> None:
    shop = open_shop()
    before = state()
    async with serving() as client:
        answer = await client.post("/v1/reservations", json=body(("A", 3), ("B", 2)), headers=shop.headers())
        assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
        told = answer.json()
        assert told["code"] == "insufficient_stock"
        assert told["shortfalls"] == [{"line_id": "2", "sku": "B", "requested": 2, "available": 1}]
        assert state() == before
        corrected = await client.post("/v1/reservations", json=body(("A", 3), ("B", 1)), headers=shop.headers())
        assert corrected.status_code == 201
        split = await client.post(
            "/v1/reservations", json=body(("A", 3), ("B", 2), policy="split"), headers=shop.headers("k-2")
        )
    assert (split.status_code, split.json()["outcome"]) == (201, "partly_reserved")
    assert levels(shop) == {"A": (5, 5), "B": (1, 1)}


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_a_repeated_key_gets_the_same_answer_and_another_body_is_refused() -> None:
    shop = open_shop()
    async with serving() as client:
        first, *again = [
            await client.post("/v1/reservations", json=body(("A", 1)), headers=shop.headers()) for _ in range(3)
        ]
        other = await client.post("/v1/reservations", json=body(("A", 2)), headers=shop.headers())
    assert [(a.status_code, a.content, a.headers.get("idempotency-replayed")) for a in again] == [
        (201, first.content, "true"),
        (201, first.content, "true"),
    ]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert levels(shop)["A"] == (5, 1)


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_one_key_sent_many_times_at_once_reserves_once() -> None:
    shop = open_shop()
    async with serving() as one, serving() as two:
        sent = [
            client.post("/v1/reservations", json=body(("A", 1)), headers=shop.headers())
            for client in (one, two)
            for _ in range(10)
        ]
        answers = await asyncio.gather(*sent)
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum("idempotency-replayed" not in a.headers for a in answers) == 1
    assert levels(shop)["A"] == (5, 1)


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_a_hold_ends_by_itself() -> None:
    shop = open_shop()
    async with serving() as client:
        await client.post("/v1/reservations", json=body(("A", 3), expires_in_seconds=60), headers=shop.headers())
    later = clock.now() + timedelta(seconds=61)
    with transaction(system(), now=later) as uow:
        assert expire_reservations(uow, limit=10) == 1
        assert [(e.stream, e.order_id) for e in uow.emitted] == [("cart-1", "")]
    assert levels(shop)["A"] == (5, 0)
    assert_invariants()


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_nobody_reserves_or_sees_the_stock_of_another_merchant() -> None:
    shop = open_shop()
    other = open_shop("OTHER", A={"P-1": 2})
    async with serving() as client:
        mixed = await asyncio.gather(
            *(
                client.post("/v1/reservations", json=body(("A", 2)), headers=s.headers(f"k-{n}"))
                for n in range(2)
                for s in (shop, other)
            )
        )
        seen = await client.get("/v1/availability", params={"sku": ["A", "B"]}, headers=other.headers())
    assert [a.status_code for a in mixed] == [201, 201, 201, 409]
    assert levels(shop)["A"] == (5, 4)
    assert levels(other)["A"] == (2, 2)
    assert [(i["sku"], i["item_id"], i["on_hand"]) for i in seen.json()["items"]] == [
        ("A", other.house.items["A"], 2),
        ("B", other.house.items["B"], 0),
    ]
    assert_invariants()


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_the_door_is_closed_without_a_valid_key_and_its_scope() -> None:
    shop = open_shop()
    with transaction(system()) as uow:
        reader = issue_key(uow, tenant_id=shop.house.tenant, name="reader", scopes=["stock:read"]).secret
        ended = issue_key(uow, tenant_id=shop.house.tenant, name="ended", scopes=["stock:write"])
        revoke_key(uow, key_id=ended.id)
    past = clock.now() - timedelta(seconds=1)
    with transaction(system(), now=past - timedelta(hours=1)) as uow:
        old = issue_key(uow, tenant_id=shop.house.tenant, name="old", scopes=["stock:write"], expires_at=past).secret
    before = state()
    async with serving() as client:
        answers = [
            await client.post(
                "/v1/reservations", json=body(("A", 1)), headers={"authorization": auth, "idempotency-key": "k"}
            )
            for auth in ("", "Basic x", "Bearer x", f"Bearer {ended.secret}", f"Bearer {old}", f"Bearer {reader}")
        ]
        unread = await client.get("/v1/availability?sku=A", headers={"authorization": f"Bearer {old}"})
    assert [a.status_code for a in answers] == [401, 401, 401, 401, 401, 403]
    assert unread.status_code == 401
    assert state() == before


def test_the_application_role_cannot_read_through_the_door_without_a_key(fresh_database: FreshDatabase) -> None:
    open_shop()
    with fresh_database.engine.connect() as connection:
        door = "select outcome, body from availability_for_key(now(), 'x', array['A'], '')"
        rows = connection.execute(text(door)).all()
        assert [tuple(r) for r in rows] == [("unauthenticated", None)]
        assert connection.execute(text("select count(*) from stock_level")).scalar_one() == 0
        role = connection.execute(
            text("select rolcanlogin, rolsuper, rolbypassrls from pg_roles where rolname = 'pickstream_reserve'")
        ).one()
    assert tuple(role) == (False, False, False)


BAD_BODIES: list[tuple[bytes, int, str | None]] = [
    (b"{", 422, ""),
    (b"", 422, ""),
    (b"[]", 422, ""),
    (b"\xff\xfe", 422, ""),
    (b'{"reference": "\\ud800", "lines": [{"sku": "A", "quantity": 1}]}', 422, None),
    (json.dumps({"reference": "c"}).encode(), 422, "/lines"),
    (json.dumps(body()).encode(), 422, "/lines"),
    (json.dumps(body(("A", 0))).encode(), 422, "/lines/0/quantity"),
    (json.dumps(body(("A", -1))).encode(), 422, "/lines/0/quantity"),
    (json.dumps(body(("A", 1), ("A", 10**6 + 1))).encode(), 422, "/lines/1/quantity"),
    (json.dumps(body(("A", 2**70))).encode(), 422, "/lines/0/quantity"),
    (json.dumps(body(("A", 1.5))).encode(), 422, "/lines/0/quantity"),  # type: ignore[arg-type]  # wrong on purpose
    (json.dumps(body(("", 1))).encode(), 422, "/lines/0/sku"),
    (json.dumps(body(("A\0", 1))).encode(), 422, "/lines/0/sku"),
    (json.dumps(body(("A", 1), ("nope", 1))).encode(), 404, "/lines/1/sku"),
    (json.dumps(body(("A", 1), policy="most")).encode(), 422, "/policy"),
    (json.dumps(body(("A", 1), site="nowhere")).encode(), 422, "/site"),
    (json.dumps(body(("A", 1), tenant_id="mer_x")).encode(), 422, "/tenant_id"),
    (json.dumps(body(("A", 1), expires_in_seconds=0)).encode(), 422, "/expires_in_seconds"),
    (json.dumps(body(("A", 1), reference="x\n")).encode(), 422, "/reference"),
    (json.dumps(body(("A", 1), reference="ord_" + "0" * 26)).encode(), 422, "/reference"),
    (json.dumps(body(*[("A", 1)] * 101)).encode(), 422, "/lines"),
    (b" " * 70_000, 413, None),
]


ASK_THE_DOOR = text(
    "select r.outcome from reserve_requests(now(), array[:hash], array[:key], array['f'], array[:key],"
    " array[''], array[false], array[now() + interval '1 hour'], array[:event], array[1::bigint],"
    " array['1'], array['A'], array[1::bigint], array[:reservation], array['']) r"
)


def ask_the_door(uow: UnitOfWork, shop: Shop, key: str) -> str:
    asked = {"hash": digest(shop.key), "key": key, "event": new_id("evt"), "reservation": new_id("rsv")}
    outcome: str = uow.session.execute(ASK_THE_DOOR, asked).scalar_one()
    return outcome


@pytest.mark.usefixtures("fresh_database")
def test_a_plan_made_while_there_is_nothing_yet_reads_no_table_as_a_whole() -> None:
    shop = open_shop()
    with transaction(system()) as uow:
        outcome = ask_the_door(uow, shop, "k")
        read = "select relname from pg_stat_xact_user_tables where seq_scan > 0"
        assert (outcome, uow.session.scalars(text(read)).all()) == ("reserved", [])


def test_a_plan_made_for_a_vacuumed_empty_table_looks_for_one_answer_only(fresh_database: FreshDatabase) -> None:
    shop = open_shop()
    with create_engine(fresh_database.owner_url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as owner:
        owner.execute(text("vacuum analyze idempotency_key"))
    answers = text(
        "insert into idempotency_key (owner, key, fingerprint, state, locked_until, created_at, status, body,"
        " media_type) select :owner, 'old-' || n, 'f', 'done', now(), now(), 201, '', 'application/json'"
        " from generate_series(1, 500) n"
    )
    read = text("select idx_tup_fetch from pg_stat_xact_user_tables where relname = 'idempotency_key'")
    with transaction(system()) as uow:
        assert ask_the_door(uow, shop, "first") == "reserved"
        uow.session.execute(answers, {"owner": shop.key_id})
        before = uow.session.execute(read).scalar_one()
        assert ask_the_door(uow, shop, "second") == "reserved"
        assert uow.session.execute(read).scalar_one() - before <= 1


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_a_bad_request_is_named_by_field_and_changes_nothing() -> None:
    shop = open_shop()
    before = state()
    async with serving() as client:
        for content, status, pointer in BAD_BODIES:
            answer = await client.post("/v1/reservations", content=content, headers=shop.headers())
            told = answer.json()
            assert answer.headers["content-type"] == "application/problem+json"
            assert (answer.status_code, told["status"]) == (status, status), (content[:80], told)
            if pointer is not None:
                assert [e["pointer"] for e in told["errors"]] == [pointer], (content[:80], told)
        unkeyed = await client.post("/v1/reservations", json=body(("A", 1)), headers=shop.headers(""))
        assert (unkeyed.status_code, unkeyed.json()["code"]) == (400, "idempotency_key_missing")
    assert state() == before


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_availability_is_cached_by_its_etag_until_it_changes() -> None:
    shop = open_shop()
    async with serving() as client:
        first = await client.get("/v1/availability?sku=A&sku=zzz&sku=A", headers=shop.headers())
        assert first.json() == {
            "items": [
                {
                    "sku": "A",
                    "item_id": shop.house.items["A"],
                    "on_hand": 5,
                    "reserved": 0,
                    "held_back": 0,
                    "available": 5,
                    "oversell": None,
                    "sites": [
                        {"site_id": shop.house.site, "on_hand": 5, "reserved": 0, "held_back": 0, "available": 5}
                    ],
                }
            ],
            "unknown": ["zzz"],
        }
        cached = shop.headers() | {"if-none-match": first.headers["etag"]}
        second = await client.get("/v1/availability?sku=A&sku=zzz", headers=cached)
        assert (second.status_code, second.content) == (304, b"")
        await client.post("/v1/reservations", json=body(("A", 1)), headers=shop.headers())
        third = await client.get("/v1/availability?sku=A&sku=zzz", headers=cached)
    assert (third.status_code, third.json()["items"][0]["available"]) == (200, 4)


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_availability_wants_one_to_two_hundred_skus() -> None:
    shop = open_shop()
    async with serving() as client:
        for query in ("", "?" + "&".join(f"sku=S{n}" for n in range(201)), "?sku=", "?sku=%00", "?sku=A&channel=%00"):
            answer = await client.get(f"/v1/availability{query}", headers=shop.headers())
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), query
        many = "&".join(f"sku=S{n}" for n in range(200))
        assert (await client.get(f"/v1/availability?{many}", headers=shop.headers())).status_code == 200


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_a_request_that_breaks_the_batch_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop()
    decided = Batcher._call

    async def call(self: Batcher, batch: Any) -> Any:
        if any(p.reference == "poison" for p in batch):
            raise ConnectionError("the batch with the poisoned request cannot be decided")
        return await decided(self, batch)

    monkeypatch.setattr(Batcher, "_call", call)
    async with serving() as client:
        references = ["r1", "r2", "poison", "r3"]
        answers = await asyncio.gather(
            *(
                client.post("/v1/reservations", json=body(("A", 1), reference=r), headers=shop.headers(r))
                for r in references
            )
        )
    assert [a.status_code for a in answers] == [201, 201, 503, 201]
    assert answers[2].headers["retry-after"] == "1"
    assert "reservations failed" in caplog.text
    assert levels(shop)["A"] == (5, 3)


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_what_is_scarce_goes_to_those_who_came_first_and_the_rest_of_the_batch_gets_all() -> None:
    shop = open_shop(A={"P-1": 5}, B={"P-2": 2})
    wanted = [(("A", 3),), (("A", 2), ("B", 3)), (("A", 1), ("B", 1)), (("A", 2),), (("A", 1), ("B", 1))]
    async with serving() as client:
        sent = [
            client.post("/v1/reservations", json=body(*lines, reference=f"r{n}"), headers=shop.headers(f"r{n}"))
            for n, lines in enumerate(wanted)
        ]
        answers = await asyncio.gather(*sent)
    assert [answer.status_code for answer in answers] == [201, 409, 201, 409, 201]
    assert answers[1].json()["shortfalls"] == [{"line_id": "2", "sku": "B", "requested": 3, "available": 2}]
    assert answers[3].json()["shortfalls"] == [{"line_id": "1", "sku": "A", "requested": 2, "available": 1}]
    assert levels(shop) == {"A": (5, 5), "B": (2, 2)}
    assert_invariants()


def sell(shop: Shop, sku: str, **rules: Any) -> None:
    with transaction(system()) as uow:
        set_selling_rules(uow, tenant_id=shop.house.tenant, item_id=shop.house.items[sku], **rules)


def gift_set(shop: Shop) -> None:
    """A set of two A and one B."""
    with transaction(system()) as uow:
        draft = ItemDraft("SET", "Gift set", 0, 0, 0, 0)
        shop.house.items.update(create_items(uow, tenant_id=shop.house.tenant, items=[draft]))
    sell(shop, "SET", kit=[KitPart(shop.house.items["A"], 2), KitPart(shop.house.items["B"], 1)])


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_a_cart_of_a_channel_leaves_its_safety_stock() -> None:
    shop = open_shop()
    sell(shop, "A", safety_stock=[SafetyStock(1), SafetyStock(4, "market")])
    async with serving() as client:
        seen = [
            (await client.get(f"/v1/availability?sku=A&channel={channel}", headers=shop.headers())).json()["items"][0]
            for channel in ("", "market")
        ]
        taken = [
            await client.post("/v1/reservations", json=body(("A", 2), channel=c), headers=shop.headers(f"k-{n}"))
            for n, c in enumerate(("market", "web", "web", "web"))
        ]
    assert [(each["available"], each["held_back"]) for each in seen] == [(4, 1), (1, 4)]
    assert [answer.status_code for answer in taken] == [409, 201, 201, 409]
    assert taken[0].json()["shortfalls"][0]["available"] == 1
    assert levels(shop)["A"] == (5, 4)
    assert_invariants()


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_questions_asked_at_once_are_answered_as_one_by_one() -> None:
    one, two = open_shop(), open_shop("OTHER", A={"P-1": 9}, B={"P-2": 2})
    gift_set(one)
    sell(two, "A", safety_stock=[SafetyStock(1), SafetyStock(4, "market")])
    asked = [
        (shop.key, f"sku=A&sku=NO%22NE&sku={other}&channel={channel}")
        for shop in (one, two)
        for other in ("B", "SET")
        for channel in ("", "market")
    ]
    asked.append(("psk_live_nobody", "sku=A"))
    async with serving() as client:

        async def ask(key: str, query: str) -> tuple[int, Any]:
            answer = await client.get(f"/v1/availability?{query}", headers={"authorization": f"Bearer {key}"})
            return answer.status_code, answer.json()

        together = await asyncio.gather(*(ask(*question) for question in asked))
        one_by_one = [await ask(*question) for question in asked]
    assert [status for status, _ in together] == [200] * 8 + [401]
    assert [told for _, told in together[:8]] == [told for _, told in one_by_one[:8]]
    free = [{item["sku"]: item["available"] for item in told["items"]} for _, told in together[:8]]
    assert free[:4] == [{"A": 5, "B": 1}] * 2 + [{"A": 5, "SET": 1}] * 2
    assert free[4:] == [{"A": 8, "B": 2}, {"A": 5, "B": 2}, {"A": 8}, {"A": 5}]
    assert [told["unknown"] for _, told in together[:8]] == [['NO"NE']] * 6 + [['NO"NE', "SET"]] * 2


@pytest.mark.usefixtures("fresh_database")
@on_loop
async def test_a_kit_is_held_as_its_parts_and_a_repeated_request_finds_its_answer() -> None:
    """medusajs/medusa#12532: a cart that holds a kit holds what the kit is made of."""
    shop, rival = open_shop(A={"P-1": 5}, B={"P-2": 2}), open_shop("RIVAL", A={"P-1": 9})
    gift_set(shop)
    wanted = body(("SET", 2), ("A", 1))
    async with serving() as client:
        seen = (await client.get("/v1/availability?sku=SET", headers=shop.headers())).json()["items"][0]
        first = await client.post("/v1/reservations", json=wanted, headers=shop.headers())
        again = await client.post("/v1/reservations", json=wanted, headers=shop.headers())
        other = await client.post("/v1/reservations", json=body(("SET", 1)), headers=shop.headers())
        short = await client.post("/v1/reservations", json=body(("SET", 1)), headers=shop.headers("k-2"))
        split = body(("SET", 1), ("A", 9), policy="split")
        none = await client.post("/v1/reservations", json=split, headers=shop.headers("k-3"))
        unknown = await client.post("/v1/reservations", json=body(("SET", 1)), headers=rival.headers())
    assert (seen["on_hand"], seen["available"]) == (2, 2)
    assert first.status_code == 201, first.text
    assert [(line["sku"], line["requested"], line["reserved"]) for line in first.json()["lines"]] == [
        ("SET", 2, 2),
        ("A", 1, 1),
    ]
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (short.status_code, short.json()["shortfalls"][0]["available"]) == (409, 0)
    assert none.status_code == 409
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_item")
    assert levels(shop) == {"A": (5, 5), "B": (2, 2)}
    with transaction(system(), now=clock.now() + timedelta(days=2)) as uow:
        assert expire_reservations(uow, limit=10) == 1
    assert levels(shop) == {"A": (5, 0), "B": (2, 0)}
    assert_invariants()

"""What can be sold, as it changes and as a whole: true of the database, and nobody hears of another's goods."""

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from web_house import WebHouse, clear_floor, delivered, do, pick_everything, place, to_floor

from app.availability import changes, exports, routes
from app.availability.answers import cursor_name
from app.availability.watch import NoStreamLeft, Watch
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.access.commands import IssuedKey, issue_key, revoke_key
from kernel.actors import Actor, Role
from kernel.db.feed import sequence_feed
from kernel.db.transactions import transaction
from kernel.web.paging import decode_cursor

pytestmark = pytest.mark.thorough

_numbers = count(1)


class Shop(httpx.Client):
    """A merchant's own system: its key, and what it hears and reads."""

    def __init__(self, address: str, key: IssuedKey) -> None:
        headers = {"authorization": f"Bearer {key.secret}"}
        super().__init__(base_url=address, headers=headers, trust_env=False, timeout=10)

    @contextmanager
    def listening(self, last_event_id: str = "") -> Iterator["Events"]:
        headers = {"last-event-id": last_event_id} if last_event_id else {}
        with self.stream("GET", "/v1/availability/changes", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield Events(answer)

    def refusal(self) -> httpx.Response | None:
        """Try to listen; return the refusal, if there is one."""
        with self.stream("GET", "/v1/availability/changes") as answer:
            if answer.status_code == 200:
                return None
            answer.read()
            return answer


class Events:
    """The events of an open stream, in order."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()
        self.last_id = ""
        self.heard: list[dict[str, Any]] = []

    def next(self) -> tuple[str, dict[str, Any]]:
        """Wait for the next event, and return its name and data."""
        name, data = "", ""
        for line in self._lines:
            field, _, value = line.partition(": ")
            if not line and name:
                told = json.loads(data)
                self.heard += [told] if told else []
                return name, told
            name, data = (value, data) if field == "event" else (name, value if field == "data" else data)
            self.last_id = value if field == "id" else self.last_id
        raise EOFError("the stream ended")

    def about(self, sku: str) -> dict[str, Any]:
        """Wait for the next event about an item, and return its data."""
        while (told := self.next())[1].get("sku") != sku:
            pass
        return told[1]

    def to_the_end(self) -> None:
        """Read until the server ends the stream."""
        for _ in self._lines:
            pass


def key_of(tenant: str, *scopes: str) -> IssuedKey:
    return do(lambda uow: issue_key(uow, tenant_id=tenant, name="shop", scopes=list(scopes) or ["stock:read"]))


@pytest.fixture
def shop(address: str, house: WebHouse) -> Iterator[Shop]:
    with Shop(address, key_of(house.tenant)) as shop:
        yield shop


@pytest.fixture
def rival(address: str, house: WebHouse) -> Iterator[Shop]:
    with Shop(address, key_of(house.rival)) as rival:
        yield rival


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline


def hold(house: WebHouse, sku: str, units: int = 1, *, tenant: str = "") -> str:
    """Promise units to a cart: what can be sold goes down."""
    reference = f"cart-{next(_numbers)}"
    tenant = tenant or house.tenant

    def work(uow: Any) -> None:
        item = inventory.item_by_sku(uow, tenant_id=tenant, sku=sku)
        assert item
        got = inventory.reserve_stock(
            uow, tenant_id=tenant, site_id=house.site, order_id=reference, customer_id="",
            demands=[inventory.Demand("1", item.id, units)],
        )  # fmt: skip
        assert got.reserved == {"1": units}

    do(work)
    return reference


def available(house: WebHouse, sku: str, tenant: str = "") -> int:
    tenant = tenant or house.tenant
    (found,) = do(lambda uow: inventory.availability(uow, tenant_id=tenant, skus=[sku]))
    return found.available


def test_a_change_is_heard_within_a_second_of_its_commit(house: WebHouse, shop: Shop) -> None:
    """No worker runs here: the stream does not wait for one."""
    with shop.listening() as events:
        assert events.next() == ("ready", {})
        hold(house, "MUG-BL")
        committed = time.monotonic()
        told = events.about("MUG-BL")
        assert time.monotonic() - committed < 1.0
        assert told["merchant_id"] == house.tenant
        assert told["available"] == available(house, "MUG-BL") == sum(each["available"] for each in told["sites"])


def test_nobody_hears_of_anothers_goods(house: WebHouse, shop: Shop, rival: Shop) -> None:
    with shop.listening() as ours, rival.listening() as theirs:
        assert (ours.next()[0], theirs.next()[0]) == ("ready", "ready")
        hold(house, "GNOME", tenant=house.rival)
        hold(house, "TOWEL")
        assert ours.about("TOWEL")["merchant_id"] == house.tenant
        assert theirs.about("GNOME") == told_to(rival, "GNOME")
        assert {told["merchant_id"] for told in ours.heard} == {house.tenant}
        assert {told["merchant_id"] for told in theirs.heard} == {house.rival}


def told_to(who: Shop, sku: str) -> dict[str, Any]:
    lines = [json.loads(line) for line in who.get("/v1/availability/export").text.splitlines()]
    return next(line for line in lines if line["sku"] == sku)


def test_whoever_comes_back_hears_what_was_missed_once(house: WebHouse, shop: Shop) -> None:
    with shop.listening() as events:
        events.next()
        last_id = events.last_id
    for _ in range(3):
        hold(house, "PEN-L")
    hold(house, "LAMP")
    do(sequence_feed)
    with shop.listening(last_event_id=last_id) as events:
        events.about("PEN-L")
        assert [each["sku"] for each in events.heard if each["sku"] in ("LAMP", "PEN-L")] == ["LAMP", "PEN-L"]
        assert all(each["available"] == available(house, each["sku"]) for each in events.heard)
        hold(house, "PEN-L")
        assert events.about("PEN-L")["available"] == available(house, "PEN-L")
    assert events.last_id != last_id


def test_a_gap_that_is_too_long_is_told(house: WebHouse, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "RESUMABLE", 2)
    with shop.listening() as events:
        events.next()
        last_id = events.last_id
    for _ in range(3):
        hold(house, "PEN-L")
    with shop.listening(last_event_id=last_id) as events:
        assert events.next() == ("reset", {})
        hold(house, "PEN-L")
        assert events.about("PEN-L")


def test_a_cursor_of_somebody_else_starts_anew(shop: Shop, rival: Shop) -> None:
    with rival.listening() as events:
        events.next()
        foreign = events.last_id
    for cursor in (foreign, "nonsense"):
        with shop.listening(last_event_id=cursor) as events:
            assert events.next()[0] == "reset"


def test_between_export_and_stream_nothing_is_lost(house: WebHouse, shop: Shop) -> None:
    """What is committed while the export is read is not in it, and is told after its cursor."""
    actor = Actor("key_x", Role.MERCHANT, "shop", house.tenant, "", frozenset({"stock:read"}))
    before = available(house, "MUG-BL")
    hold(house, "TOWEL")  # not in the feed yet when the snapshot is taken
    steps = exports.steps_of(exports.export_pieces(actor, merchant_id="", as_csv=False))

    async def read_slowly() -> tuple[str, str]:
        cursor = await steps.first()
        await asyncio.to_thread(hold, house, "MUG-BL")
        return cursor, "".join([piece async for piece in steps.rest()])

    cursor, text = asyncio.run(read_slowly())
    lines = {line["sku"]: line for line in map(json.loads, text.splitlines())}
    assert {"MUG-BL", "TOWEL", "LAMP", "PEN-L"} <= set(lines)
    assert "GNOME" not in lines
    assert lines["MUG-BL"]["available"] == before
    assert available(house, "MUG-BL") == before - 1
    with shop.listening(last_event_id=cursor) as events:
        assert events.about("MUG-BL")["available"] == before - 1


def test_the_export_is_what_the_plain_question_answers(house: WebHouse, shop: Shop) -> None:
    answer = shop.get("/v1/availability/export", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["changes-cursor"]
    rows = {row["sku"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    plain = shop.get("/v1/availability", params={"sku": "LAMP"}).json()["items"][0]
    assert {k: int(rows["LAMP"][k]) for k in ("on_hand", "reserved", "available")} == {
        k: plain[k] for k in ("on_hand", "reserved", "available")
    }
    assert (rows["LAMP"]["merchant"], rows["LAMP"]["site"], rows["LAMP"]["item_id"]) == (
        "nordhus", "HAM", plain["item_id"]
    )  # fmt: skip
    assert "GNOME" not in rows
    line = told_to(shop, "LAMP")
    figures = ("sku", "item_id", "on_hand", "reserved", "held_back", "available", "sites")
    assert {name: line[name] for name in figures} == {name: plain[name] for name in figures}


def test_the_export_refuses_what_is_not_the_callers(house: WebHouse, address: str, shop: Shop) -> None:
    assert shop.get("/v1/availability/export", params={"merchant_id": house.rival}).status_code == 403
    assert shop.get("/v1/availability/export", params={"format": "xlsx"}).status_code == 422
    with Shop(address, key_of(house.tenant, "orders:read")) as blind:
        for path in ("/v1/availability/export", "/v1/availability/changes"):
            assert blind.get(path).status_code == 403


def test_only_so_many_exports_run_at_once() -> None:
    slots = exports.Slots(1)
    slots.take()
    with pytest.raises(exports.NoExportLeft):
        slots.take()
    slots.give()
    slots.take()


def test_a_caller_may_listen_only_so_often(shop: Shop) -> None:
    with ExitStack() as opened:
        listening = [opened.enter_context(shop.listening()) for _ in range(10)]
        assert [events.next()[0] for events in listening] == ["ready"] * 10
        refused = shop.refusal()
        assert refused
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) > 0
    until(lambda: shop.refusal() is None)  # the server hears of the hang-ups a moment later


def test_a_full_or_ending_process_says_so() -> None:
    async def work() -> None:
        watch = Watch(max_streams=1)
        stream = watch.open(Actor("key_a", Role.MERCHANT, "a", "mer_a"))
        with pytest.raises(NoStreamLeft):
            watch.open(Actor("key_b", Role.MERCHANT, "b", "mer_b"))
        watch.stop()
        assert await stream.wait(0.0)
        assert stream.ended
        watch.close(stream)
        with pytest.raises(NoStreamLeft):
            watch.open(Actor("key_b", Role.MERCHANT, "b", "mer_b"))

    asyncio.run(work())


def test_a_revoked_key_hears_no_more(house: WebHouse, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "HEARTBEAT_SECONDS", 0.2)
    key = key_of(house.tenant)
    with Shop(address, key) as shop, shop.listening() as events:
        events.next()
        do(lambda uow: revoke_key(uow, key_id=key.id))
        events.to_the_end()


def test_a_kit_changes_with_its_parts(house: WebHouse, shop: Shop) -> None:
    def bundle(uow: Any) -> None:
        kit = inventory.create_item(uow, tenant_id=house.tenant, sku="SET", name="Desk set", weight_g=0, length_mm=0,
            width_mm=0, height_mm=0)  # fmt: skip
        parts = [inventory.KitPart(house.items["LAMP"], 1), inventory.KitPart(house.items["PEN-L"], 3)]
        inventory.set_selling_rules(uow, tenant_id=house.tenant, item_id=kit.id, kit=parts)

    do(bundle)
    with shop.listening() as events:
        assert events.next()[0] == "ready"
        hold(house, "PEN-L", 30)
        told = {sku: events.about(sku)["available"] for sku in ("PEN-L", "SET")}
    assert told == {"PEN-L": available(house, "PEN-L"), "SET": available(house, "PEN-L") // 3}


def test_an_item_that_is_sold_no_longer_is_heard_of(house: WebHouse) -> None:
    item = do(lambda uow: inventory.get_item(uow, house.items["TOWEL"]))
    draft = inventory.ItemDraft(
        item.sku, item.name, item.weight_g, item.length_mm, item.width_mm, item.height_mm, item.gtins
    )

    def heard(*, active: bool) -> list[tuple[str, int, int]]:
        do(sequence_feed)
        before = do(changes.present_position)
        of_item = {"tenant_id": house.tenant, "item_id": item.id}
        do(lambda uow: inventory.update_item(uow, draft=draft, active=active, **of_item))
        do(sequence_feed)
        told = do(lambda uow: changes.read_changes(uow, after=before)).items
        return [(each["sku"], each["available"], each["sites"][0]["available"]) for each in told]

    units = available(house, "TOWEL")
    assert heard(active=False) == [("TOWEL", 0, 0)]
    assert heard(active=True) == [("TOWEL", units, units)]


@pytest.mark.thorough
def test_a_mirror_of_the_stream_stays_true(house: WebHouse) -> None:
    """Whatever happens to goods, the stream tells it: a copy that only applies changes is the same as a new export."""
    shop = Actor("key_m", Role.MERCHANT, "shop", house.tenant, "", frozenset({"stock:read"}))
    cursor, *pieces = exports.export_pieces(shop)
    (position,) = decode_cursor(cursor_name(shop), cursor)
    mirror = {line["sku"]: line for line in map(json.loads, "".join(pieces).splitlines())}
    for happening in (_sell, _short, _correct, _cancel_picked, _let_expire, _hold_back, _take_back, _receive):
        happening(house)
        while do(sequence_feed):
            pass
        with transaction(shop) as uow:
            told = changes.read_changes(uow, after=int(position))
        position = told.position
        mirror |= {each["sku"]: each for each in told.items}
        _, *pieces = exports.export_pieces(shop)
        assert mirror == {line["sku"]: line for line in map(json.loads, "".join(pieces).splitlines())}, happening


def _sell(house: WebHouse) -> None:
    delivered(house, ("MUG-BL", 2), ("TOWEL", 1))


def _short(house: WebHouse) -> None:
    place(house, ("LAMP", 3))
    to_floor(house)
    work = do(lambda uow: fulfillment.claim_batch(uow, site_id=house.site), house["picker"])
    task = next(task for task in work.tasks if task.sku == "LAMP")
    do(lambda uow: fulfillment.short_pick(uow, task_id=task.task_id, found=0, reason="missing"), house["picker"])


def _bin_of(house: WebHouse, sku: str) -> str:
    return do(lambda uow: inventory.item_stock(uow, house.items[sku])).bins[0].location_code


def _correct(house: WebHouse) -> None:
    here = {
        "tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["TOWEL"],
        "location_code": _bin_of(house, "TOWEL"),
    }  # fmt: skip
    do(lambda uow: inventory.adjust_stock(uow, **here, delta=-2, reason="broken"))


def _cancel_picked(house: WebHouse) -> None:
    order_id = place(house, ("PEN-L", 2))
    to_floor(house)
    pick_everything(house)
    do(lambda uow: fulfillment.cancel_order(uow, tenant_id=house.tenant, order_id=order_id, reason="customer"))
    clear_floor(house)


def _let_expire(house: WebHouse) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)

    def work(uow: Any) -> None:
        inventory.reserve_stock(
            uow, tenant_id=house.tenant, site_id=house.site, order_id="cart-late", customer_id="",
            demands=[inventory.Demand("1", house.items["MUG-BL"], 4)], expires_at=past,
        )  # fmt: skip

    do(work)
    assert do(lambda uow: inventory.expire_reservations(uow, limit=10)) > 0


def _hold_back(house: WebHouse) -> None:
    kept = [inventory.SafetyStock(5)]
    do(lambda uow: inventory.set_selling_rules(
        uow, tenant_id=house.tenant, item_id=house.items["MUG-BL"], safety_stock=kept
    ))  # fmt: skip


def _take_back(house: WebHouse) -> None:
    whose = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["MUG-BL"], "quantity": 1}
    do(lambda uow: inventory.receive_return(uow, **whose, reference="rma-1"))
    do(lambda uow: inventory.restock_return(uow, **whose, reference="rma-1"))


def _receive(house: WebHouse) -> None:
    receipt = inventory.Receipt(house.items["LAMP"], _bin_of(house, "LAMP"), 7, "ASN-9")
    do(lambda uow: inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt]))


def test_staff_hear_of_their_site_only(house: WebHouse) -> None:
    """A manager of another site hears nothing of this one, and exports none of its units."""
    do(sequence_feed)
    with transaction(house["manager"]) as uow:
        here = changes.read_changes(uow, after=0)
    assert {each["merchant_id"] for each in here.items} == {house.tenant, house.rival}
    elsewhere = Actor("usr_far", Role.MANAGER, "Far", "", "sit_elsewhere", frozenset({"stock:read"}))
    with transaction(elsewhere) as uow:
        assert changes.read_changes(uow, after=0).items == ()
        assert list(inventory.walk_availability(uow)) == []


@pytest.mark.thorough
def test_a_process_that_is_told_to_end_ends_its_streams(house: WebHouse) -> None:
    """A stream has no end of its own: without help the server would wait for it for ever."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", "--port", "0", "--no-access-log"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    try:
        assert process.stderr
        port = next(line for line in process.stderr if "running on" in line).split("127.0.0.1:")[1].split()[0]
        with Shop(f"http://127.0.0.1:{port}", key_of(house.tenant)) as shop, shop.listening() as events:
            events.next()
            process.send_signal(signal.SIGTERM)
            events.to_the_end()
        process.wait(timeout=10)
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()

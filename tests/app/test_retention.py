"""What has served its time is deleted in small steps, and what may still be asked for is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.retention import forget_what_is_old
from inventory import api as inventory
from kernel import clock
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run
from kernel.db.upkeep import KEYS, forget_rows
from kernel.ids import id_since, new_id
from kernel.settings import settings
from tests.inventory.warehouse import Warehouse, build, reserve, stock

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime.now(UTC).replace(microsecond=0)


def left(table: str) -> int:
    return run(system(), lambda uow: int(uow.session.execute(text(f"select count(*) from {table}")).scalar_one()))  # noqa: S608 - names of ours


def do(work: Callable[[UnitOfWork], object], days_ago: float = 0) -> None:
    run(system(), work, now=NOW - timedelta(days=days_ago))


_KEYS = text(
    "insert into idempotency_key (owner, key, fingerprint, state, locked_until, created_at)"
    " select 'key', 'k' || n || cast(:at as text), '', 'done', cast(:at as timestamptz), cast(:at as timestamptz)"
    " from generate_series(1, :count) n"
)
_MARKS = text(
    "insert into inbox select 'c', n || cast(:at as text), cast(:at as timestamptz) from generate_series(1, :count) n"
)


def keys(uow: UnitOfWork, count: int) -> None:
    uow.session.execute(_KEYS, {"at": uow.now, "count": count})


def marks(uow: UnitOfWork, count: int) -> None:
    uow.session.execute(_MARKS, {"at": uow.now, "count": count})


def test_keys_and_marks_go_after_their_time_and_the_audit_trail_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICKSTREAM_KEEP_INBOX_DAYS", "20")
    settings.cache_clear()
    for days in (2, 4, 25):
        do(lambda uow: keys(uow, 250), days)
        do(lambda uow: marks(uow, 250), days)

    with clock.at(NOW):
        assert forget_what_is_old(at_once=100) == 750
        assert forget_what_is_old(at_once=100) == 0, "once an hour"

    settings.cache_clear()
    assert (left("idempotency_key"), left("inbox")) == (250, 500)
    told = text("select subject, cast(details ->> 'rows' as int) from audit_entry where action = 'retention.forgotten'")
    rows = run(system(), lambda uow: [tuple(row) for row in uow.session.execute(told)])
    assert sorted(rows) == sorted([("idempotency_key", n) for n in (100, 100, 100, 100, 100)] + [
        ("inbox", n) for n in (100, 100, 50)
    ])  # fmt: skip


def test_a_day_of_keys_stays_whatever_is_configured() -> None:
    do(lambda uow: keys(uow, 3), 0.9)
    do(lambda uow: forget_rows(uow, KEYS, keep=timedelta(0), limit=100))
    assert left("idempotency_key") == 3


_PLANS = text(
    "insert into plan_run select id, site_id, 'ready', true, 10, 100, 0, 0, '', 0, '', 1, null, created_at, 'usr_1',"
    " created_at from (values (:id, :site, cast(:at as timestamptz))) as asked (id, site_id, created_at)"
)


def test_what_a_worker_computed_for_a_site_goes_after_a_season(house: Warehouse) -> None:
    for days in (89, 91, 400):
        do(lambda uow: uow.session.execute(_PLANS, {"id": new_id("plr"), "site": house.site, "at": uow.now}), days)
    with clock.at(NOW):
        assert forget_what_is_old() == 2
    assert left("plan_run") == 1


@pytest.fixture
def house() -> Warehouse:
    def work(uow: UnitOfWork) -> Warehouse:
        found = build(uow)
        stock(uow, found, A={"P-1": 50})
        return found

    return run(system(), work, now=NOW - timedelta(days=200))


def test_promises_go_of_which_nothing_is_left_and_no_others(house: Warehouse) -> None:
    """A cart of long ago, an order that was picked, one that still waits, and a cart of yesterday."""

    def promised(order: str, days_ago: float, **other: object) -> None:
        do(lambda uow: inventory.reserve_stock(
            uow, tenant_id=house.tenant, site_id=house.site, order_id=order, customer_id="",
            demands=[inventory.Demand("l1", house.items["A"], 2)], **other,  # type: ignore[arg-type]  # as the case has it
        ), days_ago)  # fmt: skip

    promised("old-cart", 100, expires_at=NOW - timedelta(days=99), hold=True)
    promised("waits", 100)
    do(lambda uow: reserve(uow, house, "picked", ("l1", "A", 3)), 100)
    do(lambda uow: inventory.pick_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id="picked", line_id="l1", item_id=house.items["A"],
        location_code="P-1", quantity=3, tote="T",
    ), 99)  # fmt: skip
    promised("new-cart", 1, expires_at=NOW - timedelta(hours=20), hold=True)
    do(lambda uow: inventory.expire_reservations(uow, limit=100))
    # Ids tell the time at which they were drawn: these were drawn as long ago as their promises were made.
    do(lambda uow: uow.session.execute(text(
        "update reservation set id = :old || substr(id, 15) where order_id <> 'new-cart'"
    ), {"old": id_since("rsv", NOW - timedelta(days=100))}))  # fmt: skip

    def forget(keep: timedelta) -> int:
        return run(system(), lambda uow: inventory.forget_promises(uow, keep=keep, limit=100), now=NOW)

    assert forget(timedelta(days=120)) == 0
    assert forget(timedelta(days=90)) == 2
    assert forget(timedelta(0)) == 0, "a month is the least"
    found = run(system(), lambda uow: list(uow.session.scalars(text("select order_id from reservation order by 1"))))
    assert found == ["new-cart", "waits"]
    assert inventory.INVARIANTS
    broken = run(system(), lambda uow: [
        each.name for each in inventory.INVARIANTS if uow.session.execute(text(each.violations)).first()
    ])  # fmt: skip
    assert broken == []


def test_an_id_drawn_now_lies_between_the_bounds_of_its_time() -> None:
    drawn = new_id("rsv")
    now = datetime.now(UTC)
    assert id_since("rsv", now - timedelta(seconds=5)) < drawn < id_since("rsv", now + timedelta(seconds=5))

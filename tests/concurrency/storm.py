"""One process of a storm: everything that a busy day does to stock, at random, and an account of the answers."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from app.engines.spawn import wait_until
from app.hot.routes import close_hot_pool, hot_routes, open_hot_pool
from inventory import api
from inventory.api import Bucket, Demand
from kernel import clock
from kernel.actors import system
from kernel.db.engine import engine
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import Refusal

PLACES = ("P-1", "P-2", "BULK", "DOCK")
SHOPPERS = 8
HELD_SECONDS, LATER = 300, timedelta(hours=1)
_BOOK = text(
    "select coalesce(sum(b.quantity), 0) from bin_stock b join location l on l.id = b.location_id"
    " where b.tenant_id = :tenant and b.item_id = :item and l.code = :place"
)


@dataclass(frozen=True, slots=True)
class Stall:
    """A merchant's goods and the key of its shop."""

    tenant: str
    key: str
    hot: dict[str, str]
    cold: dict[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process is to do. With `shops` it is a shop's shoppers over HTTP, else somebody of the house. Who
    `endures` goes on when the database is gone for a while, and counts what nobody answered as `unknown`.
    """

    database_url: str
    site: str
    stalls: tuple[Stall, ...]
    seed: int
    workers: int
    operations: int
    shops: bool = False
    endures: bool = False


@dataclass(slots=True)
class Account:
    """What the callers were told: how often each operation was done or refused, units by what became of them, and
    whatever else than a refusal reached a caller.
    """

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Account") -> None:
        self.done.update(other.done)
        self.refused.update(other.refused)
        self.units.update(other.units)
        self.failures += other.failures


Operation = Callable[["Hand", UnitOfWork], Counter[str]]


@dataclass(slots=True)
class Hand:
    """Somebody who does one thing after another to the goods of any merchant, with chances of its own."""

    plan: Plan
    chance: random.Random
    placed: int = 0

    def stall(self) -> Stall:
        return self.chance.choice(self.plan.stalls)

    def item(self, stall: Stall) -> str:
        goods = stall.hot if self.chance.random() < 0.6 else stall.cold
        return self.chance.choice(list(goods.values()))

    def some_order(self) -> str:
        """One of the last orders, of one's own or of somebody else who is about as far."""
        worker = self.plan.seed if self.chance.random() < 0.6 else self.chance.randrange(self.plan.workers)
        return f"o-{worker}-{max(0, self.placed - self.chance.randrange(12))}"

    def somewhere(self) -> tuple[Stall, dict[str, str]]:
        stall = self.stall()
        return stall, {"tenant_id": stall.tenant, "site_id": self.plan.site, "item_id": self.item(stall)}


def reserve(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    stall = hand.stall()
    hand.placed += 1
    demands = [Demand(f"l{n}", hand.item(stall), hand.chance.randint(1, 3)) for n in range(hand.chance.randint(1, 3))]
    expires = uow.now + timedelta(seconds=HELD_SECONDS) if hand.chance.random() < 0.3 else None
    outcome = api.reserve_stock(
        uow, tenant_id=stall.tenant, site_id=hand.plan.site, order_id=f"o-{hand.plan.seed}-{hand.placed}",
        customer_id="", demands=demands, policy=hand.chance.choice(("all_or_nothing", "split")), expires_at=expires,
    )  # fmt: skip
    return Counter(reserved=sum(outcome.reserved.values()), denied=sum(outcome.short.values()))


def cancel(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    quantity = hand.chance.choice((None, None, 1, 2))
    return Counter(
        released=api.release_stock(
            uow, tenant_id=hand.stall().tenant, order_id=hand.some_order(), quantity=quantity, reason="cancel"
        )
    )


def expire(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    uow.now += LATER
    api.expire_reservations(uow, limit=20)
    return Counter(
        expired=sum(
            line["quantity"] for told in uow.emitted if isinstance(told, api.ReservationExpired) for line in told.lines
        )
    )


def pick(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    stall, order = hand.stall(), hand.some_order()
    place = {"tenant_id": stall.tenant, "site_id": hand.plan.site, "order_id": order}
    found = list(api.allocate_stock(uow, **place))
    if not found:
        return Counter()
    one = hand.chance.choice(found)
    units = hand.chance.randint(1, one.quantity)
    api.pick_stock(
        uow, **place, line_id=one.line_id, item_id=one.item_id, location_code=one.location_code, quantity=units,
        tote="T",
    )  # fmt: skip
    return Counter(picked=units)


def short(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    stall, order = hand.stall(), hand.some_order()
    place = {"tenant_id": stall.tenant, "site_id": hand.plan.site, "order_id": order}
    found = list(api.allocate_stock(uow, **place))
    if not found:
        return Counter()
    one = hand.chance.choice(found)
    outcome = api.report_short(
        uow, **place, line_id=one.line_id, item_id=one.item_id, location_code=one.location_code,
        expected=one.quantity, found=hand.chance.randrange(one.quantity), reason=hand.chance.choice(("missing", "x")),
    )  # fmt: skip
    lost = outcome.missing + sum(a.quantity for a in outcome.reallocated)
    return Counter(given_up=outcome.missing, short=lost, shorted=_shorted(uow))


def count(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    """Count a bin that others go on working at: the book is read before anything is locked."""
    stall, where = hand.somewhere()
    place = hand.chance.choice(PLACES)
    book = uow.session.execute(_BOOK, {"tenant": stall.tenant, "item": where["item_id"], "place": place}).scalar_one()
    counted = max(0, int(book) + hand.chance.choice((-2, -1, 0, 0, 1, 2)))
    found = api.count_bin(uow, **where, location_code=place, counted=counted)
    return Counter(counted=found, shorted=_shorted(uow))


def adjust(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    _, where = hand.somewhere()
    delta = hand.chance.choice((-3, -2, -1, 1, 2))
    api.adjust_stock(uow, **where, location_code=hand.chance.choice(PLACES), delta=delta, reason="x")
    return Counter(adjusted=delta, shorted=_shorted(uow))


def receive(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    stall = hand.stall()
    receipts = [
        api.Receipt(hand.item(stall), hand.chance.choice(PLACES), hand.chance.randint(1, 4), "ASN") for _ in range(2)
    ]
    api.receive_many(uow, tenant_id=stall.tenant, site_id=hand.plan.site, receipts=receipts)
    return Counter(received=sum(r.quantity for r in receipts))


def transfer(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    _, where = hand.somewhere()
    source, target = hand.chance.sample(PLACES, 2)
    units = hand.chance.randint(1, 3)
    api.move_stock(uow, **where, from_code=source, to_code=target, quantity=units)
    return Counter(moved=units)


def hospital(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    """Units that somebody has to look at leave what can be sold, whoever they are promised to, or come back."""
    _, where = hand.somewhere()
    units, place = hand.chance.randint(1, 3), hand.chance.choice(PLACES)
    if hand.chance.random() < 0.5:
        api.move_stock(uow, **where, from_code="HOSP", to_code=place, quantity=units)
        return Counter(discharged=units)
    api.move_stock(uow, **where, from_code=place, to_code="HOSP", quantity=units)
    return Counter(admitted=units, shorted=_shorted(uow))


def plan_moves(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    return Counter(planned=hand.chance.choice(api.MOVE_PLANNING)(uow))


def carry(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    """Carry some units as a move says, or those of a move that is done back again."""
    states = hand.chance.choice((api.LIVE_MOVES, api.LIVE_MOVES, ("done",)))
    found = [each for each in api.find_moves(uow, site_id=hand.plan.site, states=states).items if each.to_code]
    if not found:
        return Counter()
    move = hand.chance.choice(found)
    if move.state == "done":
        api.undo_move(uow, move_id=move.id, number=1)
        return Counter(carried_back=1)
    units = hand.chance.randint(1, move.remaining)
    api.do_move(uow, move_id=move.id, from_code=move.from_code, barcode=move.sku, to_code=move.to_code, quantity=units)
    return Counter(carried=units)


def bring_back(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    """A return arrives; it goes back on sale or away."""
    _, where = hand.somewhere()
    where |= {"reference": "rma"}
    units = hand.chance.randint(1, 2)
    api.receive_return(uow, **where, quantity=units)
    if hand.chance.random() < 0.3:
        api.discard_return(uow, **where, quantity=1)
        return Counter(returned=units, discarded=1)
    api.restock_return(uow, **where, quantity=units, location_code=hand.chance.choice(PLACES))
    return Counter(returned=units, restocked=units)


def put_back(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    _, where = hand.somewhere()
    source = hand.chance.choice((Bucket.IN_TOTE, Bucket.PACKED))
    at = hand.chance.choice(PLACES)
    api.put_back_stock(uow, **where, order_id="o", line_id="l", location_code=at, quantity=1, reason="x", source=source)
    return Counter(put_back=1)


def pack(hand: Hand, uow: UnitOfWork) -> Counter[str]:
    """Pack, unpack or ship units of two items."""
    stall = hand.stall()
    place = {"tenant_id": stall.tenant, "site_id": hand.plan.site}
    lines = [(hand.item(stall), 1), (hand.item(stall), 1)]
    match hand.chance.choice(("pack", "pack", "unpack", "ship")):
        case "pack":
            api.pack_stock(uow, **place, order_id="o", lines=lines)
        case "unpack":
            api.unpack_stock(uow, **place, order_id="o", lines=lines)
        case _:
            api.ship_stock(uow, **place, reference="par", lines=lines)
    return Counter(shifted=2)


def _shorted(uow: UnitOfWork) -> int:
    return sum(told.quantity for told in uow.emitted if isinstance(told, api.ReservationShorted))


WEIGHTS: dict[Operation, int] = {
    reserve: 30, cancel: 8, expire: 1, pick: 20, short: 5, count: 5, adjust: 4, receive: 12, transfer: 8,
    bring_back: 5, put_back: 4, pack: 8, plan_moves: 3, carry: 8, hospital: 4,
}  # fmt: skip


def weather(plan: Plan) -> Account:
    """Do what the plan says, in a process of its own."""
    os.environ |= {"DATABASE_URL": plan.database_url, "PICKSTREAM_POOL_SIZE": "1"}
    try:
        return asyncio.run(_shop(plan)) if plan.shops else _work(plan)
    finally:
        engine().dispose()


def _work(plan: Plan) -> Account:
    hand, account = Hand(plan, random.Random(plan.seed)), Account()  # noqa: S311 - a seeded crowd, not a secret
    verbs, weights = list(WEIGHTS), list(WEIGHTS.values())
    for _ in range(plan.operations):
        verb = hand.chance.choices(verbs, weights)[0]
        try:
            units = run(system(), lambda uow, verb=verb: verb(hand, uow))
        except Refusal:
            account.refused[verb.__name__] += 1
        except DBAPIError as error:
            if not (plan.endures and wait_until(_answers, seconds=60)):
                account.failures.append(f"{verb.__name__}: {error!r}")
            account.units["unknown"] += 1
        except Exception as error:  # noqa: BLE001 - whatever reaches a caller is to be told to the test
            account.failures.append(f"{verb.__name__}: {error!r}")
        else:
            account.done[verb.__name__] += 1
            account.units.update(units)
    return account


def _answers() -> bool:
    engine().dispose()
    try:
        with engine().connect() as connection:
            return connection.execute(text("select true")).scalar_one()
    except DBAPIError:
        return False


async def _shop(plan: Plan) -> Account:
    account, chance = Account(), random.Random(plan.seed)  # noqa: S311 - a seeded crowd, not a secret
    app = Starlette(routes=hot_routes)
    await open_hot_pool(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as client:

        async def shop(shopper: int) -> None:
            for n in range(plan.operations // SHOPPERS):
                own = f"cart-{plan.seed}-{shopper}-{n}"
                stall = chance.choice(plan.stalls)
                goods = list(stall.hot) * 3 + list(stall.cold)
                lines = [{"sku": chance.choice(goods), "quantity": chance.randint(1, 2)} for _ in range(2)]
                answer = await client.post(
                    "/v1/reservations",
                    json={
                        "reference": own, "lines": lines, "policy": chance.choice(("all_or_nothing", "split")),
                        "expires_in_seconds": HELD_SECONDS,
                    },
                    headers={"authorization": f"Bearer {stall.key}", "idempotency-key": own},
                )  # fmt: skip
                if answer.status_code == 201:
                    account.done["http_reserve"] += 1
                    account.units["reserved"] += sum(line["reserved"] for line in answer.json()["lines"])
                elif answer.status_code == 409:
                    account.refused["http_reserve"] += 1
                elif plan.endures and answer.status_code == 503:
                    account.units["unknown"] += 1
                else:
                    account.failures.append(f"http_reserve: {answer.status_code} {answer.text}")

        await asyncio.gather(*(shop(n) for n in range(SHOPPERS)))
    await close_hot_pool(app)
    return account


def buy_out(plan: Plan) -> Account:
    """Buy the hot goods, unit by unit, until there are none."""
    os.environ |= {"DATABASE_URL": plan.database_url, "PICKSTREAM_POOL_SIZE": "1"}
    account = Account()
    for stall in plan.stalls:
        for item in stall.hot.values():
            n = 0
            while _buy(plan, stall, item, n):
                n += 1
            account.units["reserved"] += n
    engine().dispose()
    return account


def _buy(plan: Plan, stall: Stall, item: str, n: int) -> int:
    def work(uow: UnitOfWork) -> int:
        outcome = api.reserve_stock(
            uow, tenant_id=stall.tenant, site_id=plan.site, order_id=f"last-{plan.seed}-{n}", customer_id="",
            demands=[Demand("l", item, 1)],
        )  # fmt: skip
        return sum(outcome.reserved.values())

    return run(system(), work, now=clock.now())

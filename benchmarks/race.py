"""Many orders of one item at the same time, over HTTP, and whether any of them got lost in the books.

`python -m benchmarks.race [--orders N] [--clients 4] [--vendure URL]` prints one JSON line. Each order wants one unit.
Afterwards two things must be the same number as the orders that were accepted: the units that the records of the
single orders add up to (`recorded`: our reservations, Vendure's stock movements of the type ALLOCATION), and what the
counter of the item says (`counted`: `stock_level.reserved`, `StockLevel.stockAllocated`), from which the next buyer's
availability follows. `lost` is what the counter lacks. Our service runs on a stand of its own.

The other side is a Vendure that runs already. It has to take bearer tokens, the superadmin of a new installation
(superadmin/superadmin) and the `dummyPaymentHandler`; everything else is created in it: a zone, an item, a way to ship
and one to pay. A few lines with `@vendure/core` and `pg` are such a server:

    bootstrap({
      apiOptions: {port: 3000, adminApiPath: 'admin-api', shopApiPath: 'shop-api'},
      authOptions: {tokenMethod: ['bearer'], cookieOptions: {secret: 'x'}},
      dbConnectionOptions: {type: 'postgres', synchronize: true, host, database, username},
      paymentOptions: {paymentMethodHandlers: [dummyPaymentHandler]},
      plugins: [DefaultJobQueuePlugin.init({})],
    })

Its order takes six calls, ours one; it does more in them (prices, taxes, payment), so that the ratio of the rates says
little. That of the units lost says all.
"""

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import httpx
from sqlalchemy import text

from benchmarks import _vendure
from benchmarks._stand import Stand, a_stand
from kernel.access.commands import issue_key
from kernel.actors import system
from kernel.db.transactions import transaction

_BOOKS = text(
    "select (select sum(r.quantity) from reservation r where r.tenant_id = i.tenant_id and r.item_id = i.id),"
    " (select sum(l.reserved) from stock_level l where l.tenant_id = i.tenant_id and l.item_id = i.id)"
    " from item i where i.sku = 'HOT'"
)


@dataclass(frozen=True, slots=True)
class Race:
    """What became of the orders, and what the books say of them."""

    seconds: float
    milliseconds: list[float]
    failures: list[str]
    recorded: int
    counted: int

    def told(self, name: str) -> dict[str, object]:
        """Return the figures, each by its name."""
        accepted = len(self.milliseconds)
        figures: dict[str, object] = {
            "accepted": accepted, "failed": len(self.failures), "recorded": self.recorded, "counted": self.counted,
            "lost": accepted - self.counted, "per_second": round(accepted / self.seconds, 1),
            "p50_ms": self._percentile(50), "p99_ms": self._percentile(99),
        }  # fmt: skip
        if self.failures:
            figures["first_failure"] = self.failures[0][:200]
        return {f"{name}_{key}": value for key, value in figures.items()}

    def _percentile(self, percent: float) -> float:
        ordered = sorted(self.milliseconds)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))], 1) if ordered else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--vendure", default="", help="the address of a running Vendure")
    chosen = parser.parse_args()
    told: dict[str, object] = {"orders": chosen.orders, "clients": chosen.clients}
    with a_stand(None) as stand:
        told |= _ours(stand, chosen.orders, chosen.clients).told("ours")
    if chosen.vendure:
        shop = _vendure.open_shop(chosen.vendure.rstrip("/"))
        _vendure.order_one(shop)
        before = _vendure.books(shop)
        run = _run(lambda _: _vendure.order_one(shop), chosen.orders, chosen.clients)
        recorded, counted = (now - then for now, then in zip(_vendure.books(shop), before, strict=True))
        told |= Race(*run, recorded, counted).told("vendure")
    print(json.dumps(told))


def _ours(stand: Stand, orders: int, clients: int) -> Race:
    with transaction(system("benchmark")) as uow:
        merchant = uow.session.execute(text("select id from merchant")).scalar_one()
        key = issue_key(uow, tenant_id=merchant, name="race", scopes=["orders:write"]).secret
    address, headers = f"http://127.0.0.1:{stand.port}", {"authorization": f"Bearer {key}"}
    with httpx.Client(base_url=address, headers=headers, limits=httpx.Limits(max_connections=clients)) as client:
        _order(client, -1)
        run = _run(partial(_order, client), orders, clients)
    with transaction(system("benchmark")) as uow:
        recorded, counted = uow.session.execute(_BOOKS).one()
    return Race(*run, int(recorded) - 1, int(counted) - 1)


def _order(client: httpx.Client, number: int) -> None:
    body = {
        "external_id": f"R-{number}", "placed_at": datetime.now(UTC).isoformat(), "currency": "EUR",
        "lines": [{"sku": "HOT", "quantity": 1, "unit_price_minor": 1000}],
        "ship_to": {"name": "A B", "street": "S 1", "city": "Hamburg", "postal_code": "20095", "country": "DE"},
    }  # fmt: skip
    answer = client.post("/v1/orders", json=body, headers={"idempotency-key": f"race-{number}"})
    if answer.status_code != httpx.codes.CREATED:
        raise RuntimeError(answer.text)


def _run(order: Callable[[int], None], orders: int, clients: int) -> tuple[float, list[float], list[str]]:
    """Place the orders; return the seconds they took altogether, the milliseconds of each, and why others failed."""
    milliseconds: list[float] = []
    failures: list[str] = []

    def one(number: int) -> None:
        start = time.perf_counter()
        try:
            order(number)
        except (RuntimeError, httpx.HTTPError) as failure:
            failures.append(str(failure))
        else:
            milliseconds.append((time.perf_counter() - start) * 1000)

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(one, range(orders)))
    return time.perf_counter() - start, milliseconds, failures


if __name__ == "__main__":
    main()

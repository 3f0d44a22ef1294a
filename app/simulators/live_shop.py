from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.samples.catalogue import CURRENCY, SampleMerchant
from app.samples.people import Shopper, shopper
from app.samples.services import GIFT_WRAP
from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from fulfillment.api import board

MOST_OPEN = 90
"""Orders that wait for hands at once, at most; the shops wait while the floor is behind. What waits for a driver, or
was left on the scale to be seen, keeps nobody busy.
"""
_SECONDS_BETWEEN = 180.0
_MOST_A_SECOND = 3.0
_WITHOUT_HANDS = {
    "AUDIT_HOLD", "READY_TO_MANIFEST", "MANIFESTED", "SHIPPED", "PARTIALLY_SHIPPED", "PARTIALLY_DELIVERED", "EXCEPTION",
    "BACKORDERED",
}  # fmt: skip
_COUNT_EVERY_SECONDS = 1.0
_FIRST_NUMBER_AT = 1_767_225_600
"""2026-01-01: order numbers are the tenths of a second since then, so that they never repeat, even after a restart."""
_RECENT = 200
_CANCEL_AFTER = (60.0, 3 * 3_600.0)
_REASON = "The customer changed their mind."


class ShopClosed(Exception):
    """The API did not take what a shop sent; the status says why."""


@dataclass(slots=True)
class Shops:
    """The merchants' shops: they send orders to the API over HTTP, and now and then cancel one."""

    house: LiveHouse
    client: httpx.Client
    merchants: tuple[SampleMerchant, ...]
    keys: dict[str, str]
    _last_number: int = 0
    _unsent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _waiting: int = 0
    _counted_at: float = 0.0
    _regrets: deque[tuple[str, str, float]] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def sell(self) -> Steps:
        """Send one order after the other, at random intervals, as long as the house is not full."""
        house = self.house
        while True:
            mean = max(_SECONDS_BETWEEN, house.speed / _MOST_A_SECOND)
            yield house.dice.expovariate(1 / mean)
            if not self._unsent:
                if self._orders_waiting() >= MOST_OPEN:
                    yield house.pause(_SECONDS_BETWEEN)
                    continue
                self._unsent.append(self._order())
            # What was not answered is sent again as it was: the API knows it by its key.
            merchant, order = self._unsent[0]
            placed = self._post(merchant, "/v1/orders", order, key=order["external_id"])
            self._unsent.pop()
            self._waiting += 1
            if house.dice.random() < house.mistakes.cancellations:
                delay = house.dice.uniform(*_CANCEL_AFTER) / house.speed
                self._regrets.append((merchant, placed["id"], house.now().timestamp() + delay))

    def cancel(self) -> Steps:
        """Cancel what customers regret, at whatever stage it is by then."""
        house = self.house
        while True:
            yield house.pause(60)
            now = house.now().timestamp()
            for regret in [regret for regret in self._regrets if regret[2] <= now]:
                merchant, order_id, _ = regret
                self._post(merchant, f"/v1/orders/{order_id}/cancel", {"reason": _REASON}, key=f"cancel-{order_id}")
                self._regrets.remove(regret)
                yield 1.0

    def _orders_waiting(self) -> int:
        """Return how many orders wait for hands, counted anew once a second: the board costs more than an order."""
        now = self.house.now().timestamp()
        if now - self._counted_at >= _COUNT_EVERY_SECONDS:
            stages = self.house.see(lambda uow: board(uow, site_id=self.house.site_id)).stages
            self._waiting = sum(stage.orders for stage in stages if stage.state not in _WITHOUT_HANDS)
            self._counted_at = now
        return self._waiting

    def _order(self) -> tuple[str, dict[str, Any]]:
        dice, now = self.house.dice, self.house.now()
        merchant = dice.choice(self.merchants)
        who = shopper(dice)
        self._last_number = max(self._last_number + 1, round((now.timestamp() - _FIRST_NUMBER_AT) * 10))
        number = f"{merchant.number_prefix}-{self._last_number}"
        weights = [item.popularity for item in merchant.items]
        skus = {item.sku: item for item in dice.choices(merchant.items, weights, k=dice.choice((1, 1, 1, 2, 2, 3, 4)))}
        lines = [
            {"sku": sku, "quantity": dice.choice((1, 1, 1, 1, 2, 2, 3)), "unit_price_minor": item.price_minor,
             "name": item.name}
            for sku, item in skus.items()
        ]  # fmt: skip
        gift = dice.random() < 0.05  # noqa: PLR2004 - one order in twenty
        return merchant.code, {
            "external_id": number, "placed_at": now.isoformat(), "currency": CURRENCY, "lines": lines,
            "shipping_minor": 490, "channel": "shop", "gift": gift,
            "services": [{"code": GIFT_WRAP.code}] if gift else [],
            "service_level": "express" if dice.random() < 0.12 else "standard",  # noqa: PLR2004 - one order in eight
            **_addressed(who, merchant.number_prefix),
        }  # fmt: skip

    def _post(self, merchant: str, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.keys[merchant]}", "idempotency-key": key}
        answer = self.client.post(path, json=body, headers=headers)
        if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise ShopClosed(f"{path} answered {answer.status_code}")
        if answer.is_client_error:
            # Said once and let go: the same request would be refused for ever.
            self._unsent.clear()
            raise ShopClosed(f"{path} answered {answer.status_code}: {answer.text[:500]}")
        found: dict[str, Any] = answer.json()
        return found


def _addressed(who: Shopper, prefix: str) -> dict[str, Any]:
    return {
        "customer": {
            "external_id": f"{prefix}-{who.number}", "name": who.name, "email": who.email, "phone": who.phone,
            "locale": who.locale,
        },
        "ship_to": {
            "name": who.name, "street": who.street, "city": who.city, "postal_code": who.postal_code,
            "country": who.country, "region": who.region, "phone": who.phone, "email": who.email,
        },
    }  # fmt: skip

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from fulfillment.commands.ask_customer import ask_customer
from fulfillment.commands.cancel_order import take_back
from fulfillment.commands.substitute_units import substitute_units
from fulfillment.domain.substitution import Consent, ShortPolicy, consent_for, price_of_substitute
from fulfillment.models import ItemSubstitute, OrderLine, PickTask
from fulfillment.queries.order_policy import order_policy
from fulfillment.repository import OrderInHand
from inventory import api as inventory
from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of missing units, in words for the picker; whether the order simply `waits` for them."""

    words: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """An item that may go out instead, and what one of it would cost the customer, in minor units."""

    item: inventory.ItemView
    price_minor: int


def lock_alternatives(uow: UnitOfWork, *, tenant_id: str, site_id: str, item_id: str) -> None:
    """Lock the stock of an item together with that of its substitutes, all in one order, so that two short picks that
    could take each other's items never wait for each other.
    """
    named = select(ItemSubstitute.substitute_id).where(
        ItemSubstitute.tenant_id == tenant_id, ItemSubstitute.item_id == item_id
    )
    others = list(uow.session.scalars(named))
    if others:
        inventory.lock_stock(uow, tenant_id=tenant_id, site_id=site_id, item_ids=[item_id, *others])


def settle_missing(uow: UnitOfWork, order: OrderInHand, line: OrderLine, missing: int) -> Settled:
    """Decide about backordered units of a line that no bin has, and return what became of them.

    They wait when enough arrives today. Else another item goes out instead, if one is there and the customer agreed;
    or the customer is asked. Else it is as the merchant wants: they wait, are left out, or the rest goes out first.
    Emits LineSubstituted, DifferenceRefunded, CustomerAsked, OrderHeld and OrderCancelled as it happens.
    """
    row = order.row
    if _comes_today(uow, order, line, missing):
        return Settled(f"{missing} must wait for stock, which is expected today.", waits=True)
    policy = order_policy(uow, row.tenant_id).when_short
    consent = _consent(uow, order, line, policy)
    offers = offers_for(uow, line) if consent is not Consent.NEVER else []
    for offer in offers:
        if consent is Consent.ALLOWED:
            done = substitute_units(uow, order, line, item=offer.item, quantity=missing, price_minor=offer.price_minor)
            if done:
                return Settled(_take_instead(done.tasks, offer.item, missing))
        elif ask_customer(
            uow, order, line, item=offer.item, quantity=missing, price_minor=offer.price_minor, policy=policy,
            silent=_silent(uow, order, line, policy),
        ):  # fmt: skip
            return Settled(f"{missing} not found: the customer is asked. Park the tote when the rest is picked.")
    return _as_the_merchant_wants(uow, order, line, missing, policy)


def offers_for(uow: UnitOfWork, line: OrderLine) -> list[Offer]:
    """Return what could go out instead of a line's item, the best first, at prices that the rules let be offered."""
    of_item = ItemSubstitute.tenant_id == line.tenant_id, ItemSubstitute.item_id == line.item_id
    rows = list(uow.session.scalars(select(ItemSubstitute).where(*of_item).order_by(ItemSubstitute.rank)))
    if not rows:
        return []
    items = inventory.items_by_id(uow, {line.item_id, *(row.substitute_id for row in rows)})
    apart = items[line.item_id].kept_apart
    priced = [
        (items[r.substitute_id], price_of_substitute(r.price_rule, r.unit_price_minor, line.unit_price_minor))
        for r in rows
    ]
    return [
        Offer(item, price) for item, price in priced
        if price is not None and item.active and item.kept_apart == apart
    ]  # fmt: skip


def is_delicate(uow: UnitOfWork, order: OrderInHand, line: OrderLine) -> bool:
    """Say whether a line is a gift or hazardous, and so never replaced without its customer."""
    return order.row.gift or any(item.hazmat for item in inventory.items_by_id(uow, [line.item_id]).values())


def _consent(uow: UnitOfWork, order: OrderInHand, line: OrderLine, policy: ShortPolicy) -> Consent:
    if line.kit_id or line.replaces_line_id:
        return Consent.NEVER
    return consent_for(policy.substitutes, line.substitutes, delicate=is_delicate(uow, order, line))


def _silent(uow: UnitOfWork, order: OrderInHand, line: OrderLine, policy: ShortPolicy) -> str:
    """Return what is done without an answer; a gift or hazardous goods are never replaced in silence."""
    delicate = policy.on_silence == "substitute" and is_delicate(uow, order, line)
    return "wait" if delicate else policy.on_silence


def _comes_today(uow: UnitOfWork, order: OrderInHand, line: OrderLine, missing: int) -> bool:
    row = order.row
    today = uow.now.astimezone(ZoneInfo(get_site(uow, row.site_id).time_zone)).date()
    expected = inventory.expected_units(uow, tenant_id=row.tenant_id, item_id=line.item_id)
    return sum(e.quantity for e in expected if e.site_id == row.site_id and e.expected_on == today) >= missing


def _take_instead(tasks: Iterable[PickTask], item: inventory.ItemView, missing: int) -> str:
    where = ", ".join(dict.fromkeys(task.location_code for task in tasks))
    words = f"Instead {missing} \N{MULTIPLICATION SIGN} {item.name or item.sku}"
    return f"{words} from {where}: it is on your walk." if where else f"{words} will be picked later."


def _as_the_merchant_wants(
    uow: UnitOfWork, order: OrderInHand, line: OrderLine, missing: int, policy: ShortPolicy
) -> Settled:
    if policy.on_short == "leave_out":
        take_back(uow, order, {line: missing}, "it was missing when it was picked")
        return Settled(f"{missing} are left out: pack what is there.")
    if policy.on_short == "ship_rest":
        order.row.split_policy = "split"
        return Settled(f"{missing} must wait for stock; the rest goes out first.", waits=True)
    return Settled(f"{missing} must wait for stock.", waits=True)

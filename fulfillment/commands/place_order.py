from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property, partial

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import make_transient_to_detached

from fulfillment.commands.order_lines import NewLines, kit_faults, new_lines
from fulfillment.commands.reserve_held import reserve_held
from fulfillment.commands.reserve_order import reserve_lines
from fulfillment.commands.schedule_order import schedule_lines
from fulfillment.commands.settle_promise import promise_order
from fulfillment.commands.take_customer import take_customer
from fulfillment.domain.order_drafts import REPLACEMENT, OrderDraft, faults, fingerprint, goods_minor
from fulfillment.domain.order_policy import OrderPolicy
from fulfillment.domain.order_state import OrderState
from fulfillment.domain.promise import local_day
from fulfillment.events.orders import OrderFlagged, OrderHeld, OrderPlaced
from fulfillment.models import (
    AskedService,
    Customer,
    OrderHold,
    OrderTerm,
    SalesOrder,
    TrackingLink,
    ValueAddedService,
)
from fulfillment.queries.order_policy import order_policy
from fulfillment.queries.orders import get_order
from fulfillment.queries.search_terms import terms_of
from fulfillment.queries.tracking import tracking_token
from fulfillment.queries.views import OrderView, order_view
from fulfillment.repository import OrderInHand, about, serialize_bulks
from fulfillment.value_added.asking import ask_for_services, services_asked
from inventory import api as inventory
from kernel.access.queries import SiteView, get_merchant, site_of_merchant
from kernel.access.secrets import digest
from kernel.db.base import Base
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid, Refusal
from kernel.ids import new_id

_ORDERS = Base.metadata.tables[SalesOrder.__tablename__]
# Prepared once: building this statement from its fifty values for each order costs more than sending it.
_INSERT = insert(_ORDERS).on_conflict_do_nothing().returning(_ORDERS.c.id)


class DuplicateOrder(Refusal):
    """The shop sent another order under a number that it used before."""

    code = "duplicate_order"
    title = "There is another order with this number"


@dataclass(frozen=True, slots=True)
class PlacedResult:
    """What became of one draft: the order (new, or the one that was there already), or the refusal."""

    external_id: str
    created: bool
    order: OrderView | None = None
    problem: Refusal | None = None


@dataclass
class Shop:
    """A merchant's currency and site, looked up once for all orders that come together."""

    uow: UnitOfWork
    tenant_id: str

    @cached_property
    def currency(self) -> str:
        """Return the merchant's currency."""
        return get_merchant(self.uow, self.tenant_id).currency

    @cached_property
    def policy(self) -> OrderPolicy:
        """Return how the merchant's orders are taken."""
        return order_policy(self.uow, self.tenant_id)

    @cached_property
    def site(self) -> SiteView:
        """Return the site that handles the merchant's goods."""
        return site_of_merchant(self.uow, self.tenant_id)


def place_order(uow: UnitOfWork, *, tenant_id: str, draft: OrderDraft) -> OrderView:
    """Take an order and reserve its stock in the same transaction; what cannot be reserved is backordered, as far as
    the merchant's policy and the items' own rules let it in. An order for a day beyond the horizon locks no stock yet.

    The same draft under the same external id returns the order that is there. Emits OrderPlaced, and as it happens
    OrderPromised, OrderBackordered, OrderScheduled, OrderShortfall, OrderFlagged and OrderHeld.

    Raises:
        Invalid: names every field that cannot be right.
        InsufficientStock: the policy does not let an order wait, or no more of an item may be sold ahead.
        DuplicateOrder: the external id belongs to an order that says something else.
    """
    order, _ = _place(uow, Shop(uow, tenant_id), draft)
    return order


def place_orders(uow: UnitOfWork, *, tenant_id: str, drafts: Sequence[OrderDraft]) -> list[PlacedResult]:
    """Take several orders, each on its own: a refused one leaves nothing behind and does not touch the others.

    Bulks of a merchant take turns.
    """
    if len(drafts) > 1:
        serialize_bulks(uow, tenant_id)
    shop = Shop(uow, tenant_id)
    return [_try_place(uow, shop, draft) for draft in drafts]


def _try_place(uow: UnitOfWork, shop: Shop, draft: OrderDraft) -> PlacedResult:
    emitted = len(uow.emitted)
    try:
        with uow.session.begin_nested():
            order, created = _place(uow, shop, draft)
    except Refusal as problem:
        uow.forget_since(emitted)
        return PlacedResult(draft.external_id, created=False, problem=problem)
    return PlacedResult(draft.external_id, created, order)


def _place(uow: UnitOfWork, shop: Shop, draft: OrderDraft) -> tuple[OrderView, bool]:
    wrong = faults(draft, now=uow.now)
    if wrong:
        raise Invalid(f"{len(wrong)} value(s) of the order cannot be right.", errors=wrong)
    known = _known(uow, shop, draft)
    if known:
        return known, False
    items = _resolve_items(uow, shop, draft)
    kits = _kits(uow, shop, draft, items)
    offers = _offers(uow, shop, draft, items)
    customer = take_customer(uow, tenant_id=shop.tenant_id, draft=draft)
    row = _insert_order(uow, shop, draft, customer, offers)
    if row is None:
        known = _known(uow, shop, draft)
        assert known, "the unique external id was taken a moment ago"
        return known, False
    made = new_lines(row, draft.lines, items, kits)
    asked = ask_for_services(uow, row, draft.services, offers=offers, lines=made.lines, places=made.places)
    return _complete(uow, shop, draft, customer=customer, row=row, made=made, asked=asked, items=items), True


def _known(uow: UnitOfWork, shop: Shop, draft: OrderDraft) -> OrderView | None:
    statement = select(SalesOrder.id, SalesOrder.fingerprint)
    same = SalesOrder.tenant_id == shop.tenant_id, SalesOrder.external_id == draft.external_id
    found = uow.session.execute(statement.where(*same)).one_or_none()
    if found is None:
        return None
    if found.fingerprint != fingerprint(draft):
        raise DuplicateOrder(
            f"Order {draft.external_id} was taken before with other content.",
            remedy="Send a correction as a change of that order, or use a new number.",
            pointer="/external_id",
            order_id=found.id,
        )
    return get_order(uow, found.id)


def _resolve_items(uow: UnitOfWork, shop: Shop, draft: OrderDraft) -> dict[str, inventory.ItemView]:
    if draft.currency != shop.currency:
        message = f"This merchant sells in {shop.currency}."
        raise Invalid(message, errors=(FieldError("/currency", "wrong_currency", message),))
    skus = sorted({line.sku for line in draft.lines})
    items = inventory.items_by_sku(uow, tenant_id=shop.tenant_id, skus=skus) if skus else {}
    unknown = tuple(
        FieldError(f"/lines/{number}/sku", "unknown_sku", f"There is no item {line.sku}.")
        for number, line in enumerate(draft.lines)
        if line.sku not in items
    )
    if unknown and not draft.flags:
        raise Invalid(f"{len(unknown)} line(s) name an unknown item.", remedy="Create the item first.", errors=unknown)
    return items


def _kits(
    uow: UnitOfWork, shop: Shop, draft: OrderDraft, items: dict[str, inventory.ItemView]
) -> dict[str, tuple[inventory.KitPart, ...]]:
    kit_ids = [item.id for item in items.values() if item.kit]
    if not kit_ids:
        return {}
    kits = inventory.kit_parts(uow, tenant_id=shop.tenant_id, kit_ids=kit_ids)
    wrong = kit_faults(draft.lines, items, kits)
    if wrong:
        raise Invalid(wrong[0].message, errors=tuple(wrong))
    return kits


def _offers(
    uow: UnitOfWork, shop: Shop, draft: OrderDraft, items: dict[str, inventory.ItemView]
) -> dict[str, ValueAddedService]:
    if not draft.services:
        return {}
    kit_lines = [n for n, line in enumerate(draft.lines, start=1) if line.sku in items and items[line.sku].kit]
    return services_asked(uow, tenant_id=shop.tenant_id, drafts=draft.services, kit_lines=kit_lines)


def _insert_order(
    uow: UnitOfWork, shop: Shop, draft: OrderDraft, customer: Customer, offers: dict[str, ValueAddedService]
) -> SalesOrder | None:
    """Insert the header and return it attached; None when another transaction took the external id first."""
    values = {
        "tenant_id": shop.tenant_id, "id": new_id("ord"), "site_id": shop.site.id, "external_id": draft.external_id,
        "fingerprint": fingerprint(draft), "customer_id": customer.id, "channel": draft.channel,
        "placed_at": draft.placed_at, "received_at": uow.now, "currency": draft.currency,
        "goods_minor": goods_minor(draft), "shipping_minor": draft.shipping_minor,
        "service_level": draft.service_level, "split_policy": draft.split_policy, "gift": draft.gift,
        "note": draft.note, "flags": list(draft.flags), "first_promised_on": None, "promised_on": None,
        "promised_until": None, "open_holds": 0, "released_at": None, "release_why": "", "starts_at": None,
        "rushed_at": None, "pulled_back_at": None, "cut_off_at": None,
        "picking_started_at": None, "handed_over_at": None, "intercept_requested_at": None, "intercept": {},
        "state": OrderState.NEW.value, "state_since": uow.now, "next_step": "Reserve stock",
        "next_step_owner": "system", "due_at": uow.now, "terminal": False, "version": 0,
        "ship_on": draft.ship_on, "hold_reference": draft.hold_reference,
        "service_count": len(draft.services),
        "service_lead_days": max((offer.lead_days for offer in offers.values()), default=0),
    } | {f"ship_{name}": value for name, value in asdict(draft.ship_to).items()}  # fmt: skip
    if uow.session.execute(_INSERT, values).scalar_one_or_none() is None:
        return None
    row = SalesOrder(**values)
    make_transient_to_detached(row)
    uow.session.add(row)
    return row


def _complete(
    uow: UnitOfWork, shop: Shop, draft: OrderDraft, *, customer: Customer, row: SalesOrder, made: NewLines,
    asked: Sequence[AskedService], items: dict[str, inventory.ItemView],
) -> OrderView:  # fmt: skip
    order = OrderInHand(row, made.lines, [])
    _tell_placed(uow, row, made)
    holds = _settle_stock(uow, shop, draft, order, made)
    uow.session.add_all([*made.lines, *made.kits, *holds])
    promise_order(uow, order, zone=shop.site.time_zone, asked_on=draft.promised_on, known=items.values())
    uow.session.add_all(_terms(row, draft, made))
    uow.session.add(_tracking_link(row, uow.now))
    order.settle(uow.now)
    return order_view(row, customer, made.lines, holds=holds, kits=made.kits, services=asked)


def _settle_stock(
    uow: UnitOfWork, shop: Shop, draft: OrderDraft, order: OrderInHand, made: NewLines
) -> list[OrderHold]:
    """Reserve what the order wants, or plan it for its day, and return the holds that somebody has to decide about."""
    row = order.row
    if row.flags:
        return _hold_defective(uow, row)
    if draft.ship_on and shop.policy.is_beyond(draft.ship_on, local_day(uow.now, shop.site.time_zone)):
        schedule_lines(uow, order, ship_on=draft.ship_on)
        return []
    policy = (lambda: shop.policy) if draft.channel != REPLACEMENT else None
    judge = partial(reserve_lines, uow, row, made.lines, policy=policy, places=made.places)
    if draft.hold_reference:
        return reserve_held(uow, order, judge=judge)
    judge()
    return []


def _tell_placed(uow: UnitOfWork, row: SalesOrder, made: NewLines) -> None:
    lines = made.lines
    event = OrderPlaced(
        **about(row), external_id=row.external_id,
        channel=row.channel, placed_at=row.placed_at.isoformat(), units=sum(line.ordered for line in lines),
        lines=[{"line_id": ln.id, "item_id": ln.item_id, "sku": ln.sku, "quantity": ln.ordered} for ln in lines],
        kits=[{"sku": kit.sku, "name": kit.name, "quantity": kit.quantity} for kit in made.kits],
        currency=row.currency, goods_minor=row.goods_minor, shipping_minor=row.shipping_minor,
    )  # fmt: skip
    uow.emit(event)


def _hold_defective(uow: UnitOfWork, row: SalesOrder) -> list[OrderHold]:
    """Hold an order that came with defects: it is kept and shown, but nothing of it moves before somebody looked."""
    reason = f"The imported data need a check: {', '.join(flag.replace('_', ' ') for flag in row.flags)}"
    hold = OrderHold(
        tenant_id=row.tenant_id, id=new_id("hld"), order_id=row.id, kind="data", reason=reason, placed_at=uow.now,
        placed_by=uow.actor.id, released_at=None, released_by="", release_reason="",
    )  # fmt: skip
    row.open_holds = 1
    uow.emit(OrderFlagged(**about(row), flags=list(row.flags)))
    uow.emit(OrderHeld(**about(row), hold_id=hold.id, kind=hold.kind, reason=reason))
    return [hold]


def _terms(row: SalesOrder, draft: OrderDraft, made: NewLines) -> list[OrderTerm]:
    return [
        OrderTerm(tenant_id=row.tenant_id, term=term.word, order_id=row.id, personal=term.personal)
        for term in terms_of(draft, (line.sku for line in made.lines if line.kit_id))
    ]


def _tracking_link(row: SalesOrder, now: datetime) -> TrackingLink:
    return TrackingLink(
        token_hash=digest(tracking_token(row.id)), tenant_id=row.tenant_id, order_id=row.id, created_at=now,
        expires_at=None, revoked_at=None,
    )  # fmt: skip

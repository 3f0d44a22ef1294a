from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fulfillment.commands.plan_batches import in_parts, order_of, orders_of, pick_orders
from fulfillment.domain.batching import CartCapacity, PickOrder, load_of
from fulfillment.models import FloorSetting, PickBatch, PickTask, SalesOrder
from fulfillment.queries.carts import cart_of
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal

MOST_TOTES, MOST_TOTE_MM3, MOST_GRAMS, MOST_ITEMS = 100, 2_000_000_000, 2_000_000, 1_000_000
_NAMED = 20


class CartTooSmall(Refusal):
    """Orders that wait to be picked would not fit on such a cart."""

    code = "cart_too_small"
    status = 422
    title = "The cart is too small for an order"


@dataclass(frozen=True, slots=True)
class CartSettings:
    """What a cart of a site takes: totes, the volume in mm3 of each, grams and items in all."""

    totes: int
    tote_volume_mm3: int
    weight_g: int
    items: int

    @property
    def capacity(self) -> CartCapacity:
        """The cart as the batcher sees it."""
        return CartCapacity(self.totes, self.weight_g, self.totes * self.tote_volume_mm3, self.items)


def cart_settings(uow: UnitOfWork, *, site_id: str) -> CartSettings:
    """Return what a cart of a site takes."""
    cart = cart_of(uow, site_id)
    return CartSettings(cart.totes, cart.volume_mm3 // cart.totes, cart.weight_g, cart.items)


def set_cart(uow: UnitOfWork, *, site_id: str, cart: CartSettings) -> None:
    """Say what a cart of a site takes from now on. Walks that nobody has claimed are put on such carts by a worker.

    Raises:
        Invalid: a number is out of range.
        CartTooSmall: an order that is on the floor fits on a cart now, and would not any more.
    """
    _check(cart)
    _check_orders(uow, site_id, cart)
    chosen = {
        "cart_totes": cart.totes, "tote_volume_mm3": cart.tote_volume_mm3, "cart_weight_g": cart.weight_g,
        "cart_items": cart.items, "changed_at": uow.now, "changed_by": uow.actor.id,
    }  # fmt: skip
    statement = insert(FloorSetting).values(site_id=site_id, zero_checks=True, **chosen)
    uow.session.execute(statement.on_conflict_do_update(index_elements=["site_id"], set_=chosen))
    uow.audit("floor.cart", subject=site_id, totes=cart.totes, weight_g=cart.weight_g, items=cart.items)


def _check(cart: CartSettings) -> None:
    limits: Mapping[str, tuple[int, int, str]] = {
        "totes": (cart.totes, MOST_TOTES, "totes"),
        "tote_volume_mm3": (cart.tote_volume_mm3, MOST_TOTE_MM3, "cubic millimeters"),
        "weight_g": (cart.weight_g, MOST_GRAMS, "grams"),
        "items": (cart.items, MOST_ITEMS, "items"),
    }
    for name, (given, most, unit) in limits.items():
        if not 1 <= given <= most:
            raise Invalid(f"A cart takes 1 to {most:,} {unit}.", pointer=f"/{name}")


def _check_orders(uow: UnitOfWork, site_id: str, cart: CartSettings) -> None:
    present, wanted = cart_of(uow, site_id), cart.capacity
    orders = _on_the_floor(uow, site_id)
    small = [order for order in orders if _fits(order, present) and not _fits(order, wanted)]
    if not small:
        return
    ids = [order_of(order.order_id) for order in small[:_NAMED]]
    names = dict(uow.session.execute(select(SalesOrder.id, SalesOrder.external_id).where(SalesOrder.id.in_(ids))).all())
    needs = [_need(order, names[id_], wanted) for order, id_ in zip(small, ids, strict=False)]
    first = needs[0]
    raise CartTooSmall(
        f"Order {first['order']} needs {_counted(first['totes'], 'tote')}, {first['weight_g']} g and"
        f" {_counted(first['items'], 'item')}"
        + (f", and {len(small) - 1} more orders do not fit." if len(small) > 1 else "."),
        remedy="Choose a larger cart, or pick these orders first.",
        pointer="/totes",
        orders=needs,
    )


def _counted(number: object, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _on_the_floor(uow: UnitOfWork, site_id: str) -> list[PickOrder]:
    """Return what of orders waits for a cart, or for somebody to claim theirs."""
    statement = select(PickTask).outerjoin(PickBatch, PickBatch.id == PickTask.batch_id)
    statement = statement.where(PickTask.site_id == site_id, PickTask.kind == "pick", PickTask.state == "READY")
    statement = statement.where(PickTask.batch_id.is_(None) | (PickBatch.state == "DRAFT"))
    found: dict[str, list[PickTask]] = {}
    for task in uow.session.scalars(statement.order_by(PickTask.order_id, PickTask.id)):
        found.setdefault(task.order_id, []).append(task)
    tasks = in_parts(uow, found) if found else {}
    return pick_orders(uow, tasks, orders_of(uow, tasks)) if tasks else []


def _fits(order: PickOrder, cart: CartCapacity) -> bool:
    return load_of(order, cart).fits(cart.limit)


def _need(order: PickOrder, name: str, cart: CartCapacity) -> dict[str, object]:
    load = load_of(order, cart)
    return {"order": name, "totes": load.totes, "weight_g": load.weight_g, "items": load.items}

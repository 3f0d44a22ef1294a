"""A small warehouse with two merchants, stock in bins and a drawn floor: what order tests start from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count

import msgspec

from fulfillment import api
from fulfillment.invariants import INVARIANTS
from fulfillment.subscriptions import SUBSCRIPTIONS
from inventory import api as inventory
from inventory.invariants import INVARIANTS as STOCK_INVARIANTS
from kernel.access.commands import create_merchant, create_site, serve_merchants
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork
from kernel.events import Envelope, Event
from kernel.invariants import check
from shipping import api as shipping

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class House:
    """The site, the merchant, another merchant, and the first one's items by SKU."""

    site: str
    tenant: str
    other: str
    items: dict[str, str]

    def picker(self, name: str = "usr_ana") -> Actor:
        return Actor(name, Role.PICKER, name, "", self.site)

    def manager(self) -> Actor:
        return Actor("usr_mia", Role.MANAGER, "Mia", "", self.site)

    def shop(self) -> Actor:
        return Actor("key_shop", Role.MERCHANT, "shop", self.tenant)

    def rival(self) -> Actor:
        return Actor("key_rival", Role.MERCHANT, "rival", self.other)


def build(uow: UnitOfWork, *, drawn: bool = True) -> House:
    site = create_site(uow, code="HAM", name="HAM", time_zone="Europe/Berlin", country="DE", company_prefix="4012345")
    tenant = create_merchant(uow, code="ACME", name="Acme", currency="EUR")
    other = create_merchant(uow, code="RIVAL", name="Rival", currency="EUR")
    serve_merchants(uow, site_id=site, merchant_ids=[tenant, other])
    shipping.seed_site_defaults(uow, site_id=site)
    plan = api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2)
    bins = [
        inventory.LocationDraft(b.code, "pick", b.zone, b.aisle, b.code.split("-")[2], str(b.level), b.x_mm, b.y_mm)
        for b in plan.bins
    ]
    inventory.create_locations(uow, site_id=site, locations=[*bins, inventory.LocationDraft("DOCK", "dock")])
    if drawn:
        api.store_floor_plan(uow, site_id=site, plan=plan)
    drafts = [
        inventory.ItemDraft(sku, f"Thing {sku}", 200, 100, 80, 50, (gtin,))
        for sku, gtin in (("A", "4006381333931"), ("B", "4000417025005"), ("C", "4012345123456"))
    ]
    items = inventory.create_items(uow, tenant_id=tenant, items=drafts)
    return House(site, tenant, other, items)


def bins_of(house: House) -> list[str]:
    return sorted(b.code for b in api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2).bins)


def stock(uow: UnitOfWork, house: House, **held: dict[str, int]) -> None:
    """Receive `stock(uow, house, A={"A-01-01-1": 5})`."""
    receipts = [
        inventory.Receipt(house.items[sku], at, n, "ASN") for sku, places in held.items() for at, n in places.items()
    ]
    inventory.receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=receipts)


def draft(*wanted: tuple[str, int], number: str = "", **other: object) -> api.OrderDraft:
    external_id = number or f"W-{next(_numbers)}"
    fields: dict[str, object] = {
        "external_id": external_id,
        "placed_at": NOW,
        "customer": api.CustomerDraft("c-1", "Ana Kovač", "Ana@Example.com", "+49 170 123 456 7"),
        "ship_to": api.Address("Ana Kovač", "Hauptstr. 1", "Hamburg", "20095", "DE", phone="+49 170 123 456 7"),
        "lines": tuple(api.LineDraft(sku, quantity, 1_000) for sku, quantity in wanted),
        "currency": "EUR",
        "shipping_minor": 490,
        "promised_on": date(2026, 11, 27),
    }
    return api.OrderDraft(**(fields | other))  # type: ignore[arg-type]  # the fields of a draft


def order(uow: UnitOfWork, house: House, *wanted: tuple[str, int], **other: object) -> api.OrderView:
    return api.place_order(uow, tenant_id=house.tenant, draft=draft(*wanted, **other))  # type: ignore[arg-type]


def to_floor(uow: UnitOfWork, house: House) -> list[str]:
    """Release everything that can go and plan its walks."""
    api.release_orders(uow, site_id=house.site)
    uow.session.flush()
    return api.plan_batches(uow, site_id=house.site)


def claim(uow: UnitOfWork, house: House) -> api.WorkPackage:
    """Claim the next batch and bind a fresh tote to every slot."""
    work = api.claim_batch(uow, site_id=house.site)
    for slot in work.slots:
        api.bind_tote(uow, batch_id=work.batch_id, slot=slot.slot, tote=f"T-{next(_numbers):04d}")
    uow.session.flush()
    return api.work_package(uow, work.batch_id)


def pick(uow: UnitOfWork, task: api.WorkTask, quantity: int | None = None) -> api.TaskResult:
    return api.confirm_pick(
        uow, task_id=task.task_id, location_code=task.location_code, barcode=task.sku,
        quantity=quantity or task.quantity, tote=task.tote,
    )  # fmt: skip


def pick_all(uow: UnitOfWork, house: House) -> api.WorkPackage:
    work = claim(uow, house)
    for task in work.tasks:
        pick(uow, task)
    api.finish_picking(uow, batch_id=work.batch_id)
    uow.session.flush()
    return work


def packed(uow: UnitOfWork, house: House, *wanted: tuple[str, int]) -> tuple[api.OrderView, list[shipping.ParcelView]]:
    """Bring one order all the way into its parcels."""
    placed = order(uow, house, *wanted)
    uow.session.flush()
    to_floor(uow, house)
    pick_all(uow, house)
    parcels = api.pack_order(uow, tenant_id=house.tenant, order_id=placed.id)
    uow.session.flush()
    return placed, parcels


def told(uow: UnitOfWork, *, context: str = "fulfillment") -> list[str]:
    """Return the names of the facts of one context emitted so far in this unit of work."""
    return [type(event).__name__ for event in uow.emitted if event.TYPE.startswith(context)]


def deliver(uow: UnitOfWork, events: Iterable[Event]) -> None:
    """Hand events to the orders' subscription in this transaction, as the relay does in one of its own."""
    handlers = SUBSCRIPTIONS[0].handlers
    for number, event in enumerate(list(events), start=1):
        if event.TYPE in handlers:
            handlers[event.TYPE](uow, envelope(event, number))
    uow.session.flush()


def envelope(event: Event, number: int) -> Envelope:
    body = msgspec.json.encode({"data": event.data()}).decode()
    return Envelope(
        f"evt_{number}", number, event.tenant_id, event.stream, number, event.TYPE, event.AUDIENCE, NOW, NOW,
        event.order_id, event.customer_id, "test", event.summary(), body,
    )  # fmt: skip


def units(uow: UnitOfWork, order_id: str) -> dict[str, int]:
    """Return the order's quantities that are not zero."""
    uow.session.flush()
    found = api.get_order(uow, order_id).units
    names = ("ordered", *(n for n in found.__slots__ if n != "ordered"))
    return {name: getattr(found, name) for name in names if getattr(found, name)}


def state(uow: UnitOfWork, order_id: str) -> str:
    uow.session.flush()
    return api.get_order(uow, order_id).state


def broken_invariants(uow: UnitOfWork) -> list[tuple[str, tuple[str, ...]]]:
    uow.session.flush()
    findings = [check(uow, invariant) for invariant in (*INVARIANTS, *STOCK_INVARIANTS)]
    return [(f.invariant.name, f.examples) for f in findings if f.violated]

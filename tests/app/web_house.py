"""A house with people of every role and orders at every stage: what the tests of the faces look at."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import event, text

from app.rooms import SUBSCRIPTIONS
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel import actors
from kernel.access.commands import create_merchant, create_site, create_user, serve_merchants
from kernel.access.queries import find_users
from kernel.actors import Actor, Role
from kernel.db.engine import engine
from kernel.db.relay import relay
from kernel.db.transactions import UnitOfWork, run
from shipping import api as shipping

PASSWORD = "a long password"
LEIPZIG = shipping.ShipTo("Ana", "Weg 1", "Leipzig", "04109", "DE")
POSTCODE, EMAIL = "20095", "ana@example.com"
_ITEMS = (
    ("MUG-BL", "Enamel mug, blue", 320, 90, 90, 90, "4006381333931"),
    ("TOWEL", "Tea towel", 120, 260, 180, 30, "4000417025005"),
    ("LAMP", "Desk lamp", 1_450, 380, 220, 200, "4012345123456"),
    ("PEN-L", "Pen, blue, L", 45, 150, 20, 20, "4006381333948"),
)
_numbers = count(10_482)
_totes = count(1)
T = TypeVar("T")


@dataclass(slots=True)
class WebHouse:
    """Ids of what was built."""

    site: str
    tenant: str
    rival: str
    items: dict[str, str]
    people: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, role: str) -> Actor:
        return self.people[role]


def do(work: Callable[[UnitOfWork], T], actor: Actor | None = None) -> T:
    """Run a command in a transaction of its own."""
    return run(actor or actors.system("test"), work)


def build_house() -> WebHouse:
    """Build site, merchants, people, floor and stock."""
    house = do(_build)
    for role in Role:
        if role not in (Role.PUBLIC, Role.SYSTEM):
            do(lambda uow, role=role: _person(uow, house, role))
    found = {user.email: user for user in do(find_users)}
    for role in ("picker", "packer", "service", "manager"):
        user = found[f"{role}@house.example"]
        house.people[role] = Actor(user.id, Role(role), user.name, "", house.site, frozenset())
    merchant = found["merchant@house.example"]
    house.people["merchant"] = Actor(merchant.id, Role.MERCHANT, merchant.name, house.tenant)
    return house


def _build(uow: UnitOfWork) -> WebHouse:
    site = create_site(
        uow, code="HAM", name="Hamburg DC", time_zone="Europe/Berlin", country="DE", company_prefix="4012345",
        street="Am Kai 4", city="Hamburg", postal_code="20457",
    )  # fmt: skip
    tenant = create_merchant(
        uow, code="nordhus", name="Nordhus & Co", currency="EUR", support_email="help@nordhus.example"
    )
    rival = create_merchant(uow, code="rival", name="Rival GmbH", currency="EUR")
    serve_merchants(uow, site_id=site, merchant_ids=[tenant, rival])
    shipping.seed_site_defaults(uow, site_id=site)
    plan = fulfillment.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2)
    bins = [
        inventory.LocationDraft(b.code, "pick", b.zone, b.aisle, b.code.split("-")[2], str(b.level), b.x_mm, b.y_mm)
        for b in plan.bins
    ]
    codes = sorted(b.code for b in plan.bins)
    benches = [inventory.LocationDraft(code, kind) for code, kind in (("DOCK", "dock"), ("RETURNS", "returns"))]
    inventory.create_locations(uow, site_id=site, locations=[*bins, *benches])
    fulfillment.store_floor_plan(uow, site_id=site, plan=plan)
    drafts = [
        inventory.ItemDraft(sku, name, grams, length, width, height, (gtin,))
        for sku, name, grams, length, width, height, gtin in _ITEMS
    ]
    items = inventory.create_items(uow, tenant_id=tenant, items=drafts)
    rivals = inventory.create_items(
        uow, tenant_id=rival, items=[inventory.ItemDraft("GNOME", "Garden gnome", 900, 200, 100, 100)]
    )
    receipts = [
        inventory.Receipt(items[sku], codes[(7 * n) % len(codes)], 40, "ASN-1") for n, sku in enumerate(items, start=1)
    ]
    inventory.receive_many(uow, tenant_id=tenant, site_id=site, receipts=receipts)
    inventory.receive_many(
        uow, tenant_id=rival, site_id=site, receipts=[inventory.Receipt(rivals["GNOME"], codes[3], 5, "ASN-2")]
    )
    return WebHouse(site, tenant, rival, items)


def _person(uow: UnitOfWork, house: WebHouse, role: Role) -> None:
    of_merchant, everywhere = role is Role.MERCHANT, role is Role.ADMIN
    create_user(
        uow, email=f"{role.value}@house.example", name=f"{role.value.capitalize()} {role.value[0].upper()}.", role=role,
        password=PASSWORD, site_id=None if of_merchant or everywhere else house.site,
        merchant_id=house.tenant if of_merchant else None,
    )  # fmt: skip


def place(house: WebHouse, *wanted: tuple[str, int], **other: object) -> str:
    """Place an order of the merchant and return its id."""
    now = datetime.now(UTC)
    fields: dict[str, object] = {
        "external_id": str(next(_numbers)),
        "placed_at": now - timedelta(hours=20),
        "customer": fulfillment.CustomerDraft("c-1", "Ana Kovač", EMAIL, "+49 170 123 456 7"),
        "ship_to": fulfillment.Address("Ana Kovač", "Hauptstr. 1", "Hamburg", POSTCODE, "DE"),
        "lines": tuple(fulfillment.LineDraft(sku, quantity, 1_990) for sku, quantity in wanted),
        "currency": "EUR",
        "shipping_minor": 490,
        "promised_on": (now + timedelta(days=3)).date(),
        "split_policy": "split",
    }
    draft = fulfillment.OrderDraft(**(fields | other))  # type: ignore[arg-type]  # the fields of a draft
    return do(lambda uow: fulfillment.place_order(uow, tenant_id=house.tenant, draft=draft)).id


def to_floor(house: WebHouse) -> list[str]:
    """Release everything, and plan its walks."""
    do(lambda uow: fulfillment.release_orders(uow, site_id=house.site), house["manager"])
    return do(lambda uow: fulfillment.plan_batches(uow, site_id=house.site), house["manager"])


def pick_everything(house: WebHouse) -> None:
    """Pick every batch that waits."""
    while True:
        try:
            work = do(lambda uow: fulfillment.claim_batch(uow, site_id=house.site), house["picker"])
        except fulfillment.NothingToPick:
            return
        do(lambda uow, b=work: _walk(uow, b), house["picker"])


def _walk(uow: UnitOfWork, work: fulfillment.WorkPackage) -> None:
    for slot in work.slots:
        fulfillment.bind_tote(uow, batch_id=work.batch_id, slot=slot.slot, tote=f"T-{next(_totes):04d}")
    uow.session.flush()
    for task in fulfillment.work_package(uow, work.batch_id).tasks:
        if task.kind == "pick" and task.state in ("READY", "CLAIMED", "SKIPPED"):
            _pick(uow, task)
    fulfillment.finish_picking(uow, batch_id=work.batch_id)


def _pick(uow: UnitOfWork, task: fulfillment.WorkTask) -> None:
    fulfillment.confirm_pick(
        uow, task_id=task.task_id, location_code=task.location_code, barcode=task.sku, quantity=task.quantity,
        tote=task.tote,
    )  # fmt: skip


def pack(house: WebHouse, order_id: str, *, wrong_by_g: int = 0) -> shipping.ParcelView:
    """Pack an order and weigh its parcel; a right weight buys the label."""
    packer = house["packer"]
    whose = {"tenant_id": house.tenant}
    parcel = do(lambda uow: fulfillment.pack_order(uow, order_id=order_id, **whose), packer)[0]
    grams = parcel.expected_g + wrong_by_g
    for _ in range(2 if wrong_by_g else 1):
        decision = do(lambda uow: _weigh(uow, house, parcel.id, grams), packer).decision
        if decision != "RECHECK":
            break
    if not wrong_by_g:
        shipping.purchase_label(tenant_id=house.tenant, parcel_id=parcel.id)
    return do(lambda uow: shipping.get_parcel(uow, parcel_id=parcel.id, **whose))


def clear_floor(house: WebHouse) -> None:
    """Do all work that waits: nothing to release, to pick, to pack or to put back is left, and no bin is frozen."""
    do(lambda uow: _count_frozen(uow, house))
    project()
    to_floor(house)
    pick_everything(house)
    for order_id in do(lambda uow: fulfillment.pack_queue(uow, site_id=house.site)):
        if do(lambda uow, o=order_id: fulfillment.get_order(uow, o)).units.picked:
            do(lambda uow, o=order_id: fulfillment.pack_order(uow, tenant_id=house.tenant, order_id=o))
    for task in do(lambda uow: fulfillment.open_put_backs(uow, site_id=house.site)):
        do(lambda uow, t=task: _put_back(uow, t))


def _count_frozen(uow: UnitOfWork, house: WebHouse) -> None:
    for item in house.items.values():
        for held in [each for each in inventory.item_stock(uow, item).bins if each.frozen]:
            inventory.count_bin(
                uow, tenant_id=house.tenant, site_id=house.site, item_id=item, location_code=held.location_code,
                counted=held.quantity,
            )  # fmt: skip


def _put_back(uow: UnitOfWork, task: fulfillment.WorkTask) -> None:
    fulfillment.confirm_put_back(uow, task_id=task.task_id, location_code=task.location_code, quantity=task.quantity)


def _weigh(uow: UnitOfWork, house: WebHouse, parcel_id: str, grams: int) -> shipping.AuditView:
    return shipping.weigh_parcel(uow, tenant_id=house.tenant, parcel_id=parcel_id, reading_g=grams, scale_code="PACK-1")


def ship(house: WebHouse, *, hand_over: bool = True) -> None:
    """Close the manifests of all carriers with labelled parcels, and hand them to the drivers."""
    manager = house["manager"]
    labelled = do(lambda uow: shipping.find_parcels(uow, site_id=house.site, state="labelled", limit=200)).items
    waiting = [parcel for parcel in labelled if parcel.kind == "outbound"]
    days = {parcel.carrier: max(p.ship_date for p in waiting if p.carrier == parcel.carrier) for parcel in waiting}
    for carrier, day in sorted(days.items()):
        closed = do(
            lambda uow, c=carrier, d=day: shipping.close_manifest(uow, site_id=house.site, carrier=c, ship_date=d),
            manager,
        )
        if hand_over:
            do(lambda uow, m=closed: shipping.hand_over_manifest(uow, manifest_id=m.id, driver="Jo"), manager)
    project()


_CODES = {
    "swift_parcel": {"transit": "AR", "out": "DL", "delivered": "OK", "damaged": "DM"},
    "northpost": {"transit": "N20", "out": "N40", "delivered": "N60", "damaged": "N72"},
    "cargo_line": {"transit": "ARR", "out": "OFD", "delivered": "DL", "damaged": "DMG"},
}


def scan(house: WebHouse, parcel: shipping.ParcelView, what: str, *, hours_ago: float = 1) -> None:
    """Let the carrier scan a parcel."""
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    code = _CODES[parcel.carrier][what]
    raw = shipping.RawScan(
        parcel.carrier, parcel.tracking_number, code, what, at, "Hamburg", f"{parcel.id}-{what}-{hours_ago}"
    )
    do(lambda uow: shipping.record_scans(uow, carrier=parcel.carrier, scans=[raw]))
    project()


def project() -> None:
    """Deliver all events to all subscribers."""
    relay(SUBSCRIPTIONS)


def delivered(house: WebHouse, *wanted: tuple[str, int]) -> str:
    """Bring one order all the way to its customer."""
    order_id = place(house, *wanted)
    project()
    to_floor(house)
    pick_everything(house)
    parcel = pack(house, order_id)
    ship(house)
    parcel = do(lambda uow: shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id))
    scan(house, parcel, "transit", hours_ago=3)
    scan(house, parcel, "out", hours_ago=2)
    scan(house, parcel, "delivered", hours_ago=1)
    return order_id


def labelled(house: WebHouse, reference: str, to: shipping.ShipTo = LEIPZIG) -> shipping.ParcelView:
    """A parcel of the house with a label of its own."""
    content = shipping.Content("itm_pen", "lin_1", "PEN-L", "Pen", 1, 300, 150, 80, 60)
    parcel = do(lambda uow: shipping.create_parcel(
        uow, tenant_id=house.tenant, site_id=house.site, reference=reference, party="cus_1", ship_to=to,
        contents=[content], value_minor=500, currency="EUR",
    ), house["packer"])  # fmt: skip
    do(lambda uow: shipping.weigh_parcel(
        uow, tenant_id=house.tenant, parcel_id=parcel.id, reading_g=parcel.expected_g, scale_code="PACK-1"
    ), house["packer"])  # fmt: skip
    shipping.purchase_label(tenant_id=house.tenant, parcel_id=parcel.id)
    return do(lambda uow: shipping.get_parcel(uow, tenant_id=house.tenant, parcel_id=parcel.id))


@contextmanager
def collected(house: WebHouse, at: str) -> Iterator[None]:
    """Let every carrier come at a local time today and each day, whatever the hour, weekday or holiday, for a while."""
    read = text("select carrier, service, cut_off, weekdays from carrier_service where site_id = :site")
    write = text(
        "update carrier_service set cut_off = :cut_off, weekdays = cast(:weekdays as jsonb)"
        " where site_id = :site and carrier = :carrier and service = :service"
    )

    def set_to(rows: Sequence[Mapping[str, Any]]) -> None:
        do(lambda uow: uow.session.execute(write, [
            {**row, "site": house.site, "weekdays": json.dumps(row["weekdays"])} for row in rows
        ]))  # fmt: skip

    before = do(lambda uow: [dict(row) for row in uow.session.execute(read, {"site": house.site}).mappings()])
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    do(partial(shipping.set_site_day, site_id=house.site, day=today, works=True, reason="Open"), house["manager"])
    set_to([row | {"cut_off": at, "weekdays": list(range(7))} for row in before])
    yield
    set_to(before)
    do(partial(shipping.clear_site_day, site_id=house.site, day=today), house["manager"])


@contextmanager
def counted() -> Iterator[list[str]]:
    """Note the statements that this process, with the server in it, sends to the database."""
    statements: list[str] = []

    def note(*heard: Any) -> None:
        statements.append(heard[2])

    event.listen(engine(), "before_cursor_execute", note)
    yield statements
    event.remove(engine(), "before_cursor_execute", note)

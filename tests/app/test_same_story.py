"""Whatever happens to an order: the event feed, the timeline and the customer's page tell the same story."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from olist_folder import defective_folder, sound_folder
from sqlalchemy import text

from app.importers.olist.intake import SITE, import_olist
from app.messengers import OwnMessenger
from app.simulators.day_values import Mistakes
from app.simulators.packers import OwnPackers
from app.simulators.replay import replay_orders
from app.verification import verify_house
from app.web.pages import TrackerPage
from app.web.routes.tracker import _page
from app.web.routes.tracker_visits import Guest, counter_of
from app.web.wording import TrackerState, describe_state
from crm.api import Entry, order_timeline, public_timeline
from fulfillment.api import OrderView, get_order, tracking_token
from kernel import actors
from kernel.db.feed import read_feed
from kernel.db.transactions import UnitOfWork, transaction
from kernel.events import Audience, Envelope
from returns.api import returns_of_order
from tests.plugin.databases import FreshDatabase

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
SYSTEM = actors.system("test")
ORDERS = 24
MOST_EVENTS = 100_000
NEVER = Mistakes(0, 0, 0, 0, 0, 0)
EXTREMES = {
    "never": NEVER,
    "everything_at_times": Mistakes(0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
    "everything_always": Mistakes(1, 1, 1, 1, 1, 1),
    "always_short": Mistakes(1, 0, 0, 0, 0, 0),
    "always_wrong_item": Mistakes(0, 1, 0, 0, 0, 0),
    "always_wrong_contents": Mistakes(0, 0, 1, 0, 0, 0),
    "always_wrong_weight": Mistakes(0, 0, 0, 1, 0, 0),
    "always_cancelled": Mistakes(0, 0, 0, 0, 1, 0),
    "always_sent_back": Mistakes(0, 0, 0, 0, 0, 1),
}
IN_THE_HOUSE = (
    "fulfillment.order_placed.v1", "fulfillment.order_released.v1", "fulfillment.picking_started.v1",
    "fulfillment.order_picked.v1", "fulfillment.order_packed.v1", "shipping.parcel_handed_over.v1",
)  # fmt: skip
"""What happens here happens in this order, at least the first time."""


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("mistakes", EXTREMES.values(), ids=EXTREMES)
def test_three_faces_tell_one_story(
    fresh_database: FreshDatabase, tmp_path: Path, mistakes: Mistakes, seed: int
) -> None:
    folder = defective_folder() if seed == 1 else sound_folder(orders=ORDERS, days=4)
    import_olist(folder.write(tmp_path / "olist"))
    live(mistakes, seed)
    assert not_told_alike() == {}
    if mistakes.short_picks == 1:
        return
    before = everything()
    live(mistakes, seed)
    assert everything() == before, "a second simulation finds nothing left to do"


def live(mistakes: Mistakes, seed: int) -> None:
    replay_orders(
        site_code=SITE,
        day=None,
        seed=seed,
        mistakes=mistakes,
        progress=lambda *_: None,
        messenger=OwnMessenger(),
        packers=OwnPackers(),
    )


def everything() -> int:
    with transaction(SYSTEM) as uow:
        return int(uow.session.execute(text("select count(*) from event")).scalar_one())


def not_told_alike() -> dict[str, list[str]]:
    """Return, for every order of which the faces differ, in what; and the invariants that do not hold."""
    with transaction(SYSTEM) as uow:
        feed: dict[str, list[Envelope]] = {}
        for envelope in read_feed(uow, after=0, limit=MOST_EVENTS):
            feed.setdefault(envelope.order_id, []).append(envelope)
        orders = [get_order(uow, order_id) for order_id in uow.session.scalars(text("select id from sales_order"))]
    pages = {order.id: customers_page(order) for order in orders}
    with transaction(SYSTEM) as uow:
        different = {
            f"{order.external_id} of {order.tenant_id}": list(differences(uow, order, feed[order.id], pages[order.id]))
            for order in orders
        }
    broken = {finding.invariant.name: list(finding.examples) for finding in verify_house() if finding.violated}
    return {name: found for name, found in (different | broken).items() if found}


def customers_page(order: OrderView) -> TrackerPage:
    guest = Guest(tracking_token(order.id), order.tenant_id, order.id, is_recipient=False)
    with counter_of(guest) as counter:
        return _page(counter)


def differences(uow: UnitOfWork, order: OrderView, feed: list[Envelope], page: TrackerPage) -> Iterator[str]:
    timeline = whole_timeline(uow, order)
    by_time = sorted(feed, key=lambda fact: (fact.occurred_at, fact.pos))
    if [(fact.id, fact.summary) for fact in by_time] != [(entry.event_id, entry.summary) for entry in timeline]:
        yield "the timeline does not hold the feed's facts in the order of time"
    public = public_timeline(uow, tenant_id=order.tenant_id, order_id=order.id, limit=MOST_EVENTS)
    if [entry.event_id for entry in reversed(public)] != [f.id for f in by_time if f.audience is Audience.CUSTOMER]:
        yield "the customer does not read what is meant for the customer"
    numbers = [fact.seq for fact in feed if fact.stream == order.id]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"the stream has gaps, or is out of order: {numbers}"
    yield from wrong_order(feed)
    yield from wrong_states(order, {fact.type for fact in feed})
    yield from wrong_page(uow, order, page)


def whole_timeline(uow: UnitOfWork, order: OrderView) -> list[Entry]:
    entries: list[Entry] = []
    cursor: str | None = None
    while True:
        page = order_timeline(uow, order.id, limit=7, cursor=cursor)
        entries += page.items
        cursor = page.next
        if cursor is None:
            return entries[::-1]


def wrong_order(feed: list[Envelope]) -> Iterator[str]:
    first: dict[str, Envelope] = {}
    for fact in feed:
        first.setdefault(fact.type, fact)
    happened = [first[kind] for kind in IN_THE_HOUSE if kind in first]
    for earlier, later in pairwise(happened):
        if (earlier.occurred_at, earlier.pos) > (later.occurred_at, later.pos):
            yield f"{later.type} came before {earlier.type}"


def wrong_states(order: OrderView, facts: set[str]) -> Iterator[str]:
    units = order.units
    told = {
        "cancelled": ("fulfillment.order_cancelled.v1" in facts, bool(units.cancelled)),
        "shipped": (bool(facts & {"fulfillment.order_shipped.v1", "fulfillment.order_partially_shipped.v1"}),
                    bool(units.shipped)),
        "handed over": ("shipping.parcel_handed_over.v1" in facts, bool(units.shipped)),
        "delivered": ("fulfillment.order_delivered.v1" in facts,
                      bool(units.shipped) and units.delivered == units.shipped == units.open),
    }  # fmt: skip
    for what, (is_told, is_so) in told.items():
        if is_told != is_so:
            yield f"{what}: told {is_told}, but the order says {is_so} ({order.state}, {units})"


def wrong_page(uow: UnitOfWork, order: OrderView, page: TrackerPage) -> Iterator[str]:
    shown = [entry.words for entry in (*page.timeline, *page.earlier)]
    public = public_timeline(uow, tenant_id=order.tenant_id, order_id=order.id)
    if set(shown) != {entry.summary.rstrip(".") for entry in public}:
        yield "the customer's page lists something else than the timeline"
    expected = None
    if not returns_of_order(uow, order.id):
        expected = {"DELIVERED": TrackerState.DELIVERED, "CANCELLED": TrackerState.CANCELLED}.get(order.state)
    if expected and page.subline != describe_state(expected).line:
        yield f"the page says “{page.headline}” of an order that is {order.state}"

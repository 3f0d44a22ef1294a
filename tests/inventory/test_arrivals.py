"""Arrivals: announced by the merchant, received by scan, told when over, short or damaged."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Connection, text

from inventory.api import (
    AmbiguousBarcode,
    ArrivalChanged,
    ArrivalDraft,
    ArrivalLineDraft,
    ArrivalReceiptView,
    Condition,
    DuplicateArrival,
    ItemDraft,
    NotAnnounced,
    ReceiptInUse,
    UnknownArrival,
    UnknownBarcode,
    UnknownItem,
    UnknownLocation,
    WrongLocation,
    allocate_stock,
    announce_arrival,
    arrival_receipts,
    cancel_arrival,
    close_arrival,
    create_items,
    explain_availability,
    find_arrivals,
    get_arrival,
    move_stock,
    receive_arrival,
    reserve_stock,
    undo_receipt,
)
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Forbidden, Invalid, Refusal
from kernel.quantity import MAX_QUANTITY
from kernel.states import IllegalTransition
from tests.inventory.warehouse import (
    NOW,
    Warehouse,
    assert_invariants,
    bins,
    buckets,
    build,
    everything,
    level,
    told,
    want,
)
from tests.plugin.databases import FreshDatabase

DAY = date(2026, 11, 25)
DRAFT = ArrivalDraft("ASN-1", DAY, (ArrivalLineDraft("A", 10), ArrivalLineDraft("B", 4)), "Mill", "Two pallets")


@pytest.fixture
def house(uow: UnitOfWork) -> Warehouse:
    return build(uow, skus=("A", "B", "C"))


@pytest.fixture
def arrival(uow: UnitOfWork, house: Warehouse) -> str:
    return announce(uow, house).arrival.id


def announce(uow: UnitOfWork, house: Warehouse, draft: ArrivalDraft = DRAFT):  # noqa: ANN201 - named where it is used
    return announce_arrival(uow, tenant_id=house.tenant, site_id=house.site, draft=draft)


def take(uow: UnitOfWork, arrival: str, sku: str, quantity: int, at: str = "P-1", **other: str) -> ArrivalReceiptView:
    return receive_arrival(uow, arrival_id=arrival, barcode=sku, quantity=quantity, location_code=at, **other)


def broken(uow: UnitOfWork, arrival: str, sku: str, quantity: int) -> ArrivalReceiptView:
    return receive_arrival(uow, arrival_id=arrival, barcode=sku, quantity=quantity, condition=Condition.DAMAGED)


def figures(uow: UnitOfWork, arrival: str) -> dict[str, tuple[int, int, int, str]]:
    """Expected, received, damaged and outcome by SKU."""
    lines = get_arrival(uow, arrival).lines
    return {line.sku: (line.expected, line.received, line.damaged, line.outcome) for line in lines}


def snapshot(uow: UnitOfWork) -> dict[str, object]:
    tables = ("arrival", "arrival_line", "arrival_receipt")
    rows = {t: sorted(map(tuple, uow.session.execute(text(f"select * from {t}")))) for t in tables}  # noqa: S608
    return rows | everything(uow)


def test_an_announcement_is_noted_once(uow: UnitOfWork, house: Warehouse) -> None:
    first = announce(uow, house)
    assert (first.is_new, first.arrival.state, first.arrival.missing) == (True, "announced", 14)
    assert told(uow) == ["ArrivalAnnounced"]
    assert uow.emitted[0].summary() == "A delivery of 14 units is announced for 2026-11-25."
    again = announce(uow, house)
    assert (again.is_new, again.arrival) == (False, first.arrival)
    assert told(uow) == ["ArrivalAnnounced"]
    assert everything(uow)["stock_movement"] == []


def test_other_content_under_the_same_number_is_a_conflict(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    others = (
        replace(DRAFT, supplier="Other"),
        replace(DRAFT, note=""),
        replace(DRAFT, expected_on=DAY + timedelta(days=1)),
        replace(DRAFT, lines=DRAFT.lines[:1]),
        replace(DRAFT, lines=(ArrivalLineDraft("A", 11), DRAFT.lines[1])),
    )
    for draft in others:
        with pytest.raises(DuplicateArrival) as refused:
            announce(uow, house, draft)
        assert refused.value.facts["arrival_id"] == arrival
    take(uow, arrival, "C", 1, reason="A gift")
    assert not announce(uow, house).is_new


@pytest.mark.parametrize(
    ("draft", "pointers"),
    [
        (replace(DRAFT, external_id=""), ["/external_id"]),
        (replace(DRAFT, external_id=" x"), ["/external_id"]),
        (replace(DRAFT, expected_on=NOW.date() - timedelta(days=366)), ["/expected_on"]),
        (replace(DRAFT, expected_on=date(9999, 12, 31)), ["/expected_on"]),
        (replace(DRAFT, lines=()), ["/lines"]),
        (replace(DRAFT, note="a\x00b"), ["/note"]),
        (
            replace(DRAFT, lines=(ArrivalLineDraft("A", 0), ArrivalLineDraft("A", MAX_QUANTITY + 1))),
            ["/lines/0/quantity", "/lines/1/sku", "/lines/1/quantity"],
        ),
        (replace(DRAFT, lines=(ArrivalLineDraft("B", -1),)), ["/lines/0/quantity"]),
    ],
)
def test_an_impossible_announcement_is_refused(
    uow: UnitOfWork, house: Warehouse, draft: ArrivalDraft, pointers: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        announce(uow, house, draft)
    assert [error.pointer for error in refused.value.errors] == pointers
    assert (snapshot(uow)["arrival"], told(uow)) == ([], [])


def test_unknown_items_are_named_by_line(uow: UnitOfWork, house: Warehouse) -> None:
    other = build(uow, code="OTHER", site="BRE", skus=("THEIRS",))
    lines = (ArrivalLineDraft("A", 1), ArrivalLineDraft("NOPE", 1), ArrivalLineDraft("THEIRS", 1))
    with pytest.raises(UnknownItem) as refused:
        announce(uow, house, replace(DRAFT, lines=lines))
    assert [error["pointer"] for error in refused.value.facts["errors"]] == ["/lines/1/sku", "/lines/2/sku"]
    assert find_arrivals(uow, site_id=other.site).items == ()


def test_good_units_go_on_sale_and_damaged_ones_aside(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    took = take(uow, arrival, "A", 6)
    broken(uow, arrival, "A", 1)
    assert (took.sku, took.quantity, took.condition, took.location_code) == ("A", 6, "good", "P-1")
    assert (level(uow, house, "A"), bins(uow, house, "A"), buckets(uow, house, "A")) == (
        (6, 0),
        {"P-1": (6, 0)},
        {"DAMAGED": 1},
    )
    assert figures(uow, arrival) == {"A": (10, 6, 1, ""), "B": (4, 0, 0, "")}
    assert get_arrival(uow, arrival).state == "receiving"
    assert told(uow)[1:] == ["StockReceived", "ArrivalReceived", "ArrivalReceived"]
    assert [event.summary() for event in uow.emitted[2:]] == [
        "6 units of a delivery went into stock.",
        "1 unit arrived damaged.",
    ]


def test_what_is_over_short_or_damaged_is_told_at_the_close(uow: UnitOfWork, house: Warehouse) -> None:
    lines = tuple(ArrivalLineDraft(sku, 5) for sku in ("A", "B", "C"))
    arrival = announce(uow, house, replace(DRAFT, lines=lines)).arrival.id
    take(uow, arrival, "A", 7)
    take(uow, arrival, "B", 4)
    broken(uow, arrival, "B", 1)
    take(uow, arrival, "C", 2)
    closed = close_arrival(uow, arrival_id=arrival, missing=3)
    assert (closed.state, closed.closed_at, closed.closed_by) == ("closed", NOW, system().id)
    assert [line.outcome for line in closed.lines] == ["over", "damaged", "short"]
    assert uow.emitted[-1].summary() == (
        "The delivery is closed: 14 of 15 units came, 3 missing, 2 more than announced, 1 damaged."
    )


def test_an_arrival_of_which_nothing_came_is_closed_short(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    closed = close_arrival(uow, arrival_id=arrival)
    assert [(line.outcome, line.missing) for line in closed.lines] == [("short", 10), ("short", 4)]
    assert level(uow, house, "A") == (0, 0)


def test_a_close_that_was_agreed_to_before_more_came_is_refused(uow: UnitOfWork, arrival: str) -> None:
    take(uow, arrival, "A", 1)
    with pytest.raises(ArrivalChanged):
        close_arrival(uow, arrival_id=arrival, missing=14)
    assert get_arrival(uow, arrival).state == "receiving"


def test_an_item_that_was_not_announced_needs_a_reason(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    with pytest.raises(NotAnnounced) as refused:
        take(uow, arrival, "C", 2)
    assert (refused.value.pointer, refused.value.facts["sku"]) == ("/reason", "C")
    take(uow, arrival, "C", 2, reason="Sent instead of B")
    extra = get_arrival(uow, arrival).lines[-1]
    assert (extra.number, extra.sku, extra.expected, extra.received, extra.reason) == (
        3,
        "C",
        0,
        2,
        "Sent instead of B",
    )
    take(uow, arrival, "C", 1)
    assert [line.outcome for line in close_arrival(uow, arrival_id=arrival).lines] == ["short", "short", "over"]


def test_a_barcode_is_resolved_among_the_merchants_items(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    gtin, shared = "4006381333931", "4000417025005"
    other = build(uow, code="OTHER", site="BRE", skus=())
    create_items(uow, tenant_id=other.tenant, items=[ItemDraft("X", "Theirs", 1, 1, 1, 1, (gtin,))])
    drafts = [("A", (gtin,)), ("B", (shared,)), ("C", (shared,)), ("D", (shared,))]
    create_items(uow, tenant_id=house.tenant, items=[ItemDraft(sku, sku, 1, 1, 1, 1, codes) for sku, codes in drafts])
    assert take(uow, arrival, f"01{gtin.zfill(14)}", 1).sku == "A"
    assert take(uow, arrival, shared, 1).sku == "B"
    take(uow, arrival, "C", 1, reason="Extra")
    with pytest.raises(AmbiguousBarcode) as refused:
        take(uow, arrival, shared, 1)
    assert (refused.value.pointer, refused.value.facts["skus"]) == ("/barcode", ["B", "C"])
    with pytest.raises(UnknownBarcode) as unknown:
        take(uow, arrival, "4012345123456", 1)
    assert unknown.value.pointer == "/barcode"


@pytest.mark.parametrize(
    ("quantity", "at", "refusal", "pointer"),
    [
        (0, "P-1", Invalid, "/quantity"),
        (-3, "P-1", Invalid, "/quantity"),
        (MAX_QUANTITY + 1, "P-1", Invalid, "/quantity"),
        (1, "", Invalid, "/location_code"),
        (1, "NOWHERE", UnknownLocation, "/location_code"),
        (1, "HOSP", WrongLocation, "/location_code"),
    ],
)
def test_an_impossible_receipt_changes_nothing(  # noqa: PLR0917 - what is wrong, and what is said
    uow: UnitOfWork, arrival: str, quantity: int, at: str, refusal: type[Refusal], pointer: str
) -> None:
    before = snapshot(uow)
    with pytest.raises(refusal) as refused, uow.session.begin_nested():
        take(uow, arrival, "A", quantity, at)
    assert refused.value.pointer == pointer
    assert snapshot(uow) == before


def test_nothing_is_received_on_an_ended_arrival(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    cancelled = announce(uow, house, replace(DRAFT, external_id="ASN-2")).arrival.id
    assert cancel_arrival(uow, arrival_id=cancelled).state == "cancelled"
    receipt = take(uow, arrival, "A", 1)
    with pytest.raises(IllegalTransition, match="cannot cancel"):
        cancel_arrival(uow, arrival_id=arrival)
    close_arrival(uow, arrival_id=arrival)
    for ended in (cancelled, arrival):
        for act in (
            lambda a=ended: take(uow, a, "A", 1),
            lambda a=ended: close_arrival(uow, arrival_id=a),
            lambda a=ended: cancel_arrival(uow, arrival_id=a),
        ):
            with pytest.raises(IllegalTransition):
                act()
    with pytest.raises(IllegalTransition):
        undo_receipt(uow, arrival_id=arrival, receipt_id=receipt.id)
    assert level(uow, house, "A") == (1, 0)


def test_a_mistaken_receipt_is_undone_once(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    good, bad = take(uow, arrival, "A", 6), broken(uow, arrival, "B", 2)
    assert undo_receipt(uow, arrival_id=arrival, receipt_id=good.id).undone_at == NOW
    assert get_arrival(uow, arrival).state == "receiving"
    undo_receipt(uow, arrival_id=arrival, receipt_id=bad.id)
    undo_receipt(uow, arrival_id=arrival, receipt_id=good.id)
    assert told(uow)[-3:] == ["ArrivalReceiptUndone", "StockAdjusted", "ArrivalReceiptUndone"]
    assert (level(uow, house, "A"), buckets(uow, house, "B")) == ((0, 0), {})
    assert get_arrival(uow, arrival).state == "announced"
    assert [each.undone_at for each in arrival_receipts(uow, tenant_id=house.tenant, arrival_id=arrival)] == [NOW, NOW]
    cancel_arrival(uow, arrival_id=arrival)


def test_units_that_somebody_counts_on_are_not_undone(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    took = take(uow, arrival, "A", 6)
    reserve_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", customer_id="", policy="split",
        demands=want(house, ("l1", "A", 1)),
    )  # fmt: skip
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    with pytest.raises(ReceiptInUse):
        undo_receipt(uow, arrival_id=arrival, receipt_id=took.id)
    moved = take(uow, arrival, "B", 4, "DOCK")
    move_stock(
        uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["B"], from_code="DOCK", to_code="P-2",
        quantity=1,
    )  # fmt: skip
    with pytest.raises(ReceiptInUse):
        undo_receipt(uow, arrival_id=arrival, receipt_id=moved.id)
    assert figures(uow, arrival) == {"A": (10, 6, 0, ""), "B": (4, 4, 0, "")}


def test_what_is_announced_explains_when_more_can_be_sold(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    later = announce(uow, house, replace(DRAFT, external_id="ASN-2", expected_on=DAY + timedelta(days=3))).arrival.id
    take(uow, arrival, "A", 3)
    broken(uow, arrival, "A", 1)
    (site,) = explain_availability(uow, item_id=house.items["A"]).sites
    assert [(r.cause, r.quantity, r.at, r.on, r.reference) for r in site.reliefs] == [
        ("arrival", 6, None, DAY, arrival),
        ("arrival", 10, None, DAY + timedelta(days=3), later),
    ]
    (never_had,) = explain_availability(uow, item_id=house.items["B"]).sites
    assert (never_had.available, never_had.reliefs[0].quantity) == (0, 4)
    late = replace(DRAFT, external_id="ASN-0", expected_on=NOW.date() - timedelta(days=1))
    late_id = announce(uow, house, late).arrival.id
    first = explain_availability(uow, item_id=house.items["A"]).sites[0].reliefs[0]
    assert (first.reference, first.detail) == (late_id, "The announced delivery ASN-0 is overdue.")
    close_arrival(uow, arrival_id=arrival)
    cancel_arrival(uow, arrival_id=later)
    cancel_arrival(uow, arrival_id=late_id)
    assert explain_availability(uow, item_id=house.items["A"]).sites[0].reliefs == ()


def test_arrivals_are_found_by_state_number_supplier_and_item(uow: UnitOfWork, house: Warehouse) -> None:
    for n in range(5):
        day = DAY + timedelta(days=-n)
        announce(uow, house, ArrivalDraft(f"N-{n}", day, (ArrivalLineDraft("ABC"[n % 3], n + 1),), f"Mill {n % 2}"))
    first = find_arrivals(uow, site_id=house.site, limit=2)
    rest = find_arrivals(uow, site_id=house.site, limit=3, cursor=first.next or "")
    assert [a.external_id for a in (*first.items, *rest.items)] == ["N-4", "N-3", "N-2", "N-1", "N-0"]
    assert rest.next is None
    newest = find_arrivals(uow, limit=2, latest_first=True)
    older = find_arrivals(uow, limit=1, latest_first=True, cursor=newest.next or "")
    assert [a.external_id for a in (*newest.items, *older.items)] == ["N-0", "N-1", "N-2"]
    assert [a.external_id for a in find_arrivals(uow, search="mill 1").items] == ["N-3", "N-1"]
    assert [a.external_id for a in find_arrivals(uow, search="n-4").items] == ["N-4"]
    assert [a.external_id for a in find_arrivals(uow, search="C").items] == ["N-2"]
    cancel_arrival(uow, arrival_id=newest.items[0].id)
    (gone,) = find_arrivals(uow, states=("cancelled",)).items
    assert (gone.external_id, gone.lines, gone.expected, gone.missing) == ("N-0", 1, 1, 1)
    with pytest.raises(Invalid):
        find_arrivals(uow, cursor=newest.next or "")


def test_nobody_else_sees_or_receives_an_arrival(database: Connection) -> None:
    with transaction(system(), now=NOW) as uow:
        house, other = build(uow), build(uow, code="OTHER", site="BRE", skus=("X",))
        arrival = announce(uow, house).arrival.id
    for stranger in (other.owner(), Actor("p", Role.PICKER, "p", "", other.site)):
        with transaction(stranger) as uow:
            assert find_arrivals(uow).items == ()
            for act in (get_arrival, lambda u, a: close_arrival(u, arrival_id=a), lambda u, a: take(u, a, "A", 1)):
                with pytest.raises(UnknownArrival):
                    act(uow, arrival)
    with transaction(house.owner(), now=NOW) as uow:
        assert get_arrival(uow, arrival).external_id == "ASN-1"


def test_an_arrival_is_received_where_it_is_expected(uow: UnitOfWork, house: Warehouse, arrival: str) -> None:
    elsewhere = UnitOfWork(uow.session, Actor("p", Role.PICKER, "p", "", "sit_other"), NOW)
    with pytest.raises(Forbidden):
        take(elsewhere, arrival, "A", 1)


def test_two_receivers_at_once_lose_and_double_nothing(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow, skus=("A", "B", "C"))
        arrival = announce(uow, house).arrival.id
    start = Barrier(2)

    def receive(skus: tuple[str, ...]) -> None:
        start.wait()
        for sku in skus * 5:
            run(system(), lambda uow, s=sku: take(uow, arrival, s, 1, "P-1", reason="extra" if s == "C" else ""))
            run(system(), lambda uow, s=sku: broken(uow, arrival, s, 1))

    with ThreadPoolExecutor(2) as dock:
        for done in [dock.submit(receive, skus) for skus in (("A", "B", "C"), ("C", "B", "A"))]:
            done.result()
    with transaction(system()) as uow:
        assert figures(uow, arrival) == {"A": (10, 10, 10, ""), "B": (4, 10, 10, ""), "C": (0, 10, 10, "")}
        assert {sku: level(uow, house, sku) for sku in "ABC"} == dict.fromkeys("ABC", (10, 0))
        assert len(arrival_receipts(uow, tenant_id=house.tenant, arrival_id=arrival, limit=100)) == 60
    assert_invariants()


def test_one_announcement_sent_twice_at_once_is_one_arrival(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
    start = Barrier(2)

    def send() -> tuple[str, bool]:
        start.wait()
        made = run(system(), lambda uow: announce(uow, house), now=NOW)
        return made.arrival.id, made.is_new

    with ThreadPoolExecutor(2) as merchants:
        made = [sent.result() for sent in [merchants.submit(send) for _ in range(2)]]
    assert len({arrival for arrival, _ in made}) == 1
    assert sorted(is_new for _, is_new in made) == [False, True]


def test_of_an_undo_sent_twice_and_a_close_only_one_order_of_things_is_told(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        arrivals = [announce(uow, house, replace(DRAFT, external_id=f"N-{n}")).arrival.id for n in range(4)]
        receipts = [take(uow, arrival, "A", 2).id for arrival in arrivals]
    for arrival, receipt in zip(arrivals, receipts, strict=True):
        start = Barrier(3)

        def undo(arrival: str = arrival, receipt: str = receipt, start: Barrier = start) -> bool:
            start.wait()
            try:
                run(system(), lambda uow: undo_receipt(uow, arrival_id=arrival, receipt_id=receipt))
            except IllegalTransition:
                return False
            return True

        def close(arrival: str = arrival, start: Barrier = start) -> None:
            start.wait()
            run(system(), lambda uow: close_arrival(uow, arrival_id=arrival))

        with ThreadPoolExecutor(3) as floor:
            undone, again, closed = floor.submit(undo), floor.submit(undo), floor.submit(close)
            closed.result()
            was_undone = undone.result() or again.result()
        with transaction(system()) as uow:
            line = get_arrival(uow, arrival).lines[0]
            assert (line.received, line.outcome) == (0 if was_undone else 2, "short")
    assert_invariants()

"""Cycle counts: asked for, counted blind, confirmed by another person, decided by a lead; and how right the book is."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Connection, text

from inventory.commands.adjusting import adjust_stock
from inventory.commands.allocating import allocate_stock
from inventory.commands.items import create_items
from inventory.commands.picking import pick_stock
from inventory.commands.receiving import receive_many
from inventory.counts.accuracy import count_accuracy
from inventory.counts.commands.bins import count_bin
from inventory.counts.commands.counting import submit_count, withdraw_count
from inventory.counts.commands.decisions import approve_count, cancel_count, return_count
from inventory.counts.commands.planning import classify_items, plan_counts
from inventory.counts.commands.requests import ask_counts, item_to_count, report_zero_check
from inventory.counts.commands.short_picks import report_short
from inventory.counts.domain import AbcClass, CountRules, Sighting, classify, verdict
from inventory.counts.errors import CountEnded, CountOutdated, NothingToCount, SameCounter, ScanMismatch, UnknownCount
from inventory.counts.queries import count_effects, find_counts, get_count, next_to_count
from inventory.counts.views import CountView
from inventory.domain.values import ItemDraft, Receipt
from inventory.errors import AmbiguousBarcode, BinFrozen, LotRequired, UnknownBarcode
from kernel.access.commands import create_merchant, serve_merchants
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Forbidden, Invalid, Refusal
from kernel.quantity import MAX_QUANTITY
from kernel.states import IllegalTransition
from tests.inventory.warehouse import NOW, Warehouse, assert_invariants, bins, build, everything, level, reserve, stock
from tests.plugin.databases import FreshDatabase

ANN, BOB, LEAD = "usr_ann", "usr_bob", "usr_lead"


@dataclass(slots=True)
class Floor:
    """A warehouse in which people count: each command as somebody."""

    uow: UnitOfWork
    house: Warehouse

    def by(self, who: str) -> UnitOfWork:
        scopes = frozenset({"work:plan"} if who == LEAD else {"work:pick"})
        self.uow.actor = Actor(who, Role.MANAGER if who == LEAD else Role.PICKER, who, "", self.house.site, scopes)
        return self.uow

    def wanted(self, sku: str = "A", at: str = "P-1") -> str:
        (found,) = ask_counts(
            self.by(LEAD), site_id=self.house.site, tenant_id=self.house.tenant, location_code=at,
            item_id=self.house.items[sku], reason="Looks off",
        )  # fmt: skip
        return found

    def count(self, task: str, who: str, counted: int, at: str = "P-1", barcode: str = "A") -> str:
        return submit_count(self.by(who), count_id=task, location_code=at, counted=counted, barcode=barcode)

    def seen(self, task: str, who: str = LEAD) -> CountView:
        return get_count(self.by(who), task)

    def told(self, name: str) -> list[dict[str, object]]:
        return [event.data() for event in self.uow.emitted if type(event).__name__ == name]

    def pick(self, order: str, units: int, at: str = "P-1", sku: str = "A") -> None:
        pick_stock(
            self.uow, tenant_id=self.house.tenant, site_id=self.house.site, order_id=order, line_id="l1",
            item_id=self.house.items[sku], location_code=at, quantity=units, tote="T-1",
        )  # fmt: skip


@pytest.fixture
def floor(uow: UnitOfWork, house: Warehouse) -> Floor:
    stock(uow, house, A={"P-1": 100}, B={"P-2": 10})
    return Floor(uow, house)


def tables(uow: UnitOfWork) -> dict[str, object]:
    rows = {t: sorted(map(str, uow.session.execute(text(f"select * from {t}")))) for t in ("count_task", "count_entry")}  # noqa: S608
    return rows | everything(uow)


def test_a_count_within_the_tolerance_is_booked_at_once(floor: Floor) -> None:
    task = floor.wanted()
    assert floor.count(task, ANN, 98) == "approved"
    assert bins(floor.uow, floor.house, "A") == {"P-1": (98, 0)}
    found = floor.seen(task)
    assert (found.expected, found.head.difference, found.closed_by) == (100, -2, ANN)
    (event,) = floor.told("BinCounted")
    assert (event["count_id"], event["quantity"], event["difference"]) == (task, 98, -2)
    moved = floor.uow.session.execute(text("select reason, reference, quantity from stock_movement order by id desc"))
    assert tuple(moved.first() or ()) == ("adjust:cycle_count", task, 2)


def test_beyond_the_tolerance_another_person_counts_and_both_agree(floor: Floor) -> None:
    task = floor.wanted()
    assert floor.count(task, ANN, 90) == "recount"
    assert bins(floor.uow, floor.house, "A") == {"P-1": (100, 0)}
    with pytest.raises(SameCounter):
        floor.count(task, ANN, 100)
    assert floor.count(task, BOB, 90) == "approved"
    assert bins(floor.uow, floor.house, "A") == {"P-1": (90, 0)}
    assert [each["next"] for each in floor.told("CountDoubted")] == ["recount"]


def test_nobody_reads_the_figures_while_somebody_may_still_count(floor: Floor) -> None:
    """ui.md 3.9: the expected quantity never reaches who counts."""
    task = floor.wanted()
    floor.count(task, ANN, 90)
    for who in (ANN, BOB, LEAD):
        found = floor.seen(task, who)
        assert [(e.counted, e.expected, e.difference) for e in found.entries] == [(None, None, None)]
        assert (found.expected, found.head.difference) == (None, None)
    floor.count(task, BOB, 91)
    assert [e.expected for e in floor.seen(task, BOB).entries] == [None, None]
    assert [(e.counted, e.expected) for e in floor.seen(task).entries] == [(90, 100), (91, 100)]
    assert "100" not in str(floor.told("CountDoubted"))


def test_what_moved_since_the_count_was_wanted_is_no_difference(floor: Floor) -> None:
    """Picks go on while a count waits, and between two counts of it."""
    reserve(floor.uow, floor.house, "o1", ("l1", "A", 30))
    allocate_stock(floor.uow, tenant_id=floor.house.tenant, site_id=floor.house.site, order_id="o1")
    task = floor.wanted()
    floor.pick("o1", 10)
    assert floor.count(task, ANN, 80) == "recount"
    floor.pick("o1", 15)
    assert floor.count(task, BOB, 65) == "approved"
    assert bins(floor.uow, floor.house, "A") == {"P-1": (65, 5)}
    assert floor.seen(task).head.difference == -10


def test_two_people_who_differ_leave_it_to_a_lead(floor: Floor) -> None:
    task = floor.wanted()
    floor.count(task, ANN, 90)
    assert floor.count(task, BOB, 95) == "counted"
    with pytest.raises(CountEnded):
        floor.count(task, "usr_cy", 95)
    before = tables(floor.uow)
    for number, reason in ((2, " "), (7, "Recounted")):
        with pytest.raises(Invalid):
            approve_count(floor.by(LEAD), count_id=task, number=number, reason=reason)
    assert tables(floor.uow) == before
    approve_count(floor.by(LEAD), count_id=task, number=2, reason="Looked myself")
    found = floor.seen(task)
    assert (found.head.state, found.head.difference, found.decision, found.closed_by) == (
        "approved", -5, "Looked myself", LEAD,
    )  # fmt: skip


def test_much_is_booked_only_when_somebody_approves(floor: Floor) -> None:
    task = floor.wanted()
    floor.count(task, ANN, 70)
    assert floor.count(task, BOB, 70) == "counted"
    (first, _) = count_effects(floor.by(LEAD), task)
    assert (first.held, first.booked, first.shorted) == (100, 70, ())
    assert count_effects(floor.by(ANN), task) == ()


def test_a_lead_sends_it_back_to_somebody_who_has_not_counted(floor: Floor) -> None:
    task = floor.wanted()
    floor.count(task, ANN, 90)
    floor.count(task, BOB, 95)
    return_count(floor.by(LEAD), count_id=task, reason="Neither convinces")
    for who in (ANN, BOB, LEAD):
        with pytest.raises(SameCounter):
            floor.count(task, who, 90)
    assert floor.count(task, "usr_cy", 90) == "approved"


def test_a_slip_is_taken_back_and_the_next_count_confirmed_by_another(floor: Floor) -> None:
    """Nobody finds the book's figure by trying: after a count was taken back even a right one is confirmed."""
    task = floor.wanted()
    floor.count(task, ANN, 9)
    floor.by(BOB)
    with pytest.raises(SameCounter):
        withdraw_count(floor.uow, count_id=task)
    assert withdraw_count(floor.by(ANN), count_id=task) == "open"
    assert floor.count(task, ANN, 100) == "recount"
    assert floor.count(task, BOB, 100) == "approved"
    with pytest.raises(IllegalTransition):
        withdraw_count(floor.by(BOB), count_id=task)


def test_a_count_below_what_is_promised_shorts_the_newest_promise_and_says_whose(floor: Floor) -> None:
    """domain.md E15: allowed, and it raises SHORTED on the promise with the lowest priority."""
    reserve(floor.uow, floor.house, "old", ("l1", "A", 60))
    reserve(floor.uow, floor.house, "new", ("l1", "A", 35))
    task = floor.wanted()
    floor.count(task, ANN, 70)
    floor.count(task, BOB, 70)
    (effect, _) = count_effects(floor.by(LEAD), task)
    assert [(p.reference, p.quantity, p.told) for p in effect.shorted] == [("new", 25, ("merchant", "customer"))]
    approve_count(floor.by(LEAD), count_id=task, number=1, reason="Both say so")
    assert floor.seen(task).shorted == effect.shorted
    assert [(each["reference"], each["quantity"]) for each in floor.told("ReservationShorted")] == [("new", 25)]
    assert level(floor.uow, floor.house, "A") == (70, 70)


def test_a_short_pick_has_the_frozen_bin_counted_and_the_count_opens_it(floor: Floor) -> None:
    house, uow = floor.house, floor.uow
    reserve(uow, house, "o1", ("l1", "A", 5))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    asked = floor.wanted()
    report_short(
        uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", line_id="l1", item_id=house.items["A"],
        location_code="P-1", expected=5, found=3, reason="missing",
    )  # fmt: skip
    (task,) = find_counts(floor.by(LEAD), site_id=house.site).items
    assert (task.id, task.cause, task.frozen, task.state) == (asked, "short_pick", True, "open")
    with pytest.raises(BinFrozen):
        cancel_count(uow, count_id=task.id, reason="No time")
    assert floor.count(task.id, ANN, 97) == "approved"
    assert floor.seen(task.id).head.frozen is False
    assert floor.seen(task.id).head.state == "approved"


def test_what_was_corrected_since_is_not_corrected_twice(floor: Floor) -> None:
    task = floor.wanted()
    floor.count(task, ANN, 90)
    floor.count(task, BOB, 80)
    floor.uow.now += timedelta(minutes=1)
    adjust_stock(
        floor.uow, tenant_id=floor.house.tenant, site_id=floor.house.site, item_id=floor.house.items["A"],
        location_code="P-1", delta=-10, reason="found broken",
    )  # fmt: skip
    before = tables(floor.uow)
    with pytest.raises(CountOutdated):
        approve_count(floor.by(LEAD), count_id=task, number=1, reason="Ann is right")
    assert tables(floor.uow) == before


def test_a_count_told_without_a_task_ends_the_one_that_waits(floor: Floor) -> None:
    house, task = floor.house, floor.wanted()
    where = {"tenant_id": house.tenant, "site_id": house.site, "location_code": "P-1"}
    assert count_bin(floor.uow, **where, item_id=house.items["A"], counted=99) == -1
    assert (floor.seen(task).head.state, floor.seen(task).head.difference) == ("approved", -1)
    assert count_bin(floor.uow, **where, item_id=house.items["A"], counted=99) == 0
    done = find_counts(floor.by(LEAD), states=("approved",)).items
    assert [each.difference for each in done] == [0, -1]


def test_a_wrong_scan_is_refused_and_nothing_moves(floor: Floor) -> None:
    task = floor.wanted()
    before = tables(floor.uow)
    scans: list[tuple[dict[str, object], type[Refusal], str]] = [
        ({"at": "P-2"}, ScanMismatch, "/location_code"),
        ({"barcode": "B"}, ScanMismatch, "/barcode"),
        ({"barcode": "4006381333931"}, UnknownBarcode, "/barcode"),
        ({"barcode": ""}, Invalid, "/barcode"),
        ({"counted": -1}, Invalid, "/counted"),
        ({"counted": MAX_QUANTITY + 1}, Invalid, "/counted"),
    ]
    for scan, refusal, pointer in scans:
        with pytest.raises(refusal) as refused:
            floor.count(task, ANN, **({"counted": 100} | scan))
        assert refused.value.pointer == pointer
    assert tables(floor.uow) == before


def test_an_empty_bin_is_counted_without_scanning_an_item(floor: Floor) -> None:
    task = floor.wanted("A", "P-3")
    assert floor.count(task, ANN, 0, at="P-3", barcode="") == "approved"


def test_a_zero_check_leads_to_a_count_only_when_the_book_says_otherwise(floor: Floor) -> None:
    house = floor.house
    where = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"]}
    assert report_zero_check(floor.by(ANN), **where, location_code="P-3", is_empty=True) == ()
    assert report_zero_check(floor.by(ANN), **where, location_code="P-1", is_empty=False) == ()
    (wrong,) = report_zero_check(floor.by(ANN), **where, location_code="P-1", is_empty=True)
    assert floor.seen(wrong).head.cause == "zero_check"
    (found,) = report_zero_check(floor.by(ANN), **where, location_code="P-3", is_empty=False)
    assert [t.location_code for t in find_counts(floor.uow, cause="zero_check").items] == ["P-1", "P-3"]
    assert report_zero_check(floor.by(BOB), **where, location_code="P-3", is_empty=False) == (found,)


def test_a_location_or_an_item_is_asked_for_as_a_whole(floor: Floor) -> None:
    house = floor.house
    stock(floor.uow, house, A={"P-2": 3})
    asked = {"site_id": house.site, "reason": "Spilled"}
    assert len(ask_counts(floor.by(LEAD), **asked, location_code="P-2")) == 2
    assert len(ask_counts(floor.by(LEAD), **asked, item_id=house.items["A"])) == 2
    assert len(find_counts(floor.uow, site_id=house.site).items) == 3
    with pytest.raises(NothingToCount):
        ask_counts(floor.by(LEAD), **asked, location_code="P-3")
    with pytest.raises(Invalid):
        ask_counts(floor.by(LEAD), **asked)


def test_a_cancelled_count_leaves_the_book_and_can_be_asked_for_again(floor: Floor) -> None:
    task = floor.wanted()
    floor.count(task, ANN, 50)
    before = everything(floor.uow)
    cancel_count(floor.by(LEAD), count_id=task, reason="Bin is being rebuilt")
    assert everything(floor.uow) == before
    assert floor.seen(task).head.state == "cancelled"
    assert floor.wanted() != task


def test_counts_come_in_walking_order_and_go_on_page_by_page(floor: Floor) -> None:
    stock(floor.uow, floor.house, B={"P-1": 1, "P-3": 2})
    for sku, at in (("B", "P-3"), ("A", "P-1"), ("B", "P-2"), ("B", "P-1")):
        floor.wanted(sku, at)
    walked, cursor = [], ""
    while True:
        page = find_counts(floor.uow, site_id=floor.house.site, cursor=cursor, limit=2)
        walked += [(each.location_code, each.id) for each in page.items]
        if not (cursor := page.next or ""):
            break
    assert [code for code, _ in walked] == ["P-1", "P-1", "P-2", "P-3"]
    assert next_to_count(floor.by(ANN), walked[2][1]) == walked[3][1]
    assert next_to_count(floor.by(ANN), walked[3][1]) == walked[0][1]
    assert [t.location_code for t in find_counts(floor.uow, search="P-2").items] == ["P-2"]


def test_items_are_classed_by_what_was_picked() -> None:
    """Pareto: A begins below 80 % of the units, B below 95 %, C is the rest and what nobody picked."""
    classes = classify({"a": 70, "b": 15, "c": 10, "d": 3, "e": 2, "f": 0})
    assert "".join(classes[each].value for each in "abcdef") == "AABCCC"
    assert classify({}) == {}
    assert set(classify({"x": 0}).values()) == {AbcClass.C}


@pytest.mark.parametrize(
    ("counted", "doubted", "follows"),
    [
        ([100], False, "approve"),
        ([98], False, "approve"),
        ([97], False, "recount"),
        ([100], True, "recount"),
        ([90, 90], False, "approve"),
        ([90, 91], False, "refer"),
        ([79, 79], False, "refer"),
        ([80, 80], False, "approve"),
        ([90, 91, 90], False, "approve"),
        ([90, 91, 92], False, "refer"),
    ],
)
def test_the_rules_of_a_difference(counted: list[int], doubted: bool, follows: str) -> None:  # noqa: FBT001
    seen = [Sighting(100, each) for each in counted]
    assert verdict(seen, CountRules(units=2, percent=5, approval_units=20), doubted=doubted) == follows


def test_a_share_of_a_small_bin_is_beyond_the_tolerance() -> None:
    """Two units of ten are 20 %: both limits have to hold."""
    assert verdict([Sighting(10, 8)], CountRules(), doubted=False) == "recount"
    assert verdict([Sighting(0, 1)], CountRules(), doubted=False) == "recount"


def test_bins_are_counted_when_their_class_is_due(floor: Floor) -> None:
    house, uow = floor.house, floor.uow
    uow.actor = system()
    reserve(uow, house, "o1", ("l1", "A", 40))
    floor.pick("o1", 40)
    assert plan_counts(uow) == 0
    uow.now = NOW + timedelta(days=31)
    assert plan_counts(uow) == 1
    (due,) = find_counts(uow).items
    assert (due.sku, due.abc, due.cause) == ("A", "A", "abc")
    assert plan_counts(uow) == 0
    uow.now = NOW + timedelta(days=181)
    assert plan_counts(uow, waiting=1) == 0, "what nobody gets round to does not pile up"
    uow.now = NOW + timedelta(days=31)
    assert floor.count(due.id, ANN, 60) == "approved"
    uow.actor, uow.now = system(), NOW + timedelta(days=181)
    assert plan_counts(uow, limit=1) == 1
    assert [(t.sku, t.abc) for t in find_counts(uow).items] == [("B", "C")], "A was picked longer ago than 90 days"
    turns = [plan_counts(uow, turn=turn, turns=7) for turn in range(7)]
    assert sum(turns) == 0
    uow.now = NOW + timedelta(days=31 + 181)
    assert sum(plan_counts(uow, turn=turn, turns=7) for turn in range(7)) == 1


def test_how_right_the_book_is(floor: Floor) -> None:
    stock(floor.uow, floor.house, B={"P-3": 50})
    for sku, at, counted in (("A", "P-1", 98), ("B", "P-2", 10), ("B", "P-3", 51)):
        floor.count(floor.wanted(sku, at), ANN, counted, at=at, barcode=sku)
    period = {"since": NOW, "until": NOW + timedelta(seconds=1)}
    report = count_accuracy(floor.by(LEAD), **period, site_id=floor.house.site)
    (found,) = report.parts
    assert (found.abc, found.counts, found.right, found.count_share) == ("C", 3, 1, 1 / 3)
    assert (found.units, found.units_right, found.unit_share) == (100 + 10 + 51, 98 + 10 + 50, 158 / 161)
    assert report.total.unit_share == found.unit_share
    assert count_accuracy(floor.uow, **period, cause="abc").parts == ()
    before = count_accuracy(floor.uow, since=NOW - timedelta(days=9), until=NOW)
    assert (before.parts, before.total.count_share) == ((), None)


def test_two_merchants_in_one_bin_are_two_counts(floor: Floor) -> None:
    """Mixed owners: the same barcode of two merchants means the goods that lie there."""
    uow, house = floor.uow, floor.house
    uow.actor = system()
    rival = create_merchant(uow, code="RIVAL", name="Rival", currency="EUR")
    serve_merchants(uow, site_id=house.site, merchant_ids=[rival])
    theirs = create_items(uow, tenant_id=rival, items=[ItemDraft("A", "Their A", 100, 10, 20, 30)])["A"]
    receive_many(uow, tenant_id=rival, site_id=house.site, receipts=[Receipt(theirs, "P-3", 7, "ASN")])
    assert item_to_count(uow, site_id=house.site, barcode="A", location_code="P-3").id == theirs
    with pytest.raises(AmbiguousBarcode):
        item_to_count(uow, site_id=house.site, barcode="A")
    stock(uow, house, A={"P-3": 4})
    assert len(ask_counts(floor.by(LEAD), site_id=house.site, location_code="P-3", reason="Mixed")) == 2
    (own,) = [t for t in find_counts(floor.uow).items if t.tenant_id == house.tenant]
    assert floor.count(own.id, ANN, 4, at="P-3") == "approved"
    assert level(uow, house, "A") == (104, 0)


def test_another_sites_or_merchants_counts_are_out_of_reach(floor: Floor) -> None:
    other = build(floor.uow, code="OTHER", site="MUC")
    task = floor.wanted()
    floor.uow.actor = Actor("usr_x", Role.PICKER, "x", "", other.site, frozenset({"work:pick"}))
    with pytest.raises(Forbidden):
        submit_count(floor.uow, count_id=task, location_code="P-1", counted=100, barcode="A")
    with pytest.raises(UnknownCount):
        get_count(floor.uow, "cnt_none")


def test_two_people_who_count_at_once_are_taken_one_after_the_other(fresh_database: FreshDatabase) -> None:
    def prepare(uow: UnitOfWork) -> tuple[Warehouse, str]:
        house = build(uow)
        stock(uow, house, A={"P-1": 100})
        asked = {"site_id": house.site, "tenant_id": house.tenant, "item_id": house.items["A"], "reason": "x"}
        return house, ask_counts(uow, **asked, location_code="P-1")[0]

    house, task = run(system(), prepare)
    barrier = Barrier(2)

    def count(who: str) -> str:
        actor = Actor(who, Role.PICKER, who, "", house.site, frozenset({"work:pick"}))
        scanned = {"count_id": task, "location_code": "P-1", "barcode": "A"}
        barrier.wait()
        return run(actor, lambda uow: submit_count(uow, **scanned, counted=85))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(count, (ANN, BOB))) == ["approved", "recount"]
    with transaction(system()) as uow:
        assert bins(uow, house, "A") == {"P-1": (85, 0)}
        assert classify_items(uow, tenant_id=house.tenant, site_id=house.site) == 1
    assert_invariants()


@pytest.mark.thorough
def test_a_pick_and_a_count_at_once_are_one_after_the_other(fresh_database: FreshDatabase) -> None:
    """Ten units are picked while somebody counts ninety: the book is read before the pick or after it."""

    def prepare(uow: UnitOfWork) -> tuple[Warehouse, str]:
        house = build(uow)
        stock(uow, house, A={"P-1": 100})
        reserve(uow, house, "o1", ("l1", "A", 10))
        allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
        asked = {"site_id": house.site, "tenant_id": house.tenant, "item_id": house.items["A"], "reason": "x"}
        return house, ask_counts(uow, **asked, location_code="P-1")[0]

    house, task = run(system(), prepare)
    barrier = Barrier(2)

    def count() -> None:
        scanned = {"count_id": task, "location_code": "P-1", "barcode": "A", "counted": 90}
        barrier.wait()
        run(system("ann"), lambda uow: submit_count(uow, **scanned, rules=CountRules(units=100, percent=100)))

    def pick() -> None:
        picked = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"], "order_id": "o1"}
        barrier.wait()
        run(
            system("bob"),
            lambda uow: pick_stock(uow, **picked, line_id="l1", location_code="P-1", quantity=10, tote="T-1"),
        )

    with ThreadPoolExecutor(2) as pool:
        for each in (pool.submit(count), pool.submit(pick)):
            each.result()
    with transaction(system()) as uow:
        expected = get_count(uow, task).expected
        assert (expected, bins(uow, house, "A")["P-1"][0]) in {(90, 90), (100, 80)}
    assert_invariants()


def test_a_merchant_sees_its_own_counts_only(database: Connection) -> None:
    with transaction(system(), now=NOW) as uow:
        house, other = build(uow), build(uow, code="OTHER", site="MUC")
        for each in (house, other):
            stock(uow, each, A={"P-1": 5})
            ask_counts(uow, site_id=each.site, location_code="P-1", reason="x")
    with transaction(house.owner()) as uow:
        (own,) = find_counts(uow).items
        assert own.tenant_id == house.tenant
    with transaction(other.owner()) as uow, pytest.raises(UnknownCount):
        get_count(uow, own.id)


def test_which_of_several_lots_lacks_units_is_for_a_lead_to_say(floor: Floor) -> None:
    """People count what lies there, whatever its lots; the book knows the lots apart."""
    house, uow = floor.house, floor.uow
    yoghurt = create_items(uow, tenant_id=house.tenant, items=[ItemDraft("Y", "Yoghurt", 1, 1, 1, 1, lot_tracked=True)])
    house.items["Y"] = yoghurt["Y"]
    for lot, units in (("OLD", 60), ("NEW", 40)):
        receipt = Receipt(yoghurt["Y"], "P-2", units, "ASN", lot, NOW.date() + timedelta(days=90))
        receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt])
    assert floor.count(floor.wanted("Y", "P-2"), ANN, 100, at="P-2", barcode="Y") == "approved"
    task = floor.wanted("Y", "P-2")
    assert floor.count(task, ANN, 99, at="P-2", barcode="Y") == "counted"
    for lot, refusal in ((None, LotRequired), ("NONE", CountOutdated)):
        with pytest.raises(refusal):
            approve_count(floor.by(LEAD), count_id=task, number=1, reason="One is gone", lot=lot)
    approve_count(floor.by(LEAD), count_id=task, number=1, reason="One is gone", lot="OLD")
    held = uow.session.execute(text("select lot, quantity from bin_stock where item_id = :i"), {"i": yoghurt["Y"]})
    assert {row.lot: row.quantity for row in held} == {"OLD": 59, "NEW": 40}
    assert floor.seen(task).head.difference == -1


def test_a_count_of_one_lot_leaves_the_task_of_a_bin_whose_other_lot_is_frozen(floor: Floor) -> None:
    house, uow = floor.house, floor.uow
    yoghurt = create_items(uow, tenant_id=house.tenant, items=[ItemDraft("Y", "Yoghurt", 1, 1, 1, 1, lot_tracked=True)])
    house.items["Y"] = yoghurt["Y"]
    for lot in ("OLD", "NEW"):
        receipt = Receipt(yoghurt["Y"], "P-2", 5, "ASN", lot, NOW.date() + timedelta(days=90))
        receive_many(uow, tenant_id=house.tenant, site_id=house.site, receipts=[receipt])
    reserve(uow, house, "o1", ("l1", "Y", 10))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    for lot in ("OLD", "NEW"):
        report_short(
            uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", line_id="l1", item_id=yoghurt["Y"],
            location_code="P-2", expected=5, found=4, reason="missing", lot=lot,
        )  # fmt: skip
    (task,) = find_counts(floor.by(LEAD)).items
    where = {"tenant_id": house.tenant, "site_id": house.site, "location_code": "P-2", "item_id": yoghurt["Y"]}
    count_bin(uow, **where, counted=4, lot="OLD")
    assert [each.id for each in find_counts(floor.by(LEAD)).items] == [task.id]
    assert floor.count(task.id, ANN, 8, at="P-2", barcode="Y") == "approved"
    assert find_counts(floor.by(LEAD)).items == ()

"""Moves: where units go and why, made by the planner, done by scan, taken back; pick faces that are filled up."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from inventory.commands.adjusting import adjust_stock
from inventory.commands.allocating import allocate_stock
from inventory.commands.items import create_items
from inventory.commands.locations import create_locations
from inventory.commands.receiving import receive_many
from inventory.domain.values import ItemDraft, LocationDraft, Receipt
from inventory.errors import BinFrozen, NotEnoughInBin, UnknownBarcode
from inventory.moves.commands.forward_picks import FaceRule, remove_forward_pick, set_forward_picks
from inventory.moves.commands.moving import CLAIM_LASTS, cancel_move, claim_move, do_move, release_move, undo_move
from inventory.moves.commands.planning import MOVE_PLANNING
from inventory.moves.commands.putting_away import suggest_place
from inventory.moves.commands.tasks import PLANNER, POSTPONED
from inventory.moves.domain.places import Goods, Slot, room_for, suggest_places, why_not
from inventory.moves.errors import MoveClaimed, MoveEnded, UnknownForwardPick, UnknownMove, WrongScan, WrongTarget
from inventory.moves.queries import find_forward_picks, find_moves, get_move, next_move, own_moves
from inventory.moves.views import MoveHead
from kernel.access.commands import create_merchant, serve_merchants
from kernel.actors import Actor, Role, system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import Forbidden, Invalid, Refusal
from kernel.states import IllegalTransition
from tests.inventory.warehouse import NOW, Warehouse, assert_invariants, bins, build, everything, reserve, stock
from tests.plugin.databases import FreshDatabase

ANN, BOB, LEAD = "usr_ann", "usr_bob", "usr_lead"
MUG = Goods("m", "mug", weight_g=100, volume_mm3=6_000)


def plan(uow: UnitOfWork) -> int:
    """Plan once, all in the transaction of the test."""
    return sum(step(uow) for step in MOVE_PLANNING)


@dataclass(slots=True)
class Floor:
    """A warehouse in which people carry: each command as somebody."""

    uow: UnitOfWork
    house: Warehouse

    def by(self, who: str) -> UnitOfWork:
        scopes = frozenset({"work:plan", "work:pick"} if who == LEAD else {"work:pick"})
        self.uow.actor = Actor(who, Role.MANAGER if who == LEAD else Role.PICKER, who, "", self.house.site, scopes)
        return self.uow

    def plan(self) -> list[MoveHead]:
        self.uow.actor = system(PLANNER)
        plan(self.uow)
        return self.moves()

    def moves(self, *states: str) -> list[MoveHead]:
        found = find_moves(self.uow, site_id=self.house.site, states=states or ("open", "claimed"))
        return list(found.items)

    def carry(self, move: MoveHead, who: str = ANN, **scans: object) -> str:
        asked = {"from_code": move.from_code, "barcode": move.sku, "to_code": move.to_code, "quantity": move.remaining}
        return do_move(self.by(who), move_id=move.id, **(asked | scans))  # type: ignore[arg-type]

    def face(self, sku: str, at: str, least: int, most: int) -> None:
        rule = FaceRule(self.house.items[sku], at, least, most)
        set_forward_picks(self.by(LEAD), tenant_id=self.house.tenant, site_id=self.house.site, rules=[rule])

    def locations(self, *drafts: LocationDraft) -> None:
        create_locations(self.uow, site_id=self.house.site, locations=drafts)

    def told(self, name: str) -> list[dict[str, object]]:
        return [event.data() for event in self.uow.emitted if type(event).__name__ == name]


@pytest.fixture
def floor(uow: UnitOfWork, house: Warehouse) -> Floor:
    return Floor(uow, house)


def state_of(uow: UnitOfWork) -> dict[str, list[tuple[object, ...]]]:
    tables = ("move_task", "move_step", "forward_pick")
    mine = {t: sorted(tuple(row) for row in uow.session.execute(text(f"select * from {t}"))) for t in tables}  # noqa: S608
    return everything(uow) | mine


def refused(floor: Floor, kind: type[Refusal], move: MoveHead, who: str = ANN, **scans: object) -> Refusal:
    before = state_of(floor.uow)
    with pytest.raises(kind) as refusal:
        floor.carry(move, who, **scans)
    assert state_of(floor.uow) == before
    return refusal.value


def slot(code: str, kind: str = "pick", **values: object) -> Slot:
    return Slot(code, code, kind, **values)  # type: ignore[arg-type]


def places(slots: list[Slot], goods: Goods, quantity: int, **asked: object) -> list[tuple[str, int]]:
    found = suggest_places(slots, goods, quantity, near=(0, 0), **asked)  # type: ignore[arg-type]
    return [(each.code, each.quantity) for each in found]


def test_the_best_place_is_the_face_then_the_same_goods_then_the_nearest_empty_one() -> None:
    key = MUG.key
    face = slot("FACE", face={key[:2]: 10}, held={key: 4}, x_mm=90_000)
    same = slot("SAME", held={key: 1}, max_weight_g=500, weight_g=100, x_mm=80_000)
    near, far = slot("NEAR", x_mm=1_000), slot("FAR", x_mm=9_000)
    shelves = [far, slot("FULL", max_volume_mm3=6_000, volume_mm3=6_000, held={("m", "pen", ""): 1}), near, same, face]
    assert places(shelves, MUG, 5) == [("FACE", 5)]
    assert places(shelves, MUG, 12) == [("FACE", 6), ("SAME", 4), ("NEAR", 2)]
    assert [each.why for each in suggest_places(shelves, MUG, 12, near=(0, 0))] == [
        "Its pick face, for up to 10 units.",
        "The same goods lie there.",
        "Empty, 1 m away; its goods are class C.",
    ]


def test_class_a_goods_go_to_pick_faces_and_slow_ones_to_bulk() -> None:
    shelves = [slot("P", x_mm=5_000), slot("B", "bulk", x_mm=1_000)]
    fast = Goods("m", "mug", abc="A")
    assert places(shelves, fast, 1) == [("P", 1)]
    assert places(shelves, MUG, 1) == [("B", 1)]


def test_lots_stay_apart_hazards_keep_to_their_places_and_frozen_bins_are_left_alone() -> None:
    lot = Goods("m", "mug", "NEW")
    old = slot("P-1", held={("m", "mug", "OLD"): 3})
    assert places([old, slot("P-2")], lot, 1) == [("P-2", 1)]
    assert places([old], lot, 1) == [("P-1", 1)]
    assert places([old, slot("P-2", x_mm=9_000)], lot, 1, fast=True) == [("P-2", 1)]
    acid = Goods("m", "acid", hazmat=True)
    assert places([slot("P-1"), slot("HAZ", hazmat_ok=True, x_mm=99_000)], acid, 1) == [("HAZ", 1)]
    peas = Goods("m", "peas", temperature_class="frozen")
    cold = slot("COLD", temperature_class="frozen", x_mm=99_000)
    assert places([slot("P-1"), cold], peas, 1) == [("COLD", 1)]
    assert places([slot("P-1", x_mm=200_000), cold], MUG, 1) == [("P-1", 1)]
    assert why_not(cold, MUG, 1) == "COLD is a location for frozen goods: these are ambient."
    assert suggest_places([slot("P-1")], peas, 1, near=(0, 0))[0].why == "No location is for frozen goods."
    nowhere = suggest_places([slot("P-1")], acid, 2, near=(0, 0))
    assert [(each.location_id, each.quantity, each.why) for each in nowhere] == [
        (None, 2, "No location is for hazardous goods.")
    ]
    assert places([slot("P-1", frozen=True), slot("D", "dock")], MUG, 1) == [("", 1)]


def test_limits_that_are_not_known_are_none() -> None:
    heavy = slot("P", max_weight_g=1_000, weight_g=950, held={("m", "pen", ""): 1})
    assert room_for(heavy, MUG) == 0
    assert room_for(heavy, Goods("m", "mug")) > 1_000
    assert "too heavy" in why_not(heavy, MUG, 1)
    assert why_not(heavy, MUG, 0) == ""
    assert why_not(slot("P", max_volume_mm3=6_000), MUG, 2) == "P is too small: 1 more fit."


def test_what_arrives_is_put_away_by_scan(floor: Floor) -> None:
    stock(floor.uow, floor.house, A={"DOCK": 10, "P-2": 1})
    (move,) = floor.plan()
    assert (move.from_code, move.to_code, move.quantity, move.cause, move.state) == (
        "DOCK",
        "P-2",
        10,
        "put_away",
        "open",
    )
    assert move.why == "The same goods lie there."
    assert floor.plan() == [move]
    assert len(floor.told("MoveWanted")) == 1
    assert floor.carry(move, quantity=4) == "claimed"
    assert bins(floor.uow, floor.house, "A") == {"DOCK": (6, 0), "P-2": (5, 0)}
    (half,) = floor.moves()
    assert (half.remaining, half.claimed_by) == (6, ANN)
    assert floor.carry(half) == "done"
    assert bins(floor.uow, floor.house, "A") == {"P-2": (11, 0)}
    assert [(e["quantity"], e["to_code"]) for e in floor.told("StockMoved")] == [(4, "P-2"), (6, "P-2")]
    assert floor.plan() == []
    assert [(own.quantity, own.undone) for own in own_moves(floor.by(ANN))] == [(6, False), (4, False)]


def test_a_step_is_taken_back_and_is_to_be_done_again(floor: Floor) -> None:
    stock(floor.uow, floor.house, A={"DOCK": 10})
    (move,) = floor.plan()
    floor.carry(move)
    with pytest.raises(Forbidden):
        undo_move(floor.by(BOB), move_id=move.id, number=1)
    undo_move(floor.by(ANN), move_id=move.id, number=1)
    assert bins(floor.uow, floor.house, "A") == {"DOCK": (10, 0)}
    (again,) = floor.plan()
    assert (again.id, again.moved, again.state) == (move.id, 0, "open")
    with pytest.raises(UnknownMove):
        undo_move(floor.by(ANN), move_id=move.id, number=1)
    floor.carry(again)
    reserve(floor.uow, floor.house, "ord_1", ("l1", "A", 3))
    allocate_stock(floor.uow, tenant_id=floor.house.tenant, site_id=floor.house.site, order_id="ord_1")
    before = state_of(floor.uow)
    with pytest.raises(NotEnoughInBin):
        undo_move(floor.by(LEAD), move_id=move.id, number=2)
    assert state_of(floor.uow) == before


def test_wrong_scans_move_nothing(floor: Floor) -> None:
    floor.locations(LocationDraft("SMALL", max_weight_g=200), LocationDraft("LANE", "lane"))
    stock(floor.uow, floor.house, A={"DOCK": 10, "P-2": 1}, B={"P-3": 5})
    (move,) = floor.plan()
    reserve(floor.uow, floor.house, "ord_1", ("l1", "B", 1))
    assert refused(floor, WrongScan, move, from_code="P-1").detail == "The units lie in DOCK."
    assert "Thing B" in refused(floor, WrongScan, move, barcode="B").detail
    refused(floor, UnknownBarcode, move, barcode="NOBODY")
    refused(floor, Invalid, move, quantity=11)
    refused(floor, Invalid, move, quantity=0)
    assert refused(floor, Invalid, move, to_code="P-1").pointer == "/reason"
    assert "too heavy" in refused(floor, WrongTarget, move, to_code="SMALL", reason="Nearer", quantity=3).detail
    assert "lane location" in refused(floor, WrongTarget, move, to_code="LANE", reason="Nearer").detail
    refused(floor, WrongTarget, move, to_code="DOCK", reason="Too far")
    floor.uow.session.execute(text("update bin_stock set frozen = true where quantity = 10"))
    refused(floor, BinFrozen, move)
    floor.uow.session.execute(text("update bin_stock set frozen = false"))
    assert floor.carry(move, to_code="SMALL", reason="P-2 is blocked", quantity=2) == "claimed"
    (step,) = get_move(floor.uow, move.id).steps
    assert (step.to_code, step.reason, step.done_by) == ("SMALL", "P-2 is blocked", ANN)


def test_what_somebody_has_in_hand_is_theirs_for_a_while(floor: Floor) -> None:
    stock(floor.uow, floor.house, A={"DOCK": 10}, B={"DOCK": 2})
    one, two = floor.plan()
    claim_move(floor.by(ANN), move_id=one.id)
    with pytest.raises(MoveClaimed):
        claim_move(floor.by(BOB), move_id=one.id)
    refused(floor, MoveClaimed, one, BOB)
    assert next_move(floor.by(BOB), two.id) is None
    assert next_move(floor.by(ANN), two.id) == one.id
    release_move(floor.by(ANN), move_id=one.id)
    with pytest.raises(IllegalTransition):
        release_move(floor.by(ANN), move_id=one.id)
    claim_move(floor.by(BOB), move_id=one.id)
    floor.uow.now += CLAIM_LASTS
    assert floor.carry(one, ANN) == "done"
    refused(floor, MoveEnded, one)


def test_what_a_lead_cancels_is_not_asked_for_again_for_a_day(floor: Floor) -> None:
    stock(floor.uow, floor.house, A={"DOCK": 10})
    (move,) = floor.plan()
    floor.carry(move, quantity=4)
    with pytest.raises(Invalid):
        cancel_move(floor.by(LEAD), move_id=move.id, reason=" ")
    cancel_move(floor.by(LEAD), move_id=move.id, reason="Sold from the dock")
    assert floor.plan() == []
    assert [(e["quantity"], e["reason"]) for e in floor.told("MoveCancelled")] == [(6, "Sold from the dock")]
    undo_move(floor.by(LEAD), move_id=move.id, number=1)
    assert get_move(floor.uow, move.id).head.state == "cancelled"
    assert floor.plan() == []
    floor.uow.now += POSTPONED + timedelta(seconds=1)
    assert [each.quantity for each in floor.plan()] == [10]


def test_a_move_whose_units_are_gone_is_cut(floor: Floor) -> None:
    house = floor.house
    stock(floor.uow, house, A={"DOCK": 10})
    (move,) = floor.plan()
    gone = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"], "location_code": "DOCK"}
    adjust_stock(floor.by(LEAD), **gone, delta=-4, reason="Lost")
    assert [(each.id, each.quantity) for each in floor.plan()] == [(move.id, 6)]
    adjust_stock(floor.by(LEAD), **gone, delta=-6, reason="Lost")
    assert floor.plan() == []
    assert get_move(floor.uow, move.id).note == "The units are gone."


def test_units_without_a_place_wait_for_one(floor: Floor) -> None:
    acid = create_items(
        floor.uow, tenant_id=floor.house.tenant, items=[ItemDraft("ACID", "Acid", 100, 10, 10, 10, hazmat=True)]
    )["ACID"]
    receipt = Receipt(acid, "DOCK", 5, "ASN")
    receive_many(floor.uow, tenant_id=floor.house.tenant, site_id=floor.house.site, receipts=[receipt])
    (move,) = floor.plan()
    assert (move.to_code, move.why) == ("", "No location is for hazardous goods.")
    floor.locations(LocationDraft("HAZ", hazmat_ok=True, max_weight_g=300))
    found = {(each.to_code, each.quantity) for each in floor.plan()}
    assert found == {("HAZ", 3), ("", 2)}
    asked = {"tenant_id": floor.house.tenant, "site_id": floor.house.site, "item_id": acid}
    assert [each.code for each in suggest_place(floor.by(LEAD), **asked, quantity=1)] == [""]


def test_what_orders_wait_for_goes_straight_to_the_place_nearest_to_packing(floor: Floor) -> None:
    floor.locations(LocationDraft("PACK", "pack", x_mm=50_000), LocationDraft("P-9", x_mm=49_000))
    stock(floor.uow, floor.house, A={"DOCK": 10, "P-1": 1})
    (early,) = floor.plan()
    assert early.cause == "put_away"
    reserve(floor.uow, floor.house, "ord_1", ("l1", "A", 4))
    moves = {each.cause: each for each in floor.plan()}
    straight, rest = moves["cross_dock"], moves["put_away"]
    assert (straight.to_code, straight.quantity, straight.urgent) == ("P-9", 3, True)
    assert (rest.id, rest.to_code, rest.quantity) == (early.id, "P-1", 7)
    assert floor.moves()[0].id == straight.id
    assert len(floor.plan()) == 2
    floor.carry(straight)
    outcome = allocate_stock(floor.uow, tenant_id=floor.house.tenant, site_id=floor.house.site, order_id="ord_1")
    assert (sum(a.quantity for a in outcome), outcome.missing) == (4, ())


def test_what_a_lead_left_at_the_dock_is_crossed_when_orders_wait_for_it(floor: Floor) -> None:
    stock(floor.uow, floor.house, A={"DOCK": 10})
    (move,) = floor.plan()
    cancel_move(floor.by(LEAD), move_id=move.id, reason="Sold from the dock")
    reserve(floor.uow, floor.house, "ord_1", ("l1", "A", 4))
    (straight,) = floor.plan()
    assert (straight.cause, straight.quantity) == ("cross_dock", 4)
    assert floor.plan() == [straight]
    cancel_move(floor.by(LEAD), move_id=straight.id, reason="Nobody is here")
    assert floor.plan() == []


def test_a_face_that_runs_low_is_filled_up_with_what_expires_first(floor: Floor) -> None:
    house = floor.house
    ham = create_items(
        floor.uow, tenant_id=house.tenant, items=[ItemDraft("HAM", "Ham", 100, 10, 10, 10, lot_tracked=True)]
    )["HAM"]
    house.items["HAM"] = ham
    floor.locations(LocationDraft("BULK-2", "bulk"))
    lots = [("P-1", 5, "OLD", 1), ("BULK", 6, "LATE", 9), ("BULK-2", 4, "SOON", 3)]
    receipts = [Receipt(ham, at, units, "ASN", lot, date(2026, 4, day)) for at, units, lot, day in lots]
    receive_many(floor.uow, tenant_id=house.tenant, site_id=house.site, receipts=receipts)
    floor.face("HAM", "P-1", 4, 12)
    assert floor.plan() == []
    reserve(floor.uow, house, "ord_1", ("l1", "HAM", 2))
    allocate_stock(floor.uow, tenant_id=house.tenant, site_id=house.site, order_id="ord_1")
    moves = floor.plan()
    assert sorted((m.lot, m.from_code, m.quantity, m.cause, m.urgent) for m in moves) == [
        ("LATE", "BULK", 3, "replenish", False),
        ("SOON", "BULK-2", 4, "replenish", False),
    ]
    assert floor.plan() == moves
    for move in moves:
        floor.carry(move)
    assert bins(floor.uow, house, "HAM")["BULK"] == (3, 0)
    (rule,) = find_forward_picks(floor.uow, site_id=house.site).items
    assert (rule.held, rule.free, rule.max_units) == (12, 10, 12)


def test_a_face_with_fewer_than_orders_are_promised_is_urgent(floor: Floor) -> None:
    stock(floor.uow, floor.house, A={"P-1": 5, "BULK": 20})
    floor.face("A", "P-1", 1, 15)
    assert floor.plan() == []
    reserve(floor.uow, floor.house, "ord_1", ("l1", "A", 8))
    (move,) = floor.plan()
    assert (move.quantity, move.urgent) == (10, True)
    assert move.why == "Orders wait. The pick face holds 5 of up to 15 units."


def test_rules_are_checked_all_or_none(floor: Floor) -> None:
    house = floor.house
    where = {"tenant_id": house.tenant, "site_id": house.site}
    good = FaceRule(house.items["A"], "P-1", 2, 9)
    for wrong in (FaceRule(house.items["B"], "BULK", 2, 9), FaceRule(house.items["B"], "P-2", 9, 9)):
        before = state_of(floor.uow)
        with pytest.raises(Invalid):
            set_forward_picks(floor.by(LEAD), **where, rules=[good, wrong])
        assert state_of(floor.uow) == before
    floor.face("A", "P-1", 2, 9)
    floor.face("A", "P-1", 3, 9)
    (rule,) = find_forward_picks(floor.uow).items
    assert rule.min_units == 3
    remove_forward_pick(floor.uow, **where, item_id=house.items["A"], location_code="P-1")
    with pytest.raises(UnknownForwardPick):
        remove_forward_pick(floor.uow, **where, item_id=house.items["A"], location_code="P-1")


def test_merchants_see_their_own_moves_only(floor: Floor) -> None:
    stock(floor.uow, floor.house, A={"DOCK": 1})
    other = create_merchant(floor.uow, code="OTHER", name="Other", currency="EUR")
    serve_merchants(floor.uow, site_id=floor.house.site, merchant_ids=[other])
    (item,) = create_items(floor.uow, tenant_id=other, items=[ItemDraft("X", "X", 1, 1, 1, 1)]).values()
    receive_many(floor.uow, tenant_id=other, site_id=floor.house.site, receipts=[Receipt(item, "DOCK", 2)])
    assert len(floor.plan()) == 2
    floor.uow.session.flush()
    scope = text("select set_config('app.tenant', :tenant, true)")
    floor.uow.session.execute(scope, {"tenant": other})
    seen = [each.sku for each in floor.moves()]
    floor.uow.session.execute(scope, {"tenant": "*"})
    assert seen == ["X"]


def test_two_people_and_the_planner_carry_each_unit_once(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=NOW) as uow:
        house = build(uow)
        stock(uow, house, A={"DOCK": 10})
        plan(uow)
        (move,) = find_moves(uow, site_id=house.site).items
    start = Barrier(3)

    def carry(_: int) -> str:
        start.wait()
        try:
            return run(
                system("one"),
                lambda uow: do_move(
                    uow, move_id=move.id, from_code="DOCK", barcode="A", to_code=move.to_code, quantity=6
                ),
            )
        except Refusal as refusal:
            return refusal.code

    def planned() -> str:
        start.wait()
        return str(run(system(PLANNER), plan))

    with ThreadPoolExecutor(3) as pool:
        outcomes = [pool.submit(carry, 1), pool.submit(carry, 2), pool.submit(planned)]
        found = [each.result() for each in outcomes]
    assert sorted(found[:2]) == ["claimed", "invalid"]
    with transaction(system()) as uow:
        assert bins(uow, house, "A") == {"DOCK": (4, 0), move.to_code: (6, 0)}
        assert [each.remaining for each in find_moves(uow, site_id=house.site).items] == [4]
    assert_invariants()

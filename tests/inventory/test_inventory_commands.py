from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from inventory.api import (
    Allocation,
    ItemDraft,
    NotEnoughInBin,
    NotEnoughInBucket,
    NotReserved,
    OrderDemand,
    ShortOutcome,
    UnknownItem,
    UnknownLocation,
    adjust_stock,
    allocate_orders,
    allocate_stock,
    availability,
    count_bin,
    create_item,
    create_items,
    deallocate_stock,
    discard_return,
    expire_reservations,
    find_drift,
    find_drifts,
    find_items,
    item_stock,
    move_stock,
    movements,
    pack_stock,
    pick_stock,
    put_back_stock,
    receive_return,
    receive_stock,
    release_stock,
    report_short,
    reserve_orders,
    reserve_stock,
    resolve_barcode,
    restock_return,
    ship_stock,
    wanted_counts,
)
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from kernel.quantity import MAX_QUANTITY
from tests.inventory.warehouse import (
    NOW,
    Warehouse,
    bins,
    buckets,
    build,
    everything,
    level,
    reserve,
    stock,
    told,
    want,
)


def pick(uow: UnitOfWork, house: Warehouse, order: str, at: str, quantity: int) -> None:
    pick_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id=order, line_id="l1", item_id=house.items["A"],
        location_code=at, quantity=quantity, tote="T1",
    )  # fmt: skip


def short(uow: UnitOfWork, house: Warehouse, at: str, units: tuple[int, int], reason: str = "missing") -> ShortOutcome:
    return report_short(
        uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", line_id="l1", item_id=house.items["A"],
        location_code=at, expected=units[0], found=units[1], reason=reason,
    )  # fmt: skip


def adjust(uow: UnitOfWork, house: Warehouse, at: str, delta: int, reason: str = "found") -> None:
    adjust_stock(
        uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["A"], location_code=at, delta=delta,
        reason=reason,
    )  # fmt: skip


def test_received_stock_is_on_hand_in_its_bin_and_told(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5, "P-2": 2})
    assert level(uow, house, "A") == (7, 0)
    assert bins(uow, house, "A") == {"P-1": (5, 0), "P-2": (2, 0)}
    assert told(uow) == ["StockReceived"]
    assert uow.emitted[0].data()["quantity"] == 7


def test_an_item_created_twice_is_one_item_brought_up_to_date(uow: UnitOfWork, house: Warehouse) -> None:
    again = create_item(
        uow, tenant_id=house.tenant, sku="A", name="New name", weight_g=1, length_mm=2, width_mm=3, height_mm=4,
        gtins=["4006381333931"],
    )  # fmt: skip
    assert (again.id, again.name, again.version) == (house.items["A"], "New name", 2)
    assert again.gtins == ("04006381333931",)
    same = create_item(
        uow, tenant_id=house.tenant, sku="A", name="New name", weight_g=1, length_mm=2, width_mm=3, height_mm=4
    )
    assert same == again


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (ItemDraft("", "x", 1, 1, 1, 1), "/items/0/sku"),
        (ItemDraft(" A", "x", 1, 1, 1, 1), "/items/0/sku"),
        (ItemDraft("A\x00", "x", 1, 1, 1, 1), "/items/0/sku"),
        (ItemDraft("C", "", 1, 1, 1, 1), "/items/0/name"),
        (ItemDraft("C", "x", -1, 1, 1, 1), "/items/0/weight_g"),
        (ItemDraft("C", "x", 1, 1, 1, 10**9), "/items/0/height_mm"),
        (ItemDraft("C", "x", 1, 1, 1, 1, gtins=("4006381333932",)), "/items/0/gtins/0"),
    ],
)
def test_a_wrong_item_is_refused_by_field(uow: UnitOfWork, house: Warehouse, draft: ItemDraft, pointer: str) -> None:
    before = everything(uow)
    with pytest.raises(Invalid) as refused:
        create_items(uow, tenant_id=house.tenant, items=[draft])
    assert [e.pointer for e in refused.value.errors] == [pointer]
    assert everything(uow) == before


def test_a_reservation_never_exceeds_what_is_free(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5}, B={"P-2": 1})
    assert reserve(uow, house, "o1", ("l1", "A", 3), ("l2", "B", 1)).reserved == {"l1": 3, "l2": 1}
    refused = reserve(uow, house, "o2", ("l1", "A", 2), ("l2", "B", 1))
    assert (refused.reserved, refused.short) == ({}, {"l2": 1})
    assert level(uow, house, "A") == (5, 3)
    assert told(uow).count("StockReserved") == 1


def test_two_lines_of_one_item_share_its_stock(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5})
    refused = reserve(uow, house, "o1", ("l1", "A", 3), ("l2", "A", 3))
    assert (refused.reserved, refused.short) == ({}, {"l2": 1})
    assert level(uow, house, "A") == (5, 0)
    granted = reserve(uow, house, "o1", ("l1", "A", 3), ("l2", "A", 3), policy="split")
    assert (granted.reserved, granted.short) == ({"l1": 3, "l2": 2}, {"l2": 1})
    assert level(uow, house, "A") == (5, 5)


def test_a_batch_serves_orders_in_turn_and_skips_those_that_lack(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5})
    orders = [OrderDemand(f"o{n}", "c", tuple(want(house, ("l1", "A", q)))) for n, q in enumerate((3, 4, 2, 1))]
    found = reserve_orders(uow, tenant_id=house.tenant, site_id=house.site, orders=orders)
    assert [found[o.order_id].reserved for o in orders] == [{"l1": 3}, {}, {"l1": 2}, {}]
    assert level(uow, house, "A") == (5, 5)


@pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1, 2**70])
def test_an_impossible_quantity_is_refused(uow: UnitOfWork, house: Warehouse, quantity: int) -> None:
    stock(uow, house, A={"P-1": 5})
    before = everything(uow)
    with pytest.raises(Invalid):
        reserve(uow, house, "o1", ("l1", "A", quantity))
    with pytest.raises(Invalid):
        stock(uow, house, A={"P-1": quantity})
    assert everything(uow) == before


def test_released_units_are_free_again_with_their_bins(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5})
    reserve(uow, house, "o1", ("l1", "A", 4))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", line_id="l1", quantity=1, reason="cancel") == 1
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((5, 3), {"P-1": (5, 3)})
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", reason="cancel") == 3
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((5, 0), {"P-1": (5, 0)})
    assert release_stock(uow, tenant_id=house.tenant, order_id="o1", reason="cancel") == 0
    assert told(uow).count("ReservationReleased") == 2


def test_due_reservations_expire_and_others_stay(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5})
    for order, minutes in (("due", -1), ("later", 1)):
        reserve_stock(
            uow, tenant_id=house.tenant, site_id=house.site, order_id=order, customer_id="",
            demands=want(house, ("l1", "A", 2)), expires_at=NOW + timedelta(minutes=minutes),
        )  # fmt: skip
    assert expire_reservations(uow, limit=10) == 1
    assert level(uow, house, "A") == (5, 2)
    assert [e.data()["reference"] for e in uow.emitted if type(e).__name__ == "ReservationExpired"] == ["due"]
    assert expire_reservations(uow, limit=10) == 0


def test_allocation_prefers_one_bin_that_holds_all_and_is_repeatable(uow: UnitOfWork, house: Warehouse) -> None:
    """InvenTree#2444: an order could be given more units than it wants, by asking twice."""
    stock(uow, house, A={"P-1": 9, "P-2": 3, "BULK": 50, "DOCK": 50})
    reserve(uow, house, "o1", ("l1", "A", 3))
    first = allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    assert list(first) == [Allocation("l1", house.items["A"], "P-2", 3, "o1", house.tenant)]
    assert allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1") == first
    assert bins(uow, house, "A")["P-2"] == (3, 3)


def test_a_wave_allocates_many_orders_without_using_a_unit_twice(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 4, "P-2": 3})
    for n in range(7):
        reserve(uow, house, f"o{n}", ("l1", "A", 1))
    orders = [(house.tenant, f"o{n}") for n in range(7)]
    found = allocate_orders(uow, site_id=house.site, order_ids=orders)
    assert sorted(a.order_id for a in found) == [f"o{n}" for n in range(7)]
    assert bins(uow, house, "A") == {"P-1": (4, 4), "P-2": (3, 3)}


def test_stock_on_the_dock_is_promised_but_not_allocated_and_says_why(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"DOCK": 4})
    reserve(uow, house, "o1", ("l1", "A", 3))
    outcome = allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    assert (list(outcome), [(m.quantity, "DOCK" in m.why) for m in outcome.missing]) == ([], [(3, True)])
    move_stock(
        uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["A"], from_code="DOCK", to_code="P-1",
        quantity=4,
    )  # fmt: skip
    assert len(allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")) == 1


def test_picked_packed_and_shipped_units_walk_through_the_buckets(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    pick(uow, house, "o1", "P-1", 3)
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((2, 0), {"P-1": (2, 0)})
    assert buckets(uow, house, "A") == {"IN_TOTE": 3}
    lines = [(house.items["A"], 3)]
    pack_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", lines=lines)
    ship_stock(uow, tenant_id=house.tenant, site_id=house.site, reference="par_1", lines=lines)
    assert buckets(uow, house, "A") == {"SHIPPED": 3}
    assert [m.reason for m in movements(uow, item_id=house.items["A"]).items] == ["ship", "pack", "pick", "receipt"]


def test_a_pick_may_come_from_another_bin_than_was_set_aside(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 9})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    pick(uow, house, "o1", "P-2", 2)
    assert bins(uow, house, "A") == {"P-1": (3, 1), "P-2": (7, 0)}


def test_a_pick_beyond_the_promise_or_the_bin_changes_nothing(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 1})
    reserve(uow, house, "o1", ("l1", "A", 2))
    reserve(uow, house, "o2", ("l1", "A", 2))
    allocate_orders(uow, site_id=house.site, order_ids=[(house.tenant, "o1"), (house.tenant, "o2")])
    before = everything(uow)
    with pytest.raises(NotReserved):
        pick(uow, house, "o1", "P-1", 3)
    with pytest.raises(NotEnoughInBin):
        pick(uow, house, "o1", "P-2", 2)
    with pytest.raises(UnknownLocation):
        pick(uow, house, "o1", "X-9", 1)
    with pytest.raises(NotReserved):
        pick(uow, house, "o9", "P-1", 1)
    assert everything(uow) == before


def test_a_short_pick_walks_on_to_another_bin_and_freezes_this_one(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 9})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    pick(uow, house, "o1", "P-1", 1)
    outcome = short(uow, house, "P-1", (2, 0))
    assert [(a.location_code, a.quantity) for a in outcome.reallocated] == [("P-2", 2)]
    assert outcome.missing == 0
    assert (level(uow, house, "A"), buckets(uow, house, "A")) == ((9, 2), {"IN_TOTE": 1, "LOST": 2})
    assert [b.location_code for b in wanted_counts(uow, site_id=house.site)] == ["P-1"]


def test_a_short_pick_that_nobody_can_cover_loses_its_promise(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 1})
    reserve(uow, house, "o1", ("l1", "A", 4))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    outcome = short(uow, house, "P-1", (3, 1), "damaged")
    assert (outcome.reallocated, outcome.missing) == ((), 2)
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((2, 2), {"P-1": (1, 1), "P-2": (1, 1)})
    assert buckets(uow, house, "A") == {"DAMAGED": 2}
    assert "ReservationShorted" not in told(uow)


def test_a_short_pick_takes_the_units_of_other_bins_from_those_who_only_wait(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 4})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    reserve(uow, house, "old", ("l1", "A", 2))
    reserve(uow, house, "new", ("l1", "A", 2))
    outcome = short(uow, house, "P-1", (3, 0))
    assert [(a.location_code, a.quantity) for a in outcome.reallocated] == [("P-2", 3)]
    assert outcome.missing == 0
    shorted = [e.data() for e in uow.emitted if type(e).__name__ == "ReservationShorted"]
    assert [(s["reference"], s["quantity"]) for s in shorted] == [("new", 2), ("old", 1)]
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((4, 4), {"P-2": (4, 3)})


def test_a_short_pick_leaves_others_what_lies_aside_for_them(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 2, "P-2": 4})
    reserve(uow, house, "o1", ("l1", "A", 2))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    reserve(uow, house, "waiting", ("l1", "A", 2))
    reserve(uow, house, "newest", ("l1", "A", 2))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="newest")
    short(uow, house, "P-1", (2, 0))
    shorted = [e.data() for e in uow.emitted if type(e).__name__ == "ReservationShorted"]
    assert [(s["reference"], s["quantity"]) for s in shorted] == [("waiting", 2)]


def test_a_short_pick_needs_a_reason_and_fewer_units(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3})
    reserve(uow, house, "o1", ("l1", "A", 3))
    before = everything(uow)
    with pytest.raises(Invalid):
        short(uow, house, "P-1", (3, 1), " ")
    with pytest.raises(Invalid):
        short(uow, house, "P-1", (3, 3))
    assert everything(uow) == before


def test_stock_counted_below_the_promises_shorts_the_newest(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 6})
    reserve(uow, house, "old", ("l1", "A", 3))
    reserve(uow, house, "new", ("l1", "A", 3))
    allocate_orders(uow, site_id=house.site, order_ids=[(house.tenant, "old"), (house.tenant, "new")])
    adjust(uow, house, "P-1", -2, "broken")
    shorted = [e.data() for e in uow.emitted if type(e).__name__ == "ReservationShorted"]
    assert [(s["reference"], s["line_id"], s["quantity"]) for s in shorted] == [("new", "l1", 2)]
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((4, 4), {"P-1": (4, 4)})


def test_an_adjusted_bin_gives_its_orders_other_bins(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 9})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    adjust(uow, house, "P-1", -2, "broken")
    assert bins(uow, house, "A") == {"P-1": (1, 1), "P-2": (9, 2)}


def test_found_units_come_back_from_lost_first(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3})
    adjust(uow, house, "P-1", -2, "gone")
    adjust(uow, house, "P-1", 5)
    assert (level(uow, house, "A"), buckets(uow, house, "A")) == ((6, 0), {})


def test_an_adjustment_beyond_the_bin_changes_nothing(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3})
    before = everything(uow)
    for at, delta, reason in (("P-1", -4, "gone"), ("P-2", -1, "gone"), ("P-1", -1, ""), ("P-1", 0, "x")):
        with pytest.raises(Refusal):
            adjust(uow, house, at, delta, reason)
    assert everything(uow) == before


def test_a_count_corrects_the_book_and_opens_the_bin(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 3})
    reserve(uow, house, "o1", ("l1", "A", 3))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    short(uow, house, "P-1", (3, 1))
    difference = count_bin(
        uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["A"], location_code="P-1", counted=3
    )
    assert difference == 2
    assert (wanted_counts(uow, site_id=house.site), buckets(uow, house, "A")) == ([], {})


def test_units_put_back_are_free_for_others(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3})
    reserve(uow, house, "o1", ("l1", "A", 3))
    pick(uow, house, "o1", "P-1", 3)
    put_back_stock(
        uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", line_id="l1", item_id=house.items["A"],
        location_code="P-3", quantity=2, reason="cancelled",
    )  # fmt: skip
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((2, 0), {"P-3": (2, 0)})
    with pytest.raises(NotEnoughInBucket):
        pack_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1", lines=[(house.items["A"], 2)])


def test_returned_units_are_stock_only_once_restocked(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-2": 1})
    where = {"tenant_id": house.tenant, "site_id": house.site, "item_id": house.items["A"], "reference": "rma_1"}
    receive_return(uow, **where, quantity=3)
    assert (level(uow, house, "A"), buckets(uow, house, "A")) == ((1, 0), {"RETURN_RECEIVED": 3})
    assert restock_return(uow, **where, quantity=2) == "P-2"
    discard_return(uow, **where, quantity=1)
    assert (bins(uow, house, "A"), buckets(uow, house, "A")) == ({"P-2": (3, 0)}, {"DAMAGED": 1})
    with pytest.raises(NotEnoughInBucket):
        restock_return(uow, **where, quantity=1)


def test_deallocated_orders_keep_their_promise(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3})
    reserve(uow, house, "o1", ("l1", "A", 2))
    allocate_stock(uow, tenant_id=house.tenant, site_id=house.site, order_id="o1")
    assert deallocate_stock(uow, tenant_id=house.tenant, order_id="o1") == 2
    assert (level(uow, house, "A"), bins(uow, house, "A")) == ((3, 2), {"P-1": (3, 0)})


def test_unknown_items_and_places_are_refused(uow: UnitOfWork, house: Warehouse) -> None:
    before = everything(uow)
    place = {"tenant_id": house.tenant, "site_id": house.site, "quantity": 1, "reference": ""}
    with pytest.raises(UnknownItem):
        receive_stock(uow, **place, item_id="itm_none", location_code="P-1")
    with pytest.raises(UnknownLocation):
        receive_stock(uow, **place, item_id=house.items["A"], location_code="nowhere")
    assert everything(uow) == before


def test_a_barcode_may_mean_several_items(uow: UnitOfWork, house: Warehouse) -> None:
    for sku in ("A", "B"):
        create_item(
            uow, tenant_id=house.tenant, sku=sku, name=sku, weight_g=1, length_mm=1, width_mm=1, height_mm=1,
            gtins=["4006381333931"],
        )  # fmt: skip
    for scan in ("4006381333931", "04006381333931", "]C10104006381333931"):
        assert [i.sku for i in resolve_barcode(uow, code=scan, tenant_id=house.tenant)] == ["A", "B"]
    assert [i.sku for i in resolve_barcode(uow, code="B", site_id=house.site)] == ["B"]
    assert resolve_barcode(uow, code="4006381333932", tenant_id=house.tenant) == []


def test_availability_counts_all_sites_and_leaves_unknown_skus_out(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 5})
    other = build(uow, site="BER")
    stock(uow, other, A={"P-1": 2})
    reserve(uow, house, "o1", ("l1", "A", 1))
    found = availability(uow, tenant_id=house.tenant, skus=["B", "nope", "A"])
    assert [(a.sku, a.on_hand, a.reserved, a.available, len(a.by_site)) for a in found] == [
        ("B", 0, 0, 0, 0),
        ("A", 7, 1, 6, 2),
    ]


def test_items_are_found_page_by_page(uow: UnitOfWork) -> None:
    house = build(uow, skus=tuple(f"S{n}" for n in range(5)))
    first = find_items(uow, tenant_id=house.tenant, limit=3)
    second = find_items(uow, tenant_id=house.tenant, limit=3, cursor=first.next or "")
    assert [i.sku for i in (*first.items, *second.items)] == ["S0", "S1", "S2", "S3", "S4"]
    assert second.next is None
    assert [i.sku for i in find_items(uow, search="thing s4").items] == ["S4"]
    assert find_items(uow, search="%").items == ()


def test_another_tenant_sees_and_changes_nothing(uow: UnitOfWork, database: Connection) -> None:
    house = build(uow)
    stock(uow, house, A={"P-1": 5})
    reserve(uow, house, "o1", ("l1", "A", 1))
    stranger = Actor("x", Role.MERCHANT, tenant="mer_other")
    uow.session.flush()
    uow.session.connection().exec_driver_sql("select set_config('app.tenant', 'mer_other', true)")
    blind = UnitOfWork(uow.session, stranger, NOW)
    assert {table: rows for table, rows in everything(blind).items() if rows} == {}
    assert availability(blind, tenant_id=house.tenant, skus=["A"]) == []
    outcome = reserve(blind, house, "o2", ("l1", "A", 1))
    assert (outcome.reserved, outcome.short) == ({}, {"l1": 1})
    assert release_stock(blind, tenant_id=house.tenant, order_id="o1", reason="x") == 0
    with pytest.raises(UnknownItem):
        item_stock(blind, house.items["A"])
    uow.session.connection().exec_driver_sql("select set_config('app.tenant', '*', true)")
    assert level(uow, house, "A") == (5, 1)


def test_a_counter_changed_around_the_ledger_is_found(uow: UnitOfWork, house: Warehouse) -> None:
    """saleor#9308: a stored total was away from the rows it sums up, and nobody was told."""
    stock(uow, house, A={"P-1": 3}, B={"P-1": 3})
    reserve(uow, house, "o1", ("l1", "A", 1))
    assert find_drift(uow) == 0
    uow.session.execute(text("update stock_level set on_hand = 4 where item_id = :i"), {"i": house.items["A"]})
    assert find_drift(uow) == 1
    found = uow.emitted[-1].data()
    assert (found["item_id"], found["counter"], found["quantity"], found["ledger"]) == (
        house.items["A"], "on_hand", 4, 3,
    )  # fmt: skip
    (drift,) = find_drifts(uow, item_id=house.items["A"])
    assert (drift.counter, drift.counted, drift.ledger, drift.agreed_at) == ("on_hand", 4, 3, NOW)
    assert find_drift(uow) == 0, "it is told once"
    assert uow.session.scalar(text("select count(*) from stock_drift")) == 1
    uow.session.execute(text("update stock_level set on_hand = 3 where item_id = :i"), {"i": house.items["A"]})
    assert find_drift(uow) == 0
    assert uow.session.scalar(text("select count(*) from stock_drift")) == 0


def test_a_difference_names_the_movement_that_fits_it(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3, "P-2": 9})
    uow.now = NOW + timedelta(hours=1)
    assert find_drift(uow) == 0
    uow.now = NOW + timedelta(hours=2)
    stock(uow, house, A={"P-1": 7})
    stock(uow, house, A={"P-1": 4})
    stock(uow, house, A={"P-2": 4})
    uow.session.execute(text("update bin_stock set quantity = quantity - 4 where quantity = 14"))
    assert find_drift(uow) == 1
    (drift,) = find_drifts(uow)
    assert (drift.counter, drift.place, drift.counted, drift.ledger) == ("bin", "P-1", 10, 14)
    assert [(s.movement.to_location, s.movement.quantity, s.fits) for s in drift.suspects] == [
        ("P-1", 4, True), ("P-1", 7, False),
    ]  # fmt: skip
    uow.session.execute(text("update bin_stock set quantity = quantity + 4 where quantity = 10"))


def test_every_level_has_its_turn(uow: UnitOfWork, house: Warehouse) -> None:
    stock(uow, house, A={"P-1": 3}, B={"P-1": 3})
    uow.session.execute(text("update stock_level set on_hand = on_hand + 1"))
    assert sorted(find_drift(uow, turn=turn, turns=7) for turn in range(7, 14))[-2:] in ([1, 1], [0, 2])
    assert uow.session.scalar(text("select count(*) from stock_drift")) == 2
    uow.session.execute(text("update stock_level set on_hand = on_hand - 1"))
    assert [find_drift(uow, turn=turn, turns=7) for turn in range(7)] == [0] * 7
    assert uow.session.scalar(text("select count(*) from stock_drift")) == 0

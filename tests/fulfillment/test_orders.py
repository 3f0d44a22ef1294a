from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h


def test_an_order_is_reserved_and_promised_in_the_same_transaction(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5}, B={"A-01-02-1": 5})

        order = h.order(uow, house, ("A", 2), ("B", 1))

        assert (order.state, order.promised_on, order.goods_minor) == ("PROMISED", date(2026, 11, 27), 3_000)
        assert [line.units.promised for line in order.lines] == [2, 1]
        assert (order.next_step, order.next_step_owner) == ("Release to the floor", "manager")
        assert h.told(uow) == ["OrderPlaced", "OrderPromised"]
        assert order == api.get_order(uow, order.id)
        assert h.broken_invariants(uow) == []


def test_two_lines_of_one_item_share_one_stock_check(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})

        whole = h.order(uow, house, ("A", 3), ("A", 3))
        split = h.order(uow, house, ("A", 3), ("A", 3), split_policy="split")

        assert (whole.state, whole.units.promised) == ("BACKORDERED", 0)
        assert (split.state, split.units.promised, split.units.backordered) == ("PARTIALLY_BACKORDERED", 5, 1)


def test_the_same_order_again_is_the_same_order(database: Connection) -> None:
    """medusajs/medusa#5198: an order that reached the shop twice had its units reserved twice."""
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        first = h.order(uow, house, ("A", 2), number="10482")
        told = len(uow.emitted)

        again = h.order(uow, house, ("A", 2), number="10482")

        assert again.id == first.id
        assert len(uow.emitted) == told
        (stock,) = inventory.availability(uow, tenant_id=house.tenant, skus=["A"])
        assert (stock.reserved, stock.available) == (2, 3)


def test_another_order_under_the_same_number_is_refused(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        first = h.order(uow, house, ("A", 2), number="10482")

        with pytest.raises(api.DuplicateOrder) as refused:
            h.order(uow, house, ("A", 3), number="10482")

        assert refused.value.facts["order_id"] == first.id
        assert h.units(uow, first.id) == {"ordered": 2, "promised": 2}


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"lines": (api.LineDraft("A", 0, 1),)}, "/lines/0/quantity"),
        ({"lines": (api.LineDraft("A", -3, 1),)}, "/lines/0/quantity"),
        ({"lines": (api.LineDraft("A", 10**12, 1),)}, "/lines/0/quantity"),
        ({"lines": (api.LineDraft("A", 1, -1),)}, "/lines/0/unit_price_minor"),
        ({"lines": (api.LineDraft("NOPE", 1, 1),)}, "/lines/0/sku"),
        ({"lines": ()}, "/lines"),
        ({"lines": (api.LineDraft("A", 1, 1),) * 501}, "/lines"),
        ({"currency": "USD"}, "/currency"),
        ({"currency": "euro"}, "/currency"),
        ({"promised_on": date(2020, 1, 1)}, "/promised_on"),
        ({"promised_on": date(2050, 1, 1)}, "/promised_on"),
        ({"placed_at": h.NOW + timedelta(days=3)}, "/placed_at"),
        ({"placed_at": h.NOW.replace(tzinfo=None)}, "/placed_at"),
        ({"note": "a\x00b"}, "/note"),
        ({"note": "x" * 2_001}, "/note"),
        ({"customer": api.CustomerDraft(name="a\x07")}, "/customer/name"),
        ({"customer": api.CustomerDraft(name="\ud800")}, "/customer/name"),
        ({"ship_to": api.Address("A", "S", "C", "1", "Germany")}, "/ship_to/country"),
        ({"split_policy": "maybe"}, "/split_policy"),
        ({"shipping_minor": -1}, "/shipping_minor"),
    ],
)
def test_impossible_values_are_refused_by_field(database: Connection, wrong: dict[str, object], pointer: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)

        with pytest.raises(Invalid) as refused:
            h.order(
                uow,
                house,
                **({"number": "1"} | ({} if "lines" in wrong else {"lines": (api.LineDraft("A", 1, 1),)}) | wrong),
            )

        assert [error.pointer for error in refused.value.errors] == [pointer]
        assert h.told(uow) == []
        assert api.find_orders(uow, api.OrderFilter()).items == ()


def test_each_order_of_a_batch_stands_on_its_own(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        good, bad = h.draft(("A", 1)), h.draft(("NOPE", 1))

        results = api.place_orders(uow, tenant_id=house.tenant, drafts=[bad, good, good])

        assert [(r.created, r.order is not None, r.problem is not None) for r in results] == [
            (False, False, True), (True, True, False), (False, True, False),
        ]  # fmt: skip
        assert h.told(uow) == ["OrderPlaced", "OrderPromised"]


def test_a_defective_order_is_kept_on_hold(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)

        order = h.order(uow, house, flags=("no_lines",))

        assert (order.state, order.next_step_owner, order.holds[0].kind) == ("ON_HOLD", "service", "data")
        assert h.told(uow) == ["OrderPlaced", "OrderFlagged", "OrderHeld"]
        assert h.broken_invariants(uow) == []


def test_backorders_are_promised_oldest_first_when_stock_arrives(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        newer = h.order(uow, house, ("A", 2), promised_on=None)
        older = h.order(uow, house, ("A", 2), promised_on=None, placed_at=h.NOW - timedelta(hours=1))
        told = len(uow.emitted)

        h.stock(uow, house, A={"A-01-01-1": 3})
        h.deliver(uow, uow.emitted[told:])

        assert (h.state(uow, older.id), h.state(uow, newer.id)) == ("PROMISED", "BACKORDERED")
        assert h.told(uow)[-1] == "OrderPromised"
        assert api.get_order(uow, older.id).promised_on is not None
        assert h.broken_invariants(uow) == []


@pytest.mark.parametrize(
    "search", ["W-77", "w-7", "kov", "ANA kovač", "ana@example.com", "0170 1234567", "+49 170 123", "#W-77"]
)
def test_service_finds_an_order_by_what_people_say(database: Connection, search: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        wanted = h.order(uow, house, ("A", 1), number="W-77")
        someone = api.CustomerDraft("c-2", "Bob Ray", "bob@example.org", "0301112223")
        h.order(
            uow, house, ("A", 1), number="X-1", customer=someone, ship_to=api.Address("Bob Ray", "S", "C", "1", "DE")
        )
        uow.session.flush()

        found = api.find_orders(uow, api.OrderFilter(search=search))

        assert [row.id for row in found.items] == [wanted.id]


def test_lists_go_on_where_they_stopped(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        made = [h.order(uow, house, ("A", 1), placed_at=h.NOW - timedelta(minutes=n)).id for n in range(5)]
        uow.session.flush()

        for sort in ("newest", "due"):
            seen: list[str] = []
            cursor = None
            while True:
                page = api.find_orders(uow, api.OrderFilter(), sort=sort, cursor=cursor, limit=2)
                seen += [row.id for row in page.items]
                cursor = page.next
                if cursor is None:
                    break
            assert sorted(seen) == sorted(made)
            if sort == "newest":
                assert seen == made


def test_another_merchant_sees_no_order(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        order = h.order(uow, house, ("A", 1))
    with transaction(house.rival(), now=h.NOW) as uow:
        assert api.find_orders(uow, api.OrderFilter(search="kov")).items == ()
        with pytest.raises(Exception, match="no such order"):
            api.get_order(uow, order.id)
        with pytest.raises(Exception, match="no such order"):
            api.cancel_order(uow, tenant_id=house.tenant, order_id=order.id, reason="mine")


def test_a_tracking_token_opens_its_order_only(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        order = h.order(uow, house, ("A", 1))
        uow.session.flush()

        assert api.resolve_tracking_token(uow, api.tracking_token(order.id)) == (house.tenant, order.id)
        assert api.resolve_tracking_token(uow, "0" * 40) is None


def test_holds_stop_an_order_until_the_last_is_released(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 5})
        order = h.order(uow, house, ("A", 1))
        uow.session.flush()
        about = {"tenant_id": house.tenant, "order_id": order.id}
        holds = [api.hold_order(uow, **about, kind="fraud", reason=f"look {n}") for n in (1, 2)]
        assert h.state(uow, order.id) == "ON_HOLD"

        left = [api.release_hold(uow, **about, hold_id=hold, reason="fine") for hold in (holds[0], holds[0], holds[1])]

        assert left == [1, 1, 0]
        assert h.state(uow, order.id) == "PROMISED"
        assert h.told(uow)[-4:] == ["OrderHeld", "OrderHeld", "HoldReleased", "HoldReleased"]
        assert h.broken_invariants(uow) == []

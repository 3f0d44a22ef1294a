from collections import Counter
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.layout_compiler import compile_layout
from fulfillment.domain.wave_choice import choose_together
from fulfillment.planning.choosing import Proposals, propose_picks
from fulfillment.releasing.release_orders import release_due
from inventory import api as inventory
from inventory.domain.bins import choose_bins, follow_proposal
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h
from tests.plugin.examples import examples

LAYOUT = compile_layout(api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2))
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
DAYS = (None, date(2027, 1, 1), date(2027, 2, 1))


@st.composite
def choices(draw: st.DrawFn) -> inventory.StockChoice:
    codes = st.sampled_from([*sorted(LAYOUT.stands)[:12], "NOT-DRAWN"])
    bins, wanted, cases = {}, {}, {}
    for number in range(draw(st.integers(1, 3))):
        item = "mer", f"itm{number}"
        held = [
            inventory.Bin(code, code, draw(st.sampled_from(["pick", "bulk"])), draw(st.integers(1, 9)), 0,
                          frozen=draw(st.integers(0, 5)) == 0, lot=lot, expires_on=day)
            for code in draw(st.sets(codes, min_size=1, max_size=5))
            for lot, day in [(f"L{n}", DAYS[n]) for n in draw(st.sets(st.integers(0, 2), min_size=1, max_size=2))]
        ]  # fmt: skip
        left = sum(b.free for b in held)
        for order in range(3):
            if left and (units := draw(st.integers(0, left))):
                wanted["mer", f"ord{order}", f"lin{number}", item[1]] = units
                left -= units
        bins[item] = held
        if draw(st.booleans()):
            cases[item] = (3,)
    return inventory.StockChoice(wanted, bins, cases)


def by_rank(chosen: list[tuple[inventory.Bin, int]]) -> Counter[tuple[object, str]]:
    units: Counter[tuple[object, str]] = Counter()
    for found, taken in chosen:
        units[found.expires_on, found.kind] += taken
    return units


def propose(choice: inventory.StockChoice) -> Proposals:
    orders = sorted({line[:2] for line in choice.wanted})
    return propose_picks(LAYOUT, choice, [orders], totes=2, is_over=lambda: False)


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(choices())
def test_a_proposal_takes_what_the_rules_allow_in_its_order(choice: inventory.StockChoice) -> None:
    proposals = propose(choice)

    assert set(proposals) == set(choice.wanted)
    assert propose(choice) == proposals
    bins = {item: list(held) for item, held in choice.bins.items()}
    for line, picks in proposals.items():
        item, units = (line[0], line[3]), choice.wanted[line]
        held, cases = bins[item], choice.cases.get(item, ())
        followed = follow_proposal(held, units, picks, cases)
        assert followed is not None
        assert by_rank(followed) == by_rank(choose_bins(held, units, cases))
        taken = {found.key: n for found, n in followed}
        bins[item] = [replace(b, allocated=b.allocated + taken.get(b.key, 0)) for b in held]
        assert all(b.allocated <= b.quantity for b in bins[item])


def test_whole_cases_come_out_of_bulk_and_the_rest_from_the_face() -> None:
    face = inventory.Bin("F", "A-01-01-1", "pick", 40, 0, frozen=False)
    bulk = inventory.Bin("B", "A-01-02-1", "bulk", 30, 0, frozen=False)

    assert choose_bins([face, bulk], 29, [12]) == [(bulk, 24), (face, 5)]
    assert choose_bins([face, bulk], 11, [12]) == [(face, 11)]
    dated = replace(face, expires_on=date(2027, 1, 1))
    assert choose_bins([dated, bulk], 44, [12]) == [(dated, 40), (bulk, 4)]


def test_of_equal_walks_one_that_empties_bins_is_taken() -> None:
    same_stand = {"A-01-03-1": 5, "A-01-03-2": 0}

    chosen = choose_together(LAYOUT, {"far": {"C-03-06-1": 0}, "near": same_stand | {"B-02-03-1": 0}})

    assert LAYOUT.stands["A-01-03-1"] == LAYOUT.stands["A-01-03-2"]
    assert chosen["near"] in ("A-01-03-2", "B-02-03-1")


def proposals_now(uow: UnitOfWork, house: h.House) -> Proposals:
    keys = [(house.tenant, order.id) for order in api.find_orders(uow, api.OrderFilter()).items]
    return propose(inventory.stock_choice(uow, site_id=house.site, order_ids=keys))


def test_a_proposal_gathers_the_picks_and_what_is_stale_falls_back(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"C-03-06-1": 4, "A-01-02-1": 9}, B={"A-01-02-2": 5}, C={"C-03-05-1": 2, "A-01-01-2": 7})
        order = h.order(uow, house, ("A", 2), ("B", 1), ("C", 1))
        uow.session.flush()
        proposals = proposals_now(uow, house)
        assert {pick.location_code for picks in proposals.values() for pick in picks} == {
            "A-01-02-1", "A-01-02-2", "A-01-01-2",
        }  # fmt: skip
        inventory.adjust_stock(
            uow, tenant_id=house.tenant, site_id=house.site, item_id=house.items["C"], location_code="A-01-01-2",
            delta=-7, reason="lost",
        )  # fmt: skip

        released = release_due(uow, site_id=house.site, proposals=proposals)
        uow.session.flush()
        (batch_id,) = api.plan_batches(uow, site_id=house.site)

        assert [decision.released for decision in released] == [True]
        assert h.units(uow, order.id) == {"ordered": 4, "allocated": 4}
        places = {task.sku: task.location_code for task in api.work_package(uow, batch_id).tasks}
        assert places == {"A": "A-01-02-1", "B": "A-01-02-2", "C": "C-03-05-1"}
        assert h.broken_invariants(uow) == []

"""Slotting: what the walks that were made teach, measured by the router; what a lead accepts, and what went stale."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text

from fulfillment import api
from fulfillment.domain.layout import Depot, GridLayout, Stand
from fulfillment.domain.routing.routes import find_route
from fulfillment.domain.slotting import Home, ItemKey, PastWalk, Proposal, Question, payback_days, propose
from fulfillment.jobs import work_out_slotting
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h
from tests.fulfillment.grids import grid

pytestmark = pytest.mark.thorough

FAR, NEAR, BACK = "C-03-06-1", "B-02-01-1", "A-01-06-1"


def floor() -> GridLayout:
    """Three aisles of one block, ten places each; the depot stands before the middle one."""
    stands = {f"{'ABC'[column]}{n}": Stand(column, 1_000 * n) for column in range(3) for n in range(1, 11)}
    return grid((0, 10_000, 20_000), (0, 11_000), stands, Depot((10_000, -1_000), 10_000, 0, 1_000))


def key(name: str) -> ItemKey:
    return "mer", name


def question(walks: list[list[set[str]]], homes: dict[str, str], **other: object) -> Question:
    past = [PastWalk(tuple(frozenset(map(key, order)) for order in walk)) for walk in walks]
    lying = {key(name): Home(code, 10) for name, code in homes.items()}
    empty = [code for code in floor().stands if code not in homes.values()]
    asked = Question(floor(), past, lying, empty, lambda *_: True, days=1, most=10, payback_days=365)
    return replace(asked, **other)  # type: ignore[arg-type]


def answer(asked: Question) -> Proposal:
    *_, found = propose(asked)
    assert isinstance(found, Proposal)
    return found


def walked(walks: list[list[set[str]]], homes: dict[str, str]) -> int:
    """Measure walks without the search: each by the router, from where its items lie."""
    return sum(find_route(floor(), {homes[name] for order in walk for name in order}).length_mm for walk in walks)


def test_what_a_plan_saves_is_what_the_router_measures_before_and_after() -> None:
    walks = [[{"hot", "mate"}]] * 6 + [[{"hot"}], [{"cold"}], [{"mate", "cold"}]]
    homes = {"hot": "A10", "mate": "C9", "cold": "B1", "never": "B2"}

    found = answer(question(walks, homes))

    after = dict(homes)
    for change in found.changes:
        after |= {name: code for (_, name), code in change.places}
    assert (found.before_mm, found.after_mm) == (walked(walks, homes), walked(walks, after))
    assert found.before_mm - found.after_mm == sum(change.saved_mm for change in found.changes) > 100_000
    assert {after["hot"][0], after["mate"][0]} == {"B"}
    moved = [item for change in found.changes for item, _ in change.places]
    assert len(moved) == len(set(moved)), "no item is in two changes"
    assert answer(question(walks, homes)) == found


def test_items_swap_where_no_place_is_free_and_only_where_both_fit() -> None:
    walks, homes = [[{"hot"}]] * 5 + [[{"cold"}]], {"hot": "A10", "cold": "B1"}

    swapped = answer(question(walks, homes, empty=[]))
    refused = answer(question(walks, homes, empty=[], fits=lambda item, _: item == key("hot")))

    assert [change.places for change in swapped.changes] == [((key("hot"), "B1"), (key("cold"), "A10"))]
    assert (refused.changes, refused.after_mm) == ((), refused.before_mm)


def test_a_change_that_does_not_pay_for_its_moving_in_time_is_not_proposed() -> None:
    walks, homes = [[{"hot"}]], {"hot": "B5"}

    (change,) = answer(question(walks, homes)).changes
    days = payback_days(change.saved_mm, change.move_seconds, 1)

    assert change.saved_mm == 8_000, "four meters less each way"
    assert (change.move_mm, change.move_seconds) == (8_000, 8 + 24 + 20)
    assert days == pytest.approx(52 / (8_000 / 1_100))
    assert answer(question(walks, homes, payback_days=7)).changes == ()


@pytest.fixture
def house(database: Connection) -> Iterator[h.House]:
    """A and C were picked on each of three walks, at the far ends; B with them, beside the packing."""
    with transaction(system(), now=h.NOW) as uow:
        built = h.build(uow)
        h.stock(uow, built, A={FAR: 9}, B={NEAR: 9}, C={BACK: 9})
    for _ in range(3):
        with transaction(system(), now=h.NOW) as uow:
            h.order(uow, built, ("A", 1), ("B", 1))
            h.order(uow, built, ("C", 1))
            uow.session.flush()
            h.to_floor(uow, built)
        with transaction(built.picker(), now=h.NOW) as uow:
            h.pick_all(uow, built)
    yield built
    with transaction(system(), now=h.NOW) as uow:
        assert h.broken_invariants(uow) == []


def plan_of(house: h.House) -> api.SlottingView:
    with transaction(house.manager(), now=h.NOW) as uow:
        plan_id = api.ask_slotting(uow, site_id=house.site, days=365, payback_days=365)
        with pytest.raises(api.SlottingUnderWay):
            api.ask_slotting(uow, site_id=house.site)
    work_out_slotting()
    with transaction(house.manager(), now=h.NOW) as uow:
        return api.get_slotting_plan(uow, plan_id)


def moves(uow: UnitOfWork, house: h.House) -> list[tuple[str, str, str, int]]:
    found = inventory.find_moves(uow, site_id=house.site, cause="reslot").items
    return [(each.sku, each.from_code, each.to_code, each.quantity) for each in found]


def test_an_accepted_change_becomes_a_move_and_the_rule_of_its_new_face(house: h.House) -> None:
    with transaction(house.manager(), now=h.NOW) as uow:
        rule = inventory.FaceRule(house.items["A"], FAR, 2, 20)
        inventory.set_forward_picks(uow, tenant_id=house.tenant, site_id=house.site, rules=[rule])

    plan = plan_of(house)

    assert (plan.head.state, plan.head.walks, plan.head.walked_days) == ("ready", 3, 1)
    assert plan.head.after_mm < plan.head.before_mm
    (change,) = [each for each in plan.changes if each.moves[0].sku == "A"]
    (move,) = change.moves
    assert (move.from_code, move.units, move.together, change.stale) == (FAR, 6, ("B",), "")
    with transaction(house.manager(), now=h.NOW) as uow:
        done = api.accept_slotting(uow, plan_id=plan.head.id, numbers=[change.number])
        assert (done.accepted, done.refused) == ((change.number,), ())
        assert moves(uow, house) == [("A", FAR, move.to_code, 6)]
        faces = inventory.find_forward_picks(uow, site_id=house.site).items
        assert [(f.sku, f.location_code, f.min_units, f.max_units) for f in faces] == [("A", move.to_code, 2, 20)]
        with pytest.raises(Invalid):
            api.accept_slotting(uow, plan_id=plan.head.id, numbers=[change.number])


def test_a_stale_change_is_refused_alone_and_nothing_of_it_is_done(house: h.House) -> None:
    plan = plan_of(house)
    assert len(plan.changes) >= 2
    gone, stays = plan.changes[:2]
    with transaction(house.manager(), now=h.NOW) as uow:
        first = gone.moves[0]
        h.stock(uow, house, **{first.sku: {first.from_code: 40}})
    with transaction(house.manager(), now=h.NOW) as uow:
        seen = api.get_slotting_plan(uow, plan.head.id).changes
        assert "units lie in" in seen[0].stale
        assert seen[1].stale == ""
        done = api.accept_slotting(uow, plan_id=plan.head.id)
        assert (gone.number in done.accepted, stays.number in done.accepted) == (False, True)
        assert [each.number for each in done.refused] == [gone.number]
        assert first.sku not in {sku for sku, *_ in moves(uow, house)}
    with transaction(house.manager(), now=h.NOW) as uow:
        before = uow.session.execute(text("select * from forward_pick order by 1, 2, 3")).all()
        with pytest.raises(api.SlottingStale):
            api.accept_slotting(uow, plan_id=plan.head.id)
        assert uow.session.execute(text("select * from forward_pick order by 1, 2, 3")).all() == before


def test_a_plan_is_the_leads_and_shows_nobody_else_whose_goods_move(house: h.House) -> None:
    plan = plan_of(house)
    for stranger in (house.shop(), house.rival()):
        with transaction(stranger, now=h.NOW) as uow:
            assert len(uow.session.execute(text("select * from slotting_move")).all()) == (
                len(plan.changes) if stranger == house.shop() else 0
            )
    elsewhere = replace(house.manager(), site="sit_elsewhere")
    with transaction(elsewhere, now=h.NOW) as uow:
        for command in (api.get_slotting_plan, api.accept_slotting):
            with pytest.raises(api.UnknownPlan):
                command(uow, plan_id=plan.head.id, site_id=elsewhere.site)
        assert uow.session.execute(text("select 1 from slotting_move")).all() == []

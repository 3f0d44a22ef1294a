from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from fulfillment import api
from fulfillment.domain.strain import Strain, StrainLimits, rank_walks
from fulfillment.models import PickBatch
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h
from tests.plugin.databases import FreshDatabase

pytestmark = pytest.mark.thorough

ANY = StrainLimits()
LIGHT, HEAVY = Strain(weight_g=5_000, lines=2), Strain(weight_g=90_000, bends=12, lines=20)
WALKS = {"heavy": HEAVY, "light": LIGHT}


def test_who_lifted_more_gets_the_lighter_walk() -> None:
    assert rank_walks(WALKS, HEAVY, [LIGHT], ANY) == ["light", "heavy"]
    assert rank_walks(WALKS, LIGHT, [HEAVY], ANY) == ["heavy", "light"]
    assert rank_walks(WALKS, LIGHT, [], ANY) == ["heavy", "light"]


def test_a_walk_beyond_the_limit_is_not_offered() -> None:
    assert rank_walks(WALKS, LIGHT, [HEAVY], StrainLimits(weight_g=50_000)) == ["light"]
    assert rank_walks(WALKS, Strain(bends=1), [], StrainLimits(bends=12)) == ["light"]
    assert rank_walks(WALKS, HEAVY, [], StrainLimits(weight_g=90_000)) == []
    walks = {"high": Strain(reaches=9, walked_mm=100_000), "far": Strain(reaches=1, walked_mm=900_001)}
    assert rank_walks(walks, Strain(reaches=1), [], StrainLimits(reaches=9)) == ["far"]
    assert rank_walks(walks, Strain(walked_mm=100_000), [], StrainLimits(walked_m=1_000)) == ["high"]


@given(st.lists(st.integers(1_000, 60_000), min_size=40, max_size=120), st.integers(2, 6))
def test_loads_draw_level(weights: list[int], people: int) -> None:
    walks = {f"w{n:03}": Strain(weight_g=weight) for n, weight in enumerate(weights)}
    done = [Strain() for _ in range(people)]
    for turn in range(len(weights)):
        me = turn % people
        open_walks = dict(list(walks.items())[:12])
        chosen = rank_walks(open_walks, done[me], done[:me] + done[me + 1 :], ANY)[0]
        done[me] += walks.pop(chosen)

    loads = [strain.weight_g for strain in done]
    # Turns differ by one walk, and the last ones can only be taken as they are.
    assert max(loads) <= sum(loads) / people + 2 * max(weights)


def two_walks(uow: UnitOfWork, quantities: tuple[int, int] = (1, 30)) -> h.House:
    """Return a house with walks of very different weight, planned in turn: a cart takes twelve totes."""
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 500}, B={"A-01-02-2": 500})
    for quantity in quantities:
        for _ in range(12):
            h.order(uow, house, ("A" if quantity > 1 else "B", quantity))
        uow.session.flush()
        h.to_floor(uow, house)
    return house


def test_a_picker_gets_the_walk_that_levels_the_loads(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = two_walks(uow)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        first = api.claim_batch(uow, site_id=house.site)
        api.hand_over_batch(uow, batch_id=first.batch_id)
        heavy = max(t.quantity for t in first.tasks) == 30
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        api.claim_batch(uow, site_id=house.site, batch_id=first.batch_id)
        strain = api.strain_of_people(uow, site_id=house.site)["usr_ana"]
    assert strain.lines == 12
    assert strain.weight_g == 12 * 200 * (30 if heavy else 1)
    assert strain.bends == (12 if heavy else 0)


def test_the_limit_of_a_shift_is_kept_and_told(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = two_walks(uow)
        api.set_strain_limits(uow, site_id=house.site, limits=StrainLimits(weight_g=3_000))
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        work = api.claim_batch(uow, site_id=house.site)
        assert {task.quantity for task in work.tasks} == {1}
        for slot in work.slots:
            api.bind_tote(uow, batch_id=work.batch_id, slot=slot.slot, tote=f"L-{slot.slot}")
        uow.session.flush()
        for task in api.work_package(uow, work.batch_id).tasks:
            h.pick(uow, task)
        api.finish_picking(uow, batch_id=work.batch_id)
        with pytest.raises(api.NothingToPick, match="one shift"):
            api.claim_batch(uow, site_id=house.site)
    with transaction(system(), now=h.NOW) as uow:
        (waiting,) = api.find_batches(uow, site_id=house.site, states=("DRAFT",))
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        assert api.claim_batch(uow, site_id=house.site, batch_id=waiting.id).lines == 12


@pytest.mark.parametrize(
    "wrong", [{"weight_g": 0}, {"bends": -1}, {"reach_level": 100}, {"reaches": 0}, {"walked_m": -5}]
)
def test_limits_that_make_no_sense_are_refused(database: Connection, wrong: dict[str, int]) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        with pytest.raises(Invalid):
            api.set_strain_limits(uow, site_id=house.site, limits=StrainLimits(**wrong))
        assert api.strain_limits(uow, house.site) == ANY


@pytest.mark.thorough
def test_a_walk_in_another_hand_is_awaited_rather_than_one_beyond_the_limit(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = two_walks(uow, (30, 1))
        api.set_strain_limits(uow, site_id=house.site, limits=StrainLimits(weight_g=3_000))
        ids = [batch.id for batch in api.find_batches(uow, site_id=house.site)]
        light = min(ids, key=lambda batch_id: max(t.quantity for t in api.work_package(uow, batch_id).tasks))
    held, claimed = Event(), Event()

    def hold() -> None:
        with transaction(system(), now=h.NOW) as uow:
            uow.session.scalars(select(PickBatch).where(PickBatch.id == light).with_for_update()).one()
            held.set()
            assert not claimed.wait(0.3), "the picker did not wait"

    holder = Thread(target=hold)
    holder.start()
    assert held.wait(10)
    with transaction(house.picker("usr_ana"), now=h.NOW) as uow:
        work = api.claim_batch(uow, site_id=house.site)
        claimed.set()
    holder.join()

    assert work.batch_id == light

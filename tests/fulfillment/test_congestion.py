"""Walks that begin where somebody else picks begin elsewhere, if the site wants that, at a price that is told."""

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.walks import resequence_walk
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough

SHARED, BACK = "B-02-01-1", "B-02-11-1"


def two_walks(uow: UnitOfWork, most_mm: int | None, *, own: tuple[str, ...]) -> h.House:
    """Return a house with a walk in the middle aisle that somebody is on, and one over the places `own` that waits."""
    house = h.build(uow)
    h.stock(uow, house, A={SHARED: 1}, B=dict.fromkeys(own, 1), C={BACK: 1})
    if most_mm is not None:
        api.set_most_detour(uow, site_id=house.site, most_mm=most_mm)
    api.set_cart(uow, site_id=house.site, cart=api.CartSettings(1, 48_000_000, 150_000, 1_000))
    h.order(uow, house, ("A", 1), ("C", 1))
    uow.session.flush()
    h.to_floor(uow, house)
    return house


def second_walk(most_mm: int | None, *own: str) -> tuple[list[str], api.BatchSummary]:
    """Return the stops of the second walk, and the walk, once the first is claimed."""
    with transaction(system(), now=h.NOW) as uow:
        house = two_walks(uow, most_mm, own=own)
    with transaction(house.picker(), now=h.NOW) as uow:
        api.claim_batch(uow, site_id=house.site)
    with transaction(system(), now=h.NOW) as uow:
        h.order(uow, house, ("B", len(own)))
        uow.session.flush()
        h.to_floor(uow, house)
    with transaction(house.manager(), now=h.NOW) as uow:
        work = api.claim_batch(uow, site_id=house.site)
        found = next(batch for batch in api.find_batches(uow, site_id=house.site) if batch.id == work.batch_id)
        assert [task.seq for task in work.tasks] == list(range(1, len(own) + 1))
        assert h.broken_invariants(uow) == []
        return [task.location_code for task in work.tasks], found


MIDDLE = "B-02-12-1"
AROUND = ("C-03-02-1", "A-01-10-1", MIDDLE, "A-01-02-1", "C-03-09-1")


def test_the_crowded_aisle_comes_last_at_a_price(database: Connection) -> None:
    stops, batch = second_walk(20_000, *AROUND)
    assert stops[-1] == MIDDLE
    assert (batch.length_mm, batch.congestion_mm) == (53_000, 10_800)


@pytest.mark.parametrize("most_mm", [None, 10_799])
def test_the_shortest_walk_is_walked_where_nobody_wants_such_a_detour(
    database: Connection, most_mm: int | None
) -> None:
    stops, batch = second_walk(most_mm, *AROUND)
    assert stops[2] == MIDDLE
    assert (batch.length_mm, batch.congestion_mm) == (42_200, 0)


@pytest.mark.parametrize("end", ["A-01-02-1", "C-03-02-1"])
def test_a_walk_turns_around_for_nothing(database: Connection, end: str) -> None:
    own = ("B-02-02-1", *(f"{end[:5]}{bay:02d}-1" for bay in (2, 4, 6, 8)))
    stops, batch = second_walk(0, *own)
    assert stops[-1] == "B-02-02-1"
    assert batch.congestion_mm == 0


def test_a_walk_all_in_the_crowded_aisle_stays_as_it_is(database: Connection) -> None:
    stops, batch = second_walk(500_000, "B-02-02-1", "B-02-03-1")
    assert (sorted(stops), batch.congestion_mm) == (["B-02-02-1", "B-02-03-1"], 0)


def on_two_walks(most_mm: int, *own: str) -> tuple[h.House, str]:
    """Return the house and the second walk, with its totes, when both are claimed."""
    with transaction(system(), now=h.NOW) as uow:
        house = two_walks(uow, most_mm, own=own)
    with transaction(house.picker(), now=h.NOW) as uow:
        h.claim(uow, house)
    with transaction(system(), now=h.NOW) as uow:
        h.order(uow, house, ("B", len(own)))
        uow.session.flush()
        h.to_floor(uow, house)
    with transaction(house.manager(), now=h.NOW) as uow:
        return house, h.claim(uow, house).batch_id


def state_of(uow: UnitOfWork, house: h.House, batch_id: str) -> tuple[list[str], int, int]:
    """Return what is left of a walk, its length, and what of that keeps it out of the way of others."""
    found = next(batch for batch in api.find_batches(uow, site_id=house.site) if batch.id == batch_id)
    tasks = api.work_package(uow, batch_id).tasks
    left = [task.location_code for task in tasks if task.state in ("CLAIMED", "SKIPPED")]
    return left, found.length_mm, found.congestion_mm


def test_a_walk_around_what_is_blocked_still_leaves_the_crowded_aisle_for_last(database: Connection) -> None:
    house, batch_id = on_two_walks(30_000, *AROUND)
    with transaction(system(), now=h.NOW) as uow:
        api.block_floor(uow, site_id=house.site, way="X2", start="02", end="03", reason="Scaffold")
        uow.session.flush()
        stops, length_mm, congestion_mm = state_of(uow, house, batch_id)
    assert stops[-1] == MIDDLE
    assert 0 < congestion_mm < length_mm


@pytest.mark.parametrize("picked", [0, 1, 2, 3])
def test_a_skipped_stop_leaves_the_price_of_the_way_as_it_is(database: Connection, picked: int) -> None:
    house, batch_id = on_two_walks(30_000, *AROUND)
    with transaction(house.manager(), now=h.NOW) as uow:
        before, _, price_mm = state_of(uow, house, batch_id)
        tasks = api.work_package(uow, batch_id).tasks
        for task in tasks[:picked]:
            h.pick(uow, task)
        api.skip_task(uow, task_id=tasks[picked].task_id)
        uow.session.flush()
        stops, _, congestion_mm = state_of(uow, house, batch_id)
        assert stops[-1] == before[picked]
        assert stops[-2] == MIDDLE
        assert congestion_mm == price_mm == 10_800
        assert h.broken_invariants(uow) == []


def test_who_has_the_aisle_for_themselves_walks_the_shortest_way_again(database: Connection) -> None:
    house, batch_id = on_two_walks(30_000, *AROUND)
    with transaction(house.picker(), now=h.NOW) as uow:
        for task in api.claim_batch(uow, site_id=house.site).tasks:
            h.pick(uow, task)
    with transaction(system(), now=h.NOW) as uow:
        resequence_walk(uow, batch_id)
        uow.session.flush()
        stops, length_mm, congestion_mm = state_of(uow, house, batch_id)
    assert (length_mm, congestion_mm) == (42_200, 0)
    assert stops[-1] != MIDDLE


def test_a_detour_that_nobody_walks_is_refused(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        for wrong in (-1, 1_000_001):
            with pytest.raises(Invalid):
                api.set_most_detour(uow, site_id=house.site, most_mm=wrong)
        assert api.most_detour_mm(uow, house.site) is None
        api.set_most_detour(uow, site_id=house.site, most_mm=20_000)
        assert api.most_detour_mm(uow, house.site) == 20_000

"""Walks that are passed from zone to zone: one picker a leg, totes handed over, nothing lost on the way."""

from itertools import permutations

import pytest
from sqlalchemy import Connection, select

from fulfillment import api
from fulfillment.commands.hand_over_leg import fetch_totes, hand_over_leg
from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.legs import find_legs, walk_legs, zoned
from fulfillment.models import BatchLeg
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h

LEFT, RIGHT, BEHIND = "A-01-06-1", "C-03-06-1", "A-01-02-1"
ANA, BEN = "usr_ana", "usr_ben"


def build(uow: UnitOfWork, *wanted: tuple[str, int]) -> h.House:
    """Ana picks in zone A, Ben in zone C; A lies in both."""
    house = h.build(uow)
    h.stock(uow, house, A={LEFT: 9}, B={RIGHT: 9}, C={BEHIND: 9, "C-03-02-1": 9})
    api.set_pick_and_pass(uow, site_id=house.site, on=True)
    api.choose_zone(uow, site_id=house.site, user_id=ANA, zone="A")
    api.choose_zone(uow, site_id=house.site, user_id=BEN, zone="C")
    h.order(uow, house, *(wanted or (("A", 2), ("B", 2))))
    uow.session.flush()
    h.to_floor(uow, house)
    return house


def first_and_second(uow: UnitOfWork, house: h.House) -> tuple[str, str]:
    (batch,) = api.find_batches(uow, site_id=house.site)
    return (ANA, BEN) if batch.zones == ("A", "C") else (BEN, ANA)


def walk_leg(uow: UnitOfWork, house: h.House) -> api.WorkPackage:
    """Claim the next leg, bind what it needs, pick all of it, and return the work as it is then."""
    work = api.claim_batch(uow, site_id=house.site)
    uow.session.flush()
    if work.stage == "fetch":
        tote = next(slot.tote for slot in work.slots if slot.tote)
        fetch_totes(uow, batch_id=work.batch_id, tote=tote)
    here = [task for task in work.tasks if task.zone == work.zones[work.leg] and task.state == "CLAIMED"]
    for slot in work.slots:
        if not slot.tote and slot.slot in {task.slot for task in here}:
            api.bind_tote(uow, batch_id=work.batch_id, slot=slot.slot, tote=f"T-{work.batch_id[-4:]}{slot.slot}")
    uow.session.flush()
    for task in api.work_package(uow, work.batch_id).tasks:
        if task.task_id in {each.task_id for each in here}:
            h.pick(uow, task)
    uow.session.flush()
    return api.work_package(uow, work.batch_id)


def test_the_zones_come_in_the_order_that_makes_the_whole_walk_shortest() -> None:
    plan = api.sample_warehouse(aisles=6, bays=8, levels=2, blocks=2)
    floor = zoned(compile_floor(plan))
    bins = sorted(floor.layout.codes)[::11]
    found = find_legs(floor, bins)
    assert len(found.zones) > 2
    assert sorted(found.stops) == sorted(bins)
    lengths = [walk_legs(floor, order, bins).length_mm for order in permutations(found.zones)]
    assert found.length_mm == min(lengths)


def test_a_walk_is_handed_from_zone_to_zone(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        first, second = first_and_second(uow, house)
    with transaction(house.picker(second), now=h.NOW) as uow, pytest.raises(api.NothingToPick):
        api.claim_batch(uow, site_id=house.site)
    with transaction(house.picker(first), now=h.NOW) as uow:
        work = walk_leg(uow, house)
        assert (work.stage, work.leg, work.lines_done) == ("pass", 0, 1)
        tote = next(slot.tote for slot in work.slots if slot.tote)
        with pytest.raises(api.TasksOpen):
            api.finish_picking(uow, batch_id=work.batch_id)
        with pytest.raises(api.WrongScan):
            hand_over_leg(uow, batch_id=work.batch_id, leg=0, tote="T-OTHER")
        assert hand_over_leg(uow, batch_id=work.batch_id, leg=0, tote=tote) == work.zones[1]
        with pytest.raises(api.TaskClosed):
            hand_over_leg(uow, batch_id=work.batch_id, leg=0, tote=tote)
        uow.session.flush()
        with pytest.raises(api.NothingToPick):
            api.claim_batch(uow, site_id=house.site)
    with transaction(house.picker(second), now=h.NOW) as uow:
        mine = api.claim_batch(uow, site_id=house.site)
        assert (mine.stage, mine.leg, mine.picker) == ("fetch", 1, second)
        work = walk_leg(uow, house)
        assert work.stage == "pack"
        api.finish_picking(uow, batch_id=work.batch_id)
        uow.session.flush()
        legs = uow.session.scalars(select(BatchLeg).order_by(BatchLeg.number)).all()
        assert [(leg.picker, leg.zone, leg.lines) for leg in legs] == [
            (first, work.zones[0], 1), (second, work.zones[1], 1),
        ]  # fmt: skip
        assert h.state(uow, work.slots[0].order_id) == "PICKED"
        assert h.broken_invariants(uow) == []


def test_the_next_leg_is_claimed_by_a_scan_of_a_tote(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        first, second = first_and_second(uow, house)
    with transaction(house.picker(first), now=h.NOW) as uow:
        work = walk_leg(uow, house)
        tote = next(slot.tote for slot in work.slots if slot.tote)
        hand_over_leg(uow, batch_id=work.batch_id, leg=0, tote=tote)
    with transaction(house.picker(second), now=h.NOW) as uow:
        with pytest.raises(api.NothingToPick):
            api.claim_batch(uow, site_id=house.site, tote="T-NONE")
        assert api.claim_batch(uow, site_id=house.site, tote=tote).stage in ("pick", "bind")


def test_a_short_pick_gives_a_zone_that_is_over_another_leg(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        first, second = first_and_second(uow, house)
        place = LEFT if first == ANA else RIGHT
        h.stock(uow, house, **({"B": {place: 9}} if first == ANA else {"A": {place: 9}}))
    with transaction(house.picker(first), now=h.NOW) as uow:
        work = walk_leg(uow, house)
        tote = next(slot.tote for slot in work.slots if slot.tote)
        hand_over_leg(uow, batch_id=work.batch_id, leg=0, tote=tote)
    with transaction(house.picker(second), now=h.NOW) as uow:
        work = api.claim_batch(uow, site_id=house.site, tote=tote)
        (task,) = [each for each in work.tasks if each.state == "CLAIMED"]
        api.short_pick(uow, task_id=task.task_id, found=0, reason="BIDF")
        uow.session.flush()
        after = api.work_package(uow, work.batch_id)
        assert (after.stage, after.zones) == ("pass", (*work.zones, work.zones[0]))
        assert hand_over_leg(uow, batch_id=work.batch_id, leg=1, tote=tote) == work.zones[0]
        assert h.broken_invariants(uow) == []
    with transaction(house.picker(first), now=h.NOW) as uow:
        assert walk_leg(uow, house).stage == "pack"
        api.finish_picking(uow, batch_id=work.batch_id)
        uow.session.flush()
        assert h.units(uow, work.slots[0].order_id)["picked"] == 4
        assert h.broken_invariants(uow) == []


def test_without_zones_nobody_passes_anything(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        with pytest.raises(Invalid):
            api.choose_zone(uow, site_id=house.site, user_id=ANA, zone="Nowhere")
        api.set_pick_and_pass(uow, site_id=house.site, on=False)
        h.order(uow, house, ("A", 1), ("B", 1))
        uow.session.flush()
        (batch,) = h.to_floor(uow, house)
        assert api.work_package(uow, batch).zones == ()

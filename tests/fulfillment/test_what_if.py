from dataclasses import replace

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.floor_compiler import compile_floor
from fulfillment.domain.replay import WalkOfDay, nearer, replay, unknown_codes
from fulfillment.jobs import answer_what_if
from fulfillment.whatif import working
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid, NotFound
from tests.fulfillment import house as h
from tests.plugin.databases import FreshDatabase

PLAN = api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=2)
FLOOR = compile_floor(PLAN)
BACK = max(PLAN.bins, key=lambda bin_: (bin_.y_mm, bin_.code)).code


def test_the_same_floor_saves_nothing_and_a_shorter_one_does() -> None:
    walks = [WalkOfDay("2026-11-24", ("A-01-01-1", "C-03-06-2"))]

    (same,) = replay(walks, FLOOR, FLOOR, {})
    (moved,) = replay(walks, FLOOR, FLOOR, {"C-03-06-2": "A-01-01-2"})

    assert same.before_mm == same.after_mm == moved.before_mm
    assert moved.after_mm < moved.before_mm


def test_what_is_picked_most_often_comes_nearest() -> None:
    far, near = "C-03-06-2", "B-02-01-1"
    walks = [WalkOfDay("d", (far,)), WalkOfDay("d", (far, near)), WalkOfDay("d", (far,))]

    moved = nearer(walks, FLOOR)

    assert moved == {far: near, near: far}
    assert sum(w.after_mm for w in replay(walks, FLOOR, FLOOR, moved)) < sum(
        w.before_mm for w in replay(walks, FLOOR, FLOOR, moved)
    )


def test_locations_that_a_floor_lacks_are_left_out_on_both() -> None:
    fewer = compile_floor(replace(PLAN, bins=tuple(bin_ for bin_ in PLAN.bins if bin_.code != "A-01-01-1")))
    walks = [WalkOfDay("d", ("A-01-01-1", "C-03-06-2")), WalkOfDay("d", ("A-01-01-1",))]

    (found,) = replay(walks, FLOOR, fewer, {})

    assert found.before_mm == found.after_mm
    assert unknown_codes(walks, FLOOR, fewer) == {"A-01-01-1"}


def walked(uow: UnitOfWork, house: h.House) -> None:
    h.stock(uow, house, A={"A-01-01-1": 90}, C={BACK: 90})
    for _ in range(3):
        h.order(uow, house, ("C", 1))
    h.order(uow, house, ("A", 1), ("C", 1))
    uow.session.flush()
    h.to_floor(uow, house)
    h.pick_all(uow, house)


def test_a_question_is_answered_by_a_worker(fresh_database: FreshDatabase) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        walked(uow, house)
        wider = api.sample_warehouse(aisles=3, bays=6, levels=2, blocks=1)
        version = api.draft_floor_plan(uow, site_id=house.site, plan=wider)
    with transaction(system(), now=h.NOW) as uow:
        asked = api.ask_what_if(uow, site_id=house.site, floor_version=version, hour_cost_minor=2_000)
        with pytest.raises(api.WhatIfUnderWay):
            api.ask_what_if(uow, site_id=house.site, fast_items_nearer=True)

    assert answer_what_if() == 1

    with transaction(system(), now=h.NOW) as uow:
        found = api.get_what_if(uow, asked, site_id=house.site)
        assert (found.state, found.progress, found.note) == ("ready", 100, "")
        (day,) = found.by_day
        assert day.walks == 1
        assert day.after_mm < day.before_mm
        hours = (day.before_mm - day.after_mm) / 1_100 / 3_600
        assert found.saved_minor_a_year == pytest.approx(hours * 2_000 * 365, abs=1)
        assert api.floor_version(uow, house.site) == 1
        api.ask_what_if(uow, site_id=house.site, fast_items_nearer=True, days=1)
    assert answer_what_if() == 1
    with transaction(system(), now=h.NOW) as uow:
        newest, _ = api.find_what_ifs(uow, site_id=house.site)
        assert newest.state == "ready"


def test_a_question_that_nobody_can_read_stands_in_no_others_way(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        walked(uow, house)
    with transaction(system(), now=h.NOW) as uow:
        api.ask_what_if(uow, site_id=house.site, fast_items_nearer=True)

    with monkeypatch.context() as patched:
        patched.setattr(working, "floor_layout", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            answer_what_if()

    assert answer_what_if() == 0, "it waits for its next attempt"
    with transaction(system(), now=h.NOW) as uow:
        (found,) = api.find_what_ifs(uow, site_id=house.site)
        assert (found.state, found.note) == ("computing", "")


def test_questions_that_make_no_sense_are_refused(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        for wrong in ({}, {"fast_items_nearer": True, "days": 0}, {"fast_items_nearer": True, "currency": "euro"}):
            with pytest.raises(Invalid):
                api.ask_what_if(uow, site_id=house.site, **wrong)  # type: ignore[arg-type]  # wrong on purpose
        with pytest.raises(NotFound):
            api.ask_what_if(uow, site_id=house.site, floor_version=99)
        assert api.find_what_ifs(uow, site_id=house.site) == []

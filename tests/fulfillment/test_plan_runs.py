"""Walks that somebody wants planned now: a worker does it, tells how far it is, and stops when it is told to."""

from functools import partial

import pytest
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.jobs import answer_plan_request
from fulfillment.models import PickBatch
from fulfillment.planning import answering
from fulfillment.planning.models import PlanRun
from kernel import runs
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run, transaction
from kernel.errors import NotFound
from tests.fulfillment import house as h


def build(uow: UnitOfWork) -> h.House:
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 9}, B={"B-02-05-1": 9})
    for sku in "AB":
        h.order(uow, house, (sku, 1))
    uow.session.flush()
    return house


def view(house: h.House, run_id: str) -> api.PlanRunView:
    with transaction(house.manager(), now=h.NOW) as uow:
        return api.get_plan_run(uow, run_id, site_id=house.site)


def test_a_worker_releases_and_plans_what_was_asked_for_once(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
    with transaction(house.manager(), now=h.NOW) as uow:
        asked = api.ask_for_plan(uow, site_id=house.site)
        assert api.ask_for_plan(uow, site_id=house.site) == asked
        assert uow.session.query(PickBatch).count() == 0
    assert (view(house, asked).state, view(house, asked).is_under_way) == ("waiting", True)

    assert answer_plan_request() == 1

    found = view(house, asked)
    assert (found.state, found.progress, found.released, found.queued, found.batches) == ("ready", 100, 2, 0, 1)
    assert answer_plan_request() == 0
    with transaction(house.manager(), now=h.NOW) as uow:
        latest = api.latest_plan_run(uow, site_id=house.site)
        assert latest == found
        assert h.broken_invariants(uow) == []
        with pytest.raises(api.PlanRunOver):
            api.cancel_plan_run(uow, asked, site_id=house.site)
        with pytest.raises(NotFound):
            api.cancel_plan_run(uow, "pln_nobody", site_id=house.site)
        assert api.ask_for_plan(uow, site_id=house.site) != asked


def test_who_wants_orders_released_while_others_are_planned_is_served_next(
    database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        asked = api.ask_for_plan(uow, site_id=house.site, release=False)
    plan = answering.plan_batches

    def while_planning(uow: UnitOfWork, *, site_id: str, max_orders: int) -> list[str]:
        assert api.ask_for_plan(uow, site_id=site_id) == asked
        return plan(uow, site_id=site_id, max_orders=max_orders)

    with monkeypatch.context() as patched:
        patched.setattr(answering, "plan_batches", while_planning)
        assert answer_plan_request() == 0
    assert (view(house, asked).state, view(house, asked).progress) == ("waiting", 0)

    assert answer_plan_request() == 1
    assert (view(house, asked).state, view(house, asked).released) == ("ready", 2)


def test_what_is_planned_without_a_release_is_what_was_released_before(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
        api.ask_for_plan(uow, site_id=house.site, release=False, max_orders=1)
    assert answer_plan_request() == 0
    with transaction(system(), now=h.NOW) as uow:
        api.release_orders(uow, site_id=house.site)
        api.ask_for_plan(uow, site_id=house.site, release=False, max_orders=1)
    assert answer_plan_request() == 1
    with transaction(house.manager(), now=h.NOW) as uow:
        (batch,) = api.find_batches(uow, site_id=house.site)
        assert batch.orders == 1


def test_who_cancels_keeps_what_is_done_by_then(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = build(uow)
    with transaction(house.manager(), now=h.NOW) as uow:
        early = api.ask_for_plan(uow, site_id=house.site)
        api.cancel_plan_run(uow, early, site_id=house.site)
    assert answer_plan_request() == 0
    with transaction(house.manager(), now=h.NOW) as uow:
        late = api.ask_for_plan(uow, site_id=house.site)

    # Somebody cancels between two parts of the work.
    claim = run(system(), partial(runs.claim, kind=PlanRun))
    assert claim is not None
    assert not answering._end_of_choosing(claim)()
    assert runs.step(system(), claim, partial(answering._release, proposals={})) == 2
    with transaction(house.manager(), now=h.NOW) as uow:
        api.cancel_plan_run(uow, late, site_id=house.site)
    assert answering._end_of_choosing(claim)()
    assert runs.step(system(), claim, partial(answering._plan, orders=300, of=300)) is None
    found = view(house, late)
    assert (found.state, found.released, found.batches) == ("cancelled", 2, 0)

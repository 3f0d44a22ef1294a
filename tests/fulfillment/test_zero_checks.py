"""The question whether a bin is empty: who is asked, what becomes of the answer, and that nobody has to answer."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Connection, text

from fulfillment import api
from inventory import api as inventory
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run, transaction
from tests.fulfillment import house as h

pytestmark = pytest.mark.thorough

BIN, OTHER = "A-01-01-1", "A-01-02-1"


def walk(uow: UnitOfWork, house: h.House, **held: dict[str, int]) -> api.WorkPackage:
    """Two orders of A and one of B on one walk, with this in stock."""
    h.stock(uow, house, **(held or {"A": {BIN: 5}, "B": {OTHER: 9}}))
    for wanted in (("A", 2), ("A", 3), ("B", 1)):
        h.order(uow, house, wanted)
    uow.session.flush()
    h.to_floor(uow, house)
    return h.claim(uow, house)


def answer(uow: UnitOfWork, house: h.House, task_id: str, seen: int, op_id: str = "op-answer") -> api.OpAck:
    op = api.WorkOp(op_id, "zero_check", task_id=task_id, quantity=seen)
    return api.apply_work_op(uow, site_id=house.site, op=op)


def counts(uow: UnitOfWork) -> list[tuple[str, str, int | None]]:
    uow.session.flush()
    return [(*row,) for row in uow.session.execute(text("select cause, state, difference from count_task"))]


def test_who_takes_the_last_unit_is_asked_and_empty_confirms_the_book(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as setup:
        house = h.build(setup)
    with transaction(house.picker(), now=h.NOW) as uow:
        work = walk(uow, house)
        of_a = [task for task in work.tasks if task.sku == "A"]
        assert [task.empties_bin for task in of_a] == [False, True]
        assert not any(task.empties_bin for task in work.tasks if task.sku == "B")

        results = {task.task_id: h.pick(uow, task).asks_if_empty for task in work.tasks}
        assert [task_id for task_id, asked in results.items() if asked] == [of_a[1].task_id]
        (asked,) = api.open_zero_checks(uow, site_id=house.site, picker="usr_ana")
        assert (asked.task_id, asked.location_code, asked.is_postponed) == (of_a[1].task_id, BIN, False)
        assert api.open_zero_checks(uow, site_id=house.site, picker="usr_ben") == ()

        told = len(uow.emitted)
        assert answer(uow, house, asked.task_id, 0).title == "As the book says"
        assert [event.TYPE for event in uow.emitted[told:]] == ["inventory.bin_counted.v1"]
        assert counts(uow) == [("zero_check", "approved", 0)]
        right = inventory.count_accuracy(uow, since=h.NOW, until=h.NOW + timedelta(seconds=1)).total
        assert (right.counts, right.right) == (1, 1)
        assert api.open_zero_checks(uow, site_id=house.site, picker="usr_ana") == ()
        assert h.broken_invariants(uow) == []


def test_units_that_are_left_are_counted_once_however_often_it_is_said(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as setup:
        house = h.build(setup)
    with transaction(house.picker(), now=h.NOW) as uow:
        for task in walk(uow, house).tasks:
            h.pick(uow, task)
        (asked,) = api.open_zero_checks(uow, site_id=house.site, picker="usr_ana")
        first = answer(uow, house, asked.task_id, 4)
        again = answer(uow, house, asked.task_id, 4)
        assert (first.status, again.status) == ("applied", "duplicate")
        assert again.facts == first.facts
        assert answer(uow, house, asked.task_id, 0, "op-another").status == "applied"
        assert counts(uow) == [("zero_check", "open", None)]
        assert answer(uow, house, asked.task_id, -1, "op-wrong").status == "rejected"
        assert h.broken_invariants(uow) == []


def test_later_asks_again_at_the_end_of_the_walk_and_then_no_more(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as setup:
        house = h.build(setup)
    with transaction(house.picker(), now=h.NOW) as uow:
        work = walk(uow, house, A={BIN: 2, OTHER: 3}, B={OTHER: 9})
        first, *others = sorted(work.tasks, key=lambda task: task.sku)
        h.pick(uow, first)
        assert api.postpone_zero_check(uow, task_id=first.task_id) == "later"
        assert [each.is_postponed for each in api.open_zero_checks(uow, site_id=house.site, picker="usr_ana")] == [True]
        for task in others:
            h.pick(uow, task)
        assert api.postpone_zero_check(uow, task_id=first.task_id) == "unanswered"
        api.finish_picking(uow, batch_id=work.batch_id)
        assert first.task_id not in {e.task_id for e in api.open_zero_checks(uow, site_id=house.site, picker="usr_ana")}
        assert counts(uow) == []


def test_a_site_without_zero_checks_asks_nobody(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as setup:
        house = h.build(setup)
        api.set_zero_checks(setup, site_id=house.site, on=False)
    with transaction(house.picker(), now=h.NOW) as uow:
        work = walk(uow, house)
        assert not any(task.empties_bin for task in work.tasks)
        assert not any(h.pick(uow, task).asks_if_empty for task in work.tasks)


@pytest.mark.thorough
@pytest.mark.usefixtures("fresh_database")
def test_two_devices_that_answer_at_once_make_one_count() -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
    with transaction(house.picker(), now=h.NOW) as uow:
        for task in walk(uow, house).tasks:
            h.pick(uow, task)
        (asked,) = api.open_zero_checks(uow, site_id=house.site, picker="usr_ana")
    barrier, acks = Barrier(4), list[str]()

    def say(number: int) -> None:
        barrier.wait()
        op_id = f"op-{number // 2}"
        acks.append(run(house.picker(), lambda uow: answer(uow, house, asked.task_id, 3, op_id)).status)

    threads = [Thread(target=say, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(acks) == ["applied", "applied", "duplicate", "duplicate"]
    with transaction(system()) as uow:
        assert counts(uow) == [("zero_check", "open", None)]
        events = uow.session.execute(text("select count(*) from event where type = 'inventory.count_wanted.v1'"))
        assert events.scalar_one() == 1
        assert h.broken_invariants(uow) == []

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from fulfillment import api
from fulfillment.domain.labor import Work, expected, heads, level_load
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h

HOURS = 12
works = st.lists(
    st.builds(
        lambda since, length, amount: Work(since, min(HOURS, since + length), amount),
        st.integers(0, HOURS - 1), st.integers(1, HOURS), st.integers(1, 500),
    ),
    max_size=12,
)  # fmt: skip


@given(works)
def test_all_is_done_in_time_with_the_least_peak(wanted: list[Work]) -> None:
    load = level_load(wanted, HOURS)

    assert sum(load) == pytest.approx(sum(work.amount for work in wanted))
    assert _left_over(wanted, load) == pytest.approx(0, abs=1e-6)
    stretches = [(a, b) for a in range(HOURS) for b in range(a + 1, HOURS + 1)]
    inside = [sum(w.amount for w in wanted if a <= w.since and w.until <= b) / (b - a) for a, b in stretches]
    assert max(load) == pytest.approx(max(inside))


def _left_over(wanted: list[Work], load: list[float]) -> float:
    """Do the work that is due first in each hour, and return what misses its time: the earliest deadline first is
    always feasible where anything is.
    """
    left = {number: work.amount for number, work in enumerate(wanted)}
    for hour, capacity in enumerate(load):
        room = capacity
        for number in sorted(left, key=lambda each: wanted[each].until):
            if wanted[number].since <= hour < wanted[number].until:
                done = min(room, left[number])
                left[number] -= done
                room -= done
    return max(left.values(), default=0.0)


def test_overdue_work_is_for_the_first_hour_and_late_work_for_the_last() -> None:
    assert level_load([Work(0, -3, 60)], 3) == [60, 0, 0]
    assert level_load([Work(1, 99, 60)], 3) == [0, 30, 30]
    assert heads([60, 59.999999999, 61], 60) == [1, 1, 2]


def test_a_few_equal_days_prove_nothing() -> None:
    assert expected([]) == expected([0.0])
    told = expected([16, 16])
    assert (told.mean, round(told.low, 2), round(told.high, 2)) == (16, 10.87, 21.13)


def weeks(uow: UnitOfWork, *, lines: int = 3) -> h.House:
    """Return a house that got an order at nine o'clock on each of the last fourteen days."""
    house = h.build(uow)
    h.stock(uow, house, A={"A-01-01-1": 900}, B={"A-01-02-1": 900}, C={"A-01-03-1": 900})
    for day in range(1, 15):
        skus = [("A", 1), ("B", 1), ("C", 1)][:lines]
        order = h.order(uow, house, *skus, placed_at=h.NOW - timedelta(days=day))
        api.cancel_order(uow, tenant_id=house.tenant, order_id=order.id, reason="Only history.")
    uow.session.flush()
    return house


def test_the_forecast_knows_what_waits_and_what_should_come(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = weeks(uow)
        for _ in range(6):
            h.order(uow, house, ("A", 1), ("B", 1), promised_on=None)
        slow = api.ReleaseSettings(mode="by_hand", pickers=1, lines_per_hour=2)
        api.set_release_settings(uow, site_id=house.site, settings=slow)
        uow.session.flush()

        plain, doubled = (api.labor_forecast(uow, site_id=house.site, factor=factor) for factor in (1, 2))

    assert plain.lines_left == 12
    assert [round(each.lines_expected.mean, 6) for each in plain.hours].count(3) == 1
    assert plain.hours[0].lines_expected.mean == 3
    assert 12 <= sum(each.lines_to_pick for each in plain.hours) <= 18
    assert sum(each.lines_to_pick for each in doubled.hours) == pytest.approx(
        2 * sum(each.lines_to_pick for each in plain.hours)
    )
    assert max(each.pickers for each in doubled.hours) > max(each.pickers for each in plain.hours)
    assert all(each.pickers >= each.lines_to_pick / 2 for each in plain.hours)
    assert all((b.at - a.at) == timedelta(hours=1) for a, b in pairwise(plain.hours))
    assert plain.error == 0


def test_the_drill_names_the_promises_that_would_break(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 900})
        orders = [h.order(uow, house, ("A", 1), promised_on=h.NOW.date() + timedelta(days=8)) for _ in range(8)]
        uow.session.flush()
        slow = api.ReleaseSettings(mode="by_hand", pickers=1, lines_per_hour=1)
        api.set_release_settings(uow, site_id=house.site, settings=slow)
        uow.session.flush()

        one, four = (api.drill_orders(uow, site_id=house.site, times=times) for times in (1, 4))
        helped = api.drill_orders(uow, site_id=house.site, times=4, pickers=8)
        nobody = api.drill_orders(uow, site_id=house.site, times=1, pickers=0)

    assert (one.waiting, four.waiting) == (8, 8)
    assert len(one.at_risk) < len(four.at_risk) < 8
    assert len(helped.at_risk) == len(one.at_risk)
    last = {order.id for order in orders[-len(four.at_risk) :]}
    assert {risk.order_id for risk in four.at_risk} == last
    assert all(risk.instead and risk.instead > risk.promised_on for risk in four.at_risk)
    assert [risk.instead for risk in nobody.at_risk] == [None] * 8


@pytest.mark.parametrize("wrong", [{"times": 0.5}, {"times": 21.0}, {"pickers": -1}])
def test_an_impossible_drill_is_refused(database: Connection, wrong: dict[str, float]) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        with pytest.raises(Invalid):
            api.drill_orders(uow, site_id=house.site, **wrong)  # type: ignore[arg-type]  # whichever is wrong

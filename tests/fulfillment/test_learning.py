"""New people count as far as they have come."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from fulfillment import api
from fulfillment.domain.learning import PRIOR_EXPONENT, SETTLED_HOURS, Crew, LearningCurve, Stretch, fit_curve
from fulfillment.labor.learning import learning_of
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, transaction
from tests.fulfillment import house as h

RATE = 100.0


def history(exponent: float, people: int) -> list[Stretch]:
    curve = LearningCurve(exponent)
    hours = [hour + 0.5 for hour in range(int(SETTLED_HOURS))]
    return [Stretch(hour, 1.0, round(1_000 * curve.share(hour))) for hour in hours] * people


def test_without_history_the_curve_is_the_usual_one() -> None:
    curve = fit_curve([], RATE)

    assert (curve.exponent, curve.measured_hours) == (PRIOR_EXPONENT, 0)
    assert curve.share(20) / curve.share(10) == pytest.approx(1 / 0.9)
    assert (curve.share(SETTLED_HOURS), curve.share(500)) == (1, 1)
    assert curve.share(0) == curve.share(0.5) < curve.first_shift < curve.share(8)


@pytest.mark.parametrize("exponent", [0.05, 0.3, 0.5])
def test_own_history_moves_the_curve_the_more_the_more_there_is(exponent: float) -> None:
    few, many = (fit_curve(history(exponent, people), 1_000) for people in (1, 20))

    assert few.exponent == pytest.approx((exponent + PRIOR_EXPONENT) / 2, abs=2e-3)
    assert abs(many.exponent - exponent) < abs(few.exponent - exponent) / 5
    assert many.measured_hours == 800


def test_who_is_quick_from_the_first_hour_never_gets_slower() -> None:
    quick = [Stretch(hour + 0.5, 1.0, 300) for hour in range(39)] * 9
    assert fit_curve(quick, RATE).exponent == 0


def test_people_beyond_those_who_can_be_called_are_new() -> None:
    crew = Crew(RATE, (1.0, 1.0, 0.7), first_shift=0.5)

    assert crew.heads([0, 90, 270, 271, 320, 321]) == [0, 1, 3, 4, 4, 5]
    assert [crew.new_among(people) for people in (0, 3, 5)] == [0, 0, 2]
    assert crew.rate_of(3) == pytest.approx(90)
    assert crew.rate_of(5) == pytest.approx(370 / 5)
    assert Crew(RATE).heads([101]) == [2]


_PICKS = text(
    "insert into pick_task select made.* from pick_task p, generate_series(1, :count) n,"
    " lateral jsonb_populate_record(p, jsonb_build_object('id', 'tsk_' || :person || n, 'state', 'PICKED',"
    " 'finished_by', cast(:person as text),"
    " 'finished_at', cast(:until as timestamptz) - n * make_interval(secs => :seconds))) made"
    " where p.id = (select min(id) from pick_task where finished_at is null)"
)


def picked(uow: UnitOfWork, person: str, *, hours: float, per_hour: int) -> None:
    """Have somebody pick for so many hours without a break, until now."""
    found = {"person": person, "until": uow.now, "seconds": 3_600 / per_hour, "count": round(hours * per_hour)}
    uow.session.execute(_PICKS, found)


def test_a_house_tells_how_many_are_new_and_how_they_learn(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        picked(uow, "usr_old", hours=60, per_hour=20)
        before = api.labor_forecast(uow, site_id=house.site)
        picked(uow, "usr_new", hours=4, per_hour=10)

        learning = learning_of(uow, site_id=house.site)
        told = api.labor_forecast(uow, site_id=house.site).new_people

    assert before.new_people.new == 0
    assert (told.new, told.people, told.settled_lines_per_hour) == (1, 2, 20)
    # The other one was as quick from the first hour on, which counts too.
    assert 0 < learning.curve.exponent < PRIOR_EXPONENT
    (new,) = [person for person in learning.people if person.is_new]
    assert (new.id, new.share) == ("usr_new", learning.curve.share(new.hours))
    assert told.measured_hours == pytest.approx(44, abs=0.3)
    assert [point.share for point in told.points] == sorted(point.share for point in told.points)


def test_where_nobody_is_settled_nobody_is_new(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9})
        h.order(uow, house, ("A", 1), placed_at=h.NOW - timedelta(minutes=5))
        uow.session.flush()
        h.to_floor(uow, house)
        picked(uow, "usr_new", hours=4, per_hour=10)

        told = api.labor_forecast(uow, site_id=house.site).new_people

    assert (told.new, told.people, told.settled_lines_per_hour) == (0, 1, 0)

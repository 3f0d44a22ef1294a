from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from fulfillment import api
from fulfillment.domain.release import (
    RESERVE_FOR_PACKING,
    Candidate,
    CutOffTime,
    Floor,
    Pace,
    ReleaseDecision,
    ReleaseMode,
    decide_release,
)
from kernel.actors import system
from kernel.db.transactions import transaction
from kernel.errors import Invalid
from tests.fulfillment import house as h

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PARCEL_POST = CutOffTime("Parcel Post", h.NOW + 8 * HOUR, "standard")
SWIFT = CutOffTime("Swift", h.NOW + 4 * HOUR, "express")
THREE = Pace(3, 94)


# Forty-one picks, one every half minute, with an hour of break after the first twenty-one.
_PICKED_WITH_A_BREAK = text(
    """
    update pick_task t set state = 'PICKED', finished_by = 'usr_ana', finished_at = cast(:now as timestamptz)
      - interval '4 minutes' - n.row * interval '30 seconds' - case when n.row > 20 then interval '1 hour' else '0' end
    from (select id, row_number() over (order by id) row from pick_task) n where n.id = t.id
    """
)


def candidate(order_id: str, lines: int = 10, level: str = "standard", *, rushed: bool = False) -> Candidate:
    return Candidate("mer", order_id, lines, h.NOW, None, level, rushed=rushed)


def decide(floor: Floor, *candidates: Candidate, now: datetime = h.NOW) -> tuple[ReleaseDecision, ...]:
    return decide_release(candidates, cut_offs=[SWIFT, PARCEL_POST], now=now, zone="Europe/Berlin", floor=floor)


def test_a_busy_floor_gets_no_more_and_the_others_are_told_when_they_start() -> None:
    first, second = decide(Floor(THREE, lines_open=280, slack=MINUTE), candidate("a"), candidate("b", 20))

    assert first.why == "Released: Parcel Post closes 18:00, 290 lines left, 3 pickers at 94 lines/h, 358 min to spare."
    assert not second.released
    assert second.why == "Queued for the Parcel Post collection at 18:00 on Tuesday: starts about 11:10."
    assert second.starts_at == h.NOW + 70 * MINUTE


def test_an_order_aims_at_a_collection_of_its_own_level() -> None:
    express, standard = decide(Floor(THREE, 0), candidate("a", level="express"), candidate("b"))

    assert (express.cut_off_at, standard.cut_off_at) == (SWIFT.at, PARCEL_POST.at)


def test_an_order_goes_at_once_when_time_gets_short_however_busy_the_floor_is() -> None:
    at = PARCEL_POST.at - RESERVE_FOR_PACKING - 3 * HOUR

    calm, short = (decide(Floor(THREE, lines), candidate("a"), now=at)[0] for lines in (300, 710))

    assert not calm.released
    assert short.released
    assert short.why.startswith("Released, time is short: Parcel Post closes 18:00, 720 lines left")


def test_what_comes_too_late_is_said_and_released_all_the_same() -> None:
    (decided,) = decide(Floor(THREE, 2_000), candidate("a"))

    assert (decided.released, decided.slack_minutes) == (True, 7 * 60 - round(2_010 / 282 * 60))
    assert decided.why.endswith("8 min too late at this pace.")


def test_nobody_picking_is_fed_for_one_and_promises_no_start() -> None:
    floor = Floor(Pace(0, 60), 0)

    first, *_, last = decide(floor, *(candidate(f"o{n:02}") for n in range(9)))

    assert first.released
    assert "no pickers at 60 lines/h" in first.why
    assert (last.released, last.starts_at, last.slack_minutes) == (False, None, None)
    assert last.why.endswith("nobody is picking.")


def test_a_rush_order_goes_first_in_every_mode() -> None:
    for mode in ReleaseMode:
        floor = Floor(THREE, 900, mode=mode, slack=-9 * HOUR, wave_at=h.NOW + HOUR)

        first, second = decide(floor, candidate("a"), candidate("b", rushed=True))

        assert (first.order_id, first.released, second.released) == ("b", True, False)
        assert first.why.startswith("Rush order: ")


def test_waves_go_at_their_time() -> None:
    floor = Floor(THREE, 0, mode=ReleaseMode.WAVES, wave_at=h.NOW + 90 * MINUTE)

    (before,) = decide(floor, candidate("a"))
    (due,) = decide(replace(floor, wave_at=h.NOW - MINUTE), candidate("a"))

    assert (before.released, before.starts_at) == (False, h.NOW + 90 * MINUTE)
    assert due.released
    assert due.why.startswith("Released with the wave: ")


def test_released_by_hand_nothing_goes_by_itself_and_no_start_is_promised() -> None:
    (waits,) = decide(Floor(THREE, 0, mode=ReleaseMode.BY_HAND), candidate("a"))

    assert (waits.released, waits.starts_at) == (False, None)
    assert waits.why.endswith("orders are released by hand here.")


def test_a_start_that_was_told_is_told_anew_only_when_it_moves() -> None:
    told = h.NOW + 70 * MINUTE
    waits = replace(candidate("a"), starts_at=told)

    same, moved = (decide(Floor(THREE, lines, slack=MINUTE), waits)[0].starts_at for lines in (310, 423))

    assert (same, moved) == (told, h.NOW + 90 * MINUTE)


@given(
    st.lists(st.integers(1, 200), min_size=1, max_size=30), st.integers(0, 9), st.integers(1, 200),
    st.integers(0, 3_000), st.sampled_from(ReleaseMode),
)  # fmt: skip
def test_every_order_is_decided_once_and_starts_are_told_in_turn(
    lines: list[int], pickers: int, rate: int, given_already: int, mode: ReleaseMode
) -> None:
    floor = Floor(Pace(pickers, rate), given_already, mode=mode, wave_at=h.NOW + HOUR)

    decided = decide(floor, *(candidate(f"o{n:02}", count) for n, count in enumerate(lines)))

    assert sorted(d.order_id for d in decided) == [f"o{n:02}" for n in range(len(lines))]
    starts = [d.starts_at for d in decided if d.starts_at]
    assert starts == sorted(starts)
    assert all(start >= h.NOW for start in starts)
    assert all(d.why.endswith(".") for d in decided)


def test_a_floor_is_fed_and_the_queue_told(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 9}, B={"A-01-02-1": 9})
        orders = [h.order(uow, house, ("A", 1), ("B", 1)).id for _ in range(2)]
        settings = api.ReleaseSettings(keep_busy_minutes=1, slack_minutes=0, pickers=1, lines_per_hour=20)
        api.set_release_settings(uow, site_id=house.site, settings=settings)
        uow.session.flush()

        api.release_due(uow, site_id=house.site)

        first, second = (api.get_order(uow, order) for order in orders)
        assert (first.state, second.state) == ("RELEASED", "PROMISED")
        assert "1 picker at 20 lines/h" in first.release_why
        assert second.release_why.startswith("Queued for ")
        assert second.starts_at is not None
        version = second.version
        api.release_due(uow, site_id=house.site)
        assert api.get_order(uow, second.id).version == version
        assert h.broken_invariants(uow) == []


def test_pace_is_measured_on_work_and_not_on_breaks(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 90})
        for _ in range(41):
            h.order(uow, house, ("A", 1))
        uow.session.flush()
        h.to_floor(uow, house)
        uow.session.execute(_PICKED_WITH_A_BREAK, {"now": h.NOW})

        pace = api.measured_pace(uow, site_id=house.site)

    assert (pace.pickers, pace.measured_on) == (1, 39)
    assert pace.lines_per_hour == round((39 + 30) / (39 * 30 / 3600 + 0.5))


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"mode": "waves"}, "/wave_times"),
        ({"mode": "waves", "wave_times": ("24:00",)}, "/wave_times"),
        ({"mode": "sometimes"}, "/mode"),
        ({"pickers": -1}, "/pickers"),
        ({"lines_per_hour": 0}, "/lines_per_hour"),
        ({"keep_busy_minutes": 1_441}, "/keep_busy_minutes"),
    ],
)
def test_settings_that_make_no_sense_are_refused(database: Connection, wrong: dict[str, object], pointer: str) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        with pytest.raises(Invalid) as refused:
            api.set_release_settings(uow, site_id=house.site, settings=replace(api.ReleaseSettings(), **wrong))  # type: ignore[arg-type]  # wrong on purpose
        assert refused.value.pointer == pointer
        assert api.release_settings(uow, house.site) == api.ReleaseSettings()


def test_the_outlook_says_how_many_hands_a_collection_needs(database: Connection) -> None:
    with transaction(system(), now=h.NOW) as uow:
        house = h.build(uow)
        h.stock(uow, house, A={"A-01-01-1": 90}, B={"A-01-02-1": 90})
        for _ in range(6):
            h.order(uow, house, ("A", 1), ("B", 1))
        slow = api.ReleaseSettings(keep_busy_minutes=60, slack_minutes=0, pickers=1, lines_per_hour=2)
        api.set_release_settings(uow, site_id=house.site, settings=slow)
        uow.session.flush()
        api.release_due(uow, site_id=house.site)
        api.set_release_settings(uow, site_id=house.site, settings=replace(slow, mode="by_hand"))
        uow.session.flush()

        outlook = api.release_outlook(uow, site_id=house.site, shown=3)

        (aimed,) = [each for each in outlook.collections if each.lines_left]
        assert (aimed.lines_left, aimed.lines_first) == (12, 12)
        assert aimed.queued + aimed.picking == 6
        assert outlook.queued == aimed.queued
        assert len(outlook.queue) == min(3, aimed.queued)
        assert aimed.picked_at == h.NOW + 6 * HOUR
        left = aimed.cut_off_at - RESERVE_FOR_PACKING - h.NOW
        assert aimed.spare_minutes == (left - 6 * HOUR) / MINUTE
        assert aimed.pickers_needed == -(-12 * HOUR // (2 * left))
        nobody = replace(slow, pickers=0)
        api.set_release_settings(uow, site_id=house.site, settings=nobody)
        uow.session.flush()
        (without,) = [each for each in api.release_outlook(uow, site_id=house.site).collections if each.lines_left]
        assert (without.picked_at, without.spare_minutes) == (None, None)

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.domain.cancellation import CancelState, answer, cancelled, take_unfulfilled_first
from fulfillment.domain.order_quantities import LineQuantities, UnitsDoNotAddUpError, placed, total
from fulfillment.domain.order_state import (
    TERMINAL,
    Clock,
    OrderFacts,
    OrderState,
    ParcelState,
    chore_of,
    derive_state,
    next_step,
)
from fulfillment.domain.promise import end_of_day, promise_date
from shipping.domain.working_days import WorkingDays

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BUCKETS = ("cancelled", "backordered", "promised", "allocated", "picked", "packed", "shipped")


@st.composite
def vectors(draw: st.DrawFn) -> LineQuantities:
    units = {name: draw(st.integers(0, 5)) for name in BUCKETS}
    delivered = draw(st.integers(0, units["shipped"]))
    lost = draw(st.integers(0, units["shipped"] - delivered))
    returned = draw(st.integers(0, units["shipped"]))
    return LineQuantities(sum(units.values()), **units, delivered=delivered, lost=lost, returned=returned)


def facts(**units: object) -> OrderFacts:
    header = {
        name: units.pop(name) for name in ("parcels", "open_holds", "released", "picking_started") if name in units
    }
    amounts = {name: value for name, value in units.items() if isinstance(value, int)}
    ordered = sum(value for name, value in amounts.items() if name in BUCKETS)
    return OrderFacts(LineQuantities(ordered, **amounts), **header)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_facts", "state"),
    [
        (facts(), "NEW"),
        (facts(open_holds=1), "ON_HOLD"),
        (facts(backordered=2), "BACKORDERED"),
        (facts(backordered=2, promised=1), "PARTIALLY_BACKORDERED"),
        (facts(promised=1), "PROMISED"),
        (facts(promised=1, open_holds=1), "ON_HOLD"),
        (facts(allocated=1, released=True), "RELEASED"),
        (facts(allocated=1, picking_started=True), "PICKING"),
        (facts(allocated=1, picked=1), "PICKING"),
        (facts(backordered=1, picked=1), "PARTIALLY_PICKED"),
        (facts(picked=1, cancelled=1), "PICKED"),
        (facts(picked=1, packed=1), "PARTIALLY_PACKED"),
        (facts(packed=1, parcels=(ParcelState.PACKED,)), "PACKED"),
        (facts(packed=2, parcels=(ParcelState.HELD, ParcelState.LABELLED)), "AUDIT_HOLD"),
        (facts(packed=2, parcels=(ParcelState.WEIGHED, ParcelState.LABELLED)), "PACKED"),
        (facts(packed=2, parcels=(ParcelState.LABELLED,)), "READY_TO_MANIFEST"),
        (facts(packed=2, parcels=(ParcelState.MANIFESTED,)), "MANIFESTED"),
        (facts(shipped=1, picked=1), "PARTIALLY_SHIPPED"),
        (facts(shipped=2), "SHIPPED"),
        (facts(shipped=2, parcels=(ParcelState.EXCEPTION,)), "EXCEPTION"),
        (facts(shipped=2, delivered=1), "PARTIALLY_DELIVERED"),
        (facts(shipped=2, delivered=2, cancelled=3), "DELIVERED"),
        (facts(shipped=2, delivered=1, lost=1, parcels=(ParcelState.DELIVERED, ParcelState.LOST)), "EXCEPTION"),
        (facts(shipped=1, rts=1, parcels=(ParcelState.RETURNED,)), "EXCEPTION"),
        (facts(shipped=1, rts=1, parcels=(ParcelState.BACK,)), "EXCEPTION"),
        (facts(shipped=2, returned=1, lost=1, parcels=(ParcelState.LOST,)), "EXCEPTION"),
        (facts(shipped=1, lost=1, parcels=(ParcelState.LOST_SETTLED,)), "CLOSED_SHORT"),
        (facts(shipped=2, delivered=1, rts=1, parcels=(ParcelState.BACK_SETTLED,)), "CLOSED_SHORT"),
        (facts(shipped=2, lost=1, parcels=(ParcelState.LOST_SETTLED, ParcelState.SHIPPED)), "SHIPPED"),
        (facts(shipped=2, delivered=2, returned=1), "PARTIALLY_RETURNED"),
        (facts(shipped=2, delivered=2, returned=2), "RETURNED"),
        (facts(cancelled=2), "CANCELLED"),
    ],
)
def test_the_state_follows_from_the_quantities(given_facts: OrderFacts, state: str) -> None:
    assert derive_state(given_facts) == state


@given(vectors(), st.integers(0, 2), st.booleans())
def test_every_open_order_has_a_next_step_an_owner_and_a_due_time(
    units: LineQuantities,
    open_holds: int,
    picking: bool,  # noqa: FBT001 - drawn
) -> None:
    state = derive_state(OrderFacts(units, open_holds=open_holds, picking_started=picking))
    step = next_step(state, Clock(NOW))
    assert (step is None) == (state in TERMINAL)
    if step:
        assert step.step
        assert step.owner
        assert step.due_at >= NOW


@pytest.mark.parametrize(
    ("state", "parcels", "to_pull", "owner"),
    [
        (OrderState.MANIFESTED, (ParcelState.MANIFESTED,), True, "manager"),
        (OrderState.EXCEPTION, (ParcelState.LOST, ParcelState.RETURNED), False, "service"),
        (OrderState.EXCEPTION, (ParcelState.RETURNED,), False, "packer"),
        (OrderState.PARTIALLY_SHIPPED, (ParcelState.BACK,), False, "service"),
    ],
)
def test_what_a_parcel_asks_of_a_person_comes_first(
    state: OrderState,
    parcels: tuple[ParcelState, ...],
    to_pull: bool,  # noqa: FBT001 - drawn
    owner: str,
) -> None:
    chore = chore_of(state, parcels, to_pull=to_pull)
    step = next_step(state, Clock(NOW), chore)
    assert chore
    assert step
    assert (step.owner, step.due_at > NOW) == (owner, True)


def test_steps_before_a_cut_off_are_due_in_the_order_in_which_they_come() -> None:
    clock = Clock(NOW, cut_off_at=NOW + timedelta(hours=8))
    way = [OrderState.PROMISED, OrderState.RELEASED, OrderState.PICKING, OrderState.PICKED, OrderState.PACKED,
           OrderState.READY_TO_MANIFEST, OrderState.MANIFESTED]  # fmt: skip
    due = [step.due_at for state in way if (step := next_step(state, clock))]
    assert due == sorted(due)
    assert len(set(due)) == len(way)


@given(vectors(), st.integers(1, 40))
def test_cancelling_takes_untouched_units_first_and_never_packed_ones(units: LineQuantities, wanted: int) -> None:
    taken = take_unfulfilled_first(units, wanted)
    after = cancelled(units, taken)
    assert taken.units + taken.refused == wanted
    assert (after.packed, after.shipped) == (units.packed, units.shipped)
    assert after.cancelled == units.cancelled + taken.units
    if after.picked < units.picked:
        assert after.backordered == after.promised == after.allocated == 0
    if taken.refused:
        assert after.in_house == after.packed


@given(st.lists(vectors(), max_size=5))
def test_the_sum_of_lines_adds_up_like_a_line(lines: list[LineQuantities]) -> None:
    summed = total(lines)
    assert all(getattr(summed, f.name) == sum(getattr(line, f.name) for line in lines) for f in fields(summed))


@pytest.mark.parametrize(
    "wrong",
    [
        {"promised": 1},
        {"promised": 3, "returned": 1},
        {"shipped": 3, "delivered": 2, "lost": 2},
        {"promised": 4, "picked": -1},
    ],
)
def test_units_that_do_not_add_up_are_a_fault_of_the_program(wrong: dict[str, int]) -> None:
    with pytest.raises(UnitsDoNotAddUpError):
        LineQuantities(3, **wrong)


@given(st.integers(1, 9), st.integers(0, 9))
def test_what_is_not_reserved_is_backordered(ordered: int, free: int) -> None:
    line = placed(ordered, reserved=min(ordered, free))
    assert line.promised + line.backordered == ordered


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ({"cancelled": 2, "refused": 0, "on_manifest": False}, CancelState.ACCEPTED),
        ({"cancelled": 1, "refused": 1, "on_manifest": False}, CancelState.ACCEPTED_PARTIAL),
        ({"cancelled": 0, "refused": 2, "on_manifest": False}, CancelState.TOO_LATE),
        ({"cancelled": 1, "refused": 1, "on_manifest": True}, CancelState.PENDING_INTERCEPT),
    ],
)
def test_the_answer_to_a_cancellation_is_the_truth(counts: dict[str, int], state: CancelState) -> None:
    told = answer(handed_over_at=NOW, **counts)  # type: ignore[arg-type]
    assert told.state is state
    assert told.detail
    assert (told.at == NOW) == (state in (CancelState.TOO_LATE, CancelState.ACCEPTED_PARTIAL))


def test_what_was_delivered_is_not_with_the_carrier_any_more() -> None:
    told = answer(cancelled=0, refused=2, on_manifest=False, handed_over_at=NOW, delivered=True)
    assert told.detail == "Too late to cancel: it was delivered. It can be returned."


def test_a_promise_counts_working_days_from_the_cut_off_it_makes() -> None:
    friday = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    made = promise_date(
        ready_at=friday - timedelta(hours=1),
        cut_offs=[friday],
        service_level="express",
        zone="Europe/Berlin",
        days=WorkingDays(),
    )
    missed = promise_date(
        ready_at=friday + timedelta(hours=1),
        cut_offs=[friday],
        service_level="express",
        zone="Europe/Berlin",
        days=WorkingDays(),
    )
    assert (made.isoformat(), missed.isoformat()) == ("2026-12-01", "2026-12-02")


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2026-03-28", "Europe/Berlin", "2026-03-28T23:00:00+00:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-29T22:00:00+00:00"),
        ("2026-11-24", "America/Sao_Paulo", "2026-11-25T03:00:00+00:00"),
    ],
)
def test_a_day_ends_in_the_sites_own_zone(day: str, zone: str, end: str) -> None:
    assert end_of_day(datetime.fromisoformat(day).date(), zone).isoformat() == end

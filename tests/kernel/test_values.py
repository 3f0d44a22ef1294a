from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import is_id, new_id, new_ids
from kernel.money import Money
from kernel.quantity import move
from kernel.states import IllegalTransition, Machine


def test_ids_of_a_process_rise_and_keep_their_form() -> None:
    ids = [new_id("ord") for _ in range(5_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(is_id(value, "ord") for value in ids)
    assert not is_id(ids[0], "cus")


def test_ids_that_are_drawn_together_are_as_those_drawn_one_by_one() -> None:
    ids = [new_id("rsv"), *new_ids("rsv", 3_000), new_id("rsv"), *new_ids("rsv", 1), new_id("rsv")]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids) == 3_004
    assert all(is_id(value, "rsv") for value in ids)
    assert new_ids("rsv", 0) == []
    assert not is_id("ord_short", "ord")


@given(st.integers(-(10**12), 10**12))
def test_money_is_written_with_its_currencys_digits(minor: int) -> None:
    text = str(Money(minor, "EUR")).removesuffix(" EUR").replace(",", "")
    assert round(float(text) * 100) == minor or abs(minor) > 2**52


def test_money_of_two_currencies_is_never_added() -> None:
    assert Money(100, "EUR") + Money(5, "EUR") == Money(105, "EUR")
    assert str(Money(1234, "JPY")) == "1,234 JPY"
    with pytest.raises(ValueError, match="EUR with USD"):
        _ = Money(1, "EUR") + Money(1, "USD")


@dataclass(frozen=True, slots=True)
class Vector:
    open: int
    done: int


@given(st.integers(0, 50), st.integers(-5, 60))
def test_moving_keeps_the_sum_or_is_refused(held: int, quantity: int) -> None:
    before = Vector(held, 3)
    if 0 < quantity <= held:
        after = move(before, quantity, source="open", target="done")
        assert (after.open + after.done, after.done) == (held + 3, 3 + quantity)
    else:
        with pytest.raises(ValueError, match="cannot move"):
            move(before, quantity, source="open", target="done")


def test_illegal_transition_names_the_legal_ones() -> None:
    machine = Machine("parcel", {"packed": {"weigh": "weighed", "void": "voided"}, "weighed": {}, "voided": {}})
    assert machine.after("packed", "weigh") == "weighed"
    with pytest.raises(IllegalTransition) as refusal:
        machine.after("weighed", "void")
    assert refusal.value.facts["legal"] == []
    with pytest.raises(IllegalTransition, match="cannot close") as refusal:
        machine.after("packed", "close")
    assert refusal.value.remedy == "Possible now: void, weigh."

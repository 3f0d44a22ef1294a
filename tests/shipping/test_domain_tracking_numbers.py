import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping.domain.sample_rates import CARRIER_NAMES
from shipping.domain.tracking_numbers import (
    detect_carriers,
    is_valid_tracking_number,
    s10_check_digit,
    tracking_number,
)


@pytest.mark.parametrize(("serial", "digit"), [("47312482", 9), ("00000000", 5), ("12345678", 5)])
def test_s10_check_digit_of_published_examples(serial: str, digit: int) -> None:
    assert s10_check_digit(serial) == digit


@given(st.sampled_from(sorted(CARRIER_NAMES)), st.integers(0, 99_999_999))
def test_written_numbers_are_valid_and_detected(carrier: str, serial: int) -> None:
    number = tracking_number(carrier, serial)

    assert is_valid_tracking_number(carrier, number)
    assert is_valid_tracking_number(carrier, f" {number.lower()} ")
    assert [candidate.carrier for candidate in detect_carriers(number)] == [carrier]


@pytest.mark.parametrize("carrier", sorted(CARRIER_NAMES))
def test_wrong_check_digit_is_refused(carrier: str) -> None:
    number = tracking_number(carrier, 1234567)
    place = 10 if carrier == "northpost" else len(number) - 1
    for digit in "0123456789":
        changed = f"{number[:place]}{digit}{number[place + 1 :]}"
        assert is_valid_tracking_number(carrier, changed) is (changed == number)


def test_serials_out_of_range_and_unknown_carriers_are_refused() -> None:
    with pytest.raises(ValueError, match="up to 8 digits"):
        tracking_number("northpost", 10**8)
    with pytest.raises(ValueError, match="serials"):
        tracking_number("northpost", -1)
    with pytest.raises(ValueError, match="no number format"):
        tracking_number("nobody", 1)
    assert not is_valid_tracking_number("nobody", "SW1")

"""Whole numbers as they come from forms: read, or refused with the field's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.whole_numbers import MOST, read_whole
from kernel.errors import Invalid


@given(st.integers(0, MOST))
def test_whole_numbers_are_read(number: int) -> None:
    assert read_whole(f" {number} ", "/units") == number


@pytest.mark.parametrize("text", ["", "many", "1.5", "1 000", "²", "٣", "-1", "--1", "+1", "9" * 5_000])
def test_what_is_no_whole_number_names_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_whole(text, "/units")
    assert (refused.value.pointer, refused.value.detail) == ("/units", "This is not a whole number.")


def test_a_bound_is_told() -> None:
    with pytest.raises(Invalid, match="not such a number") as refused:
        read_whole("1001", "/heavy", least=1, most=1_000)
    assert refused.value.remedy == "Enter 1 to 1,000."
    assert read_whole("-3", "/x_mm", least=-MOST) == -3

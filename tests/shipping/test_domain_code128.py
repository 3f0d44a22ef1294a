import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.graphics.barcode.code128 import Code128

from shipping.domain.code128 import module_widths, modules_of, symbol_characters
from shipping.domain.gs1 import FNC1


def test_sscc_starts_with_digits_in_pairs_and_fnc1() -> None:
    assert symbol_characters(f"{FNC1}00006141410012345678") == (105, 102, 0, 0, 61, 41, 41, 0, 12, 34, 56, 78)


def test_an_odd_last_digit_leaves_the_pairs() -> None:
    assert symbol_characters("12345") == (105, 12, 34, 100, 21)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30))
def test_a_symbol_is_as_short_as_that_of_others(text: str) -> None:
    values = symbol_characters(text)

    assert sum(int(width) for width in module_widths(values)) == modules_of(len(values))
    assert modules_of(len(values)) == Code128(text, barWidth=1, quiet=False).width


@pytest.mark.parametrize("text", ["", "é", "a\n"])
def test_what_cannot_be_encoded_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        symbol_characters(text)

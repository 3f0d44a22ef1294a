"""Lines of scales: every format's weight in g, exactly, and every reason why a line is no weight."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping.domain.scale_lines import ScaleState, read_scale_line

STABLE, UNSTABLE, ZERO = ScaleState.STABLE, ScaleState.UNSTABLE, ScaleState.ZERO
OVER, UNDER, FAULT, UNREADABLE = ScaleState.OVER, ScaleState.UNDER, ScaleState.FAULT, ScaleState.UNREADABLE
POUND = Fraction(45_359_237, 100_000)


@pytest.mark.parametrize(
    ("line", "state", "grams"),
    [
        # MT-SICS
        ("S S      1.234 kg\r\n", STABLE, 1_234), ("S S    100.00 g", STABLE, 100),
        ("S S 2.500 lb", STABLE, POUND * 5 / 2),
        ("S D      1.234 kg\r\n", UNSTABLE, 1_234), ("SI D 1.2 kg", UNSTABLE, 1_200), ("S S 0.000 kg", ZERO, 0),
        ("S S -0.120 kg", UNDER, -120), ("S +\r\n", OVER, None), ("S -\r\n", UNDER, None), ("S I\r\n", UNSTABLE, None),
        ("ES", FAULT, None), ("ET", FAULT, None), ("EL", FAULT, None), ("S L", FAULT, None),
        # NCI SCP-01
        ("\n001.234kg\r\nS00\r\x03", STABLE, 1_234), ("\n1.234kg\r\n00\r\x03", STABLE, 1_234),
        ("\n1.234kg\r\nS10\r\x03", UNSTABLE, 1_234), ("\n0.000kg\r\nS20\r\x03", ZERO, 0),
        ("\n1.234kg\r\nS02\r\x03", OVER, 1_234), ("\n-0.020kg\r\nS01\r\x03", UNDER, -20),
        ("\n1.234kg\r\nS80\r\x03", FAULT, 1_234), ("\nS10\r\x03", UNSTABLE, None), ("\nS02\r\x03", OVER, None),
        ("\nS01\r\x03", UNDER, None), ("1.234kg", STABLE, 1_234),
        # SMA SCP-0499
        ("\n 1G       5.025lb \r", STABLE, POUND * 5_025 / 1_000), ("\n 1GM      7.650kg \r", UNSTABLE, 7_650),
        ("\nZ1G       0.000lb \r", ZERO, 0), ("\nO1G     151.000kg \r", OVER, None),
        ("\nU1G      -1.000kg \r", UNDER, None), ("\nE1G  ----------kg \r", FAULT, None),
        ("1N  12.5oz", STABLE, POUND * 25 / 32),
        # Toledo 8213 and 8217
        ("\x0201.234\r", STABLE, 1_234), ("\x0202.50\r", STABLE, POUND * 5 / 2), ("\x0201.234N\r", STABLE, 1_234),
        ("\x0200000\r", ZERO, 0), ("\x0200.000\r", ZERO, 0), ("\x02?A\r", UNSTABLE, None), ("\x02?B\r", OVER, None),
        ("\x02?D\r", UNDER, None), ("\x02?P\r", ZERO, None), ("\x02?H\r", FAULT, None),
        # Toledo continuous: point after three digits, gross, kg
        ("\x02-0 001234000000\r", STABLE, 1_234), ("\x02-8 001234000000\r", UNSTABLE, 1_234),
        ("\x02-2 000120000000\r", UNDER, -120), ("\x02-4 999999000000\r", OVER, None),
        ("\x02-6 000120000000\r", UNDER, None), ("\x02-0 000000000000\r", ZERO, 0),
        ("\x02,  000250000000\r", STABLE, POUND * 5 / 2),
        # A&D
        ("ST,GS,+  1.234kg\r\n", STABLE, 1_234), ("US,NT,+  1.230kg", UNSTABLE, 1_230),
        ("OL,GS,+9999999kg", OVER, None),
        ("ST,GS,-  0.010kg", UNDER, -10),
        # typed
        ("1920", STABLE, 1_920), ("1.92 kg", STABLE, 1_920), ("1,92", STABLE, 1_920), ("+ 450 g", STABLE, 450),
        ("0", ZERO, 0), ("-5", UNDER, -5), ("16 oz", STABLE, POUND), ("1lb", STABLE, POUND),
        # none of them
        ("", UNREADABLE, None), ("\x02\r", UNREADABLE, None), ("hello", UNREADABLE, None),
        ("S S 1.2.3 kg", UNREADABLE, None),
        ("S S kg", UNREADABLE, None), ("1.5 stone", UNREADABLE, None), ("ST,GS,", UNREADABLE, None),
        ("(00)340123450000000018", UNREADABLE, None),
    ],
)  # fmt: skip
def test_every_line_is_told_apart(line: str, state: ScaleState, grams: Fraction | int | None) -> None:
    read = read_scale_line(line)
    assert (read.state, read.grams) == (state, grams)


@given(
    st.integers(1, 999_999), st.sampled_from(["S S {} kg", "ST,GS,+{}kg", " 1G {}kg ", "{} kg", "\n{}kg\r\nS00\r\x03"])
)
def test_a_weight_is_the_same_in_every_format(milli_kg: int, form: str) -> None:
    number = f"{milli_kg // 1_000}.{milli_kg % 1_000:03}"
    read = read_scale_line(form.format(number))
    assert (read.state, read.whole_grams) == (STABLE, milli_kg)


@given(st.integers(1, 99_999), st.sampled_from([("lb", POUND), ("oz", POUND / 16), ("g", Fraction(1))]))
def test_units_are_converted_exactly(hundredths: int, unit: tuple[str, Fraction]) -> None:
    name, per_unit = unit
    read = read_scale_line(f"S S {hundredths // 100}.{hundredths % 100:02} {name}")
    assert read.grams == Fraction(hundredths, 100) * per_unit
    assert abs(read.whole_grams - read.grams) <= Fraction(1, 2)


@given(st.text(max_size=40))
def test_whatever_comes_is_read_without_failing(line: str) -> None:
    read = read_scale_line(line)
    assert read.state is not STABLE or (read.grams or 0) > 0


@given(st.sampled_from("DI+-"), st.integers(1, 9_999))
def test_what_moves_or_overloads_is_never_stable(status: str, grams: int) -> None:
    line = f"S {status} {grams} g" if status == "D" else f"S {status}"
    assert read_scale_line(line).state is not STABLE

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipping.domain.gs1 import (
    FNC1,
    InvalidGs1Value,
    build_sscc,
    check_digit,
    element_string,
    has_valid_check_digit,
    human_readable,
    is_valid_gtin,
    is_valid_sscc,
    normalize_gtin,
    parse_scan,
    ship_to_post_element,
)


@pytest.mark.parametrize(("digits", "expected"), [("629104150021", 3), ("00614141123456789", 0), ("950600013435", 2)])
def test_check_digit_of_published_examples(digits: str, expected: int) -> None:
    assert check_digit(digits) == expected


def test_sscc_is_built_of_prefix_and_serial() -> None:
    sscc = build_sscc(3, "0614141", 1_234)

    assert sscc[:-1] == "30614141000001234"
    assert is_valid_sscc(sscc)


@pytest.mark.parametrize(
    ("extension", "prefix", "serial"), [(10, "0614141", 1), (0, "061", 1), (0, "0614141", 10**9), (0, "0614141", -1)]
)
def test_impossible_sscc_is_refused(extension: int, prefix: str, serial: int) -> None:
    with pytest.raises(InvalidGs1Value):
        build_sscc(extension, prefix, serial)


@given(st.integers(0, 999_999_999), st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(serial: int, place: int, shift: int) -> None:
    sscc = build_sscc(0, "0614141", serial)
    wrong = f"{sscc[:place]}{(int(sscc[place]) + shift) % 10}{sscc[place + 1 :]}"

    assert not has_valid_check_digit(wrong)


@pytest.mark.parametrize("code", ["96385074", "036000291452", "4006381333931", "09521234543213"])
def test_gtins_of_every_length(code: str) -> None:
    assert is_valid_gtin(code)
    assert normalize_gtin(code) == code.zfill(14)


@pytest.mark.parametrize("code", ["", "4006381333932", "400638133393", "4006381333931 ", "400638133393X", "٤٠٠٦٣٨١٣"])
def test_what_is_no_gtin(code: str) -> None:
    assert not is_valid_gtin(code)
    with pytest.raises(InvalidGs1Value):
        normalize_gtin(code)


def test_separator_stands_only_after_variable_length_and_never_at_the_end() -> None:
    sscc = build_sscc(0, "0614141", 7)

    assert element_string([("420", "90001"), ("00", sscc)]) == f"42090001{FNC1}00{sscc}"
    assert element_string([("00", sscc), ("420", "90001")]) == f"00{sscc}42090001"
    assert human_readable([("420", "90001"), ("00", sscc)]) == f"(420) 90001 (00) {sscc}"


@pytest.mark.parametrize(
    "element", [("00", "006141410000000079"), ("99", "1"), ("420", ""), ("420", "ул"), ("37", "x")]
)
def test_wrong_elements_are_refused(element: tuple[str, str]) -> None:
    with pytest.raises(InvalidGs1Value):
        element_string([element])


def test_postal_codes_become_elements() -> None:
    assert ship_to_post_element("sw1a 1aa") == ("420", "SW1A1AA")
    assert ship_to_post_element("22021-001", "076") == ("421", "07622021001")


def test_bare_ean_is_a_gtin_and_not_an_element_string() -> None:
    scan = parse_scan("4006381333931")

    assert (scan.kind, scan.gtin, scan.elements) == ("gtin", "04006381333931", ())


@pytest.mark.parametrize("prefix", ["]C1", "]d2", ""])
def test_element_string_is_read_back(prefix: str) -> None:
    sscc = build_sscc(0, "0614141", 7)

    scan = parse_scan(f"{prefix}42090001{FNC1}00{sscc}")

    assert scan.kind == "gs1"
    assert scan.elements == (("420", "90001"), ("00", sscc))
    assert scan.sscc == sscc


def test_item_lot_and_serial_are_read() -> None:
    scan = parse_scan(f"010952123454321310ABC{FNC1}21XYZ")

    assert scan.gtin == "09521234543213"
    assert dict(scan.elements)["21"] == "XYZ"


def test_wrong_check_digit_in_an_element_string_is_a_problem_and_no_sscc() -> None:
    scan = parse_scan("]C100006141410000000079")

    assert scan.sscc is None
    assert scan.problem == "wrong check digit in element (00)"


@pytest.mark.parametrize("text", ["", "BIN-A-01-2", "hello world", "]C1", "]E04006381333932", "\x1d\x1d", "(00)1"])
def test_anything_else_is_other_and_never_an_exception(text: str) -> None:
    scan = parse_scan(text)

    assert scan.gtin is None
    assert scan.sscc is None


@given(st.text(max_size=60))
def test_no_scan_raises(text: str) -> None:
    assert parse_scan(text).kind in {"gtin", "sscc", "gs1", "other"}

import pytest

from shipping.domain.overruling import OVERRULES, is_given_up, mix_key, mix_of, read_overrule


@pytest.mark.parametrize(
    "newest_first",
    [
        ["TOO_SMALL"] * 3,
        ["TOO_SMALL", "TOO_LARGE", "", "OTHER"],
        ["", "TOO_SMALL", "FRAGILE", "OTHER"],
        ["TOO_SMALL", "DAMAGED", "MISSING", "TOO_SMALL", "TOO_SMALL"],
    ],
)
def test_a_carton_is_given_up_when_it_was_overruled_three_times_of_the_last_four(newest_first: list[str]) -> None:
    assert is_given_up(newest_first)


@pytest.mark.parametrize(
    "newest_first",
    [
        [],
        ["TOO_SMALL"] * 2,
        ["TOO_SMALL", "", "", "OTHER", "OTHER"],
        ["TOO_SMALL", "", "TOO_SMALL", "", "TOO_SMALL"],
        ["MISSING"] * 4,
    ],
)
def test_a_carton_that_is_mostly_taken_or_only_missing_stays(newest_first: list[str]) -> None:
    assert not is_given_up(newest_first)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("TOO_SMALL", ("TOO_SMALL", "")),
        ("OTHER: it is wet", ("OTHER", "it is wet")),
        ("NO_FIT", ("TOO_SMALL", "")),
        ("PADDING", ("FRAGILE", "")),
        ("just because", ("OTHER", "just because")),
        ("", ("OTHER", "")),
        ("OTHER: " + "x" * 500, ("OTHER", "x" * 200)),
    ],
)
def test_what_was_told_at_the_bench_becomes_a_reason_of_the_list(told: str, read: tuple[str, str]) -> None:
    assert read_overrule(told) == read
    assert read[0] in OVERRULES


def test_the_same_items_in_other_lines_are_the_same_mix() -> None:
    one = mix_of([("b", 1), ("a", 2)])

    assert one == mix_of([("a", 1), ("b", 1), ("a", 1)]) == {"a": 2, "b": 1}
    assert mix_key(one) == mix_key({"b": 1, "a": 2}) != mix_key({"a": 2, "b": 2})

"""Quantities, money, weights and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.web import formats
from app.web.faces.shell import Frame
from kernel.quantity import counted

NOW = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
LEEDS = Frame(NOW, "Europe/London")


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (123450, "GBP", "£1,234.50"),
        (5, "EUR", "€0.05"),
        (-250, "USD", "\N{MINUS SIGN}$2.50"),
        (500, "JPY", "¥500"),
        (1234, "KWD", "KWD\N{NO-BREAK SPACE}1.234"),
        (0, "BRL", "R$0.00"),
    ],
)
def test_money(minor: int, currency: str, words: str) -> None:
    assert formats.money(minor, currency) == words


@pytest.mark.parametrize(
    ("grams", "words"),
    [(999, "999\xa0g"), (1000, "1.00\xa0kg"), (231400, "231.40\xa0kg"), (None, "\N{EN DASH}"), (0, "0\xa0g")],
)
def test_weight(grams: int | None, words: str) -> None:
    assert formats.weight(grams) == words


def test_differences_carry_their_sign() -> None:
    assert [formats.signed(value) for value in (-1212, 0, 4)] == ["\N{MINUS SIGN}1,212", "0", "+4"]


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        (timedelta(0), "Today 09:05"),
        (timedelta(hours=-10), "Yesterday 23:05"),
        (timedelta(days=1), "Tomorrow 09:05"),
        (timedelta(days=-3), "Sat 09:05"),
        (timedelta(days=6), "Mon 09:05"),
        (timedelta(days=-7), "17 Nov 09:05"),
        (timedelta(days=60), "23 Jan 2027 09:05"),
    ],
)
def test_times_are_relative_where_near(apart: timedelta, words: str) -> None:
    assert formats.words_of_time(NOW + apart, LEEDS) == words


def test_the_day_is_that_of_the_place_not_of_utc() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert formats.words_of_time(late, LEEDS) == "Yesterday 23:30"
    assert formats.words_of_time(late, LEEDS, "Asia/Tokyo") == "Today 08:30"


def test_summer_time_is_named() -> None:
    assert formats.full_time(datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "Europe/London") == "Wed 1 Jul 2026 13:00 BST"


def test_a_moment_in_a_sentence_begins_small() -> None:
    assert ">today 09:05<" in formats.when_inline(NOW, LEEDS)
    assert formats.when(None, LEEDS) == '<span class="none">\N{EN DASH}</span>'


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (240, "4 min"), (3900, "1 h 05 min"), (273_600, "3 d 4 h")]
)
def test_duration(seconds: int, words: str) -> None:
    assert formats.duration(seconds) == words


def test_time_left_turns_into_time_since() -> None:
    assert formats.time_left(NOW + timedelta(minutes=84), LEEDS) == "1 h 24 min"
    assert formats.time_left(NOW - timedelta(minutes=5), LEEDS) == "5 min ago"


def test_counts_take_their_noun() -> None:
    assert [counted(number, "parcel") for number in (0, 1, 1200)] == ["0 parcels", "1 parcel", "1,200 parcels"]

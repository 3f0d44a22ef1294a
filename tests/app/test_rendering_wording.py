"""The customer's words exist for every state and every exception, and no code shows through them."""

import re
from itertools import product

import pytest

from app.web.wording import (
    CARRIER_STATUS_WORDS,
    STATE_OF_CARRIER_STATUS,
    STATE_TEXTS,
    STRIP,
    TrackerState,
    describe_exception,
    describe_state,
)
from app.web.wording_exceptions import EXCEPTION_TEXTS
from app.web.wording_parts import TrackerException
from app.web.wording_staff import STATUS_WORDS, status_words

CARRIER_STATUSES = {
    "PENDING", "PRE_TRANSIT", "PICKED_UP", "IN_TRANSIT", "OUT_FOR_DELIVERY", "AVAILABLE_FOR_PICKUP", "ATTEMPT_FAILED",
    "DELIVERED", "EXCEPTION", "RETURNING", "RETURNED", "CANCELLED", "EXPIRED", "UNKNOWN",
}  # fmt: skip
CODE = re.compile(r"[A-Z]{2,}_|_[A-Z]|[a-z]_[a-z]|[{}]")


@pytest.mark.parametrize(("state", "exception"), tuple(product(TrackerState, TrackerException)))
def test_every_cell_has_its_four_parts(state: TrackerState, exception: TrackerException) -> None:
    words = describe_exception(exception, state)
    for part in (words.what, words.we, words.you, words.when):
        assert part.endswith(".")
        assert len(part.split()) >= 4
    text = f"{words.title} {words.what} {words.we} {words.you} {words.when}"
    assert not CODE.search(text)
    assert 2 <= len(words.title.split()) <= 9


@pytest.mark.parametrize("exception", TrackerException)
def test_an_ended_order_is_never_promised_again(exception: TrackerException) -> None:
    for state in (TrackerState.CANCELLED, TrackerState.REFUNDED):
        words = describe_exception(exception, state)
        assert "leaves with the next van" not in f"{words.what} {words.we}"
        assert "you can cancel" not in words.you


def test_a_new_date_replaces_the_vague_one() -> None:
    words = describe_exception(
        TrackerException.WEIGHT_CHECK,
        TrackerState.HELD_FOR_CHECK,
        new_promise="Wednesday 25 November",
        decide_by="today 17:00",
    )
    assert words.when == "New date: Wednesday 25 November."
    assert words.you.endswith("You can choose until today 17:00.")


@pytest.mark.parametrize("state", TrackerState)
def test_every_state_has_words_with_and_without_a_promise(state: TrackerState) -> None:
    dated, undated = describe_state(state, "Tuesday 24 November"), describe_state(state)
    for words in (dated, undated):
        assert words.headline
        assert words.line.endswith(".")
        assert not CODE.search(f"{words.headline} {words.line} {words.words}")
        assert 0 <= words.step < len(STRIP)


def test_the_words_are_complete() -> None:
    assert set(STATE_TEXTS) == set(TrackerState)
    assert set(EXCEPTION_TEXTS) == set(TrackerException)
    assert set(CARRIER_STATUS_WORDS) == CARRIER_STATUSES
    assert set(STATE_OF_CARRIER_STATUS) == CARRIER_STATUSES
    assert set(STATUS_WORDS) >= CARRIER_STATUSES


def test_staff_words_hide_codes_and_do_not_guess() -> None:
    assert status_words("audit_hold").words == "Held, weigh"
    assert status_words("SOME_NEW_STATE").words == "Some new state"
    assert status_words("SOME_NEW_STATE").tone == "plain"

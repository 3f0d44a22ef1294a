from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.domain.outcomes import DeliveryKind, DeliveryOutcome
from notifications.domain.schedule import (
    DELAYS,
    Delivered,
    DisableEndpoint,
    DisableReason,
    Park,
    ParkReason,
    RetryAt,
    next_attempt,
    total_span,
    warnings_due,
)

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
FAILED = DeliveryOutcome(DeliveryKind.RETRY, status_code=503)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_the_ten_steps_span_75_hours_35_minutes_5_seconds() -> None:
    assert len(DELAYS) == 10
    assert total_span() == timedelta(hours=75, minutes=35, seconds=5)


def test_a_message_that_always_fails_walks_the_whole_schedule_and_is_parked() -> None:
    moments = [NOW]
    for attempt in range(1, 10):
        step = next_attempt(attempt, FAILED, moments[-1], 0.0)
        assert isinstance(step, RetryAt)
        moments.append(step.at)
    assert moments[-1] - NOW == total_span()
    assert next_attempt(10, FAILED, moments[-1], 0.0) == Park(ParkReason.SCHEDULE_EXHAUSTED)


def test_delivered_needs_nothing_more() -> None:
    assert next_attempt(1, DeliveryOutcome(DeliveryKind.DELIVERED, 204), NOW, 0.5) == Delivered()


def test_gone_disables_at_once() -> None:
    gone = DeliveryOutcome(DeliveryKind.GONE, 410)
    assert next_attempt(1, gone, NOW, 0.5) == DisableEndpoint(DisableReason.GONE)


@pytest.mark.parametrize(
    ("failing_for", "disabled"), [(hours(119.9), False), (hours(120), True), (hours(400), True)], ids=str
)
def test_five_days_of_failure_disable(failing_for: timedelta, *, disabled: bool) -> None:
    step = next_attempt(3, FAILED, NOW, 0.0, failing_since=NOW - failing_for)
    assert isinstance(step, DisableEndpoint) is disabled


def test_a_success_after_five_days_does_not_disable() -> None:
    step = next_attempt(3, DeliveryOutcome(DeliveryKind.DELIVERED, 200), NOW, 0.0, failing_since=NOW - hours(200))
    assert step == Delivered()


def test_a_refused_address_is_looked_up_again_by_the_schedule() -> None:
    assert next_attempt(1, DeliveryOutcome(DeliveryKind.REFUSED), NOW, 0.0) == RetryAt(NOW + timedelta(seconds=5))


@given(
    attempt=st.integers(1, 9),
    jitter=st.floats(0, 1, exclude_max=True),
    retry_after=st.none() | st.integers(-(10**18), 10**18),
)
def test_the_wait_stays_within_the_clamp(attempt: int, jitter: float, retry_after: int | None) -> None:
    outcome = DeliveryOutcome(DeliveryKind.RETRY, 429, retry_after_s=retry_after)
    step = next_attempt(attempt, outcome, NOW, jitter)
    assert isinstance(step, RetryAt)
    base = DELAYS[attempt]
    assert base <= step.at - NOW <= 2 * base * 1.2
    assert step.at - NOW <= hours(24) * 1.2


@pytest.mark.parametrize(
    ("retry_after_s", "wait_s"), [(None, 300), (0, 300), (299, 300), (420, 420), (600, 600), (86_400, 600)]
)
def test_retry_after_is_honored_within_twice_the_step(retry_after_s: int | None, wait_s: int) -> None:
    outcome = DeliveryOutcome(DeliveryKind.RETRY, 503, retry_after_s=retry_after_s)
    assert next_attempt(2, outcome, NOW, 0.0) == RetryAt(NOW + timedelta(seconds=wait_s))


def test_the_owner_is_warned_once_at_each_mark() -> None:
    start = NOW
    assert warnings_due(start, None, start + hours(0.9)) == ()
    assert warnings_due(start, None, start + hours(1)) == (hours(1),)
    assert warnings_due(start, start + hours(1), start + hours(23)) == ()
    assert warnings_due(start, start + hours(1), start + hours(73)) == (hours(24), hours(72))
    assert warnings_due(start, start + hours(73), start + hours(120)) == (hours(120),)
    assert warnings_due(start, start + hours(120), start + hours(500)) == ()

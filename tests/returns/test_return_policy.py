from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.states import IllegalTransition
from returns.domain.policy import OUR_FAULT, RETURN_STATES, Grade, ReturnPolicy, decide, refund_for

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = ReturnPolicy()


@pytest.mark.parametrize(
    ("days_ago", "value_minor", "state"),
    [(1, 4_000, "authorized"), (30, 4_000, "authorized"), (31, 4_000, "denied"), (1, 60_000, "requested")],
)
def test_policy_decides_by_age_and_value(days_ago: int, value_minor: int, state: str) -> None:
    decision = decide(POLICY, delivered_at=NOW - timedelta(days=days_ago), value_minor=value_minor, now=NOW)
    assert decision.state == state
    assert decision.why


def test_undelivered_order_waits_for_a_person() -> None:
    assert decide(POLICY, delivered_at=None, value_minor=1, now=NOW).state == "requested"


@given(st.integers(0, 10**9), st.integers(1, 1000), st.sampled_from(Grade), st.sampled_from(["unwanted", *OUR_FAULT]))
def test_refund_never_exceeds_the_price_and_our_fault_is_paid_in_full(
    price: int, quantity: int, grade: Grade, reason: str
) -> None:
    refund = refund_for(unit_price_minor=price, quantity=quantity, grade=grade, reason=reason)
    assert 0 <= refund <= price * quantity
    if reason in OUR_FAULT or grade in (Grade.A, Grade.B):
        assert refund == price * quantity


def test_goods_may_arrive_after_the_label_expired_but_never_after_the_end() -> None:
    assert RETURN_STATES.after("expired", "receive") == "received"
    for final in ("closed", "denied", "cancelled"):
        with pytest.raises(IllegalTransition):
            RETURN_STATES.after(final, "receive")

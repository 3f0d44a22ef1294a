"""Weights that a person typed: why is kept with the scale's evidence, told on, and counted by packer."""

import pytest

from kernel.db.transactions import transaction
from shipping.api import TYPED_REASONS, audits_of, override_rates
from shipping.domain.typed_weights import typed_evidence, typed_words
from tests.shipping.house import build_house, content, pack, weigh


@pytest.mark.parametrize(
    ("told", "reason", "note", "words"),
    [
        ("SCALE_BROKEN", "SCALE_BROKEN", "", "Scale is broken"),
        ("NOT_TAKEN_OVER: twice", "NOT_TAKEN_OVER", "twice", "Reading was not taken over: twice"),
        ("OTHER: dark display", "OTHER", "dark display", "Something else: dark display"),
        ("the cable: torn", "OTHER", "the cable: torn", "Something else: the cable: torn"),
        ("OTHER", "OTHER", "", "Something else"),
    ],
)
def test_a_reason_is_kept_as_it_was_told(told: str, reason: str, note: str, words: str) -> None:
    kept = typed_evidence(told)
    assert kept == {"entry": "typed", "reason": reason, "note": note}
    assert typed_words(kept) == words


def test_a_scales_own_reading_has_no_reason() -> None:
    assert typed_evidence("") == {}
    assert typed_words({"code": "PACK-1"}) == ""
    assert list(TYPED_REASONS)[-1] == "OTHER", "the one with a note comes last"


@pytest.mark.usefixtures("database")
def test_a_typed_weight_is_judged_as_any_and_says_why() -> None:
    house = build_house()
    typed, read = (pack(house, [content(1, 2)], f"ord_{n}") for n in range(2))
    weigh(house, typed, typed="NO_SCALE")
    weigh(house, read)
    with transaction(house.manager) as uow:
        (first,) = audits_of(uow, tenant_id=house.tenant, parcel_id=typed.id)
        (second,) = audits_of(uow, tenant_id=house.tenant, parcel_id=read.id)
    assert (first.decision, first.typed) == ("PASS", "No scale here")
    assert (second.decision, second.typed) == ("PASS", "")


@pytest.mark.usefixtures("database")
def test_typed_weights_are_counted_by_packer() -> None:
    house = build_house()
    typed, held, right = (pack(house, [content(1, 2)], f"ord_{n}") for n in range(3))
    weigh(house, typed, typed="SCALE_BROKEN")
    with transaction(house.manager) as uow:
        (rate,) = override_rates(uow, site_id=house.site)
    assert (rate.weighed, rate.held, rate.typed) == (1, 0, 1)
    weigh(house, held, held.expected_g - 300)
    weigh(house, right)
    with transaction(house.manager) as uow:
        (rate,) = override_rates(uow, site_id=house.site)
    assert (rate.weighed, rate.held, rate.typed) == (3, 1, 1)

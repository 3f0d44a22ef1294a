"""Goods in somebody else's container: its tare is weighed or stated first, and is part of what the parcel weighs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kernel import clock
from kernel.errors import Invalid
from kernel.states import IllegalTransition
from shipping.api import (
    FOREIGN_CONTAINER,
    ParcelView,
    TareUnknown,
    UnusableReading,
    audits_of,
    parcel_by_id,
    state_container,
    weigh_container,
)
from tests.shipping.house import (
    NOON,
    House,
    as_manager,
    as_packer,
    assert_sound,
    build_house,
    content,
    event_types,
    everything,
    pack,
    weigh,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


@pytest.fixture
def house() -> House:
    return build_house()


def foreign(house: House) -> ParcelView:
    return pack(house, [content(1, 2, 300)], carton_code=FOREIGN_CONTAINER)


def weigh_empty(house: House, parcel: ParcelView, reading_g: int, **other: Any) -> ParcelView:
    values = {"scale_code": "PACK-1"} | other
    whose = {"tenant_id": parcel.tenant_id, "parcel_id": parcel.id}
    return as_packer(house, lambda uow: weigh_container(uow, reading_g=reading_g, **whose, **values))


def state(
    house: House, parcel: ParcelView, tare_g: int, source: str = "Printed on its lid.", **other: Any
) -> ParcelView:
    whose = {"tenant_id": parcel.tenant_id, "parcel_id": parcel.id}
    return as_packer(house, lambda uow: state_container(uow, tare_g=tare_g, source=source, **whose, **other))


def sigma(house: House, parcel: ParcelView) -> float:
    whose = {"tenant_id": parcel.tenant_id, "parcel_id": parcel.id}
    return as_manager(house, lambda uow: audits_of(uow, **whose))[-1].sigma_g


def refused(work: Callable[[], object], kind: type[Exception]) -> Any:
    before = everything("parcel", "weight_audit")
    with pytest.raises(kind) as caught:
        work()
    assert everything("parcel", "weight_audit") == before
    return caught.value


def test_nothing_is_weighed_in_a_container_that_nobody_knows(house: House) -> None:
    parcel = foreign(house)
    assert (parcel.outer_mm, parcel.tare_proof) == ((100, 80, 120), None)
    told = refused(lambda: weigh(house, parcel, 1_000), TareUnknown)
    assert told.remedy == "Weigh it empty, or state what it weighs."


def test_an_empty_container_that_was_weighed_counts_within_its_scale(house: House) -> None:
    parcel = foreign(house)
    known = weigh_empty(house, parcel, 1_250)
    assert known.expected_g == parcel.expected_g + 1_250
    assert known.tare_proof
    assert (known.tare_proof["how"], known.tare_proof["scale"]["code"]) == ("weighed", "PACK-1")
    assert "parcel_tare_known" in event_types()
    audit = weigh(house, parcel, known.expected_g)
    assert (audit.decision, audit.expected_g) == ("PASS", known.expected_g)
    refused(lambda: weigh_empty(house, parcel, 1_260), IllegalTransition)
    assert_sound()


def test_a_missing_item_shows_through_a_known_container(house: House) -> None:
    parcel = foreign(house)
    known = weigh_empty(house, parcel, 1_250)
    assert weigh(house, parcel, known.expected_g - 300).decision == "HOLD"


def test_a_stated_tare_is_less_sure_than_a_weighed_one(house: House) -> None:
    weighed, stated = foreign(house), foreign(house)
    weigh_empty(house, weighed, 1_250)
    known = state(house, stated, 1_250, sides_mm=[400, 600, 320])
    assert (known.expected_g, known.outer_mm) == (weighed.expected_g + 1_250, (600, 400, 320))
    weigh(house, weighed, known.expected_g)
    weigh(house, stated, known.expected_g)
    assert sigma(house, weighed) < 30
    assert sigma(house, stated) > 60, "5 % of 1,250 g alone are 62 g"
    assert_sound()


def test_a_tare_is_corrected_until_the_parcel_is_weighed(house: House) -> None:
    parcel = foreign(house)
    state(house, parcel, 900)
    assert weigh_empty(house, parcel, 1_250).expected_g == parcel.expected_g + 1_250, "the last one counts, once"
    seen = as_manager(house, lambda uow: parcel_by_id(uow, parcel_id=parcel.id))
    assert (seen.tare_proof or {})["tare_g"] == 1_250


def test_what_cannot_be_a_tare_is_refused(house: House) -> None:
    parcel, ours = foreign(house), pack(house, reference="ord_2")
    assert refused(lambda: state(house, parcel, 0), Invalid).pointer == "/tare_g"
    assert refused(lambda: state(house, parcel, 10, source=" "), Invalid).pointer == "/source"
    assert refused(lambda: state(house, parcel, 10, sides_mm=[1, 2]), Invalid).pointer == "/sides_mm"
    refused(lambda: weigh_empty(house, parcel, 900, stable=False), UnusableReading)
    refused(lambda: weigh_empty(house, ours, 900), IllegalTransition)

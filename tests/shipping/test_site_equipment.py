"""What a site packs and weighs with, as others see it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from kernel import actors
from kernel.db.transactions import transaction
from kernel.errors import NotFound
from shipping.api import CartonView, cartons, scales
from tests.shipping.house import build_house, content

pytestmark = pytest.mark.usefixtures("database")


def test_cartons_come_smallest_first() -> None:
    house = build_house()
    with transaction(actors.system()) as uow:
        found = cartons(uow, site_id=house.site)
    assert [carton.code for carton in found] == ["MLR", "S4", "S6", "M8", "M12", "L20", "L30", "XL"]
    assert found[1] == CartonView("S4", "Small box", (200, 150, 100), 85, 5_000)


def test_only_scales_with_a_valid_calibration_are_offered() -> None:
    house = build_house()
    with transaction(actors.system()) as uow:
        (scale,) = scales(uow, site_id=house.site)
    assert (scale.code, scale.interval_g, scale.max_g) == ("PACK-1", 5, 60_000)
    last = datetime.combine(scale.calibrated_until, time(23), UTC)
    with transaction(actors.system(), now=last) as uow:
        assert scales(uow, site_id=house.site) == [scale]
    with transaction(actors.system(), now=last + timedelta(hours=1)) as uow:
        assert scales(uow, site_id=house.site) == []


def test_an_unknown_site_has_nothing() -> None:
    with transaction(actors.system()) as uow, pytest.raises(NotFound):
        cartons(uow, site_id="sit_nowhere")


def test_a_carton_says_what_speaks_against_contents() -> None:
    carton = CartonView("S4", "Small box", (200, 150, 100), 85, 5_000)
    unit = content(1)
    sides = {"length_mm": 100, "width_mm": 150, "height_mm": 100, "weight_g": 400}

    def of(**changes: int) -> bool:
        return carton.may_hold([type(unit)("itm", "lin", "X", "X", **({"quantity": 2} | sides | changes))])

    assert of()
    assert not of(quantity=3), "too much for its room"
    assert not of(length_mm=201, quantity=1, width_mm=1, height_mm=1), "too long"
    assert not of(weight_g=2_458), "too heavy"
    assert of(length_mm=0, width_mm=0, height_mm=0), "unknown sides speak against nothing"

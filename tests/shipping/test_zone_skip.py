"""Which parcels ride to which hub: every plan is priced anew, holds, keeps promises, and is never dearer than none."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from benchmarks._lanes import draw_lanes
from shipping.domain.zone_skip import DIRECT, REFUSED, Hub, Lanes, loads_of
from shipping.domain.zone_skip_search import SkipPlan, Stopped, plan_zone_skip


def lanes_of(dice: random.Random, parcels: int, hubs: int) -> Lanes:
    via = np.array([[dice.choice((REFUSED, dice.randint(100, 900))) for _ in range(hubs)] for _ in range(parcels)])
    places = tuple(
        Hub(f"H{n}", dice.choice((0, 300)), dice.randint(200, 2_000), dice.randint(400, 900), dice.randint(300, 900))
        for n in range(hubs)
    )
    return Lanes(
        places, np.array([dice.randint(300, 1_200) for _ in range(parcels)]), via.reshape(parcels, hubs),
        np.array([dice.randint(10, 300) for _ in range(parcels)]),
        np.array([dice.randint(10, 300) for _ in range(parcels)]),
    )  # fmt: skip


def cost_anew(lanes: Lanes, hub_of: list[int]) -> int:
    """Return what a plan costs, parcel by parcel, in plain numbers."""
    total = 0
    volume, weight = [0] * len(lanes.hubs), [0] * len(lanes.hubs)
    for row, hub in enumerate(hub_of):
        if hub == DIRECT:
            total += int(lanes.direct_minor[row])
            continue
        assert lanes.via_minor[row, hub] != REFUSED
        total += int(lanes.via_minor[row, hub])
        volume[hub] += int(lanes.volume_mm3[row])
        weight[hub] += int(lanes.weight_g[row])
    for hub, v, w in zip(lanes.hubs, volume, weight, strict=True):
        pallets = 0
        while v > pallets * hub.max_volume_mm3 or w > pallets * hub.max_weight_g:
            pallets += 1
        total += (hub.fixed_minor + pallets * hub.pallet_minor) if pallets else 0
    return total


def best_of_all(lanes: Lanes) -> int:
    """Return what the best plan saves, by trying each."""
    choices = [[DIRECT, *np.flatnonzero(row != REFUSED).tolist()] for row in lanes.via_minor]
    return max(lanes.baseline_minor - cost_anew(lanes, list(way)) for way in product(*choices))


def check(lanes: Lanes, plan: SkipPlan) -> None:
    cost = cost_anew(lanes, plan.hub_of.tolist())
    assert lanes.baseline_minor - plan.saved_minor == cost <= lanes.baseline_minor
    assert plan.saved_minor <= plan.bound_minor
    for load, hub in zip(loads_of(lanes, plan.hub_of), lanes.hubs, strict=True):
        assert load.volume_mm3 <= load.pallets * hub.max_volume_mm3
        assert load.weight_g <= load.pallets * hub.max_weight_g


@pytest.mark.parametrize("seed", range(12))
def test_every_plan_holds_and_saves(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a repeatable draw
    lanes = lanes_of(dice, dice.randint(1, 60), dice.randint(1, 5))

    check(lanes, plan_zone_skip(lanes))


@pytest.mark.parametrize("seed", range(16))
def test_no_plan_of_few_parcels_saves_more_than_the_bound(seed: int) -> None:
    lanes = lanes_of(random.Random(seed), 6, 2)  # noqa: S311 - a repeatable draw

    plan = plan_zone_skip(lanes)

    check(lanes, plan)
    assert plan.saved_minor <= best_of_all(lanes) <= plan.bound_minor


@pytest.mark.thorough
@pytest.mark.parametrize("start", range(1_000, 1_400, 100))
def test_no_plan_of_few_parcels_saves_more_than_the_bound_on_many_draws(start: int) -> None:
    for seed in range(start, start + 100):
        dice = random.Random(seed)  # noqa: S311 - a repeatable draw
        lanes = lanes_of(dice, dice.randint(1, 5), dice.randint(1, 3))

        plan = plan_zone_skip(lanes)

        check(lanes, plan)
        assert plan.saved_minor <= best_of_all(lanes) <= plan.bound_minor


def test_what_saves_nothing_goes_straight() -> None:
    lanes = lanes_of(random.Random(1), 5, 2)  # noqa: S311 - a repeatable draw
    dear = Lanes(lanes.hubs, lanes.direct_minor, np.full((5, 2), REFUSED), lanes.volume_mm3, lanes.weight_g)

    plan = plan_zone_skip(dear)

    assert (plan.hub_of.tolist(), plan.saved_minor, plan.bound_minor) == ([DIRECT] * 5, 0, 0)


def test_a_plan_that_nobody_wants_any_more_is_not_finished() -> None:
    with pytest.raises(Stopped):
        plan_zone_skip(draw_lanes(50, 1), tell=lambda percent: percent < 30)


@pytest.mark.thorough
@pytest.mark.parametrize(("parcels", "heavier"), [(1_000, 1), (1_000, 4), (5_000, 2)])
def test_thousands_of_parcels_come_within_half_a_point_and_always_the_same(parcels: int, heavier: int) -> None:
    drawn = draw_lanes(parcels, 3)
    lanes = replace(drawn, weight_g=drawn.weight_g * heavier)

    plan, again = plan_zone_skip(lanes), plan_zone_skip(lanes)

    check(lanes, plan)
    assert plan.bound_minor - plan.saved_minor <= 0.005 * lanes.baseline_minor
    assert plan.hub_of.tolist() == again.hub_of.tolist()

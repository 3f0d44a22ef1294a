"""One order in several smaller cartons instead of a large one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from shipping.domain.carton_plans import CartonType, PackItem, PackPlan
from shipping.domain.pack_pieces import fitting_no_carton
from shipping.domain.plan_costs import Tariff, plan_cost


def cheaper_split(
    items: Sequence[PackItem], cartons: Sequence[CartonType], tariff: Tariff, plan: PackPlan,
    choose: Callable[[Sequence[CartonType]], PackPlan],
) -> PackPlan | None:  # fmt: skip
    """Return several smaller cartons that cost less together than the plan's only one; None when none do.

    Nothing is searched where two of the lightest and smallest parcels that there are would cost as much.
    """
    one = plan_cost(plan, tariff)
    if one is None or len(plan.parcels) > 1 or one <= 2 * _least(items, cartons, tariff):
        return None
    split = split_into_smaller(items, cartons, plan, choose)
    several = plan_cost(split, tariff) if split else None
    if split is None or several is None or several >= one:
        return None
    told = f"{len(split.parcels)} parcels cost less than one on this way."
    return replace(split, statements=(told,), proof="none", doubts=())


def split_into_smaller(
    items: Sequence[PackItem], cartons: Sequence[CartonType], plan: PackPlan,
    choose: Callable[[Sequence[CartonType]], PackPlan],
) -> PackPlan | None:  # fmt: skip
    """Return several cartons that are smaller than the plan's only one; None when there is no such way."""
    taken = plan.parcels[0].carton
    if len(plan.parcels) > 1 or taken is None or sum(item.quantity for item in items) == 1:
        return None
    smaller = [carton for carton in cartons if carton.inner_volume_mm3 < taken.inner_volume_mm3]
    if not smaller or fitting_no_carton(items, smaller):
        return None
    split = choose(smaller)
    # What belongs together is not torn where a larger carton holds it.
    return split if len(split.parcels) > 1 and not split.apart else None


def _least(items: Sequence[PackItem], cartons: Sequence[CartonType], tariff: Tariff) -> int:
    """Return what no parcel of these goods costs less than; 0 when nobody knows."""
    lightest = min(item.weight_g for item in items) + min(carton.tare_g for carton in cartons)
    freight = tariff.freight((1, 1, 1), lightest) if tariff.freight else None
    return min(carton.cost_minor for carton in cartons) + (freight or 0)

from collections.abc import Sequence
from itertools import accumulate, pairwise


def apportioned(total: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts of `total` in proportion to `weights`, 0 or more each, that add up to exactly `total`; equal
    parts when no weight is above 0.
    """
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    marks = [total * so_far // whole for so_far in accumulate(weights, initial=0)] if weights else []
    return [upper - lower for lower, upper in pairwise(marks)]

from collections.abc import Sequence
from typing import Final

from shipping.domain.weight_audit import AuditThresholds

WINDOW: Final = 4_000
"""So many of the newest scores of right parcels set the limits."""
_ENOUGH: Final = 1_500
_RECHECK_SHARE, _HOLD_SHARE = 0.0088, 0.0083
"""Shares of right parcels that may be weighed again and that may be stopped: under one in a hundred with a margin."""
_LOWEST, _HIGHEST = -5.0, 0.0


def fit_thresholds(scores: Sequence[float]) -> AuditThresholds:
    """Set the limits so that few enough right parcels would have been stopped.

    `scores` are the scores of parcels that turned out to be right, oldest first, held ones among them. Right parcels
    have longer tails than any law says, so that the limits are quantiles of what was seen; until there are enough,
    those of `AuditThresholds` hold. They stay within bounds in which the odds still mean something.
    """
    if len(scores) < _ENOUGH:
        return AuditThresholds()
    ranked = sorted(scores[-WINDOW:], reverse=True)
    recheck, hold = (ranked[int(share * len(ranked))] for share in (_RECHECK_SHARE, _HOLD_SHARE))
    return AuditThresholds(
        recheck=min(max(recheck, _LOWEST), _HIGHEST), hold=min(max(hold, _LOWEST), _HIGHEST),
    )  # fmt: skip

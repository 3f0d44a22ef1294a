from shipping.api import AuditView

_PASS_SIGMAS = 2.576
_FLOOR_G = 5


def tolerance_g(audit: AuditView) -> int:
    """Return how far from the expectation 99 of 100 right parcels weigh, at least 5 g."""
    return max(_FLOOR_G, round(_PASS_SIGMAS * audit.sigma_g))

from shipping.api import AuditView

_PASS_SIGMAS = 2.576
_FLOOR_G = 5


def tolerance_g(audit: AuditView) -> int:
    """Return how far from the expectation 99 of 100 right parcels weigh, at least 5 g."""
    return max(_FLOOR_G, round(_PASS_SIGMAS * audit.sigma_g))


def typed_sentence(why: str) -> str:
    """Return that a weight was typed, and why; "" for one that its scale told."""
    return why and f"Typed by hand: {why[:1].lower()}{why[1:].rstrip('.')}."

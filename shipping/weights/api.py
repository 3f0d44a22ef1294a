"""What the room lends: what the scale teaches about items: findings, and how often people overrule it."""

from shipping.weights.commands.settle_weight_finding import settle_weight_finding
from shipping.weights.queries import OverrideRate, WeightFinding, count_weight_findings, override_rates, weight_findings

__all__ = [
    "OverrideRate",
    "WeightFinding",
    "count_weight_findings",
    "override_rates",
    "settle_weight_finding",
    "weight_findings",
]

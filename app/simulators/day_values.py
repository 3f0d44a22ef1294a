from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

CANCEL_STAGES = ("waiting", "released", "picked", "packed", "labelled", "manifested", "shipped")


@dataclass(frozen=True, slots=True)
class Mistakes:
    """Shares in which people and things go wrong, each of the things that its name counts."""

    short_picks: float = 0.01
    wrong_items: float = 0.01
    wrong_contents: float = 0.01
    wrong_weights: float = 0.01
    cancellations: float = 0.02
    returns: float = 0.03


@dataclass(slots=True)
class SimulatedOrder:
    """An order that is to go through the house, and the stage at which its customer changes their mind, if so."""

    tenant_id: str
    id: str
    number: str
    placed_at: datetime
    is_flagged: bool
    cancel_at: str = ""


@dataclass(slots=True)
class Tally:
    """What happened, counted: `caught` and `escaped` errors by kind, everything else by name; lengths in mm."""

    counts: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    escaped: Counter[str] = field(default_factory=Counter)
    surprises: Counter[str] = field(default_factory=Counter)
    walked_mm: int = 0
    walked_by_name_mm: int = 0

    def meters_per_line(self) -> tuple[float, float]:
        """Return meters walked a line, as routed and as by location name."""
        lines = max(1, self.counts["lines picked"])
        return self.walked_mm / 1000 / lines, self.walked_by_name_mm / 1000 / lines

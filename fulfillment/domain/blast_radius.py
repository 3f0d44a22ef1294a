from dataclasses import dataclass

TOLD = {"other_bin": (), "waits": ("lead",), "promise_lost": ("merchant", "customer")}
"""Whom an outcome is told: nobody waits longer for units of another bin."""


@dataclass(frozen=True, slots=True)
class TouchedOrder:
    """An order that relied on a bin that was short, with so many units of a line. `outcome`: they are taken from
    `places` (other_bin), wait until the bin is counted (waits), or are promised no more (promise_lost).
    """

    order_id: str
    line_id: str
    quantity: int
    outcome: str
    places: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """Whom to tell."""
        return TOLD[self.outcome]

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chance:
    """Dice that fall alike for the same seed and the same name, in whatever order they are thrown."""

    seed: int

    def draws(self, *what: object) -> random.Random:
        """Return the draws of one named occasion."""
        name = ":".join(str(part) for part in (self.seed, *what))
        return random.Random(name)  # noqa: S311 - chance in a simulation that must repeat itself

    def hits(self, share: float, *what: object) -> bool:
        """Say whether something that happens in this share of occasions happens on the named one."""
        return self.draws(*what).random() < share
